//! The demo, as a newcomer runs it: the story plays to its end, a person can talk, and nothing is
//! left behind.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// What the story may take; ten times of what it takes on an idle machine.
const STORY: Duration = Duration::from_mins(1);

fn demo(temp: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_slotbox"));
    command.arg("demo").args(arguments).env("TMPDIR", temp);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Names what still lies in `temp`, and the processes that were started for it.
fn left_behind(temp: &Path) -> Vec<String> {
    let files = std::fs::read_dir(temp).unwrap().map(|entry| entry.unwrap().path());
    let mut left: Vec<_> = files.map(|path| path.display().to_string()).collect();
    for entry in std::fs::read_dir("/proc").unwrap().filter_map(Result::ok) {
        let line = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        if String::from_utf8_lossy(&line).contains(&temp.display().to_string()) {
            left.push(format!("process {}", entry.file_name().display()));
        }
    }
    left
}

#[test]
fn the_story_plays_to_its_end_and_leaves_nothing() {
    let temp = tempfile::tempdir().unwrap();
    let began = Instant::now();
    let output = demo(temp.path(), &["--play"]).output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}\n{complaint}");
    assert!(began.elapsed() < STORY, "it took {:?}", began.elapsed());
    for step in [
        "Новая продажа",
        "payment.settled",
        "deploy.succeeded",
        "Вы записаны",
        "Напоминаем: завтра",
        "Напоминаем: сегодня",
        "notification payment.succeeded, lost",
        "2 payments were settled",
    ] {
        assert!(told.contains(step), "the story does not tell of {step:?}:\n{told}");
    }
    assert!(!told.contains("AAsandbox"), "a token is told:\n{told}");
    assert_eq!(left_behind(temp.path()), Vec::<String>::new());
}

/// A demo that a person talks to.
struct Talk {
    child: Child,
    told: Receiver<String>,
    all: String,
}

impl Talk {
    fn begin(temp: &Path) -> Self {
        let mut child = demo(temp, &["--console"]).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (lines, told) = channel();
        std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                if lines.send(line).is_err() {
                    return;
                }
            }
        });
        Self { child, told, all: String::new() }
    }

    fn hear(&mut self, needle: &str) {
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let Ok(line) = self.told.recv_timeout(left) else {
                panic!("{needle:?} was not told:\n{}", self.all);
            };
            self.all.push_str(&line);
            self.all.push('\n');
            if line.contains(needle) {
                return;
            }
        }
    }

    fn say(&mut self, line: &str) {
        writeln!(self.child.stdin.as_mut().unwrap(), "{line}").unwrap();
    }
}

#[test]
fn a_person_can_talk_and_ctrl_c_leaves_nothing() {
    let temp = tempfile::tempdir().unwrap();
    let mut talk = Talk::begin(temp.path());
    talk.hear("What to try");
    talk.hear("serve.started");
    talk.say("nonsense");
    talk.hear("? type `help`");
    talk.say("pay");
    talk.hear("? nobody has ordered anything yet");
    talk.say("nobody: /start");
    talk.hear("? nobody is called nobody");
    talk.say("owner: [no such button]");
    talk.hear("? no button");
    talk.say("owner: /start");
    talk.hear("Здравствуйте");
    talk.say("operator: /queue");
    talk.hear("Задач в очереди: 0");
    let pid = Pid::from_child(&talk.child);
    kill_process(pid, Signal::INT).unwrap();
    assert!(talk.child.wait().unwrap().success());
    assert_eq!(left_behind(temp.path()), Vec::<String>::new());
}
