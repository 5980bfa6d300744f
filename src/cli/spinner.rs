//! A sign of life on the terminal while something takes more than a second.

use std::io::{self, IsTerminal, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::{Instant, interval_at};

/// When it begins to show, and how fast it turns.
const SHOWN_AFTER: Duration = Duration::from_secs(1);
const TURN: Duration = Duration::from_millis(120);
const FRAMES: [&str; 4] = ["|", "/", "-", "\\"];

/// Turns on the standard error, if that is a terminal, until it is dropped.
#[derive(Debug)]
pub(super) struct Spinner {
    says: Arc<Mutex<String>>,
    turning: Option<JoinHandle<()>>,
}

impl Spinner {
    /// Begins to turn. Must be called within a tokio runtime.
    pub(super) fn start(says: &str) -> Self {
        let says = Arc::new(Mutex::new(says.to_owned()));
        let shown = says.clone();
        let terminal = io::stderr().is_terminal();
        let turning = terminal.then(|| tokio::spawn(turn(shown)));
        Self { says, turning }
    }

    /// Changes the words beside it.
    pub(super) fn say(&self, says: &str) {
        says.clone_into(&mut self.says.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

async fn turn(says: Arc<Mutex<String>>) {
    let began = Instant::now();
    let mut ticks = interval_at(began + SHOWN_AFTER, TURN);
    for frame in FRAMES.iter().cycle() {
        ticks.tick().await;
        let says = says.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let seconds = began.elapsed().as_secs();
        write!(io::stderr().lock(), "\r\x1b[K{frame} {says} ({seconds} s)").ok();
    }
}

impl Drop for Spinner {
    fn drop(&mut self) {
        if let Some(turning) = self.turning.take() {
            turning.abort();
            write!(io::stderr().lock(), "\r\x1b[K").ok();
        }
    }
}
