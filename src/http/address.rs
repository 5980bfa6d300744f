//! Who really calls: the peer, or whom trusted proxies say that they speak for.

use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;

use crate::domain::network::Network;

/// The header in which each proxy writes down, at the right end, whom it was called by.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// Returns the caller's address; `None` if a trusted proxy wrote something that is no address.
///
/// The header is believed only from a proxy in `proxies`, and read from the right: what stands to
/// the left of the first untrusted address is that caller's own tale.
pub(super) fn caller(peer: IpAddr, headers: &HeaderMap, proxies: &[Network]) -> Option<IpAddr> {
    let is_proxy = |address: IpAddr| proxies.iter().any(|network| network.contains(address));
    if !is_proxy(peer) {
        return Some(peer);
    }
    let mut caller = peer;
    for line in headers.get_all(FORWARDED_FOR).iter().rev() {
        for entry in line.to_str().ok()?.rsplit(',') {
            caller = address(entry.trim())?;
            if !is_proxy(caller) {
                return Some(caller);
            }
        }
    }
    Some(caller)
}

/// Tells whether the caller's address lies in one of `networks`.
pub(super) fn is_among(caller: IpAddr, networks: &[Network]) -> bool {
    networks.iter().any(|network| network.contains(caller))
}

/// Reads an address; some proxies write a port behind it.
fn address(entry: &str) -> Option<IpAddr> {
    let bare = entry.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let address = bare.unwrap_or(entry).parse().ok();
    address.or_else(|| entry.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn networks(list: &[&str]) -> Vec<Network> {
        list.iter().map(|text| text.parse().unwrap()).collect()
    }

    fn told(lines: &[&str]) -> HeaderMap {
        let lines = lines.iter().map(|line| HeaderValue::from_bytes(line.as_bytes()).unwrap());
        lines.map(|line| (FORWARDED_FOR.parse().unwrap(), line)).collect()
    }

    #[test]
    fn the_header_is_read_from_the_right_and_from_proxies_only() {
        let proxies = networks(&["10.0.0.0/8", "fd00::/8"]);
        for (peer, lines, expected) in [
            ("203.0.113.5", &[][..], Some("203.0.113.5")),
            ("203.0.113.5", &["185.71.76.1"], Some("203.0.113.5")),
            ("203.0.113.5", &["nonsense"], Some("203.0.113.5")),
            ("10.0.0.1", &[], Some("10.0.0.1")),
            ("10.0.0.1", &["185.71.76.1"], Some("185.71.76.1")),
            ("::ffff:10.0.0.1", &["185.71.76.1"], Some("185.71.76.1")),
            ("10.0.0.1", &["185.71.76.1, 203.0.113.5"], Some("203.0.113.5")),
            ("10.0.0.1", &["185.71.76.1", "203.0.113.5"], Some("203.0.113.5")),
            ("10.0.0.1", &["203.0.113.5", "185.71.76.1"], Some("185.71.76.1")),
            ("10.0.0.1", &["203.0.113.5, 185.71.76.1, 10.9.9.9", "fd00::7"], Some("185.71.76.1")),
            ("10.0.0.1", &["10.0.0.3,10.0.0.2"], Some("10.0.0.3")),
            ("fd00::1", &["::ffff:185.71.76.1"], Some("::ffff:185.71.76.1")),
            ("10.0.0.1", &["[2a02:5180::1]:443"], Some("2a02:5180::1")),
            ("10.0.0.1", &["[2a02:5180::1]"], Some("2a02:5180::1")),
            ("10.0.0.1", &["185.71.76.1:5000"], Some("185.71.76.1")),
            ("10.0.0.1", &["185.71.76.1, unknown"], None),
            ("10.0.0.1", &["185.71.76.1, "], None),
            ("10.0.0.1", &[""], None),
            ("10.0.0.1", &["185.71.76.1", "\u{a0}"], None),
            ("10.0.0.1", &["nonsense, 185.71.76.1"], Some("185.71.76.1")),
        ] {
            let expected = expected.map(|address| address.parse().unwrap());
            let found = caller(peer.parse().unwrap(), &told(lines), &proxies);
            assert_eq!(found, expected, "{peer} {lines:?}");
        }
    }

    proptest! {
        #[test]
        fn a_spoofed_left_part_changes_nothing(left in "[ -~]{0,60}", right: u32) {
            let proxies = networks(&["10.0.0.0/8"]);
            let right = IpAddr::from(right.to_be_bytes());
            prop_assume!(!is_among(right, &proxies));
            let lines = format!("{left},{right}");
            let found = caller("10.1.1.1".parse().unwrap(), &told(&[&lines]), &proxies);
            prop_assert_eq!(found, Some(right));
        }

        #[test]
        fn an_untrusted_peer_is_who_it_is(peer: u128, header in "[ -~]{0,60}") {
            let peer = IpAddr::from(peer.to_be_bytes());
            prop_assert_eq!(caller(peer, &told(&[&header]), &[]), Some(peer));
        }
    }
}
