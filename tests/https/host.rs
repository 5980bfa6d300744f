//! A running `slotbox serve` with a public side, and a certificate made for the test.

use std::fs::{self, File};
use std::io::Write;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use rustls::crypto::ring::default_provider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tempfile::TempDir;

pub const NAME: &str = "bots.example.test";
const TOKEN: &str = "5f0c7c39a8d14d1f9a5a3a4f2b0e77c1d6e8b9a0";
pub const WITHIN: Duration = Duration::from_secs(40);

/// Tells whether the tools are there; under CI they must be.
pub fn can_run() -> bool {
    let there = |tool: &str| Command::new(tool).arg("--help").output().is_ok();
    let can = there("curl") && there("openssl");
    assert!(can || std::env::var_os("CI").is_none(), "curl and openssl are needed");
    if !can {
        eprintln!("skipped: there is no curl or no openssl");
    }
    can
}

/// A running host.
pub struct Host {
    pub dir: TempDir,
    pub https: u16,
    pub http: u16,
    pub local: u16,
    serve: Child,
}

pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Writes a certificate for the name that signs itself, and its key.
pub fn write_pair(dir: &Path) {
    let params = rcgen::CertificateParams::new(vec![NAME.to_owned()]).unwrap();
    let key = rcgen::KeyPair::generate().unwrap();
    fs::write(dir.join("cert.pem"), params.self_signed(&key).unwrap().pem()).unwrap();
    fs::write(dir.join("key.pem"), key.serialize_pem()).unwrap();
}

/// Writes settings that end with `more`; the ports are those of the local, the HTTPS and the plain
/// listener.
pub fn write_settings(dir: &Path, [local, https, http]: [u16; 3], more: &str) {
    let shown = dir.display();
    let text = format!(
        "[server]\ndomain = '{NAME}'\nlocal_listen = '127.0.0.1:{local}'\nlocale = 'en'\n\
         https_listen = ['127.0.0.1:{https}']\nhttp_listen = ['127.0.0.1:{http}']\n\
         data_dir = '{shown}/data'\nruntime_dir = '{shown}/run'\n\
         [runtime]\nkind = 'process'\n[api]\ntoken = '{TOKEN}'\n[log]\nformat = 'text'\n{more}"
    );
    fs::write(dir.join("slotbox.toml"), text).unwrap();
}

/// Says where the ports of the public name are found.
pub fn see_at(dir: &Path, lines: &str) {
    fs::write(dir.join("seen-at"), lines).unwrap();
}

/// Returns the command that serves what lies in `dir`.
pub fn serve(dir: &Path) -> Command {
    let log = File::options().create(true).append(true).open(dir.join("log")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_slotbox"));
    command.arg("--config").arg(dir.join("slotbox.toml")).arg("serve").env_clear();
    command.arg("--clock-file").arg(dir.join("clock")).arg("--seen-at").arg(dir.join("seen-at"));
    command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
    command
}

/// Runs a command that must succeed and returns what it printed.
pub fn command(dir: &Path, arguments: &[&str]) -> String {
    ends(dir, arguments, 0)
}

/// Runs a command that must end with `code` and returns what it printed.
fn ends(dir: &Path, arguments: &[&str], code: i32) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_slotbox"));
    command.arg("--config").arg(dir.join("slotbox.toml")).args(arguments);
    let output = command.env_clear().stdin(Stdio::null()).output().unwrap();
    assert_eq!(output.status.code(), Some(code), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Returns how a client speaks TLS that trusts the certificate in `dir`.
pub fn client_tls(dir: &Path) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(dir.join("cert.pem")).unwrap()).unwrap();
    let tls = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    Arc::new(tls)
}

pub fn signal(child: &Child, signal: Signal) {
    let pid = Pid::from_raw(child.id().try_into().unwrap()).unwrap();
    kill_process(pid, signal).unwrap();
}

