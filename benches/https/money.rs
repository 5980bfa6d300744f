//! From a notification to its 200 and to the time that it grants, by one way in or another.

use std::path::Path;
use std::time::{Duration, Instant};

use slotbox::http::{Bounds, PublicListeners, serve_public};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::host::{Host, Notices, notification};
use crate::nginx::Front;
use crate::raw;
use crate::senders::{Answers, Senders};
use crate::tls::Tls;

/// How notifications come in.
#[derive(Clone, Copy, Debug)]
pub enum Way {
    /// Over plain HTTP, as from a proxy that costs nothing.
    Plain,
    /// Over TLS, straight to the public listener.
    Tls,
    /// Over TLS to nginx, and over plain HTTP from there.
    Nginx,
}

/// Measures one way; the pace of the disk is that before and after.
pub async fn measure(dir: &Path, tls: &Tls, way: Way, senders: usize, count: usize) {
    let before = raw::syncs_per_second(dir);
    measure_way(dir, tls, way, senders, count).await;
    println!("  {:11.0}", f64::midpoint(before, raw::syncs_per_second(dir)));
}

async fn measure_way(dir: &Path, tls: &Tls, way: Way, senders: usize, count: usize) {
    let host = Host::start(dir, count, Notices::Off).await;
    let stop = CancellationToken::new();
    match way {
        Way::Plain => {
            let senders = Senders::connect(host.address(), senders).await;
            post(host, senders, "plain").await;
        }
        Way::Tls => {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            let listeners = PublicListeners { https: vec![listener], http: Vec::new() };
            let (site, bounds) = (host.site(), Bounds::default());
            let serve = serve_public(listeners, site, tls.certificates(), bounds, stop.clone());
            let serve = tokio::spawn(serve);
            post(host, connect(tls, address, senders).await, "TLS").await;
            stop.cancel();
            serve.await.unwrap();
        }
        Way::Nginx => {
            let front = Front::start(dir, tls, host.address()).await;
            let senders = connect(tls, front.address(), senders).await;
            post(host, senders, "nginx").await;
        }
    }
}

async fn connect(
    tls: &Tls,
    address: std::net::SocketAddr,
    count: usize,
) -> Senders<tokio_rustls::client::TlsStream<tokio::net::TcpStream>> {
    let mut all = Vec::new();
    for _ in 0..count {
        all.push(tls.connect(address).await);
    }
    Senders(all)
}

/// One sender waits until its payment is settled before it sends the next; many wait for the 200.
async fn post<S>(mut host: Host, mut senders: Senders<S>, name: &str)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (count, mut to_settled) = (senders.0.len(), Vec::new());
    let (answers, took) = if count == 1 {
        let mut answers = Answers::begin();
        for payment in host.payments() {
            let began = Instant::now();
            senders.post(&notification(&payment), &mut answers).await;
            host.settled(&payment).await;
            to_settled.push(began.elapsed());
        }
        answers.end();
        let took: Duration = to_settled.iter().sum();
        (answers, took)
    } else {
        let bodies = host.payments().iter().map(notification).collect();
        let watching = tokio::spawn(host.watch());
        let answers = senders.post_all(bodies).await;
        let seen = watching.await.unwrap();
        let mut sent = answers.sent();
        sent.sort_unstable();
        // In the order of arrival: which of them is which does not matter to their rate.
        for (at, settled) in &seen {
            for sent in &sent[to_settled.len()..(*settled).max(to_settled.len())] {
                to_settled.push(at.saturating_duration_since(*sent));
            }
        }
        let took = seen.last().unwrap().0.duration_since(sent[0]);
        (answers, took)
    };
    host.stop().await;
    to_settled.sort_unstable();
    let settled = to_settled.len() as f64 / took.as_secs_f64();
    let at = |of: &[Duration], percent: usize| of[of.len() * percent / 100].as_secs_f64() * 1e3;
    let to_200 = answers.sorted();
    print!(
        "{name:11} {count:3}  {:8.0}  {:6.2}  {:6.2}  {settled:9.0}  {:6.2}  {:6.2}",
        answers.per_second(),
        at(&to_200, 50),
        at(&to_200, 99),
        at(&to_settled, 50),
        at(&to_settled, 99),
    );
}
