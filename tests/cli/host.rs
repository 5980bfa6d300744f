//! A running `slotbox serve` with simulators around it, and the command line that asks it.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use slotbox::clock::Clock;
use slotbox::sandbox::telegram::TelegramSim;
use slotbox::sandbox::yookassa::YooKassaSim;
use tempfile::TempDir;

/// The owner of every client here.
pub const OWNER: &str = "222222222";
const API_TOKEN: &str = "5f0c7c39a8d14d1f9a5a3a4f2b0e77c1d6e8b9a0";
const UP_WITHIN: Duration = Duration::from_mins(1);

/// Runs `slotbox` with nothing in its environment but `variables`.
pub fn slotbox(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_slotbox"));
    command.args(arguments).env_clear().envs(variables.iter().copied());
    command.stdin(Stdio::null()).output().unwrap()
}

pub fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// A running host; it ends with the test.
pub struct Host {
    pub telegram: TelegramSim,
    pub shop: YooKassaSim,
    pub dir: TempDir,
    /// Where it listens.
    pub address: SocketAddr,
    serve: Child,
}

impl Host {
    pub async fn start() -> Self {
        Self::start_with("").await
    }

    /// Starts a host whose settings end with `more`.
    pub async fn start_with(more: &str) -> Self {
        let telegram = TelegramSim::start(Clock::system()).await.unwrap();
        let shop = YooKassaSim::start(Clock::system()).await.unwrap();
        let dir = tempfile::Builder::new().prefix("slotbox-cli-").tempdir().unwrap();
        let master = telegram.add_bot("Slotbox Master", "slotbox_master_bot");
        let shown = dir.path().display();
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        shop.notify_url(Some(format!("http://{address}/yookassa/webhook")));
        let text = format!(
            "[server]\nlocal_listen = '{address}'\ndata_dir = '{shown}/new/data'\n\
             runtime_dir = '{shown}/new/run'\n[tls]\nmode = 'off'\n[runtime]\nkind = 'process'\n\
             [api]\ntoken = '{API_TOKEN}'\n[log]\nformat = 'json'\n\
             [yookassa]\napi_url = '{}'\nshop_id = '{}'\nsecret_key = '{}'\n\
             trusted_networks = ['127.0.0.0/8']\n\
             [telegram]\napi_url = '{}'\noperators = [111111111]\nmaster_token = '{master}'\n{more}",
            shop.url(),
            shop.shop_id(),
            shop.secret_key(),
            telegram.url(),
        );
        fs::write(dir.path().join("slotbox.toml"), text).unwrap();
        let serve = spawn(dir.path());
        let mut host = Self { telegram, shop, dir, address, serve };
        host.wait_until_up().await;
        host
    }

    /// Ends `serve` as the kernel does when there is no memory left.
    pub fn kill(&mut self) {
        self.serve.kill().unwrap();
        self.serve.wait().unwrap();
    }

    pub async fn start_again(&mut self) {
        self.serve = spawn(self.dir.path());
        self.wait_until_up().await;
    }

    async fn wait_until_up(&mut self) {
        let deadline = Instant::now() + UP_WITHIN;
        while !self.run(&["tls", "status"]).await.status.success() {
            let ended = self.serve.try_wait().unwrap();
            assert!(ended.is_none() && Instant::now() < deadline, "{}", self.log());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Returns what `serve` has logged.
    pub fn log(&self) -> String {
        fs::read_to_string(self.dir.path().join("log")).unwrap()
    }

    pub fn config(&self) -> PathBuf {
        self.dir.path().join("slotbox.toml")
    }

    /// Returns a command that asks this host.
    pub fn command(&self, arguments: &[impl AsRef<OsStr>]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_slotbox"));
        command.arg("--config").arg(self.config()).args(arguments);
        command.env_clear().env("TZ", "Europe/Moscow").stdin(Stdio::null());
        command
    }

    /// Runs a command that asks this host.
    pub async fn run(&self, arguments: &[&str]) -> Output {
        output(self.command(arguments)).await
    }

    /// Runs a command that must succeed, and returns what it printed.
    pub async fn ok(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments).await;
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", err(&output));
        out(&output)
    }

    /// Runs a command that must fail with this code, and returns what it complained of.
    pub async fn fails(&self, code: i32, arguments: &[&str]) -> String {
        let output = self.run(arguments).await;
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", err(&output));
        assert_eq!(out(&output), "", "{arguments:?}");
        err(&output)
    }

    /// Makes a bot at Telegram and returns the file that holds its token.
    pub fn token_file(&self, username: &str) -> String {
        let token = self.telegram.add_bot(username, username);
        let file = self.dir.path().join(format!("{username}.token"));
        fs::write(&file, format!("{token}\n")).unwrap();
        file.display().to_string()
    }

    /// Adds a client and waits until its bot is up.
    pub async fn add(&self, name: &str, username: &str) {
        let file = self.token_file(username);
        let add = ["clients", "add", "--name", name, "--owner", OWNER, "--token-file", &file];
        self.ok(&[&add[..], &["--wait"]].concat()).await;
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.serve.kill().ok();
        self.serve.wait().ok();
    }
}

fn spawn(dir: &Path) -> Child {
    let log = File::options().create(true).append(true).open(dir.join("log")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_slotbox"));
    command.arg("serve").arg("--config").arg(dir.join("slotbox.toml")).env_clear();
    command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
    command.spawn().unwrap()
}

/// Runs a command beside the simulators.
pub async fn output(mut command: Command) -> Output {
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

/// Returns the text with placeholders for what differs from run to run: as wide as what they stand
/// for, but for the numbers of jobs.
pub fn tidy(text: &str, dir: &Path) -> String {
    let text = text.replace(&dir.display().to_string(), "DIR");
    let ends = [' ', '\n', ':', ';', ',', '"', '(', ')'];
    let mut before = "";
    let tidied = text.split_inclusive(ends).map(|piece| {
        let end = piece.trim_end_matches(|c: char| !c.is_alphanumeric()).len();
        let (word, rest) = piece.split_at(end);
        let clock = before.ends_with(':') || rest.starts_with(':');
        before = piece;
        let digits = |word: &str| word.bytes().all(|b| b.is_ascii_digit());
        let word = match word.len() {
            10 if digits(&word[..4]) && &word[4..5] == "-" => "YYYY-MM-DD",
            2 if digits(word) && clock => "HH",
            28 if word.starts_with("c_") => "c_xxxxxxxxxxxxxxxxxxxxxxxxxx",
            28 if word.starts_with("o_") => "o_xxxxxxxxxxxxxxxxxxxxxxxxxx",
            _ if word.starts_with("j_") => "j_N",
            _ => word,
        };
        format!("{word}{rest}")
    });
    tidied.collect()
}
