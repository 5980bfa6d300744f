//! `[tls]`: how the public listener gets its certificate.

use std::path::PathBuf;

use super::raw::Raw;
use super::reader::Reader;
use super::setting::{Setting, choice};
use super::url;

/// How the public listener gets its certificate.
#[derive(Clone, Debug)]
pub enum Tls {
    /// From an ACME authority, renewed without anyone's help.
    Acme(Acme),
    /// From files that somebody else renews; they are read again when they change.
    Files {
        /// The certificate and its chain, in PEM.
        cert_file: PathBuf,
        /// Its private key, in PEM.
        key_file: PathBuf,
    },
    /// There is no HTTPS: another server stands in front of the local listener.
    Off,
}

/// The ACME authority and what it is told.
#[derive(Clone, Debug)]
pub struct Acme {
    /// The authority's directory.
    pub directory_url: String,
    /// The authority's directory to rehearse at after a failure, if it has one.
    pub staging_url: Option<String>,
    /// An e-mail address for the authority's warnings.
    pub contact: Option<String>,
    /// How the name is proven to be ours.
    pub challenge: Challenge,
    /// An extra root certificate to trust the directory by, in PEM.
    pub directory_ca_file: Option<PathBuf>,
}

/// How a name is proven to an ACME authority.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Challenge {
    /// On the HTTPS listener.
    TlsAlpn01,
    /// On the plain HTTP listener.
    Http01,
}

choice!(Challenge { "tls-alpn-01" => TlsAlpn01, "http-01" => Http01 });

/// The word that chooses a [`Tls`].
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Acme,
    Files,
    Off,
}

choice!(Mode { "acme" => Acme, "files" => Files, "off" => Off });

/// Let's Encrypt.
const DIRECTORY: &str = "https://acme-v02.api.letsencrypt.org/directory";
const STAGING: &str = "https://acme-staging-v02.api.letsencrypt.org/directory";

impl Tls {
    pub(super) fn read(reader: &mut Reader) -> Option<Self> {
        let mode = reader.value("tls.mode", Mode::Acme);
        let directory = DIRECTORY.to_owned();
        let directory_url = reader.value_with("tls.directory_url", directory, url::service);
        let staging_url = reader.optional_with("tls.staging_url", url::service);
        let acme = Acme {
            staging_url: staging_url.or_else(|| known_staging(&directory_url)),
            directory_url,
            contact: reader.optional_with("tls.contact", email),
            challenge: reader.value("tls.challenge", Challenge::TlsAlpn01),
            directory_ca_file: reader.optional("tls.directory_ca_file"),
        };
        let cert_file = reader.optional("tls.cert_file");
        let key_file = reader.optional("tls.key_file");
        match (mode, cert_file, key_file) {
            (Mode::Acme, ..) => Some(Self::Acme(acme)),
            (Mode::Off, ..) => Some(Self::Off),
            (Mode::Files, Some(cert_file), Some(key_file)) => {
                Some(Self::Files { cert_file, key_file })
            }
            (Mode::Files, cert_file, key_file) => {
                for (key, file) in [("tls.cert_file", cert_file), ("tls.key_file", key_file)] {
                    if file.is_none() {
                        reader.complain(key, r#"missing: tls.mode = "files" needs it"#);
                    }
                }
                None
            }
        }
    }
}

/// Returns the staging directory that belongs to a well-known one.
fn known_staging(directory: &str) -> Option<String> {
    (directory == DIRECTORY).then(|| STAGING.to_owned())
}

/// Reads an e-mail address, as far as an ACME authority cares.
fn email(raw: &Raw) -> Result<String, String> {
    let text = String::read(raw)?;
    let fits = text.split_once('@').is_some_and(|(name, host)| {
        !name.is_empty() && host.contains('.') && !host.contains('@') && !text.contains([' ', ','])
    });
    if fits {
        Ok(text)
    } else {
        Err(r#"expected an e-mail address, such as "ops@example.ru""#.to_owned())
    }
}
