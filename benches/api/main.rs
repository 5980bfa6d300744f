//! How many requests the API answers in a second, beside `/health` in the same run.
//!
//! Run with `cargo bench --bench api`. All of it is on loopback, with 16 keep-alive connections that
//! cost as little as they can; the store is on disk and holds 5,000 clients with an order each.
//! Writes add time to clients under receipts of their own: each is on disk before it is answered.

#![expect(clippy::cast_precision_loss, reason = "no count here comes near 2^52")]
#![expect(clippy::panic, reason = "a benchmark that fails has no result")]
#![expect(clippy::print_stdout, reason = "the table is the result")]
#![expect(clippy::unwrap_used, reason = "a benchmark that fails has no result")]

#[path = "../webhook/host.rs"]
#[expect(dead_code, reason = "what notifications need is not needed here")]
mod host;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::host::{Host, Notices};

const TOKEN: &str = "5f0c7c39a8d14d1f9a5a3a4f2b0e77c1d6e8b9a0";
const CONNECTIONS: usize = 16;
const CLIENTS: usize = 5_000;
/// How long each line is measured.
const LONG: Duration = Duration::from_secs(5);
/// Does the same in little time, to see that it runs.
const SHORT: Duration = Duration::from_millis(300);

fn main() {
    let quick = std::env::args().any(|argument| argument == "--quick");
    let (length, clients) = if quick { (SHORT, 50) } else { (LONG, CLIENTS) };
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let host = Host::start(dir.path(), clients, Notices::Off).await;
        let to = host.address();
        let ids = ids(to).await;
        println!("{CONNECTIONS} connections          /s  p50 ms  p99 ms  of /health");
        let health = measure(to, length, |_| get("/health")).await;
        health.print("GET /health", health.rate);
        for (name, path) in [
            ("GET a client", format!("/api/clients/{}", ids[0])),
            ("GET 50 clients", "/api/clients".to_owned()),
            ("GET 200 clients", "/api/clients?limit=200".to_owned()),
            ("GET the plans", "/api/plans".to_owned()),
        ] {
            measure(to, length, |_| get(&path)).await.print(name, health.rate);
        }
        let extend = |number: usize| {
            let body = format!(r#"{{"days":1,"amount":"10.00","payment_id":"bench-{number}"}}"#);
            post(&format!("/api/clients/{}/extend", ids[number % ids.len()]), &body, "")
        };
        measure(to, length, extend).await.print("POST extend", health.rate);
        let keyed = |number: usize| {
            let body = format!(r#"{{"days":1,"amount":"10.00","payment_id":"keyed-{number}"}}"#);
            let key = format!("Idempotency-Key: bench-{number}\r\n");
            post(&format!("/api/clients/{}/extend", ids[number % ids.len()]), &body, &key)
        };
        measure(to, length, keyed).await.print("POST extend, key", health.rate);
        host.stop().await;
    });
}

/// Returns the ids of the newest clients.
async fn ids(to: SocketAddr) -> Vec<String> {
    let mut stream = TcpStream::connect(to).await.unwrap();
    let body = ask(&mut stream, &get("/api/clients?limit=200")).await;
    let page: serde_json::Value = serde_json::from_slice(&body).unwrap();
    let items = page["items"].as_array().unwrap();
    items.iter().map(|item| item["client_id"].as_str().unwrap().to_owned()).collect()
}

/// What one kind of request came to.
struct Figures {
    rate: f64,
    sorted: Vec<Duration>,
}

impl Figures {
    fn print(&self, name: &str, health: f64) {
        let at = |part: usize| {
            let place = (self.sorted.len() * part / 100).min(self.sorted.len() - 1);
            self.sorted[place].as_secs_f64() * 1000.0
        };
        let (rate, share) = (self.rate, self.rate / health * 100.0);
        println!("{name:18} {rate:10.0} {:7.2} {:7.2} {share:9.0} %", at(50), at(99));
    }
}

/// Asks on all connections at once, each as soon as it was answered.
async fn measure(to: SocketAddr, length: Duration, request: impl Fn(usize) -> String) -> Figures {
    // Requests are made beforehand, in turns, so that making them costs nothing while it counts.
    let made: Arc<Vec<String>> = Arc::new((0..200_000).map(request).collect());
    let next = Arc::new(AtomicUsize::new(0));
    let began = Instant::now();
    let mut tasks = Vec::new();
    for _ in 0..CONNECTIONS {
        let (made, next) = (made.clone(), next.clone());
        tasks.push(tokio::spawn(async move {
            let mut stream = TcpStream::connect(to).await.unwrap();
            stream.set_nodelay(true).unwrap();
            let mut took = Vec::new();
            while began.elapsed() < length {
                let Some(request) = made.get(next.fetch_add(1, Ordering::Relaxed)) else { break };
                let sent = Instant::now();
                ask(&mut stream, request).await;
                took.push(sent.elapsed());
            }
            took
        }));
    }
    let mut sorted = Vec::new();
    for task in tasks {
        sorted.extend(task.await.unwrap());
    }
    let rate = sorted.len() as f64 / began.elapsed().as_secs_f64();
    sorted.sort_unstable();
    Figures { rate, sorted }
}

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\n\r\n")
}

fn post(path: &str, body: &str, more: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\n{more}\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// Sends a request and returns the body of its answer, which is a good one.
async fn ask(stream: &mut TcpStream, request: &str) -> Vec<u8> {
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::with_capacity(4096);
    loop {
        let read = stream.read_buf(&mut answer).await.unwrap();
        assert!(read > 0, "{}", String::from_utf8_lossy(&answer));
        let Some(end) = answer.windows(4).position(|it| it == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&answer[..end]).to_ascii_lowercase();
        // The queue is not said to be alive here, so health is answered with 503.
        let fine = head.starts_with("http/1.1 2") || head.starts_with("http/1.1 503");
        assert!(fine, "{}", String::from_utf8_lossy(&answer));
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.unwrap().trim().parse().unwrap();
        if answer.len() >= end + 4 + length {
            return answer.split_off(end + 4);
        }
    }
}