/// Waits until `done`, which looks often.
pub fn until(what: &str, mut done: impl FnMut() -> bool) {
    let deadline = Instant::now() + WITHIN;
    while !done() {
        assert!(Instant::now() < deadline, "in vain: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

impl Host {
    /// Starts a host with a certificate in files.
    pub fn with_files() -> Self {
        let dir = tempfile::Builder::new().prefix("slotbox-https-").tempdir().unwrap();
        write_pair(dir.path());
        let shown = dir.path().display();
        let tls = format!(
            "[tls]\nmode = 'files'\ncert_file = '{shown}/cert.pem'\nkey_file = '{shown}/key.pem'\n"
        );
        Self::start(dir, &tls)
    }

    pub fn start(dir: TempDir, more: &str) -> Self {
        Self::start_at(dir, [free_port(), free_port()], more)
    }

    /// Starts a host whose public listeners have these ports.
    pub fn start_at(dir: TempDir, [https, http]: [u16; 2], more: &str) -> Self {
        let local = free_port();
        write_settings(dir.path(), [local, https, http], more);
        if !dir.path().join("seen-at").exists() {
            see_at(dir.path(), &format!("443 127.0.0.1:{https}\n80 127.0.0.1:{http}\n"));
        }
        let serve = serve(dir.path()).spawn().unwrap();
        let mut host = Self { dir, https, http, local, serve };
        host.wait_until_up(1);
        host
    }

    fn wait_until_up(&mut self, times: usize) {
        until("the host is up", || {
            let ended = self.serve.try_wait().unwrap();
            assert!(ended.is_none(), "{}", self.log());
            self.log().matches("slotbox is up").count() == times
        });
    }

    /// Starts anew under another public name.
    pub fn rename(&mut self, [from, to]: [&str; 2]) {
        let path = self.dir.path().join("slotbox.toml");
        let text = fs::read_to_string(&path).unwrap();
        fs::write(path, text.replace(from, to)).unwrap();
        self.restart();
    }

    pub fn restart(&mut self) {
        let times = self.log().matches("slotbox is up").count();
        self.signal(Signal::TERM);
        assert!(self.serve.wait().unwrap().success());
        self.serve = serve(self.dir.path()).spawn().unwrap();
        self.wait_until_up(times + 1);
    }

    /// Puts the host's clock ahead.
    pub fn set_ahead(&self, seconds: u64) {
        fs::write(self.dir.path().join("clock"), format!("{}", seconds * 1_000)).unwrap();
    }

    /// Runs a command that must succeed and returns what it printed.
    pub fn command(&self, arguments: &[&str]) -> String {
        command(self.dir.path(), arguments)
    }

    /// Runs a command that must tell that something is wrong and returns what it printed.
    pub fn complaint(&self, arguments: &[&str]) -> String {
        ends(self.dir.path(), arguments, 1)
    }

    pub fn log(&self) -> String {
        fs::read_to_string(self.dir.path().join("log")).unwrap_or_default()
    }

    /// Returns how much memory the host takes.
    pub fn memory_kib(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.serve.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }

    pub fn signal(&self, it: Signal) {
        signal(&self.serve, it);
    }

    /// Asks over HTTPS and returns what curl printed: protocol, status and body.
    pub fn curl(&self, arguments: &[&str], path: &str) -> String {
        let mut command = Command::new("curl");
        command.args(["-sS", "--max-time", "20", "--cacert"]).arg(self.dir.path().join("cert.pem"));
        command.arg("--resolve").arg(format!("{NAME}:{}:127.0.0.1", self.https));
        command.args(["-w", "\n%{http_version} %{http_code}"]).args(arguments);
        let output = command.arg(format!("https://{NAME}:{}{path}", self.https)).output().unwrap();
        String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
    }

    /// Returns a metric that has no labels.
    pub fn metric(&self, name: &str) -> f64 {
        let url = format!("http://127.0.0.1:{}/metrics", self.local);
        let output = Command::new("curl").args(["-sS", "--max-time", "20", &url]).output().unwrap();
        let told = String::from_utf8(output.stdout).unwrap();
        let value = told.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        value.unwrap_or_else(|| panic!("no {name} in {told}")).parse().unwrap()
    }

    /// Asks the plain listener.
    pub fn plain(&self, path: &str) -> String {
        let url = format!("http://127.0.0.1:{}{path}", self.http);
        let output = Command::new("curl").args(["-sSi", "--max-time", "20", &url]).output();
        String::from_utf8_lossy(&output.unwrap().stdout).into_owned()
    }

    /// Shakes hands by `openssl s_client`.
    pub fn handshake(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new("openssl");
        command.args(["s_client", "-connect"]).arg(format!("127.0.0.1:{}", self.https));
        command.args(arguments).stdin(Stdio::null()).output().unwrap()
    }

    /// Asks for a renegotiation of TLS 1.2, and returns all that `openssl s_client` said.
    pub fn renegotiate(&self) -> String {
        let mut command = Command::new("openssl");
        command.args(["s_client", "-tls1_2", "-servername", NAME, "-connect"]);
        command.arg(format!("127.0.0.1:{}", self.https)).stdin(Stdio::piped());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(b"R\n").unwrap();
        let output = child.wait_with_output().unwrap();
        String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
    }

    /// Returns the certificate that is shown, in PEM.
    pub fn shown(&self) -> String {
        self.shown_for(NAME)
    }

    /// Returns the certificate that is shown to those who ask for `name`, in PEM.
    pub fn shown_for(&self, name: &str) -> String {
        let output = self.handshake(&["-servername", name]);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let end = "-----END CERTIFICATE-----";
        let begin = text.find("-----BEGIN CERTIFICATE-----");
        begin
            .and_then(|at| Some(text[at..][..text[at..].find(end)?].to_owned()))
            .unwrap_or_default()
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.serve.kill().ok();
        self.serve.wait().ok();
    }
}
