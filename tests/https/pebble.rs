//! Pebble, the ACME authority for tests, with a name server that knows one host.

use std::fs;
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::host::{free_port, until};

/// A running authority.
pub struct Pebble {
    pub directory: u16,
    management: u16,
    proofs: [u16; 2],
    lifetime_s: u32,
    authority: Option<Child>,
    names: Child,
    name_port: u16,
    faults: Vec<(&'static str, &'static str)>,
}

pub fn can_run() -> bool {
    let can = super::host::can_run() && Command::new("pebble").arg("-help").output().is_ok();
    assert!(can || std::env::var_os("CI").is_none(), "pebble is needed");
    if !can {
        eprintln!("skipped: there is no pebble");
    }
    can
}

impl Pebble {
    /// Makes one that looks for proofs at these ports, and does not start it yet. Its own
    /// certificate and the CA behind it are written to `dir`.
    pub fn at_rest(dir: &Path, https: u16, http: u16) -> Self {
        let ca_key = rcgen::KeyPair::generate().unwrap();
        let mut ca = rcgen::CertificateParams::new(Vec::new()).unwrap();
        ca.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        ca.distinguished_name.push(rcgen::DnType::CommonName, "pebble's own");
        let ca = ca.self_signed(&ca_key).unwrap();
        let key = rcgen::KeyPair::generate().unwrap();
        let own = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let own = own.signed_by(&key, &ca, &ca_key).unwrap();
        fs::write(dir.join("pebble-ca.pem"), ca.pem()).unwrap();
        fs::write(dir.join("pebble-cert.pem"), own.pem()).unwrap();
        fs::write(dir.join("pebble-key.pem"), key.serialize_pem()).unwrap();
        let [directory, management, name_port, names_management] = [(); 4].map(|()| free_port());
        let names = Command::new("pebble-challtestsrv")
            .args(["-defaultIPv6", "", "-defaultIPv4", "127.0.0.1", "-http01", "", "-https01", ""])
            .args(["-tlsalpn01", "", "-dns01", &format!("127.0.0.1:{name_port}")])
            .args(["-management", &format!("127.0.0.1:{names_management}")])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let faults = vec![("PEBBLE_WFE_NONCEREJECT", "0"), ("PEBBLE_AUTHZREUSE", "0")];
        let (proofs, lifetime_s) = ([https, http], 90 * 86_400);
        let authority = None;
        Self { directory, management, proofs, lifetime_s, authority, names, name_port, faults }
    }

    /// Has its certificates live so long.
    pub fn with_lifetime(mut self, seconds: u32) -> Self {
        self.lifetime_s = seconds;
        self
    }

    /// Has it look for proofs at these ports from its next start on.
    pub const fn look_at(&mut self, https: u16, http: u16) {
        self.proofs = [https, http];
    }

    /// Has it refuse every third nonce and remember half of the names that it has looked at.
    pub fn with_faults(mut self) -> Self {
        self.faults = vec![("PEBBLE_WFE_NONCEREJECT", "35"), ("PEBBLE_AUTHZREUSE", "50")];
        self
    }

    pub fn start(&mut self, dir: &Path) {
        let [https, http] = self.proofs;
        let config = serde_json::json!({"pebble": {
            "listenAddress": format!("localhost:{}", self.directory),
            "managementListenAddress": format!("localhost:{}", self.management),
            "certificate": dir.join("pebble-cert.pem"), "privateKey": dir.join("pebble-key.pem"),
            "httpPort": http, "tlsPort": https, "ocspResponderURL": "",
            "externalAccountBindingRequired": false, "certificateValidityPeriod": self.lifetime_s,
        }});
        fs::write(dir.join("pebble.json"), config.to_string()).unwrap();
        let log = fs::File::options().create(true).append(true).open(dir.join("pebble.log"));
        let log = log.unwrap();
        let authority = Command::new("pebble")
            .arg("-config")
            .arg(dir.join("pebble.json"))
            .args(["-dnsserver", &format!("127.0.0.1:{}", self.name_port)])
            .env("PEBBLE_VA_NOSLEEP", "1")
            .envs(self.faults.iter().copied())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn();
        self.authority = Some(authority.unwrap());
        // It makes its keys first.
        until("pebble listens", || TcpStream::connect(("localhost", self.directory)).is_ok());
    }

    /// Returns the settings that name it.
    pub fn settings(&self, dir: &Path, challenge: &str) -> String {
        format!(
            "[tls]\nmode = 'acme'\ndirectory_url = 'https://localhost:{}/dir'\n\
             challenge = '{challenge}'\ncontact = 'ops@example.ru'\n\
             directory_ca_file = '{}/pebble-ca.pem'\n",
            self.directory,
            dir.display(),
        )
    }

    pub const fn ports(&self) -> [u16; 2] {
        self.proofs
    }

    pub fn stop(&mut self) {
        if let Some(mut authority) = self.authority.take() {
            authority.kill().ok();
            authority.wait().ok();
        }
    }
}

impl Drop for Pebble {
    fn drop(&mut self) {
        self.stop();
        self.names.kill().ok();
        self.names.wait().ok();
    }
}
