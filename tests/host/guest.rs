//! The guest: made, booted, asked, cut off and removed.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

/// The public name of the host in the guest.
pub const DOMAIN: &str = "bots.example.test";

/// Which release of Debian a guest is of.
#[derive(Clone, Copy, Debug)]
pub enum Debian {
    Bookworm,
    Trixie,
}

/// A guest that runs; it goes with its disks when this ends.
pub struct Guest {
    name: String,
    release: &'static str,
    outside: PathBuf,
}

/// Returns the package that is to be tested, if the guest can run here.
pub fn package() -> Option<PathBuf> {
    let built = std::fs::read_dir("target/package").into_iter().flatten().flatten();
    let package = built.map(|it| it.path()).find(|it| it.extension().is_some_and(|it| it == "deb"));
    let runs = |program: &str, argument| {
        Command::new(program).arg(argument).output().is_ok_and(|it| it.status.success())
    };
    let missing = if package.is_none() {
        "there is no package: packaging/build.sh --profile dev"
    } else if !runs("docker", "info") {
        "no engine answers"
    } else if !runs("debootstrap", "--version") {
        "debootstrap is missing"
    } else {
        return package;
    };
    assert!(std::env::var_os("CI").is_none(), "a guest is needed here, and {missing}");
    eprintln!("skipped: {missing}");
    None
}

impl Guest {
    /// Boots a guest with `outside` as its directory of that name.
    pub fn boot(debian: Debian, outside: &Path) -> Self {
        let release = match debian {
            Debian::Bookworm => "bookworm",
            Debian::Trixie => "trixie",
        };
        let name = format!("slotbox-guest-{release}-{}", std::process::id());
        let guest = Self { name, release, outside: outside.to_owned() };
        guest.script("up");
        guest
    }

    fn script(&self, verb: &str) {
        let mut script = Command::new("scripts/guest.sh");
        script.arg(verb).arg(&self.name).env("SLOTBOX_GUEST_RELEASE", self.release);
        let output = script.env("SLOTBOX_GUEST_OUTSIDE", &self.outside).output().unwrap();
        assert!(output.status.success(), "{verb}: {}", told(&output));
    }

    /// Cuts the power and boots it again.
    pub fn cut_power(&self) {
        self.script("kill");
        self.script("start");
    }

    /// Puts a file of this machine into it.
    pub fn put(&self, file: &Path, to: &str) {
        let mut copy = Command::new("docker");
        let output = copy.arg("cp").arg(file).arg(format!("{}:{to}", self.name)).output().unwrap();
        assert!(output.status.success(), "{}", told(&output));
    }

    /// Takes a file out of it.
    pub fn take(&self, file: &str, to: &Path) {
        let mut copy = Command::new("docker");
        let output = copy.arg("cp").arg(format!("{}:{file}", self.name)).arg(to).output().unwrap();
        assert!(output.status.success(), "{}", told(&output));
    }

    /// Runs a script in it as root.
    pub fn tries(&self, script: &str) -> Output {
        let mut exec = Command::new("docker");
        exec.args(["exec", &self.name, "bash", "-euo", "pipefail", "-c", script]).output().unwrap()
    }

    /// Runs a script in it that must succeed, and returns what it printed.
    pub fn run(&self, script: &str) -> String {
        let output = self.tries(script);
        assert!(output.status.success(), "{script}\n{}", told(&output));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Runs a script in it that must fail, and returns what it complained of.
    pub fn fails(&self, script: &str) -> String {
        let output = self.tries(script);
        assert!(!output.status.success(), "{script} went well: {}", told(&output));
        told(&output)
    }

    /// Waits until a script succeeds.
    pub fn until(&self, what: &str, script: &str) {
        let deadline = Instant::now() + Duration::from_mins(1);
        loop {
            let output = self.tries(script);
            if output.status.success() {
                return;
            }
            assert!(Instant::now() < deadline, "{what}: {}\n{}", told(&output), self.journal());
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    /// Returns the end of what the units said.
    pub fn journal(&self) -> String {
        let units = "journalctl --no-pager -o short-precise -n 60 -u 'slotbox*'";
        String::from_utf8_lossy(&self.tries(units).stdout).into_owned()
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        Command::new("scripts/guest.sh").args(["down", &self.name]).output().ok();
    }
}

fn told(output: &Output) -> String {
    let both = [&output.stdout, &output.stderr].map(|it| String::from_utf8_lossy(it).into_owned());
    both.concat()
}
