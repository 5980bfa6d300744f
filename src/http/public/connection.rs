//! One connection: requests and answers within bounds, and an end that waits for nobody.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::header::CONNECTION;
use axum::http::{HeaderValue, Request, StatusCode};
use axum::response::{IntoResponse, Response};
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::Notify;
use tokio::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::accept::Door;
use super::{Bounds, LARGEST_HEAD_BYTES, MOST_HEADERS, MOST_STREAMS};

/// What is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    Http1,
    Http2,
}

/// How often a connection is looked at.
const LOOK: Duration = Duration::from_secs(1);
/// How many resets of streams a connection may cause before it is cut off.
const MOST_RESETS: usize = 32;

/// How long a connection that rests may ask once more when all stops: a request may be on its way.
const LAST_WORD: Duration = Duration::from_secs(1);

/// What a connection is busy with.
#[derive(Debug)]
struct Busy {
    requests: AtomicUsize,
    rests_since: Mutex<Instant>,
    /// Tells of each request that begins.
    begun: Notify,
}

/// One request that is being answered.
struct Held(Arc<Busy>);

impl Busy {
    fn begin(self: &Arc<Self>) -> Held {
        self.requests.fetch_add(1, Ordering::Relaxed);
        self.begun.notify_waiters();
        Held(Arc::clone(self))
    }

    /// Returns how long nothing was asked.
    fn rest(&self) -> Duration {
        if self.requests.load(Ordering::Relaxed) > 0 {
            return Duration::ZERO;
        }
        self.rests_since.lock().unwrap_or_else(PoisonError::into_inner).elapsed()
    }

    /// Waits for `stop`, and then for the next request if there is none in hand, but not for long.
    /// A connection that is closed before its request is read loses it.
    async fn last_word(&self, stop: &CancellationToken) {
        stop.cancelled().await;
        let mut begun = pin!(self.begun.notified());
        begun.as_mut().enable();
        if self.requests.load(Ordering::Relaxed) == 0 {
            tokio::time::timeout(LAST_WORD, begun).await.ok();
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        *self.0.rests_since.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        self.0.requests.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Serves a connection until it ends, rests for too long, or `stop`.
pub(super) async fn converse<I>(
    io: I,
    peer: SocketAddr,
    protocol: Protocol,
    door: &Door,
    stop: &CancellationToken,
) where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (rests_since, begun) = (Mutex::new(Instant::now()), Notify::new());
    let busy = Arc::new(Busy { requests: AtomicUsize::new(0), rests_since, begun });
    let (router, within, counts) = (door.router.clone(), door.bounds.request, Arc::clone(&busy));
    let stopping = stop.clone();
    let service = service_fn(move |request: Request<Incoming>| {
        let (router, held, stopping) = (router.clone(), counts.begin(), stopping.clone());
        async move {
            let mut response = answer(router, request, peer, within).await;
            if protocol == Protocol::Http1 && stopping.is_cancelled() {
                // Whoever asks must know that the next question needs another connection.
                response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            }
            drop(held);
            Ok::<_, Infallible>(response)
        }
    });
    let io = TokioIo::new(io);
    match protocol {
        Protocol::Http1 => {
            let mut speaker = http1::Builder::new();
            speaker.timer(TokioTimer::new()).header_read_timeout(door.bounds.idle);
            speaker.max_headers(MOST_HEADERS).max_buf_size(LARGEST_HEAD_BYTES).half_close(false);
            let talk = Box::pin(speaker.serve_connection(io, service));
            watch(talk, http1::Connection::graceful_shutdown, &busy, door.bounds, stop).await;
        }
        Protocol::Http2 => {
            let mut speaker = http2::Builder::new(TokioExecutor::new());
            speaker.timer(TokioTimer::new()).keep_alive_interval(door.bounds.idle);
            speaker.max_concurrent_streams(MOST_STREAMS);
            speaker.max_header_list_size(u32::try_from(LARGEST_HEAD_BYTES).unwrap_or(u32::MAX));
            speaker.max_local_error_reset_streams(MOST_RESETS);
            speaker.max_pending_accept_reset_streams(MOST_RESETS);
            let talk = Box::pin(speaker.serve_connection(io, service));
            watch(talk, http2::Connection::graceful_shutdown, &busy, door.bounds, stop).await;
        }
    }
}

/// Drives a connection, and ends it: with good words when it rests or all stops, and without any
/// when those are not heard.
async fn watch<C: Future<Output = hyper::Result<()>>>(
    mut talk: Pin<Box<C>>,
    close: impl Fn(Pin<&mut C>),
    busy: &Busy,
    bounds: Bounds,
    stop: &CancellationToken,
) {
    let mut ends_at: Option<Instant> = None;
    let mut stopping = pin!(busy.last_word(stop));
    let mut look = tokio::time::interval(LOOK.min(bounds.idle / 4));
    loop {
        tokio::select! {
            ended = talk.as_mut() => {
                if let Err(err) = ended {
                    tracing::debug!(event = "public.cut", error = %err, "a connection broke off");
                }
                return;
            }
            () = &mut stopping, if ends_at.is_none() => {
                close(talk.as_mut());
                ends_at = Some(Instant::now() + bounds.linger);
            }
            _ = look.tick() => {
                if ends_at.is_some_and(|at| at <= Instant::now()) {
                    return;
                }
                if ends_at.is_none() && busy.rest() > bounds.idle {
                    close(talk.as_mut());
                    ends_at = Some(Instant::now() + bounds.linger);
                }
            }
        }
    }
}

async fn answer(
    router: Router,
    request: Request<Incoming>,
    peer: SocketAddr,
    within: Duration,
) -> Response {
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(ConnectInfo(peer));
    match tokio::time::timeout(within, router.oneshot(request)).await {
        Ok(Ok(response)) => response,
        Ok(Err(never)) => match never {},
        Err(_) => StatusCode::REQUEST_TIMEOUT.into_response(),
    }
}
