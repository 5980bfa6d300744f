//! What a role runs on: threads and a clock.

use std::io;
use std::path::PathBuf;
use std::thread::available_parallelism;

use tokio::runtime::{Builder, Runtime};

use crate::clock::Clock;

/// The most threads that run tasks; more would cost memory and wait for the same disk.
const MOST_THREADS: usize = 8;

/// Returns the runtime of a role that serves many at once: a thread for each processor.
///
/// # Errors
///
/// Returns the system's error if it has no more threads or files to give.
pub fn many_threads() -> io::Result<Runtime> {
    let processors = available_parallelism().map_or(1, usize::from);
    Builder::new_multi_thread()
        .worker_threads(processors.clamp(1, MOST_THREADS))
        .thread_name("slotbox")
        .enable_all()
        .build()
}

/// Returns the runtime of a role of which a host runs many: one thread, and so little memory.
///
/// # Errors
///
/// Returns the system's error if it has no more files to give.
pub fn one_thread() -> io::Result<Runtime> {
    Builder::new_current_thread().enable_all().build()
}

/// Returns the system's clock, or one that follows `file`.
pub(super) fn clock(file: Option<&PathBuf>) -> Clock {
    file.map_or_else(Clock::system, |file| Clock::following(file.clone()))
}
