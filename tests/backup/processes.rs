//! Processes that are found, stopped in their tracks, and let go on.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::house::{House, SOON};

/// Waits until a bot of this `serve` has its database open, and returns its process.
pub async fn bot(house: &House, client: &str) -> i32 {
    let directory = house.path("data/clients").join(client);
    let begun = Instant::now();
    loop {
        if let Some(found) = child_with_files_of(house.pid(), &directory) {
            return found;
        }
        assert!(begun.elapsed() < SOON, "the bot does not run\n{}", house.log());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A process that stands still until this is dropped.
pub struct Still(i32);

impl Still {
    /// Stops a process in its tracks, so that it does not answer and its files are in use.
    pub fn stop(process: i32) -> Self {
        signal(process, Signal::STOP);
        Self(process)
    }
}

impl Drop for Still {
    fn drop(&mut self) {
        signal(self.0, Signal::CONT);
    }
}

/// Stops a process, and returns when no thread of it does anything any more.
pub fn freeze(process: i32) {
    signal(process, Signal::STOP);
    let begun = Instant::now();
    let stands = |thread: &Path| stat(thread).is_none_or(|(state, _)| state == "T");
    loop {
        let threads = fs::read_dir(format!("/proc/{process}/task")).unwrap();
        if threads.flatten().all(|thread| stands(&thread.path())) {
            return;
        }
        assert!(begun.elapsed() < SOON, "process {process} does not stop");
    }
}

fn signal(process: i32, signal: Signal) {
    kill_process(Pid::from_raw(process).unwrap(), signal).ok(); // It may have ended by itself.
}

fn child_with_files_of(parent: i32, directory: &Path) -> Option<i32> {
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let mut ids = processes.filter_map(|it| it.file_name().to_str()?.parse::<i32>().ok());
    ids.find(|id| {
        let path = format!("/proc/{id}");
        let is_child = stat(Path::new(&path)).is_some_and(|(_, its)| its == parent);
        let open = fs::read_dir(format!("{path}/fd")).into_iter().flatten().flatten();
        let mut files = open.filter_map(|it| fs::read_link(it.path()).ok());
        is_child && files.any(|file| file.starts_with(directory))
    })
}

/// Returns the state of a process or thread, and its parent.
fn stat(of: &Path) -> Option<(String, i32)> {
    let text = fs::read_to_string(of.join("stat")).ok()?;
    let mut fields = text.rsplit_once(')')?.1.split_whitespace();
    Some((fields.next()?.to_owned(), fields.next()?.parse().ok()?))
}
