//! Probes: whether the process lives, and whether it can do its work.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use super::Shared;
use super::operation::Operation;
use super::problem::Kind;
use super::shape::{Parts, Shape, object};
use crate::store::{Store, StoreError, clients};

/// Whether jobs are performed; clones tell the same.
#[derive(Clone, Debug, Default)]
pub struct QueueAlive(Arc<AtomicBool>);

/// Takes the word back, also when the work is dropped or panics.
struct Until<'a>(&'a AtomicBool);

impl QueueAlive {
    /// Does `work`, which performs jobs, and says so while it lasts.
    pub async fn during<T>(&self, work: impl Future<Output = T>) -> T {
        self.0.store(true, Ordering::Relaxed);
        let _until = Until(&self.0);
        work.await
    }

    /// Tells whether jobs are performed now.
    pub fn get(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Drop for Until<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

/// The whole state.
#[derive(Serialize)]
pub(super) struct Health {
    status: &'static str,
    database: &'static str,
    queue: &'static str,
    timestamp: Timestamp,
    version: &'static str,
}

#[derive(Serialize)]
pub(super) struct Probe {
    status: &'static str,
}

/// Returns what can be asked for.
pub(super) fn operations() -> Vec<Operation> {
    const NOT_WELL: StatusCode = StatusCode::SERVICE_UNAVAILABLE;
    let operations = vec![
        Operation::get("/health", "get_health", health)
            .does("Ask how the host is", "")
            .gives::<Health>(StatusCode::OK, "All is well.")
            .gives::<Health>(NOT_WELL, "Something does not work."),
        Operation::get("/health/live", "get_liveness", live)
            .does("Ask whether the process answers", "")
            .gives::<Probe>(StatusCode::OK, "It does."),
        Operation::get("/health/ready", "get_readiness", ready)
            .does("Ask whether work that comes in is done", "")
            .gives::<Probe>(StatusCode::OK, "It is.")
            .gives::<Probe>(NOT_WELL, "It is not."),
    ];
    operations.into_iter().map(|it| it.refuses(&[Kind::TooMany])).collect()
}

/// `GET /health`
async fn health(State(shared): State<Shared>) -> (StatusCode, Json<Health>) {
    let deps = &shared.site.deps;
    let word = |fine| if fine { "ok" } else { "error" };
    let (database, queue) = (database_works(&deps.store), shared.site.queue.get());
    let fine = database && queue;
    let health = Health {
        status: if fine { "healthy" } else { "unhealthy" },
        database: word(database),
        queue: word(queue),
        timestamp: deps.clock.now(),
        version: env!("CARGO_PKG_VERSION"),
    };
    (code(fine), Json(health))
}

/// `GET /health/live`: the process answers.
async fn live() -> Json<Probe> {
    Json(Probe { status: "alive" })
}

/// `GET /health/ready`: work that comes in is done.
async fn ready(State(shared): State<Shared>) -> (StatusCode, Json<Probe>) {
    let fine = database_works(&shared.site.deps.store) && shared.site.queue.get();
    (code(fine), Json(Probe { status: if fine { "ready" } else { "not ready" } }))
}

impl Shape for Health {
    fn schema(parts: &mut Parts) -> Value {
        let word = || json!({"type": "string", "enum": ["ok", "error"]});
        let status = json!({"type": "string", "enum": ["healthy", "unhealthy"]});
        parts.named("Health", |parts| {
            let properties = [
                ("status", status),
                ("database", word()),
                ("queue", word()),
                ("timestamp", Timestamp::schema(parts)),
                ("version", String::schema(parts)),
            ];
            let all = ["status", "database", "queue", "timestamp", "version"];
            object("The whole state of the host.", properties, &all)
        })
    }

    fn sample() -> Value {
        json!({"status": "healthy", "database": "ok", "queue": "ok",
            "timestamp": Timestamp::sample(), "version": env!("CARGO_PKG_VERSION")})
    }
}

impl Shape for Probe {
    fn schema(parts: &mut Parts) -> Value {
        let status = json!({"type": "string", "enum": ["alive", "ready", "not ready"]});
        parts.named("Probe", |_| object("A probe's answer.", [("status", status)], &["status"]))
    }

    fn sample() -> Value {
        json!({"status": "ready"})
    }
}

const fn code(fine: bool) -> StatusCode {
    if fine { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }
}

/// A snapshot can be read, and the last commit reached the disk.
pub(super) fn database_works(store: &Store) -> bool {
    let read = store.read(|snap| clients::list(snap, None, 1).map(drop));
    match read {
        Ok(()) => store.commits_succeed(),
        Err(StoreError::Closed) => false,
        Err(err) => {
            let error = &err as &dyn std::error::Error;
            tracing::error!(event = "health.failed", error, "the database cannot be read");
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::disk::Disk;

    #[tokio::test]
    async fn a_store_whose_last_commit_failed_does_not_work() {
        let disk = Disk::default();
        let store = disk.open();
        let write = || store.write(a_write);
        write().await.unwrap();
        assert!(database_works(&store));
        disk.fail_in(Some(0));
        assert!(write().await.is_err());
        assert!(!database_works(&store));
        disk.fail_in(None);
        write().await.unwrap();
        assert!(database_works(&store));
    }

    fn a_write(txn: &crate::store::Txn<'_>) -> Result<(), StoreError> {
        let now = Timestamp::UNIX_EPOCH;
        crate::store::payments::keep_notification(txn, now, b"{}")
    }

    #[tokio::test]
    async fn a_worker_that_panics_is_not_alive() {
        let alive = QueueAlive::default();
        let work = alive.clone();
        let task = tokio::spawn(async move {
            work.during(async {
                assert!(work.get());
                panic!("as the test wants");
            })
            .await
        });
        assert!(task.await.is_err());
        assert!(!alive.get());
    }
}
