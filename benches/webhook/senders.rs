//! Those who post notifications: keep-alive connections that cost as little as they can, so that
//! the processors are left to the server.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

/// Open connections.
pub struct Senders<S = TcpStream>(pub Vec<S>);

/// When each notification was sent, and how long its 200 took.
pub struct Answers {
    began: Instant,
    took: Duration,
    each: Vec<(Instant, Duration)>,
}

impl Senders {
    pub async fn connect(to: SocketAddr, count: usize) -> Self {
        let mut streams = Vec::new();
        for _ in 0..count {
            let stream = TcpStream::connect(to).await.unwrap();
            stream.set_nodelay(true).unwrap();
            streams.push(stream);
        }
        Self(streams)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> Senders<S> {
    /// Posts on the first connection.
    pub async fn post(&mut self, body: &str, answers: &mut Answers) {
        answers.each.push(post(&mut self.0[0], body).await);
    }

    /// Posts each body once, in their order, on all connections at the same time.
    pub async fn post_all(self, bodies: Vec<String>) -> Answers {
        let mut answers = Answers::begin();
        let bodies = Arc::new((AtomicUsize::new(0), bodies));
        let mut tasks = Vec::new();
        for mut stream in self.0 {
            let bodies = Arc::clone(&bodies);
            tasks.push(tokio::spawn(async move {
                let mut each = Vec::new();
                while let Some(body) = bodies.1.get(bodies.0.fetch_add(1, Ordering::Relaxed)) {
                    each.push(post(&mut stream, body).await);
                }
                each
            }));
        }
        for task in tasks {
            answers.each.extend(task.await.unwrap());
        }
        answers.end();
        answers
    }
}

impl Answers {
    pub fn begin() -> Self {
        Self { began: Instant::now(), took: Duration::ZERO, each: Vec::new() }
    }

    pub fn end(&mut self) {
        self.took = self.began.elapsed();
    }

    pub fn per_second(&self) -> f64 {
        self.each.len() as f64 / self.took.as_secs_f64()
    }

    pub fn sent(&self) -> Vec<Instant> {
        self.each.iter().map(|(sent, _)| *sent).collect()
    }

    /// Returns how long the answers took, shortest first.
    pub fn sorted(&self) -> Vec<Duration> {
        let mut took: Vec<_> = self.each.iter().map(|(_, took)| *took).collect();
        took.sort_unstable();
        took
    }
}

async fn post(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    body: &str,
) -> (Instant, Duration) {
    let request = format!(
        "POST /yookassa/webhook HTTP/1.1\r\nHost: localhost\r\nUser-Agent: AHC/2.1\r\n\
         Content-Type: application/json\r\nAccept: */*\r\nContent-Length: {}\r\n\r\n{body}",
        body.len(),
    );
    let sent = Instant::now();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::with_capacity(512);
    // The whole answer is here once its body is, and the body is this in every good one.
    while !answer.ends_with(br#"{"status":"ok"}"#) {
        let read = stream.read_buf(&mut answer).await.unwrap();
        assert!(read > 0 && answer.len() < 512, "{}", String::from_utf8_lossy(&answer));
    }
    assert!(answer.starts_with(b"HTTP/1.1 200 "), "{}", String::from_utf8_lossy(&answer));
    (sent, sent.elapsed())
}
