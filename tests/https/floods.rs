//! Strangers do their worst, all at once, and meanwhile money comes in.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rustix::process::{Resource, getrlimit, setrlimit};
use rustls::pki_types::ServerName;
use serde_json::json;
use slotbox::clock::Clock;
use slotbox::sandbox::telegram::TelegramSim;
use slotbox::sandbox::yookassa::{Card, YooKassaSim};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::host::{Host, NAME, can_run, client_tls, write_pair};
use super::running::Api;

/// Who does nothing; fewer where the system lets a process open few files.
const IDLE: usize = 10_000;
const IDLE_OF_ONE_ADDRESS: usize = 100;
/// How long a payment may take to count meanwhile.
const SETTLED_WITHIN: Duration = Duration::from_secs(15);
/// The provider's address, and the floods'.
const PROVIDER: Ipv4Addr = Ipv4Addr::new(127, 77, 0, 1);
const FLOODERS: Ipv4Addr = Ipv4Addr::new(127, 66, 0, 1);
/// What the whole process may take with all of them there, in KiB; this is no release build.
const MOST_MEMORY_KIB: u64 = 500 * 1024;

async fn connect(from: Ipv4Addr, port: u16) -> std::io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::from((from, 0)))?;
    socket.connect(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await
}

/// The target, and a way to it over TLS.
#[derive(Clone)]
struct Target {
    https: u16,
    http: u16,
    tls: Arc<rustls::ClientConfig>,
    /// How many connections of each kind of flood were cut.
    cuts: Arc<[AtomicUsize; 4]>,
}

impl Target {
    fn of(host: &Host) -> Self {
        Self {
            https: host.https,
            http: host.http,
            tls: client_tls(host.dir.path()),
            cuts: Arc::default(),
        }
    }

    async fn secure(
        &self,
        from: Ipv4Addr,
        protocol: &str,
    ) -> std::io::Result<TlsStream<TcpStream>> {
        let mut tls = self.tls.as_ref().clone();
        tls.alpn_protocols = vec![protocol.as_bytes().to_vec()];
        let name = ServerName::try_from(NAME).unwrap();
        let stream = connect(from, self.https).await?;
        TlsConnector::from(Arc::new(tls)).connect(name, stream).await
    }

