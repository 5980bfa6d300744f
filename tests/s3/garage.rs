//! A Garage of the test's own: an S3 service on loopback, with its data in a directory that goes.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

pub const REGION: &str = "garage";
pub const BUCKET: &str = "backups";
/// Of the form that Garage gives.
pub const ACCESS_KEY: &str = "GK0123456789abcdef01234567";
pub const SECRET_KEY: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const WITHIN: Duration = Duration::from_secs(30);

/// A running Garage with one bucket and one key; it ends with the test.
pub struct Garage {
    pub port: u16,
    dir: TempDir,
    program: PathBuf,
    server: Child,
}

/// Finds the program on the path, where `.ci/run` has put it; it must be there in CI.
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
pub fn program() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|dir| dir.join("garage")).find(|it| it.is_file());
    if found.is_none() {
        assert!(
            std::env::var_os("CI").is_none(),
            "no garage on the path: cargo install garage --no-default-features --features bundled-libs,sqlite"
        );
        eprintln!("skipped: there is no garage (an S3 service) on the path");
    }
    found
}

impl Garage {
    pub fn start(program: PathBuf) -> Self {
        let dir = tempfile::Builder::new().prefix("slotbox-garage-").tempdir().unwrap();
        let (port, rpc) = (free_port(), free_port());
        let shown = dir.path().display();
        let config = format!(
            "metadata_dir = '{shown}/meta'\ndata_dir = '{shown}/data'\ndb_engine = 'sqlite'\n\
             replication_factor = 1\nrpc_bind_addr = '127.0.0.1:{rpc}'\n\
             rpc_public_addr = '127.0.0.1:{rpc}'\nrpc_secret = '{SECRET_KEY}'\n\
             [s3_api]\ns3_region = '{REGION}'\napi_bind_addr = '127.0.0.1:{port}'\n"
        );
        fs::write(dir.path().join("garage.toml"), config).unwrap();
        let server = spawn(&program, dir.path());
        let garage = Self { port, dir, program, server };
        garage.wait();
        let node = garage.run(&["node", "id", "--quiet"]);
        let node = node.split('@').next().unwrap();
        garage.run(&["layout", "assign", "--zone", "here", "--capacity", "1G", node]);
        garage.run(&["layout", "apply", "--version", "1"]);
        garage.run(&["bucket", "create", BUCKET]);
        garage.run(&["key", "import", "--yes", "-n", "slotbox", ACCESS_KEY, SECRET_KEY]);
        garage.run(&["bucket", "allow", "--read", "--write", BUCKET, "--key", "slotbox"]);
        garage
    }

    /// Runs a command of Garage, which must succeed.
    pub fn run(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {told}\n{}", self.log());
        String::from_utf8(output.stdout).unwrap()
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Ends the service at once, as a lost network does.
    pub fn kill(&mut self) {
        self.server.kill().unwrap();
        self.server.wait().unwrap();
    }

    pub fn start_again(&mut self) {
        self.server = spawn(&self.program, self.dir.path());
        self.wait();
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.arg("-c").arg(self.dir.path().join("garage.toml")).args(arguments);
        command.stdin(Stdio::null());
        command
    }

    fn wait(&self) {
        let deadline = Instant::now() + WITHIN;
        while !self.command(&["status"]).output().unwrap().status.success() {
            assert!(Instant::now() < deadline, "garage is not up: {}", self.log());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn log(&self) -> String {
        fs::read_to_string(self.dir.path().join("log")).unwrap_or_default()
    }
}

impl Drop for Garage {
    fn drop(&mut self) {
        self.server.kill().ok();
        self.server.wait().ok();
    }
}

fn spawn(program: &Path, dir: &Path) -> Child {
    let log = File::options().create(true).append(true).open(dir.join("log")).unwrap();
    let mut command = Command::new(program);
    command.arg("-c").arg(dir.join("garage.toml")).arg("server").env("RUST_LOG", "warn");
    command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap()
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
