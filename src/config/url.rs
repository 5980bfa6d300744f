//! URLs of services, and of the proxy to them.

use secrecy::SecretString;
use url::{Host, Url};

use super::raw::Raw;
use super::setting::{Setting, one_of};

/// The schemes of proxies that the way to a service may lead through.
const PROXY_SCHEMES: [&str; 4] = ["http", "https", "socks5", "socks5h"];

/// Reads a service's base URL: https, or http on this host alone; no slash at its end.
pub(super) fn service(raw: &Raw) -> Result<String, String> {
    let text = String::read(raw)?;
    let url = Url::parse(&text).map_err(|_| "expected a URL, such as https://host/path")?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("expected a URL without a name and a password".to_owned());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("expected a URL that ends with its path".to_owned());
    }
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&url) => {}
        _ => return Err("expected https (http is for this host alone: 127.0.0.1)".to_owned()),
    }
    Ok(text.trim_end_matches('/').to_owned())
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => {
            address.is_loopback()
                || address.to_ipv4_mapped().is_some_and(|address| address.is_loopback())
        }
        None => false,
    }
}

/// Reads a proxy's URL, which may hold a name and a password.
pub(super) fn proxy(text: &str) -> Result<SecretString, String> {
    let url = Url::parse(text).map_err(|_| "expected a URL, such as socks5h://host:1080")?;
    if !PROXY_SCHEMES.contains(&url.scheme()) {
        return Err(format!("{} as the URL's scheme", one_of(&PROXY_SCHEMES)));
    }
    if url.host().is_none() {
        return Err("expected a URL with a host, such as socks5h://host:1080".to_owned());
    }
    Ok(text.into())
}
