//! What can be seen from here of whether the authority will find us.
//!
//! The name is looked up, and each of its addresses is asked as the authority will ask it: for a
//! proof that is on show for the purpose. The view from outside may be another one, for behind a
//! router a host may not reach itself by its public address; so a doubt says how far it goes.

use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::ring::default_provider;
use rustls::crypto::ring::sign::any_supported_type;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, DigitallySignedStruct, SignatureScheme};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::Way;
use crate::external::certificates::{ACME_PROTOCOL, Certificates, Proof};

const WITHIN: Duration = Duration::from_secs(4);
/// The most bytes of an answer on port 80 that are read.
const LONGEST_ANSWER: u64 = 4_096;

/// From where the public name is looked at.
#[derive(Clone, Debug)]
pub enum Vantage {
    /// From this host, with its name servers.
    Here,
    /// As lines of this file say it, `443 192.0.2.1:443`: where a port of the name is found. For
    /// tests, whose names no name server knows.
    Lines(PathBuf),
}

/// Why the authority may not find us.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Doubt {
    /// It would look in vain, as far as can be told from here.
    #[error("{0}")]
    Vain(String),
    /// It cannot be told from here.
    #[error("{0}")]
    Unproven(String),
}

impl Way {
    /// Returns the port at which the authority looks for the proof.
    pub const fn port(self) -> u16 {
        match self {
            Self::Handshake => 443,
            Self::Words => 80,
        }
    }
}

impl Vantage {
    async fn addresses(&self, domain: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        match self {
            Self::Here => Ok(lookup_host((domain, port)).await?.collect()),
            Self::Lines(path) => {
                let text = tokio::fs::read_to_string(path).await?;
                let lines = text.lines().filter_map(|line| line.split_once(' '));
                let ours = lines.filter(|(its, _)| its.parse() == Ok(port));
                Ok(ours.filter_map(|(_, address)| address.parse().ok()).collect())
            }
        }
    }
}

/// Looks whether the name of `certificates` leads here, and whether the proof that is put on show
/// for the time of the look is found at each of its addresses.
///
/// # Errors
///
/// Returns the first [`Doubt`].
pub async fn preflight(
    certificates: &Certificates,
    way: Way,
    vantage: &Vantage,
) -> Result<(), Doubt> {
    let (domain, port) = (certificates.domain(), way.port());
    let found = match timeout(WITHIN, vantage.addresses(domain, port)).await {
        Ok(Ok(found)) if found.is_empty() => {
            return Err(Doubt::Vain(format!("the name {domain} has no address")));
        }
        Ok(Ok(found)) => found,
        Ok(Err(err)) => {
            return Err(Doubt::Vain(format!("the name {domain} is not known here: {err}")));
        }
        Err(_) => return Err(Doubt::Unproven(format!("no name server tells of {domain} in time"))),
    };
    let sample = Sample::of(domain, way).map_err(|err| Doubt::Unproven(err.to_string()))?;
    certificates.prove(Some(sample.proof()));
    let looked = look(&sample, domain, &found).await;
    certificates.prove(None);
    looked
}

async fn look(sample: &Sample, domain: &str, found: &[SocketAddr]) -> Result<(), Doubt> {
    let mut unproven = None;
    for address in found {
        match timeout(WITHIN, sample.is_at(*address, domain)).await {
            Ok(Ok(true)) => {}
            Ok(Ok(false)) => {
                return Err(Doubt::Vain(format!(
                    "{domain} is {address}, and another answers there"
                )));
            }
            Ok(Err(_)) | Err(_) if is_own(address.ip()) => {
                return Err(Doubt::Vain(format!("{domain} is {address}, where nothing answers")));
            }
            Ok(Err(_)) | Err(_) => {
                let what = format!(
                    "{domain} is {address}, which is no address of this host and does not answer \
                     from here; behind a router that may be well"
                );
                unproven.get_or_insert(Doubt::Unproven(what));
            }
        }
    }
    unproven.map_or(Ok(()), Err)
}

/// Tells whether this host has the address: only then may a socket have it.
fn is_own(address: IpAddr) -> bool {
    UdpSocket::bind((address, 0)).is_ok()
}

/// A proof that nobody asked for.
enum Sample {
    Handshake(Arc<CertifiedKey>, String),
    Words(String),
}

