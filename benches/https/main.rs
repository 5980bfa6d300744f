//! What TLS costs: the way of money over HTTPS beside the same without it and behind nginx, new
//! handshakes and kept connections beside a bare rustls, and the memory of those who do nothing.
//!
//! Run with `cargo bench --bench https`; nginx and openssl must be there. All of it is on loopback, so
//! those who ask share the processors with who answers. `--quick` does the same in little time.

#![expect(clippy::cast_precision_loss, reason = "no count here comes near 2^52")]
#![expect(clippy::expect_used, reason = "a benchmark that fails has no result")]
#![expect(clippy::panic, reason = "a benchmark that fails has no result")]
#![expect(clippy::print_stdout, reason = "the table is the result")]
#![expect(clippy::unwrap_used, reason = "a benchmark that fails has no result")]

mod bare;
#[path = "../webhook/host.rs"]
#[expect(dead_code, reason = "what is foreign is not needed here")]
mod host;
mod idle;
mod money;
mod nginx;
mod pace;
#[path = "../disk/raw.rs"]
mod raw;
#[path = "../webhook/senders.rs"]
mod senders;
mod tls;

use std::time::Duration;

use slotbox::http::{Bounds, PublicListeners, serve_public};
use tokio_util::sync::CancellationToken;

use crate::bare::Bare;
use crate::host::{Host, Notices};
use crate::money::Way;
use crate::tls::Tls;

/// Payments of one sender, and of many together.
const FEW: usize = 600;
const MANY: usize = 24_000;
const SENDERS: usize = 64;
/// How long handshakes and kept connections are measured.
const LONG: Duration = Duration::from_secs(4);

fn main() {
    let quick = std::env::args().any(|argument| argument == "--quick");
    let less = if quick { 40 } else { 1 };
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let tls = Tls::new(dir.path());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        println!(
            "money               200/s  p50 ms  p99 ms  settled/s  p50 ms  p99 ms  fdatasync/s"
        );
        for senders in [1, SENDERS] {
            let count = if senders == 1 { FEW } else { MANY } / less;
            for way in [Way::Plain, Way::Tls, Way::Nginx] {
                money::measure(dir.path(), &tls, way, senders, count).await;
            }
        }
        let length = LONG / u32::try_from(less).unwrap();
        println!("a second            handshakes  kept requests  openssl s_time -new");
        let bare = Bare::start(&tls).await;
        pace::measure("bare rustls", bare.address(), &tls, length).await;
        drop(bare);
        let host = Host::start(dir.path(), 1, Notices::Off).await;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let listeners = PublicListeners { https: vec![listener], http: Vec::new() };
        let stop = CancellationToken::new();
        let bounds = Bounds::default();
        let serve = serve_public(listeners, host.site(), tls.certificates(), bounds, stop.clone());
        let serve = tokio::spawn(serve);
        pace::measure("slotbox", address, &tls, length).await;
        let front = nginx::Front::start(dir.path(), &tls, host.address()).await;
        pace::measure("nginx before it", front.address(), &tls, length).await;
        drop(front);
        stop.cancel();
        serve.await.unwrap();
        host.stop().await;
        idle::measure(dir.path(), &tls, 10_000 / less).await;
    });
}
