//! The door that work in the background comes in through: an apalis worker over the store's queue.
//!
//! A job is done at least once: it is put down as done after it was performed, so after a crash it
//! is performed again, wholly or in part. Each action first looks at what is left to do.

mod acks;
mod backend;
pub mod client;
mod desk;
pub mod perform;
pub mod timetable;
pub mod worker;

pub use self::worker::{Attempt, JobError, Retry, WorkerOptions, run_worker};

#[cfg(test)]
mod tests;
