//! The certificate that the public listener shows, and the proofs that an ACME authority asks for.
//!
//! One [`Certificates`] is shared: whoever gets a certificate puts it in, the listener's handshakes
//! take it out, and no connection is cut when it changes.

mod certificate;
mod files;

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

pub use self::certificate::{BadCertificate, Certificate};
pub use self::files::{BadPair, Pair};

/// The protocol of the TLS-ALPN-01 challenge.
pub const ACME_PROTOCOL: &[u8] = b"acme-tls/1";

/// What the public listeners show; cheap to clone, and clones are the same.
#[derive(Clone)]
pub struct Certificates(Arc<Inner>);

struct Inner {
    domain: String,
    shown: RwLock<Option<Arc<Certificate>>>,
    proof: RwLock<Option<Proof>>,
}

/// What an authority must find, to believe that the name is ours.
pub enum Proof {
    /// A certificate of a special kind, in a handshake of a special kind.
    Handshake {
        /// The name that is proven.
        name: String,
        /// What is shown for it.
        key: Arc<CertifiedKey>,
    },
    /// Words on the plain listener.
    Words {
        /// What is asked for.
        token: String,
        /// What is answered.
        words: String,
    },
}

impl Certificates {
    /// Makes a place for the certificate of `domain`, with none in it.
    pub fn of(domain: &str) -> Self {
        let (shown, proof) = (RwLock::default(), RwLock::default());
        Self(Arc::new(Inner { domain: domain.to_owned(), shown, proof }))
    }

    /// Returns the public name.
    pub fn domain(&self) -> &str {
        &self.0.domain
    }

    /// Shows `certificate` from now on.
    pub fn show(&self, certificate: Certificate) {
        *self.0.shown.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(certificate));
    }

    /// Returns what is shown.
    pub fn shown(&self) -> Option<Arc<Certificate>> {
        self.0.shown.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Tells whether a request may name this host: by the public name, or by one that the
    /// certificate shown still has.
    pub fn has_name(&self, host: &str) -> bool {
        self.0.domain.eq_ignore_ascii_case(host)
            || self.shown().is_some_and(|shown| shown.has_name(host))
    }

    /// Has the listeners show `proof`, or none.
    pub fn prove(&self, proof: Option<Proof>) {
        *self.0.proof.write().unwrap_or_else(PoisonError::into_inner) = proof;
    }

    /// Returns the words that prove the name, if `token` is what they belong to.
    pub fn words(&self, token: &str) -> Option<String> {
        match &*self.0.proof.read().unwrap_or_else(PoisonError::into_inner) {
            Some(Proof::Words { token: wanted, words }) if wanted == token => Some(words.clone()),
            _ => None,
        }
    }

    fn handshake_proof(&self, host: Option<&str>) -> Option<Arc<CertifiedKey>> {
        match &*self.0.proof.read().unwrap_or_else(PoisonError::into_inner) {
            Some(Proof::Handshake { name, key }) if host == Some(name) => Some(Arc::clone(key)),
            _ => None,
        }
    }
}

impl ResolvesServerCert for Certificates {
    /// A handshake for another name gets no certificate; one without a name, as probes by address
    /// are, gets ours.
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let mut protocols = hello.alpn().into_iter().flatten();
        if protocols.next() == Some(ACME_PROTOCOL) && protocols.next().is_none() {
            return self.handshake_proof(hello.server_name());
        }
        let is_ours = hello.server_name().is_none_or(|name| self.has_name(name));
        self.shown().filter(|_| is_ours).map(|shown| shown.key())
    }
}

impl fmt::Debug for Certificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificates({})", self.0.domain)
    }
}