    /// Writes to connection after connection until each is cut.
    async fn flood(self, kind: usize, protocol: &str, first: &[u8], next: impl Fn(u32) -> Vec<u8>) {
        loop {
            let Ok(mut stream) = self.secure(FLOODERS, protocol).await else {
                sleep(Duration::from_millis(50)).await;
                continue;
            };
            stream.write_all(first).await.ok();
            let mut number = 0;
            while stream.write_all(&next(number)).await.is_ok() {
                number += 1;
            }
            self.cuts[kind].fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Posts a notification as the provider does, and returns the status line.
    async fn notify(&self, payment: &str) -> String {
        let body = json!({"type": "notification", "event": "payment.succeeded",
            "object": {"id": payment, "status": "succeeded"}})
        .to_string();
        let mut stream = self.secure(PROVIDER, "http/1.1").await.unwrap();
        let head = format!(
            "POST /yookassa/webhook HTTP/1.1\r\nHost: {NAME}\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer.lines().next().unwrap_or_default().to_owned()
    }
}

/// A frame of HTTP/2.
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// Begins all floods.
fn flood(target: &Target) -> JoinSet<()> {
    const HEAD: &[u8] = &[0x82, 0x84, 0x87];
    let hello = [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(), frame(4, 0, 0, &[])].concat();
    let mut floods = JoinSet::new();
    let it = || target.clone();
    for _ in 0..3 {
        let (one, two, reset) = (hello.clone(), hello.clone(), |number| {
            let stream = 2 * number + 1;
            [frame(1, 5, stream, HEAD), frame(3, 0, stream, &8_u32.to_be_bytes())].concat()
        });
        let endless = |number| match number {
            0 => frame(1, 1, 1, HEAD),
            _ => frame(9, 0, 1, &[0x00, 0x01, b'x', 0x01, b'y']),
        };
        let (resets, continuations, heads, slow) = (it(), it(), it(), it());
        floods.spawn(async move { resets.flood(0, "h2", &one, reset).await });
        floods.spawn(async move { continuations.flood(1, "h2", &two, endless).await });
        floods.spawn(async move {
            let head = b"GET / HTTP/1.1\r\n";
            heads.flood(2, "http/1.1", head, |_| b"X: yyyyyyyyyyyyyyyy\r\n".to_vec()).await;
        });
        floods.spawn(async move {
            // Handshakes that are none, on both listeners.
            loop {
                for port in [slow.https, slow.http] {
                    if let Ok(mut stream) = connect(FLOODERS, port).await {
                        stream.write_all(b"\x16\x03\x01\xff\xff nonsense\r\n\r\n").await.ok();
                        stream.read_to_end(&mut Vec::new()).await.ok();
                        slow.cuts[3].fetch_add(1, Ordering::Relaxed);
                    }
                }
                sleep(Duration::from_millis(5)).await;
            }
        });
    }
    // Heads and bodies that come by the byte.
    for begin in [
        format!("GET / HTTP/1.1\r\nHost: {NAME}\r\n"),
        format!("POST /yookassa/webhook HTTP/1.1\r\nHost: {NAME}\r\nContent-Length: 9000\r\n\r\n"),
    ] {
        for _ in 0..20 {
            let (target, begin) = (it(), begin.clone());
            floods.spawn(async move {
                let Ok(mut stream) = target.secure(FLOODERS, "http/1.1").await else { return };
                stream.write_all(begin.as_bytes()).await.ok();
                while stream.write_all(b"x").await.is_ok() {
                    sleep(Duration::from_millis(300)).await;
                }
            });
        }
    }
    floods
}

/// Opens connections that say nothing, as many as this machine allows, from many addresses.
async fn idle(port: u16) -> Vec<TcpStream> {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    setrlimit(Resource::Nofile, limit).unwrap();
    // Of those that serve may open it gives two thirds to connections, a tenth less to strangers.
    let most = limit.maximum.map_or(IDLE, |most| usize::try_from(most * 6 / 10).unwrap() - 200);
    let mut all = Vec::new();
    for number in 0..IDLE.min(most) {
        let block = number / IDLE_OF_ONE_ADDRESS;
        let [low, high] = [block % 250 + 1, block / 250].map(|it| u8::try_from(it).unwrap());
        all.push(connect(Ipv4Addr::new(127, 55, high, low), port).await.unwrap());
    }
    all
}

/// Adds a client and has it paid for; returns the payment.
async fn paid(api: &Api, telegram: &TelegramSim, shop: &YooKassaSim) -> String {
    let client = api.add_client(telegram, "salon_bot").await;
    let order = api.post("/orders", json!({"client_id": client, "plan_id": "1m"})).await;
    let payment = order["payment_id"].as_str().unwrap().to_owned();
    shop.pay(&payment, Card::Ok).unwrap();
    payment
}

async fn is_settled(api: &Api, payment: &str) -> bool {
    let payments = api.get("/payments").await;
    let mut all = payments["items"].as_array().unwrap().iter();
    all.any(|it| it["payment_id"] == payment && it["state"] == "settled")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn payments_settle_while_strangers_do_their_worst() {
    if !can_run() {
        return;
    }
    let telegram = TelegramSim::start(Clock::system()).await.unwrap();
    let shop = YooKassaSim::start(Clock::system()).await.unwrap();
    let dir = tempfile::Builder::new().prefix("slotbox-floods-").tempdir().unwrap();
    write_pair(dir.path());
    let shown = dir.path().display();
    let sales = telegram.add_bot("Sales", "sales_bot");
    let settings = format!(
        "[tls]\nmode = 'files'\ncert_file = '{shown}/cert.pem'\nkey_file = '{shown}/key.pem'\n\
         [telegram]\napi_url = '{}'\nsales_token = '{sales}'\n\
         [yookassa]\napi_url = '{}'\nshop_id = '{}'\nsecret_key = '{}'\n\
         trusted_networks = ['127.77.0.0/16']\n",
        telegram.url(),
        shop.url(),
        shop.shop_id(),
        shop.secret_key(),
    );
    let host = tokio::task::spawn_blocking(move || Host::start(dir, &settings)).await.unwrap();
    let api = Api::at(host.local);
    let payment = paid(&api, &telegram, &shop).await;
    let target = Target::of(&host);

    let held = idle(host.http).await;
    let floods = flood(&target);
    let open = loop {
        let open = host.metric("slotbox_public_connections");
        if open >= f64::from(u32::try_from(held.len()).unwrap()) {
            break open;
        }
        sleep(Duration::from_millis(50)).await;
    };
    // Long enough for each of them to do harm.
    sleep(Duration::from_secs(2)).await;
    let sent = Instant::now();
    let answer = timeout(SETTLED_WITHIN, target.notify(&payment)).await.unwrap();
    assert_eq!(answer, "HTTP/1.1 200 OK", "with {open} connections open");
    while !is_settled(&api, &payment).await {
        assert!(sent.elapsed() < SETTLED_WITHIN, "the payment does not count");
        sleep(Duration::from_millis(50)).await;
    }
    let settled_in = sent.elapsed();
    assert!(host.curl(&["--interface", "127.44.0.1"], "/health/live").ends_with(" 200"));
    let cuts = || target.cuts.each_ref().map(|it| it.load(Ordering::Relaxed));
    let all_are_cut = async {
        while cuts().contains(&0) {
            sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(SETTLED_WITHIN, all_are_cut).await.unwrap_or_else(|_| panic!("borne: {:?}", cuts()));
    let memory = host.memory_kib();
    assert!(memory < MOST_MEMORY_KIB, "{memory} KiB");
    println!("{open} open, settled in {settled_in:?}, {:?} cut, {memory} KiB", cuts());
    drop((floods, held));
    shop.shutdown().await;
    telegram.shutdown().await;
}
