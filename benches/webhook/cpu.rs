//! Processor time, as the kernel counts it in hundredths of a second.

use std::fs;
use std::time::Duration;

/// Processor time that was taken so far.
#[derive(Clone, Copy, Default)]
pub struct Taken {
    /// By the whole process: server, simulators and senders.
    pub all: Duration,
    /// By the thread that writes to the store.
    pub store: Duration,
}

impl Taken {
    pub fn now() -> Self {
        let threads = fs::read_dir("/proc/self/task").unwrap();
        let store = threads.filter_map(|thread| {
            let path = thread.unwrap().path();
            let name = fs::read_to_string(path.join("comm")).ok()?;
            (name.trim() == "store").then(|| read(&path.join("stat").display().to_string()))
        });
        Self { all: read("/proc/self/stat"), store: store.sum() }
    }

    pub fn since(self, before: Self) -> Self {
        Self {
            all: self.all.saturating_sub(before.all),
            store: self.store.saturating_sub(before.store),
        }
    }
}

fn read(stat: &str) -> Duration {
    let stat = fs::read_to_string(stat).unwrap();
    let after_name = stat.rsplit(')').next().unwrap();
    let ticks = after_name.split_whitespace().skip(11).take(2).map(|it| it.parse::<u64>().unwrap());
    Duration::from_millis(10 * ticks.sum::<u64>())
}
