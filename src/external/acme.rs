//! An ACME authority (RFC 8555): one order at a time, from the account to the certificate.
//!
//! The messages are those of `rustls-acme`; their order is ours, because its own state machine
//! tries again after seconds and an authority locks out whoever fails too often.

mod error;
mod preflight;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::crypto::ring::default_provider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use rustls_acme::acme::{self, Account, Auth, AuthStatus, Directory, OrderStatus};

pub use self::error::Refusal;
pub use self::preflight::{Doubt, Vantage, preflight};

use self::error::patiently;
use super::certificates::{Certificates, Proof};
use crate::domain::ladder::{Failure, HasStaging, Stage};

/// The longest that an order may take.
const WITHIN: Duration = Duration::from_mins(4);
/// How long it is waited at first and at last before the authority is asked how far it is.
const ASK_AGAIN: [Duration; 2] = [Duration::from_millis(250), Duration::from_secs(2)];
/// How often it is asked before it has failed.
const ASK_TIMES: usize = 60;

/// How the name is proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// TLS-ALPN-01, on the HTTPS listener.
    Handshake,
    /// HTTP-01, on the plain listener.
    Words,
}

/// An authority and how it is asked.
#[derive(Clone)]
pub struct Authority {
    directory: String,
    staging: Option<String>,
    contact: Vec<String>,
    way: Way,
    tls: Arc<ClientConfig>,
}

/// What an authority has given, in PEM.
pub struct Issued {
    /// The certificate and its chain.
    pub chain: String,
    /// Its key.
    pub key: String,
}

/// Why an authority cannot even be asked.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The file with its root cannot be used.
    #[error("tls.directory_ca_file holds no certificate in PEM that can be read")]
    Root,
    /// TLS cannot be spoken.
    #[error(transparent)]
    Tls(#[from] rustls::Error),
}

/// Makes the key of a new account.
pub fn new_account_key() -> Vec<u8> {
    Account::generate_key_pair()
}

/// An authority's directories.
#[derive(Clone, Copy, Debug)]
pub struct Directories<'a> {
    /// The one whose certificates are believed.
    pub real: &'a str,
    /// The one to rehearse at.
    pub staging: Option<&'a str>,
}

impl Authority {
    /// Makes the way to the authority with these directories. `root` is a file with one more root
    /// to trust them by.
    ///
    /// # Errors
    ///
    /// Returns [`SetupError`].
    pub fn new(
        directories: Directories<'_>,
        contact: Option<&str>,
        way: Way,
        root: Option<&Path>,
    ) -> Result<Self, SetupError> {
        let mut roots: RootCertStore = webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect();
        if let Some(path) = root {
            let own = CertificateDer::pem_file_iter(path).map_err(|_| SetupError::Root)?;
            let own: Vec<_> = own.collect::<Result<_, _>>().map_err(|_| SetupError::Root)?;
            if roots.add_parsable_certificates(own).0 == 0 {
                return Err(SetupError::Root);
            }
        }
        let tls = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let contact = contact.into_iter().map(|contact| format!("mailto:{contact}")).collect();
        let directory = directories.real.to_owned();
        let staging = directories.staging.map(str::to_owned);
        Ok(Self { directory, staging, contact, way, tls: Arc::new(tls) })
    }

    /// Returns the address of its directory.
    pub fn directory(&self) -> &str {
        &self.directory
    }

    /// Returns the address of the directory that is asked at this stage.
    pub fn directory_at(&self, stage: Stage) -> &str {
        let staging = self.staging.as_deref().filter(|_| stage == Stage::Rehearsal);
        staging.unwrap_or(&self.directory)
    }

    /// Tells whether it has a directory to rehearse at.
    pub const fn has_staging(&self) -> HasStaging {
        if self.staging.is_some() { HasStaging::Yes } else { HasStaging::No }
    }

    /// Returns how it wants the name proven.
    pub const fn way(&self) -> Way {
        self.way
    }

    /// Gets a certificate for the name of `certificates`, whose listeners show the proof. `begin`
    /// is waited for before the authority is told to look for it.
    ///
    /// # Errors
    ///
    /// Returns [`Refusal`] with the authority's own words.
    pub async fn issue<F: Future<Output = Result<(), Refusal>>>(
        &self,
        stage: Stage,
        account_key: &[u8],
        certificates: &Certificates,
        begin: impl Fn() -> F,
    ) -> Result<Issued, Refusal> {
        let order = Order { authority: self, stage, certificates };
        let ordered = tokio::time::timeout(WITHIN, order.fulfil(account_key, begin)).await;
        certificates.prove(None);
        ordered.unwrap_or_else(|_| Err(Refusal::other("the authority did not finish in time")))
    }
}

