//! What Slotbox is measured against: a server that commits one row for each request.
//!
//! It stands on the same axum, the same redb and the same disk, keeps the body as it came, answers
//! 200 once that is on disk, and does nothing else: it reads no JSON, queues nothing, asks nobody.
//! Its commits are redb's usual ones, with one sync each.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::post;
use axum::serve::ListenerExt;
use redb::{Database, TableDefinition};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

const NOTIFICATIONS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("notifications");

struct Shelf {
    database: Database,
    next: AtomicU64,
}

/// The plain server while it runs.
pub struct Server {
    address: SocketAddr,
    shelf: Arc<Shelf>,
    task: JoinHandle<()>,
}

impl Server {
    pub async fn start(dir: &Path) -> Self {
        let file = tempfile::Builder::new().tempfile_in(dir).unwrap();
        let database = Database::create(file.path()).unwrap();
        let shelf = Arc::new(Shelf { database, next: AtomicU64::new(0) });
        let router =
            Router::new().route("/yookassa/webhook", post(keep)).with_state(Arc::clone(&shelf));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let listener = listener.tap_io(|stream| stream.set_nodelay(true).unwrap());
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, shelf, task }
    }

    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns how many commits there were.
    pub async fn stop(self) -> u64 {
        self.task.abort();
        self.task.await.ok();
        self.shelf.next.load(Ordering::Relaxed)
    }
}

async fn keep(State(shelf): State<Arc<Shelf>>, body: Bytes) -> &'static str {
    tokio::task::spawn_blocking(move || shelf.keep(&body)).await.unwrap();
    r#"{"status":"ok"}"#
}

impl Shelf {
    #[expect(clippy::disallowed_methods, reason = "the plain server has no store of ours")]
    fn keep(&self, body: &[u8]) {
        let txn = self.database.begin_write().unwrap();
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        txn.open_table(NOTIFICATIONS).unwrap().insert(number, body).unwrap();
        txn.commit().unwrap();
    }
}
