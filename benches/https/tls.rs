//! A certificate for all who answer here, and those who trust it.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::crypto::ring::default_provider;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use slotbox::external::certificates::{Certificate, Certificates};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

pub const NAME: &str = "localhost";

pub struct Tls {
    pub certificate: PathBuf,
    pub key: PathBuf,
    connector: TlsConnector,
}

impl Tls {
    pub fn new(dir: &Path) -> Self {
        let params = rcgen::CertificateParams::new(vec![NAME.to_owned()]).unwrap();
        let pair = rcgen::KeyPair::generate().unwrap();
        let own = params.self_signed(&pair).unwrap();
        let (certificate, key) = (dir.join("cert.pem"), dir.join("key.pem"));
        fs::write(&certificate, own.pem()).unwrap();
        fs::write(&key, pair.serialize_pem()).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(own.der().clone()).unwrap();
        let mut config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        // Each handshake is a whole one.
        config.resumption = rustls::client::Resumption::disabled();
        Self { certificate, key, connector: Arc::new(config).into() }
    }

    pub fn certificates(&self) -> Certificates {
        let certificates = Certificates::of(NAME);
        let (chain, key) = (fs::read(&self.certificate).unwrap(), fs::read(&self.key).unwrap());
        certificates.show(Certificate::read(&chain, &key).unwrap());
        certificates
    }

    /// Returns what a server needs that is nothing but rustls.
    pub fn bare(&self) -> Arc<ServerConfig> {
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(self.certificates()));
        Arc::new(config)
    }

    pub async fn connect(&self, to: SocketAddr) -> TlsStream<TcpStream> {
        self.shake(TcpStream::connect(to).await.unwrap()).await
    }

    pub async fn shake(&self, stream: TcpStream) -> TlsStream<TcpStream> {
        stream.set_nodelay(true).unwrap();
        self.connector.connect(ServerName::try_from(NAME).unwrap(), stream).await.unwrap()
    }

    pub fn connector(&self) -> TlsConnector {
        self.connector.clone()
    }
}
