//! What strangers do to a listener, and what becomes of those who come meanwhile.

use std::net::SocketAddr;

use axum::routing::{get, post};
use rustls::pki_types::ServerName;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

use super::*;
use crate::metrics::Gauge;

const PATIENCE: Duration = Duration::from_secs(20);
const BOUNDS: Bounds = Bounds {
    connections: 2_500,
    per_address: 2_200,
    handshake: Duration::from_millis(400),
    idle: Duration::from_millis(600),
    request: Duration::from_millis(800),
    linger: Duration::from_millis(300),
};

/// A listener with a small site behind it; without TLS, HTTP/2 is spoken only over `h2`.
struct Stage {
    address: SocketAddr,
    open: Gauge,
    stop: CancellationToken,
}

impl Stage {
    async fn open(bounds: Bounds, tls: Option<TlsAcceptor>) -> Self {
        let router = Router::new()
            .route("/", get(async || "fine"))
            .route("/take", post(async |body: String| body.len().to_string()));
        let crowd = Crowd::with(bounds);
        let (open, stop) = (Gauge::default(), CancellationToken::new());
        let door = Door { router, tls, crowd, bounds, open: open.clone() };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let until = stop.clone();
        tokio::spawn(async move { accept(listener, Arc::new(door), &until).await });
        Self { address, open, stop }
    }