/// One order.
struct Order<'a> {
    authority: &'a Authority,
    stage: Stage,
    certificates: &'a Certificates,
}

impl Order<'_> {
    async fn fulfil<F: Future<Output = Result<(), Refusal>>>(
        &self,
        key: &[u8],
        begin: impl Fn() -> F,
    ) -> Result<Issued, Refusal> {
        let Authority { contact, tls, .. } = self.authority;
        let (url, domain) = (self.authority.directory_at(self.stage), self.certificates.domain());
        let directory = patiently(|| Directory::discover(tls, url)).await?;
        let account =
            patiently(|| Account::create_with_keypair(tls, directory.clone(), contact, key));
        let account = account.await?;
        let names = vec![domain.to_owned()];
        let (url, mut order) = patiently(|| account.new_order(tls, names.clone())).await?;
        let (csr, own_key) = request(domain).map_err(|err| Refusal::other(&err.to_string()))?;
        for asked in 0..ASK_TIMES {
            match &order.status {
                OrderStatus::Pending => {
                    if asked > 0 {
                        tokio::time::sleep(pause(asked)).await; // It takes its time to notice.
                    }
                    for authorization in &order.authorizations {
                        self.authorize(&account, authorization, &begin).await?;
                    }
                    order = patiently(|| account.order(tls, &url)).await?;
                }
                OrderStatus::Ready => {
                    order = patiently(|| account.finalize(tls, &order.finalize, &csr)).await?;
                }
                OrderStatus::Processing => {
                    tokio::time::sleep(pause(asked)).await;
                    order = patiently(|| account.order(tls, &url)).await?;
                }
                OrderStatus::Valid { certificate } => {
                    let chain = patiently(|| account.certificate(tls, certificate)).await?;
                    return Ok(Issued { chain, key: own_key });
                }
                OrderStatus::Invalid => return Err(refused_order(&order)),
            }
        }
        Err(Refusal::other("the authority did not finish the order"))
    }

    async fn authorize<F: Future<Output = Result<(), Refusal>>>(
        &self,
        account: &Account,
        url: &str,
        begin: impl Fn() -> F,
    ) -> Result<(), Refusal> {
        let tls = &self.authority.tls;
        let mut auth = patiently(|| account.auth(tls, url)).await?;
        if matches!(auth.status, AuthStatus::Pending) {
            let challenge = self.prove(account, &auth)?;
            begin().await?;
            patiently(|| account.challenge(tls, &challenge)).await?;
        }
        for asked in 0..ASK_TIMES {
            match auth.status {
                AuthStatus::Valid => return Ok(()),
                AuthStatus::Pending => {}
                _ => return Err(refused_name(&auth)),
            }
            tokio::time::sleep(pause(asked)).await;
            auth = patiently(|| account.auth(tls, url)).await?;
        }
        Err(Refusal::new(Failure::Validation, "the authority did not finish its look at the name"))
    }

    /// Shows the proof and returns where to tell that it is there.
    fn prove(&self, account: &Account, auth: &Auth) -> Result<String, Refusal> {
        let name = self.certificates.domain().to_owned();
        let (challenge, proof) = match self.authority.way {
            Way::Handshake => {
                let (challenge, key) = account.tls_alpn_01(&auth.challenges, name.clone())?;
                (challenge, Proof::Handshake { name, key: Arc::new(key) })
            }
            Way::Words => {
                let (challenge, words) = account.http_01(&auth.challenges)?;
                (challenge, Proof::Words { token: challenge.token.clone(), words })
            }
        };
        self.certificates.prove(Some(proof));
        Ok(challenge.url.clone())
    }
}

/// Returns how long to wait after so many questions.
fn pause(asked: usize) -> Duration {
    let [first, last] = ASK_AGAIN;
    first.saturating_mul(1 << asked.min(10)).min(last)
}

/// Makes a key and the request for its certificate.
fn request(domain: &str) -> Result<(Vec<u8>, String), rcgen::Error> {
    let mut params = rcgen::CertificateParams::new(vec![domain.to_owned()])?;
    params.distinguished_name = rcgen::DistinguishedName::new();
    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256)?;
    let request = params.serialize_request(&key)?;
    Ok((request.der().to_vec(), key.serialize_pem()))
}

fn refused_order(order: &acme::Order) -> Refusal {
    let words = order.error.as_ref().and_then(|problem| problem.detail.clone());
    Refusal::other(&words.unwrap_or_else(|| "the authority refused the order".to_owned()))
}

fn refused_name(auth: &Auth) -> Refusal {
    let problem = auth.challenges.iter().find_map(|challenge| challenge.error.as_ref());
    let words = problem.and_then(|problem| problem.detail.clone());
    let words = words.unwrap_or_else(|| "the authority did not find the proof".to_owned());
    Refusal::new(Failure::Validation, &words)
}
