//! A job as it lies on disk.

use serde::{Deserialize, Serialize};

/// A row of `jobs`. A new shape is a new variant at the end; a released one never changes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum Row {
    V1(Job),
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Job {
    pub(super) kind: String,
    pub(super) priority: u8,
    /// Emptied once the job is done.
    pub(super) payload: Vec<u8>,
    pub(super) state: State,
    /// How often it was taken up; counted when it is, so that a crash counts too.
    pub(super) attempts: u16,
    pub(super) max_attempts: u16,
    pub(super) run_at_ms: i64,
    pub(super) created_ms: i64,
    pub(super) key: Option<String>,
    pub(super) client: Option<u128>,
    pub(super) error: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum State {
    /// Lies in `jobs_ready` or `jobs_waiting`.
    Pending,
    /// Lies in `jobs_running`.
    Running,
    /// Lies in `jobs_done`.
    Done { ended_ms: i64 },
    /// Lies in `jobs_dead`.
    Dead { ended_ms: i64 },
}