impl Sample {
    fn of(domain: &str, way: Way) -> Result<Self, rcgen::Error> {
        let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256)?;
        // Nobody can guess the public half of a new key.
        let words = key
            .public_key_raw()
            .iter()
            .fold(String::from("preflight-"), |text, byte| text + &format!("{byte:02x}"));
        match way {
            Way::Words => Ok(Self::Words(words)),
            Way::Handshake => {
                let params = rcgen::CertificateParams::new(vec![domain.to_owned()])?;
                let chain = vec![params.self_signed(&key)?.der().clone()];
                let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
                let key = any_supported_type(&key).map_err(|_| rcgen::Error::RemoteKeyError)?;
                Ok(Self::Handshake(Arc::new(CertifiedKey::new(chain, key)), domain.to_owned()))
            }
        }
    }

    fn proof(&self) -> Proof {
        match self {
            Self::Handshake(key, name) => {
                Proof::Handshake { name: name.clone(), key: Arc::clone(key) }
            }
            Self::Words(words) => Proof::Words { token: words.clone(), words: words.clone() },
        }
    }

    /// Asks for it as the authority does. An error means that nobody is there.
    async fn is_at(&self, address: SocketAddr, domain: &str) -> io::Result<bool> {
        let mut stream = TcpStream::connect(address).await?;
        match self {
            Self::Words(words) => {
                let ask = format!(
                    "GET /.well-known/acme-challenge/{words} HTTP/1.1\r\nHost: {domain}\r\n\
                     Connection: close\r\n\r\n"
                );
                stream.write_all(ask.as_bytes()).await?;
                let mut answer = Vec::new();
                stream.take(LONGEST_ANSWER).read_to_end(&mut answer).await?;
                Ok(answer.starts_with(b"HTTP/1.1 200 ") && answer.ends_with(words.as_bytes()))
            }
            Self::Handshake(key, _) => {
                let name = ServerName::try_from(domain.to_owned()).map_err(io::Error::other)?;
                let Ok(stream) = connector()?.connect(name, stream).await else { return Ok(false) };
                let shown = stream.get_ref().1.peer_certificates().and_then(|chain| chain.first());
                Ok(shown.is_some() && shown == key.cert.first())
            }
        }
    }
}

fn connector() -> io::Result<TlsConnector> {
    let mut config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anybody))
        .with_no_client_auth();
    config.alpn_protocols = vec![ACME_PROTOCOL.to_vec()];
    Ok(Arc::new(config).into())
}

/// Lets any certificate pass: which one it is, is compared afterwards, and nothing is said to
/// whoever shows it.
#[derive(Debug)]
struct Anybody;

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = default_provider().signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, cert, signed, &algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = default_provider().signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, cert, signed, &algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        default_provider().signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    /// Looks at a name whose port 80 is at `address`.
    async fn doubt(address: &str) -> String {
        let certificates = Certificates::of("bots.example.ru");
        let dir = tempfile::tempdir().unwrap();
        let lines = dir.path().join("seen-at");
        std::fs::write(&lines, format!("80 {address}\n")).unwrap();
        let looked = preflight(&certificates, Way::Words, &Vantage::Lines(lines)).await;
        match looked.unwrap_err() {
            Doubt::Vain(why) => format!("vain: {why}"),
            Doubt::Unproven(why) => format!("unproven: {why}"),
        }
    }

    #[tokio::test]
    async fn what_cannot_be_told_from_here_is_not_called_vain() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let stranger = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\nwelcome").await.unwrap();
            stream.shutdown().await.unwrap();
            stream.read_to_end(&mut Vec::new()).await.ok();
        });
        let told = doubt(&address).await;
        assert!(told.starts_with("vain: ") && told.ends_with("another answers there"), "{told}");
        stranger.await.unwrap();
        let told = doubt(&address).await;
        assert!(told.starts_with("vain: ") && told.ends_with("where nothing answers"), "{told}");
        // An address of books (RFC 3849): no host has it.
        let told = doubt("[2001:db8::1]:80").await;
        assert!(
            told.starts_with("unproven: ") && told.contains("no address of this host"),
            "{told}"
        );
        let told = doubt("").await;
        assert!(told.starts_with("vain: ") && told.ends_with("has no address"), "{told}");
    }
}
