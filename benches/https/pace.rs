//! New handshakes, and requests on connections that are kept, in a second.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::Command;

use crate::tls::{NAME, Tls};

const CONNECTIONS: usize = 16;
const REQUEST: &[u8] = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n";

pub async fn measure(name: &str, address: SocketAddr, tls: &Tls, length: Duration) {
    let new = handshakes(address, tls, length).await;
    let kept = kept(address, tls, length).await;
    let openssl = s_time(address, length).await;
    println!("{name:18}  {new:10.0}  {kept:13.0}  {openssl:19.0}");
}

async fn handshakes(address: SocketAddr, tls: &Tls, length: Duration) -> f64 {
    each_second(length, |count, until| {
        let connector = tls.connector();
        async move {
            while Instant::now() < until {
                let stream = TcpStream::connect(address).await.unwrap();
                let name = rustls::pki_types::ServerName::try_from(NAME).unwrap();
                let mut stream = connector.connect(name, stream).await.unwrap();
                count.fetch_add(1, Ordering::Relaxed);
                stream.shutdown().await.ok();
            }
        }
    })
    .await
}

async fn kept(address: SocketAddr, tls: &Tls, length: Duration) -> f64 {
    let mut streams = Vec::new();
    for _ in 0..CONNECTIONS {
        streams.push(tls.connect(address).await);
    }
    each_second(length, |count, until| {
        let mut stream = streams.pop().unwrap();
        async move {
            let mut answer = Vec::with_capacity(1_024);
            while Instant::now() < until {
                stream.write_all(REQUEST).await.unwrap();
                answer.clear();
                while !answer.ends_with(b"}") {
                    assert!(stream.read_buf(&mut answer).await.unwrap() > 0);
                }
                assert!(answer.starts_with(b"HTTP/1.1 200 "));
                count.fetch_add(1, Ordering::Relaxed);
            }
        }
    })
    .await
}

/// Does the work as often as there are connections, side by side, and counts.
async fn each_second<F: Future<Output = ()> + Send + 'static>(
    length: Duration,
    mut work: impl FnMut(Arc<AtomicUsize>, Instant) -> F,
) -> f64 {
    let (count, began) = (Arc::new(AtomicUsize::new(0)), Instant::now());
    let all: Vec<_> =
        (0..CONNECTIONS).map(|_| tokio::spawn(work(Arc::clone(&count), began + length))).collect();
    for one in all {
        one.await.unwrap();
    }
    count.load(Ordering::Relaxed) as f64 / began.elapsed().as_secs_f64()
}

/// One handshake after the other, by another hand.
async fn s_time(address: SocketAddr, length: Duration) -> f64 {
    let seconds = length.as_secs().max(1).to_string();
    let address = address.to_string();
    let mut command = Command::new("openssl");
    command.args(["s_time", "-new", "-connect", &address, "-time", &seconds]);
    let output = command.output().await.expect("openssl is needed");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    // "1234 connections in 4 real seconds, 0 bytes read per connection"
    let line = text.lines().find(|line| line.contains("real seconds")).expect("no figures");
    let mut numbers = line.split_whitespace().filter_map(|word| word.parse::<f64>().ok());
    numbers.next().unwrap() / numbers.next().unwrap().max(1.0)
}
