//! A certificate with its chain and its key, checked when it is read.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use rustls::crypto::ring::sign::any_supported_type;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use x509_parser::extensions::GeneralName;
use x509_parser::parse_x509_certificate;

/// A certificate, its chain and its key.
#[derive(Debug)]
pub struct Certificate {
    key: Arc<CertifiedKey>,
    names: Vec<String>,
    not_before: Timestamp,
    not_after: Timestamp,
}

/// Why a certificate cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadCertificate {
    /// There is no certificate in PEM.
    #[error("it holds no certificate in PEM")]
    NoCertificate,
    /// The first certificate cannot be read.
    #[error("its first certificate cannot be read")]
    Unreadable,
    /// There is no private key in PEM.
    #[error("there is no private key in PEM")]
    NoKey,
    /// The key is of a kind that is not known.
    #[error("the private key is of a kind that is not supported")]
    BadKey,
    /// The key belongs to another certificate.
    #[error("the private key belongs to another certificate")]
    OtherKey,
}

impl Certificate {
    /// Reads a chain, the host's own certificate first, and its key, both in PEM.
    ///
    /// # Errors
    ///
    /// Returns [`BadCertificate`] for what could not be shown to anybody.
    pub fn read(chain: &[u8], key: &[u8]) -> Result<Self, BadCertificate> {
        let chain: Vec<_> = CertificateDer::pem_slice_iter(chain)
            .collect::<Result<_, _>>()
            .map_err(|_| BadCertificate::NoCertificate)?;
        let first = chain.first().ok_or(BadCertificate::NoCertificate)?;
        let (_, own) = parse_x509_certificate(first).map_err(|_| BadCertificate::Unreadable)?;
        let instant = |second| Timestamp::from_second(second).ok();
        let validity = own.validity();
        let span = instant(validity.not_before.timestamp())
            .zip(instant(validity.not_after.timestamp()))
            .filter(|(begin, end)| begin < end);
        let (not_before, not_after) = span.ok_or(BadCertificate::Unreadable)?;
        let names = own.subject_alternative_name().ok().flatten().map(|names| {
            let names = names.value.general_names.iter();
            names
                .filter_map(|name| match name {
                    GeneralName::DNSName(name) => Some(name.to_ascii_lowercase()),
                    _ => None,
                })
                .collect()
        });
        let names = names.unwrap_or_default();
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| BadCertificate::NoKey)?;
        let key = any_supported_type(&key).map_err(|_| BadCertificate::BadKey)?;
        let key = CertifiedKey::new(chain, key);
        key.keys_match().map_err(|_| BadCertificate::OtherKey)?;
        Ok(Self { key: Arc::new(key), names, not_before, not_after })
    }

    /// Returns what a handshake shows.
    pub fn key(&self) -> Arc<CertifiedKey> {
        Arc::clone(&self.key)
    }

    /// Returns the names that it is for.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Tells whether it is for `host`; a star stands for one label.
    pub fn has_name(&self, host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        let parent = host.split_once('.').map(|(_, parent)| parent);
        self.names
            .iter()
            .any(|name| *name == host || (parent.is_some() && name.strip_prefix("*.") == parent))
    }

    /// Returns the instant from which it holds.
    pub const fn not_before(&self) -> Timestamp {
        self.not_before
    }

    /// Returns the instant at which it ends.
    pub const fn not_after(&self) -> Timestamp {
        self.not_after
    }

    /// Returns when it is renewed: after two thirds of its life.
    pub fn renew_at(&self) -> Timestamp {
        self.not_after - self.third()
    }

    /// Returns when less than half is left of what should be: renewal has failed for long.
    pub fn late_at(&self) -> Timestamp {
        self.not_after - self.third() / 2
    }

    /// Returns the third of its life that should be left when it is renewed.
    pub fn third(&self) -> SignedDuration {
        self.not_after.duration_since(self.not_before) / 3
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Makes a certificate that signs itself, for a life of 90 days.
    fn pair(name: &str) -> (String, String) {
        let mut params = rcgen::CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.not_before = rcgen::date_time_ymd(2026, 1, 1);
        params.not_after = rcgen::date_time_ymd(2026, 4, 1);
        let key = rcgen::KeyPair::generate().unwrap();
        (params.self_signed(&key).unwrap().pem(), key.serialize_pem())
    }

    #[test]
    fn a_pair_is_read_and_knows_when_to_be_renewed() {
        let (chain, key) = pair("Bots.example.ru");
        let read = Certificate::read(chain.as_bytes(), key.as_bytes()).unwrap();
        assert!(read.has_name("bots.example.ru") && read.has_name("BOTS.EXAMPLE.RU"));
        assert!(!read.has_name("example.ru") && !read.has_name("a.bots.example.ru"));
        assert_eq!(read.not_after().to_string(), "2026-04-01T00:00:00Z");
        assert_eq!(read.renew_at().to_string(), "2026-03-02T00:00:00Z");
        assert_eq!(read.late_at().to_string(), "2026-03-17T00:00:00Z");
    }

    #[test]
    fn a_star_stands_for_one_label() {
        let (chain, key) = pair("*.example.ru");
        let read = Certificate::read(chain.as_bytes(), key.as_bytes()).unwrap();
        assert!(read.has_name("bots.example.ru"));
        assert!(!read.has_name("example.ru") && !read.has_name("a.bots.example.ru"));
    }

    #[test]
    fn a_pair_that_does_not_fit_is_refused() {
        let ((chain, key), (_, other)) = (pair("a.example.ru"), pair("a.example.ru"));
        let read = |chain: &str, key: &str| Certificate::read(chain.as_bytes(), key.as_bytes());
        assert_eq!(read(&chain, &other).unwrap_err(), BadCertificate::OtherKey);
        assert_eq!(read("", &key).unwrap_err(), BadCertificate::NoCertificate);
        assert_eq!(read(&key, &key).unwrap_err(), BadCertificate::NoCertificate);
        assert_eq!(read(&chain, &chain).unwrap_err(), BadCertificate::NoKey);
        let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        assert_eq!(read(broken, &key).unwrap_err(), BadCertificate::Unreadable);
    }
}
