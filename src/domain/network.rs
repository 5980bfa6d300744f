//! Networks of addresses, in CIDR notation.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

/// A network of IPv4 or IPv6 addresses, such as `185.71.76.0/27` or `2a02:5180::/32`.
///
/// An IPv4 address and the same address mapped into IPv6 (`::ffff:…`) are one address here, since
/// a socket that takes both kinds shows the first as the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Network {
    /// The first address; no bit is set beyond the prefix.
    first: u128,
    /// How many bits of a mapped address are the network's, 0 to 128.
    prefix: u8,
}

/// Why a text is not a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidNetwork {
    /// Not an address, or not an address with a length after a slash.
    #[error("a network is an address with a prefix length, such as 10.0.0.0/8 or 2001:db8::/32")]
    Malformed,
    /// The length is beyond what addresses of this kind have.
    #[error("a prefix length is at most 32 for IPv4 and 128 for IPv6")]
    TooLong,
    /// The address is inside the network and not its first.
    #[error("the address has bits beyond its prefix; the network is written {0}")]
    NotTheFirst(Network),
}

/// Bits before an IPv4 address when it is mapped into IPv6.
const MAPPED: u8 = 96;

impl Network {
    /// Tells whether `address` lies in the network.
    pub fn contains(self, address: IpAddr) -> bool {
        bits(address) & mask(self.prefix) == self.first
    }
}

/// Returns the address as 128 bits, IPv4 mapped into IPv6.
fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

fn mask(prefix: u8) -> u128 {
    u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0)
}

impl FromStr for Network {
    type Err = InvalidNetwork;

    /// Reads `address/length`; an address alone is the network of that one address.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (address, length) = match text.split_once('/') {
            Some((address, length)) => (address, Some(length)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| InvalidNetwork::Malformed)?;
        let (before, longest) = if address.is_ipv4() { (MAPPED, 32) } else { (0, 128) };
        let length = match length {
            None => longest,
            Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => {
                digits.parse::<u8>().map_err(|_| InvalidNetwork::Malformed)?
            }
            Some(_) => return Err(InvalidNetwork::Malformed),
        };
        if length > longest {
            return Err(InvalidNetwork::TooLong);
        }
        let prefix = before + length;
        let network = Self { first: bits(address) & mask(prefix), prefix };
        if network.first == bits(address) {
            Ok(network)
        } else {
            Err(InvalidNetwork::NotTheFirst(network))
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = Ipv6Addr::from_bits(self.first);
        match (first.to_ipv4_mapped(), self.prefix.checked_sub(MAPPED)) {
            (Some(first), Some(length)) => write!(f, "{first}/{length}"),
            _ => write!(f, "{first}/{}", self.prefix),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use proptest::prelude::*;

    use super::*;

    fn network(text: &str) -> Network {
        text.parse().unwrap()
    }

    fn inside(network: &str, address: &str) -> bool {
        self::network(network).contains(address.parse().unwrap())
    }

    #[test]
    fn a_network_holds_its_addresses_and_no_others() {
        assert!(inside("185.71.76.0/27", "185.71.76.31"));
        assert!(!inside("185.71.76.0/27", "185.71.76.32"));
        assert!(inside("2a02:5180::/32", "2a02:5180:ffff::1"));
        assert!(!inside("2a02:5180::/32", "3000::1"));
        assert!(!inside("2a02:5180::/32", "2a02:5181::"));
        assert!(inside("77.75.156.11", "77.75.156.11"));
        assert!(!inside("77.75.156.11", "77.75.156.12"));
        assert!(inside("0.0.0.0/0", "8.8.8.8"));
        assert!(!inside("0.0.0.0/0", "2a02:5180::1"));
    }

    #[test]
    fn a_mapped_address_is_the_address() {
        assert!(inside("185.71.76.0/27", "::ffff:185.71.76.5"));
        assert!(inside("::ffff:185.71.76.0/123", "185.71.76.5"));
        assert_eq!(network("::ffff:185.71.76.0/123"), network("185.71.76.0/27"));
        assert_eq!(network("::ffff:185.71.76.0/123").to_string(), "185.71.76.0/27");
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for text in ["", "10.0.0.0/", "10.0.0/8", "10.0.0.0/+8", "10.0.0.0/8/8", " 10.0.0.0/8", "x"]
        {
            assert_eq!(text.parse::<Network>(), Err(InvalidNetwork::Malformed), "{text}");
        }
        assert_eq!("10.0.0.0/33".parse::<Network>(), Err(InvalidNetwork::TooLong));
        assert_eq!("::/129".parse::<Network>(), Err(InvalidNetwork::TooLong));
        let inside = "10.1.2.3/8".parse::<Network>().unwrap_err();
        assert_eq!(inside, InvalidNetwork::NotTheFirst(network("10.0.0.0/8")));
    }

    proptest! {
        #[test]
        fn a_network_survives_the_trip(bits: u128, prefix in 0u8..=128) {
            let network = Network { first: bits & mask(prefix), prefix };
            prop_assert_eq!(network.to_string().parse(), Ok(network));
        }

        #[test]
        fn an_ipv4_network_holds_what_shares_its_prefix(a: u32, b: u32, length in 0u8..=32) {
            let mask = u32::MAX.checked_shl(32 - u32::from(length)).unwrap_or(0);
            let network = network(&format!("{}/{length}", Ipv4Addr::from_bits(a & mask)));
            let address = Ipv4Addr::from_bits(b);
            let expected = a & mask == b & mask;
            prop_assert_eq!(network.contains(IpAddr::V4(address)), expected);
            prop_assert_eq!(network.contains(IpAddr::V6(address.to_ipv6_mapped())), expected);
        }

        #[test]
        fn an_ipv6_network_holds_what_shares_its_prefix(a: u128, flip in 0u8..128, prefix in 0u8..=128) {
            let network = Network { first: a & mask(prefix), prefix };
            let flipped = Ipv6Addr::from_bits(a ^ (1 << (127 - flip)));
            prop_assert_eq!(network.contains(IpAddr::V6(flipped)), flip >= prefix);
        }

        #[test]
        fn nonsense_never_panics(text in ".{0,50}") {
            if let Ok(network) = text.parse::<Network>() {
                prop_assert_eq!(network.to_string().parse(), Ok(network));
            }
        }
    }
}
