//! `[tls]`: how the public listener gets its certificate.

use std::path::PathBuf;

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
