//! One exchange with YooKassa over HTTP: bounded in time, in number and in size.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use reqwest::header::CONTENT_TYPE;
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode, redirect};
use ring::rand::SystemRandom;
use secrecy::ExposeSecret;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

use super::error::{Unclear, YooKassaError};
use super::key::IdempotenceKey;
use super::{Settings, SetupError};
use crate::external::way::Way;

/// A page of a hundred payments takes about 150 KiB.
const LARGEST_ANSWER_BYTES: usize = 1024 * 1024;
/// A GET is tried this often before its caller hears of an unknown outcome.
const GET_ATTEMPTS: u32 = 3;
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// What a caller is asked to wait when all places are taken; nothing was sent.
const WHEN_CROWDED: Duration = Duration::from_secs(1);

/// How long a call may take and how many may run at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// For making a connection, and before that for a place among the calls that run.
    pub connect: Duration,
    /// For a whole POST; YooKassa itself gives up after about 30 s.
    pub post: Duration,
    /// For a whole GET, its repetitions included.
    pub get: Duration,
    /// How many calls may run at once, at least one; the others wait for a place.
    pub concurrency: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            post: Duration::from_secs(35),
            get: Duration::from_secs(10),
            concurrency: 64,
        }
    }
}

#[derive(Clone)]
pub(super) struct Transport {
    http: Client,
    settings: Arc<Settings>,
    limits: Limits,
    places: Arc<Semaphore>,
    /// Whether the last answer was that the key is not accepted.
    refused: Arc<AtomicBool>,
}

impl Transport {
    /// Makes the connection pool and checks that the address can be used.
    pub(super) fn new(settings: Settings, limits: Limits, way: &Way) -> Result<Self, SetupError> {
        let http = way
            .client(limits.connect)?
            .pool_max_idle_per_host(limits.concurrency)
            .pool_idle_timeout(Duration::from_secs(30))
            .redirect(redirect::Policy::none())
            .user_agent(concat!("slotbox/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(SetupError::address)?;
        let places = Arc::new(Semaphore::new(limits.concurrency.clamp(1, Semaphore::MAX_PERMITS)));
        let (settings, refused) = (Arc::new(settings), Arc::default());
        let transport = Self { http, settings, limits, places, refused };
        transport.request(Method::GET, "me").build().map_err(SetupError::address)?;
        Ok(transport)
    }

    pub(super) fn shop_id(&self) -> &str {
        &self.settings.shop_id
    }

    /// Tells whether the last answer was that the key is not accepted.
    pub(super) fn is_refused(&self) -> bool {
        self.refused.load(Ordering::Relaxed)
    }

    /// Sends `body` once and returns the answer of a success.
    pub(super) async fn post(
        &self,
        path: &str,
        key: &IdempotenceKey,
        body: &[u8],
    ) -> Result<Vec<u8>, YooKassaError> {
        let _place = self.place().await?;
        let deadline = Instant::now() + self.limits.post;
        let request = self
            .request(Method::POST, path)
            .header("Idempotence-Key", key.as_str())
            .header(CONTENT_TYPE, "application/json")
            .body(body.to_vec());
        self.exchange(request, deadline).await
    }

    /// Asks, if need be up to three times, and returns the answer of a success.
    pub(super) async fn get(
        &self,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<Vec<u8>, YooKassaError> {
        let _place = self.place().await?;
        let deadline = Instant::now() + self.limits.get;
        let mut pause = FIRST_PAUSE;
        for _ in 1..GET_ATTEMPTS {
            let request = self.request(Method::GET, path).query(query);
            match self.exchange(request, deadline).await {
                Err(YooKassaError::OutcomeUnknown(_)) if Instant::now() + pause < deadline => {}
                outcome => return outcome,
            }
            tokio::time::sleep(jittered(pause)).await;
            pause *= 4;
        }
        self.exchange(self.request(Method::GET, path).query(query), deadline).await
    }

    async fn exchange(
        &self,
        request: RequestBuilder,
        deadline: Instant,
    ) -> Result<Vec<u8>, YooKassaError> {
        let outcome = exchange(request, deadline).await;
        match &outcome {
            Err(YooKassaError::Unauthorized) => self.refused.store(true, Ordering::Relaxed),
            // An answer to something else than the key says nothing of it.
            Err(
                YooKassaError::OutcomeUnknown(_)
                | YooKassaError::Later { .. }
                | YooKassaError::Malformed(_),
            ) => {}
            Ok(_) | Err(YooKassaError::Rejected { .. } | YooKassaError::NotFound) => {
                self.refused.store(false, Ordering::Relaxed);
            }
        }
        outcome
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let Settings { api_url, shop_id, secret_key } = &*self.settings;
        self.http
            .request(method, format!("{}/{path}", api_url.trim_end_matches('/')))
            .basic_auth(shop_id, Some(secret_key.expose_secret()))
    }

    async fn place(&self) -> Result<SemaphorePermit<'_>, YooKassaError> {
        match tokio::time::timeout(self.limits.connect, self.places.acquire()).await {
            Ok(Ok(place)) => Ok(place),
            Ok(Err(_)) | Err(_) => Err(YooKassaError::Later { after: WHEN_CROWDED }),
        }
    }
}

async fn exchange(request: RequestBuilder, deadline: Instant) -> Result<Vec<u8>, YooKassaError> {
    let exchange = async {
        let response = request.send().await.map_err(|err| YooKassaError::from_transport(&err))?;
        read(response).await
    };
    let outcome = tokio::time::timeout_at(deadline, exchange).await;
    outcome.unwrap_or(Err(YooKassaError::OutcomeUnknown(Unclear::TimedOut)))
}

async fn read(mut response: Response) -> Result<Vec<u8>, YooKassaError> {
    let status = response.status();
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() <= LARGEST_ANSWER_BYTES => {
                body.extend_from_slice(&chunk);
            }
            Ok(None) => break,
            // The status of a refusal is meaning enough; its body may be cut or endless.
            _ if status.is_client_error() => break,
            Ok(Some(_)) => return Err(YooKassaError::Malformed("too large")),
            Err(err) => return Err(YooKassaError::from_transport(&err)),
        }
    }
    if status == StatusCode::OK || status == StatusCode::CREATED {
        return Ok(body);
    }
    Err(YooKassaError::from_answer(status, response.headers(), &body))
}

/// Spreads repetitions over half to the whole of `pause`, so that callers do not come in step.
fn jittered(pause: Duration) -> Duration {
    let random = ring::rand::generate::<[u8; 1]>(&SystemRandom::new());
    let part = random.map_or(0, |byte| u32::from(byte.expose()[0]));
    pause * (256 + part) / 512
}
