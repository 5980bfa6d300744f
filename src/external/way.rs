//! The way out to a service: straight, or through a proxy whose address may hold a password.

use std::error::Error;
use std::path::Path;
use std::time::Duration;

use reqwest::{Certificate, Client, ClientBuilder, Proxy};
use secrecy::{ExposeSecret, SecretString};

/// The way out to a service: through a proxy if there is one, and trusting one root more if there
/// is one. What the environment names is not followed.
#[derive(Clone, Debug, Default)]
pub struct Way {
    proxy: Option<SecretString>,
    root: Vec<Certificate>,
}

/// Why a way cannot be gone. Never holds the proxy's address.
#[derive(Debug, thiserror::Error)]
pub enum WayError {
    /// The proxy's address is no URL of a kind that is known.
    #[error("the proxy is not an http, https, socks5 or socks5h URL")]
    Proxy,
    /// The file of the root cannot be read.
    #[error("cannot read the root certificate")]
    Unreadable(#[source] std::io::Error),
    /// The file of the root holds no certificate.
    #[error("there is no certificate in the file of the root certificate")]
    NoRoot,
}

/// Why an exchange did not take place, in words that hold no address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// It took too long.
    TimedOut,
    /// The proxy is not there, or does not lead on.
    Proxy(&'static str),
    /// There was no connection.
    Unreachable,
    /// The connection broke off.
    Cut,
}

impl Way {
    /// Makes the way through `proxy`, trusting the root in this file too.
    ///
    /// # Errors
    ///
    /// Returns [`WayError`].
    pub fn new(proxy: Option<&SecretString>, root: Option<&Path>) -> Result<Self, WayError> {
        let way =
            Self { proxy: proxy.cloned(), root: root.map(read).transpose()?.unwrap_or_default() };
        way.proxy()?;
        Ok(way)
    }

    /// Begins a client that goes this way.
    pub(super) fn client(&self, connect: Duration) -> Result<ClientBuilder, WayError> {
        let mut client = Client::builder().connect_timeout(connect).tcp_nodelay(true).no_proxy();
        for root in &self.root {
            client = client.add_root_certificate(root.clone());
        }
        Ok(match self.proxy()? {
            Some(proxy) => client.proxy(proxy),
            None => client,
        })
    }

    fn proxy(&self) -> Result<Option<Proxy>, WayError> {
        let proxy = self.proxy.as_ref().map(|url| Proxy::all(url.expose_secret()));
        proxy.transpose().map_err(|_| WayError::Proxy)
    }
}

fn read(path: &Path) -> Result<Vec<Certificate>, WayError> {
    let pem = std::fs::read(path).map_err(WayError::Unreadable)?;
    let found = Certificate::from_pem_bundle(&pem).map_err(|_| WayError::NoRoot)?;
    if found.is_empty() { Err(WayError::NoRoot) } else { Ok(found) }
}

impl Fault {
    /// Reads what an exchange that did not finish means. The error's own words may hold the address
    /// of the service, with a token in it, or of the proxy, with a password.
    pub(super) fn of(err: &reqwest::Error) -> Self {
        if let Some(words) = of_proxy(err) {
            Self::Proxy(words)
        } else if err.is_timeout() {
            Self::TimedOut
        } else if err.is_connect() {
            Self::Unreachable
        } else {
            Self::Cut
        }
    }
}

/// Finds what was said of a proxy among the causes; hyper-util has no types for it that are seen
/// here, so they are known by how they begin.
fn of_proxy(err: &reqwest::Error) -> Option<&'static str> {
    let mut cause = err.source();
    while let Some(it) = cause {
        let words = it.to_string();
        if let Some(what) = words.strip_prefix("tunnel error: ") {
            return Some(match what {
                "proxy authorization required" => "the proxy refuses the name and the password",
                "failed to create underlying connection" => "the proxy cannot be reached",
                _ => "the proxy does not lead there",
            });
        }
        if let Some(what) = words.strip_prefix("SOCKS error: ") {
            let refused = ["credentials", "auth", "Auth"].iter().any(|it| what.contains(it));
            return Some(match what {
                "failed to create underlying connection" => "the proxy cannot be reached",
                _ if refused => "the proxy refuses the name and the password",
                _ => "the proxy does not lead there",
            });
        }
        match words.as_str() {
            "error connecting to socks proxy" => {
                // What it was comes next, unless it was the connection itself.
                cause = it.source();
                if cause.is_none_or(|next| !next.to_string().starts_with("SOCKS error: ")) {
                    return Some("the proxy cannot be reached");
                }
            }
            "error resolving for socks proxy" => return Some("the name is not known here"),
            _ => cause = it.source(),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_that_cannot_be_gone_is_refused_and_not_told() {
        let proxy = SecretString::from("http://user:secret@[");
        let refused = Way::new(Some(&proxy), None).unwrap_err();
        assert!(!format!("{refused} {refused:?}").contains("secret"));
        let nowhere = Way::new(None, Some(Path::new("/nowhere/ca.pem"))).unwrap_err();
        assert!(matches!(nowhere, WayError::Unreadable(_)));
        let proxy = SecretString::from("socks5h://user:secret@127.0.0.1:1080");
        let way = Way::new(Some(&proxy), None).unwrap();
        assert!(!format!("{way:?}").contains("secret"));
    }

    #[tokio::test]
    async fn a_proxy_that_is_not_there_is_named_without_its_password() {
        for scheme in ["socks5h", "socks5", "http"] {
            let proxy = SecretString::from(format!("{scheme}://user:secret@127.0.0.1:1"));
            let way = Way::new(Some(&proxy), None).unwrap();
            let client = way.client(Duration::from_secs(1)).unwrap().build().unwrap();
            let err = client.get("https://127.0.0.2:2/bot1:token").send().await.unwrap_err();
            assert_eq!(Fault::of(&err), Fault::Proxy("the proxy cannot be reached"), "{err:?}");
        }
    }
}
