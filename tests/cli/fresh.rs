//! A host on which nothing but the package has been installed, and what the doctor finds there.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use slotbox::clock::Clock;
use slotbox::sandbox::telegram::TelegramSim;
use slotbox::sandbox::yookassa::YooKassaSim;
use tempfile::TempDir;

use super::host::{err, out, output};

/// A host on which nothing but the package has been installed.
pub struct Fresh {
    pub telegram: TelegramSim,
    pub shop: YooKassaSim,
    pub master: String,
    pub dir: TempDir,
    serve: Option<Child>,
}

impl Fresh {
    pub async fn new() -> Self {
        let telegram = TelegramSim::start(Clock::system()).await.unwrap();
        let shop = YooKassaSim::start(Clock::system()).await.unwrap();
        let dir = tempfile::Builder::new().prefix("slotbox-setup-").tempdir().unwrap();
        let master = telegram.add_bot("Master", "setup_master_bot");
        let shown = dir.path().display();
        let text = format!(
            "# By hand.\n[server]\nlocal_listen = '127.0.0.1:0'\ndata_dir = '{shown}/data'\n\
             runtime_dir = '{shown}/run'\n[log]\nformat = 'json'\n"
        );
        fs::write(dir.path().join("slotbox.toml"), text).unwrap();
        let fresh = Self { telegram, shop, master, dir, serve: None };
        fresh.write_answers(&fresh.master, fresh.shop.secret_key(), "bots.example.ru");
        fresh
    }

    pub fn write_answers(&self, master: &str, key: &str, domain: &str) {
        let text = format!(
            "[server]\ndomain = '{domain}'\nlocale = 'en'\n[tls]\nmode = 'off'\n\
             [telegram]\napi_url = '{}'\nmaster_token_file = '{}'\n\
             [yookassa]\napi_url = '{}'\nshop_id = '{}'\nsecret_key = '{key}'\n\
             [runtime]\nkind = 'process'\n",
            self.telegram.url(),
            self.path("master.txt"),
            self.shop.url(),
            self.shop.shop_id(),
        );
        fs::write(self.path("master.txt"), format!("{master}\n")).unwrap();
        fs::write(self.path("answers.toml"), text).unwrap();
        fs::set_permissions(self.path("answers.toml"), Permissions::from_mode(0o600)).unwrap();
    }

    pub fn path(&self, name: &str) -> String {
        self.dir.path().join(name).display().to_string()
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    pub fn mode(&self, name: &str) -> u32 {
        fs::metadata(self.path(name)).unwrap().permissions().mode() & 0o777
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_slotbox"));
        command.arg("--config").arg(self.path("slotbox.toml")).args(arguments).env_clear();
        command.env("CREDENTIALS_DIRECTORY", self.path("credentials")).stdin(Stdio::null());
        command.env("PATH", format!("{}:/usr/bin:/bin", self.path("bin")));
        command
    }

    pub async fn run(&self, arguments: &[&str]) -> Output {
        output(self.command(arguments)).await
    }

    pub async fn set_up(&self, more: &[&str]) -> Output {
        let answers = self.path("answers.toml");
        self.run(&[&["setup", "--answers", &answers][..], more].concat()).await
    }

    pub async fn start(&mut self) {
        let log = File::create(self.dir.path().join("log")).unwrap();
        let mut serve = self.command(&["serve"]);
        self.serve = Some(serve.stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap());
        let deadline = Instant::now() + Duration::from_mins(1);
        while !out(&self.run(&["status", "--json"]).await).contains("\"worker\":\"ok\"") {
            assert!(Instant::now() < deadline, "{}", self.read("log"));
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    pub fn kill(&mut self) {
        if let Some(mut serve) = self.serve.take() {
            serve.kill().unwrap();
            serve.wait().unwrap();
        }
    }

    /// Returns the doctor's findings by check: the verdicts and what was seen.
    pub async fn doctor(&self, code: i32) -> Vec<(String, String, String)> {
        let root = self.path("root");
        let told = self.run(&["doctor", "--json", "--root", &root]).await;
        assert_eq!(told.status.code(), Some(code), "{}{}", out(&told), err(&told));
        assert!(!out(&told).contains(&self.master), "the doctor shows a token");
        let told: Value = serde_json::from_str(&out(&told)).unwrap();
        assert_eq!(told["healthy"], code == 0);
        let text = |it: &Value, key: &str| it[key].as_str().unwrap().to_owned();
        let checks = told["checks"].as_array().unwrap().iter();
        checks
            .map(|it| {
                let mends = matches!(it["verdict"].as_str(), Some("warn" | "fail"));
                assert_eq!(it["cure"].is_string(), mends, "{it}");
                (text(it, "check"), text(it, "verdict"), text(it, "evidence"))
            })
            .collect()
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Returns the verdicts of a check.
pub fn verdicts<'a>(found: &'a [(String, String, String)], check: &str) -> Vec<&'a str> {
    let about = found.iter().filter(|it| it.0 == check);
    about.map(|it| it.1.as_str()).collect()
}
