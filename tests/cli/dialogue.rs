//! `slotbox setup` at a terminal: each question is waited for and answered, also wrongly.

use std::fs;
use std::io::{Read as _, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use super::fresh::Fresh;

const WITHIN: Duration = Duration::from_secs(30);

/// A program at a terminal that `script` plays, and what it has shown.
struct Terminal {
    child: Child,
    keys: ChildStdin,
    shown: Arc<Mutex<String>>,
    /// How much of it was read.
    read: usize,
}

impl Terminal {
    #[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
    fn open(line: &str, fresh: &Fresh) -> Option<Self> {
        let mut command = Command::new("script");
        command.args(["-qefc", line, "/dev/null"]).env("TERM", "dumb");
        command.env("CREDENTIALS_DIRECTORY", fresh.path("credentials"));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = match command.spawn() {
            Ok(child) => child,
            Err(err) => {
                assert!(std::env::var_os("CI").is_none(), "script (util-linux) is needed: {err}");
                eprintln!("skipped: there is no script (util-linux) to play a terminal");
                return None;
            }
        };
        let (keys, mut screen) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let shown = Arc::new(Mutex::new(String::new()));
        let writes = Arc::clone(&shown);
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            let mut tail = Vec::new();
            while let Ok(count @ 1..) = screen.read(&mut bytes) {
                tail.extend_from_slice(&bytes[..count]);
                let whole =
                    std::str::from_utf8(&tail).map_or_else(|err| err.valid_up_to(), str::len);
                let text: Vec<u8> = tail.drain(..whole).collect();
                writes.lock().unwrap().push_str(std::str::from_utf8(&text).unwrap());
            }
        });
        Some(Self { child, keys, shown, read: 0 })
    }

    /// Waits until `question` is shown, and enters `answer`.
    fn answer(&mut self, question: &str, answer: &str) {
        self.wait(question);
        writeln!(self.keys, "{answer}").unwrap();
    }

    fn wait(&mut self, needle: &str) {
        let deadline = Instant::now() + WITHIN;
        loop {
            let shown = self.shown.lock().unwrap().clone();
            if let Some(at) = shown[self.read..].find(needle) {
                self.read += at + needle.len();
                return;
            }
            assert!(Instant::now() < deadline, "{needle:?} was not shown:\n{shown}");
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Returns the exit code and all that was shown.
    fn end(mut self) -> (Option<i32>, String) {
        let status = self.child.wait().unwrap();
        thread::sleep(Duration::from_millis(100)); // The rest of the screen comes.
        let shown = self.shown.lock().unwrap().clone();
        (status.code(), shown)
    }
}

#[expect(clippy::too_many_lines, reason = "a talk is told at once")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_is_asked_and_a_wrong_answer_is_asked_for_again() {
    let fresh = Fresh::new().await;
    let by_hand = format!(
        "{}[telegram]\napi_url = '{}'\n[yookassa]\napi_url = '{}'\n",
        fresh.read("slotbox.toml"),
        fresh.telegram.url(),
        fresh.shop.url()
    );
    fs::write(fresh.path("slotbox.toml"), &by_hand).unwrap();
    let sales = fresh.telegram.add_bot("Sales", "setup_sales_bot");
    let line = format!(
        "{} --config {} setup --no-start",
        env!("CARGO_BIN_EXE_slotbox"),
        fresh.path("slotbox.toml")
    );
    let talk = |mut at: Terminal| {
        at.answer("Public name of this host", "http://bots");
        at.wait("server.domain");
        at.answer("Public name of this host", "bots.example.ru");
        at.answer("Certificate: acme gets it", "letsencrypt");
        at.wait("acme");
        at.answer("Certificate: acme gets it", "off");
        at.answer("URL of a proxy to Telegram", "");
        at.answer("Token of the Master Bot", "12345");
        at.wait("not a bot token");
        at.answer("Token of the Master Bot", &fresh.master);
        at.answer("Token of the Sales Bot", &sales);
        at.answer("Operators' numbers", "@olga");
        at.wait("expected numbers");
        at.answer("Operators' numbers", "111111111, 222222222");
        at.answer("Number of the shop", fresh.shop.shop_id());
        at.answer("The shop's secret key", fresh.shop.secret_key());
        at.answer("Telegram name of your support", "@help");
        at.answer("What runs the clients' bots", "process");
        at.answer("Language of bots and notices", "");
        at.answer("Time zone", "Mars/Olympus");
        at.wait("server.timezone");
        at.answer("Time zone", "Asia/Yekaterinburg");
        at.end()
    };
    let Some(at) = Terminal::open(&line, &fresh) else { return };
    let (code, shown) = tokio::task::block_in_place(|| talk(at));
    assert_eq!(code, Some(0), "{shown}");
    for secret in [&fresh.master, &sales, fresh.shop.secret_key()] {
        assert!(!shown.contains(secret), "a secret stands on the screen");
    }
    let written = fresh.read("conf.d/50-setup.toml");
    for line in [
        "domain = \"bots.example.ru\"",
        "timezone = \"Asia/Yekaterinburg\"",
        "operators = [111111111, 222222222]",
        "support = \"@help\"",
        "kind = \"process\"",
    ] {
        assert!(written.contains(line), "{line}: {written}");
    }
    assert_eq!(fresh.read("credentials/telegram.sales_token").trim(), sales);
    assert_eq!(fresh.read("slotbox.toml"), by_hand);

    // Asked again, what stands is in brackets and is kept by an empty answer.
    let talk = |mut at: Terminal| {
        at.answer("Public name of this host (bots.example.ru) [bots.example.ru]", "");
        at.answer("(a server in front) [off]", "");
        at.answer("URL of a proxy to Telegram", "");
        at.answer("Token of the Master Bot, from @BotFather [kept]", "");
        at.answer("Token of the Sales Bot [kept]", "");
        at.answer("[111111111 222222222]", "");
        at.answer("Number of the shop", "");
        at.answer("The shop's secret key [kept]", "");
        at.answer("[@help]", "@desk");
        at.answer("[process]", "");
        at.answer("Language of bots and notices", "");
        at.answer("[Asia/Yekaterinburg]", "");
        at.end()
    };
    let at = Terminal::open(&line, &fresh).unwrap();
    let (code, shown) = tokio::task::block_in_place(|| talk(at));
    assert_eq!(code, Some(0), "{shown}");
    assert_eq!(fresh.read("conf.d/50-setup.toml"), written.replace("@help", "@desk"));

    // Cut off in the middle, nothing is changed.
    let mut at = Terminal::open(&line, &fresh).unwrap();
    tokio::task::block_in_place(|| {
        at.answer("Public name of this host", "other.example.ru");
        at.wait("Certificate: acme gets it");
        at.keys.write_all(b"\x03").unwrap();
        let (code, shown) = at.end();
        assert_ne!(code, Some(0), "{shown}");
    });
    assert_eq!(fresh.read("conf.d/50-setup.toml"), written.replace("@help", "@desk"));
}
