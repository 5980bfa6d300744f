//! The demo under test: started as a newcomer starts it, and ended by Ctrl-C.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// A demo with its page, which is killed with this value if it was not ended before.
pub struct Demo {
    child: Child,
    temp: TempDir,
    /// Where the page is.
    pub url: String,
}

impl Demo {
    /// Starts a demo on free ports.
    pub fn start(arguments: &[&str]) -> Self {
        let temp = tempfile::tempdir().unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_slotbox"))
            .args(["demo", "--listen", "127.0.0.1:0"])
            .args(arguments)
            .env("TMPDIR", temp.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = lines.next().expect("the demo says where it is").unwrap();
        let url = first.split_whitespace().find(|word| word.starts_with("http://"));
        let url = url.unwrap_or_else(|| panic!("there is no address in {first:?}")).to_owned();
        std::thread::spawn(move || lines.for_each(drop)); // It must not wait for a reader.
        Self { child, temp, url }
    }

    /// Ends it and makes sure that it leaves nothing.
    pub fn end(mut self) {
        kill_process(Pid::from_child(&self.child), Signal::INT).unwrap();
        assert!(self.child.wait().unwrap().success());
        let left: Vec<_> = std::fs::read_dir(self.temp.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().display().to_string())
            .filter(|name| name.starts_with("slotbox"))
            .collect();
        assert_eq!(left, Vec::<String>::new());
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
