//! Moves the time of the demo's world: of this program, and of the clients' processes.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context;
use jiff::{SignedDuration, Timestamp};

use crate::clock::{Clock, ClockHand};

/// Moves the clocks of everything; clones move the same ones.
#[derive(Clone, Debug)]
pub struct Time {
    hand: ClockHand,
    file: PathBuf,
}

impl Time {
    /// Begins with the present; the clients' processes follow a file in `dir`, which holds nothing
    /// else and is made here.
    pub(super) fn new(hand: ClockHand, dir: &Path) -> anyhow::Result<Self> {
        fs::create_dir(dir).context("cannot make the directory of the clients' clocks")?;
        fs::set_permissions(dir, Permissions::from_mode(0o755))?; // Containers are other users.
        let time = Self { hand, file: dir.join("ahead") };
        time.tell().context("cannot write the clients' clocks")?;
        Ok(time)
    }

    /// Returns the file that the clients' processes follow.
    pub(super) fn file(&self) -> PathBuf {
        self.file.clone()
    }

    /// Returns how far this world is ahead.
    pub fn ahead(&self) -> SignedDuration {
        self.hand.ahead()
    }

    /// Moves the clock of everything forward to `at`.
    ///
    /// # Errors
    ///
    /// Returns why the clients' processes cannot be told.
    pub fn skip_to(&self, clock: &Clock, at: Timestamp) -> anyhow::Result<()> {
        self.skip(at.duration_since(clock.now()))
    }

    /// Moves the clock of everything forward by `length`.
    ///
    /// # Errors
    ///
    /// As [`Time::skip_to`].
    pub fn skip(&self, length: SignedDuration) -> anyhow::Result<()> {
        self.hand.advance(length);
        self.tell().context("cannot move the clients' clocks")
    }

    fn tell(&self) -> std::io::Result<()> {
        // Read whole or not at all: a clock that jumps back for a moment would be a strange world.
        let new = self.file.with_extension("new");
        fs::write(&new, self.hand.ahead().as_millis().to_string())?;
        fs::set_permissions(&new, Permissions::from_mode(0o644))?;
        fs::rename(new, &self.file)
    }
}