    async fn send(&self, bytes: &[u8]) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        stream
    }

    /// Asks as an honest stranger does.
    async fn is_well(&self) {
        let mut stream = self.send(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await;
        let answer = rest(&mut stream).await;
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("fine"), "{answer}");
    }

    async fn empties(&self) {
        let deadline = Instant::now() + PATIENCE;
        while self.open.get() > 0 {
            assert!(Instant::now() < deadline, "{} are still open", self.open.get());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Returns all that comes until the end, which must come.
async fn rest(stream: &mut (impl tokio::io::AsyncRead + Unpin)) -> String {
    let mut answer = Vec::new();
    // A reset is an end as well.
    timeout(PATIENCE, stream.read_to_end(&mut answer)).await.unwrap().ok();
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn whoever_is_slow_is_cut_off() {
    let stage = Stage::open(BOUNDS, None).await;
    let mut silent = stage.send(b"").await;
    let mut slow = stage.send(b"GET / HTTP/1.1\r\nHost: x\r\n").await;
    let mut resting = stage.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
    let body = b"POST /take HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nx";
    let mut body = stage.send(body).await;
    let drip = async {
        for _ in 0..10 {
            tokio::time::sleep(Duration::from_millis(150)).await;
            if slow.write_all(b"X: y\r\n").await.is_err() {
                break;
            }
        }
        rest(&mut slow).await
    };
    let (dripped, silent, resting, body) =
        tokio::join!(drip, rest(&mut silent), rest(&mut resting), rest(&mut body));
    assert!(!dripped.contains(" 200"), "{dripped}");
    assert_eq!(silent, "");
    assert!(resting.contains(" 200"), "{resting}");
    assert!(body.contains(" 408"), "{body}");
    stage.empties().await;
    stage.is_well().await;
}

#[tokio::test]
async fn two_thousand_who_do_nothing_keep_nobody_out() {
    let limit = Bounds::of_this_process();
    assert!(limit.connections > 2_300, "this machine lets a process open too few files");
    let bounds = Bounds { idle: Duration::from_secs(4), ..BOUNDS };
    let stage = Stage::open(bounds, None).await;
    let mut idle = Vec::new();
    for _ in 0..2_000 {
        idle.push(stage.send(b"").await);
    }
    stage.is_well().await;
    stage.empties().await;
    drop(idle);
}

#[tokio::test]
async fn a_body_has_one_length() {
    let stage = Stage::open(BOUNDS, None).await;
    for head in [
        "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        "Content-Length: +3\r\n\r\nabc",
        "Content-Length: 3, 4\r\n\r\nabcd",
        "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        " Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n3 \rabc\r\n0\r\n\r\n",
        // Lines that end in half a line's end, in chunks and in what is said of them.
        "Transfer-Encoding: chunked\r\n\r\n3\nabc\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n3;a\nb\r\nabc\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n3\r\nabcd\n0\r\n\r\n",
        // A size that overflows, and one with a sign.
        "Transfer-Encoding: chunked\r\n\r\n10000000000000003\r\nabc\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n+3\r\nabc\r\n0\r\n\r\n",
        // A header that goes on in the next line, and one with no name.
        "X: a\r\n Content-Length: 3\r\n\r\nabc",
        ": x\r\nContent-Length: 3\r\n\r\nabc",
        // Nothing hides behind a zero byte or a lone return.
        "Content-Length: 3\0\r\n\r\nabc",
        "X: a\rContent-Length: 3\r\n\r\nabc",
    ] {
        // What follows must never be taken for a request of its own.
        let next = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
        let sent = format!("POST /take HTTP/1.1\r\nHost: x\r\n{head}{next}");
        let answer = rest(&mut stage.send(sent.as_bytes()).await).await;
        assert!(!answer.contains("fine") && !answer.contains(" 200"), "{head:?}: {answer}");
    }
    // Of two kinds of length the chunks count, and the connection ends with the answer or both
    // readings agree.
    let both = "POST /take HTTP/1.1\r\nHost: x\r\nContent-Length: 40\r\nTransfer-Encoding: chunked\
                \r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    let answer = rest(&mut stage.send(both.as_bytes()).await).await;
    assert!(answer.contains(" 400") || answer.ends_with("\r\n\r\n3"), "{answer}");
    stage.is_well().await;
}

#[tokio::test]
async fn huge_heads_are_refused() {
    let stage = Stage::open(BOUNDS, None).await;
    let long = format!("GET / HTTP/1.1\r\nHost: x\r\nX: {}\r\n\r\n", "x".repeat(100_000));
    let many = format!("GET / HTTP/1.1\r\nHost: x\r\n{}\r\n", "X: y\r\n".repeat(100));
    for head in [long, many] {
        let mut stream = TcpStream::connect(stage.address).await.unwrap();
        stream.write_all(head.as_bytes()).await.ok();
        let answer = rest(&mut stream).await;
        assert!(!answer.contains(" 200"), "{answer}");
    }
    stage.is_well().await;
}

/// A frame of HTTP/2.
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut frame = [&length[1..], &[kind, flags], &stream.to_be_bytes()].concat();
    frame.extend_from_slice(payload);
    frame
}

/// A listener with TLS, and a way to speak HTTP/2 to it.
async fn secure() -> (Stage, tokio_rustls::TlsConnector) {
    let certificates = Certificates::of("bots.example.ru");
    let key = rcgen::KeyPair::generate().unwrap();
    let params = rcgen::CertificateParams::new(vec!["bots.example.ru".to_owned()]).unwrap();
    let own = params.self_signed(&key).unwrap();
    let (chain, pem) = (own.pem(), key.serialize_pem());
    let certificate =
        crate::external::certificates::Certificate::read(chain.as_bytes(), pem.as_bytes());
    certificates.show(certificate.unwrap());
    let stage = Stage::open(BOUNDS, Some(TlsAcceptor::from(tls(&certificates).unwrap()))).await;
    let mut roots = rustls::RootCertStore::empty();
    roots.add(own.der().clone()).unwrap();
    let mut config = rustls::ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec()];
    (stage, Arc::new(config).into())
}

async fn connect(
    stage: &Stage,
    connector: &tokio_rustls::TlsConnector,
) -> tokio_rustls::client::TlsStream<TcpStream> {
    let stream = TcpStream::connect(stage.address).await.unwrap();
    let name = ServerName::try_from("bots.example.ru").unwrap();
    let mut stream = connector.connect(name, stream).await.unwrap();
    let hello = [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(), frame(4, 0, 0, &[])].concat();
    stream.write_all(&hello).await.unwrap();
    stream
}

/// `:method GET`, `:path /`, `:scheme https`.
const HEAD: &[u8] = &[0x82, 0x84, 0x87];

/// Writes until the other side cuts the connection, which must happen.
async fn flood(
    stream: tokio_rustls::client::TlsStream<TcpStream>,
    mut next: impl FnMut(u32) -> Vec<u8>,
) {
    let (mut answers, mut stream) = tokio::io::split(stream);
    // What is answered is read, so that nothing but the flood ends the connection.
    let reading = tokio::spawn(async move {
        let mut answer = Vec::new();
        answers.read_to_end(&mut answer).await.ok();
    });
    let flood = async {
        let mut number = 0;
        while stream.write_all(&next(number)).await.is_ok() {
            number += 1;
        }
    };
    timeout(PATIENCE, flood).await.expect("a flood was borne");
    reading.await.unwrap();
}

#[tokio::test]
async fn a_flood_of_resets_ends_its_connection_only() {
    let (stage, connector) = secure().await;
    let reset = |number| {
        let stream = 2 * number + 1;
        [frame(1, 5, stream, HEAD), frame(3, 0, stream, &8_u32.to_be_bytes())].concat()
    };
    flood(connect(&stage, &connector).await, reset).await;
    stage.empties().await;
    connect(&stage, &connector).await;
}

/// A head that never ends: its frames say that more will come, and it does.
#[tokio::test]
async fn a_flood_of_continuations_ends_its_connection_only() {
    let (stage, connector) = secure().await;
    let field = [0x00, 0x01, b'x', 0x01, b'y'];
    let fields = field.repeat(3_000);
    for more in [&[][..], &field, &fields] {
        let endless = |number| match number {
            0 => frame(1, 1, 1, HEAD),
            _ => frame(9, 0, 1, more),
        };
        flood(connect(&stage, &connector).await, endless).await;
    }
    stage.empties().await;
    connect(&stage, &connector).await;
}

/// A handshake that has begun is let end at a stop, and so is what it was begun for.
#[tokio::test]
async fn what_was_let_in_before_a_stop_is_answered() {
    let (stage, connector) = secure().await;
    let mut config = connector.config().as_ref().clone();
    config.alpn_protocols.clear();
    let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
    let stream = TcpStream::connect(stage.address).await.unwrap();
    while stage.open.get() == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    stage.stop.cancel();
    tokio::time::sleep(Duration::from_millis(50)).await;
    let name = ServerName::try_from("bots.example.ru").unwrap();
    let mut stream = connector.connect(name, stream).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    let answer = rest(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("fine"), "{answer}");
    stage.empties().await;
    TcpStream::connect(stage.address).await.unwrap_err();
}

#[tokio::test]
async fn a_handshake_that_is_never_finished_is_cut_off() {
    let (stage, _) = secure().await;
    let mut silent = stage.send(b"\x16\x03\x01").await;
    assert_eq!(rest(&mut silent).await, "");
    let mut plain = stage.send(b"GET / HTTP/1.1\r\n\r\n").await;
    rest(&mut plain).await;
    stage.empties().await;
}
