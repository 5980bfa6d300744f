//! A client's calls to Telegram: under the right token, within the limits, and nothing else.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use futures::stream;

use super::answer::{Refusal, Verdict};
use super::body::{Chat, Outgoing};
use super::held::{self, Ask};
use super::method::{Method, Pace};
use super::rooms::Room;
use super::starts::Starts;
use super::target::{FilePath, Target};
use super::tenant::Tenant;
use crate::actions::report::report_diversion;
use crate::deps::Deps;
use crate::domain::token::BotToken;
use crate::external::telegram::{ForwardError, Forwarded, ForwardedFile, Forwarder, Patience};
use crate::metrics::{BotMeter, BotRole, Metrics};

/// Telegram gives files of up to 20 MB.
const DOWNLOAD_LIMIT_BYTES: u64 = 20 * 1024 * 1024;
/// No poll waits longer; Telegram itself stops at 50 s.
const LONGEST_POLL: Duration = Duration::from_mins(1);

/// The way to Telegram that all clients share.
#[derive(Debug)]
pub(super) struct Upstream {
    forwarder: Forwarder,
    starts: Starts,
    meter: BotMeter,
}

/// What one socket leads to.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) upstream: Arc<Upstream>,
    pub(super) tenant: Arc<Tenant>,
}

impl Upstream {
    pub(super) fn new(forwarder: Forwarder, metrics: Metrics) -> Self {
        let starts = if forwarder.is_local() { Starts::unlimited() } else { Starts::paced() };
        Self { forwarder, starts, meter: BotMeter::new(metrics, BotRole::Client) }
    }

    /// Counts for all clients' bots.
    pub(super) const fn meter(&self) -> &BotMeter {
        &self.meter
    }
}

/// Answers a request that is not for the gateway itself.
pub(super) async fn telegram(State(room): State<Room>, request: Request) -> Response {
    let may_serve = room.profile.borrow().may_serve();
    let line = room.line;
    let answered = match Target::of(request.method(), request.uri()) {
        Ok(_) if !may_serve => Err(Refusal::NoData),
        Ok(Target::Call(method)) => line.call(&room.deps, method, request).await,
        Ok(Target::File(path)) => line.file(&path).await,
        Err(refusal) => Err(refusal),
    };
    answered.unwrap_or_else(|refusal| {
        tracing::debug!(event = "gateway.refused", client = %line.tenant.client, ?refusal,
            "answered in telegram's place");
        refusal.into_response()
    })
}

impl Line {
    async fn call(
        &self,
        deps: &Deps,
        method: &'static Method,
        request: Request,
    ) -> Result<Response, Refusal> {
        let tenant = &self.tenant;
        let token = tenant.token()?;
        let (parts, body) = request.into_parts();
        let call = Outgoing::take(&parts.headers, body).await?;
        let room = match method.pace() {
            Pace::Poll => tenant.room_for_poll()?,
            Pace::Message | Pace::Call => tenant.room_for_call()?,
        };
        tenant.start(&self.upstream.starts).await?;
        match method.pace() {
            Pace::Poll => tenant.pace.poll().await?,
            Pace::Message => tenant.pace.message(&call.chat).await?,
            Pace::Call => tenant.pace.call().await?,
        }
        if method.name() == "getUpdates" {
            let wait = Duration::from_secs(call.timeout_s);
            let ask = Ask { offset: call.offset, limit: call.limit, wait };
            if let Some(answer) = held::answer(deps, tenant, token.bot(), ask).await? {
                tenant.problems.poll_answered();
                return Ok(answer);
            }
        }
        let patience = match method.pace() {
            Pace::Poll => Patience::Poll(Duration::from_secs(call.timeout_s).min(LONGEST_POLL)),
            Pace::Message | Pace::Call if call.is_upload => Patience::Upload,
            Pace::Message | Pace::Call => Patience::Call,
        };
        let Outgoing { headers, body, chat, .. } = call;
        let forwarder = &self.upstream.forwarder;
        let sent = forwarder.call(&token, method.name(), headers, body, patience).await;
        self.upstream.meter.asked(method.name(), &sent);
        let answer = sent.map_err(|err| self.no_answer(method, err))?;
        drop(room);
        self.learn(deps, (method, &chat), &token, &answer).await?;
        Ok(passed_on(answer))
    }

    async fn file(&self, path: &FilePath) -> Result<Response, Refusal> {
        let token = self.tenant.token()?;
        let room = self.tenant.room_for_call()?;
        let asked = self.upstream.forwarder.file(&token, path.as_str()).await;
        self.upstream.meter.asked("file", &asked);
        drop(room);
        match asked {
            Ok(Ok(file)) => file_on_its_way(file),
            Ok(Err(answer)) => {
                self.verdict(&answer)?;
                Ok(passed_on(answer))
            }
            Err(err) => {
                tracing::warn!(event = "gateway.no_file", client = %self.tenant.client, error = %err,
                    "could not get a file from telegram");
                Err(Refusal::Unreachable)
            }
        }
    }

    /// Takes from Telegram's answer what it says about the bot.
    async fn learn(
        &self,
        deps: &Deps,
        (method, chat): (&Method, &Chat),
        token: &BotToken,
        answer: &Forwarded,
    ) -> Result<(), Refusal> {
        let tenant = &self.tenant;
        let verdict = self.verdict(answer)?;
        if answer.status == 401 {
            tenant.refuse(token);
            return Ok(());
        }
        tenant.problems.token_accepted();
        if let Some(length) = verdict.retry_after() {
            self.pause(method, chat, length);
        }
        let to_owner = tenant.is_owner(chat);
        match method.pace() {
            Pace::Poll if verdict.ok => tenant.polled(),
            Pace::Poll if answer.status == 409 => {
                if verdict.description.contains("webhook") {
                    self.remove_webhook(deps, token).await;
                }
                tenant.problems.poll_refused();
            }
            Pace::Message if to_owner && verdict.ok => tenant.problems.owner_reached(),
            Pace::Message if to_owner && answer.status == 403 => tenant.problems.owner_refused(),
            Pace::Poll | Pace::Message | Pace::Call => {}
        }
        Ok(())
    }

    /// Somebody has given the bot's updates to another program; they are taken back, and those
    /// that wait are kept. People hear of it, unless the bot has only just come from there.
    async fn remove_webhook(&self, deps: &Deps, token: &BotToken) {
        let client = self.tenant.client;
        match self.upstream.forwarder.remove_webhook(token).await {
            Ok(answer) => tracing::warn!(event = "gateway.webhook_removed", %client,
                status = answer.status, "the bot had a foreign webhook"),
            Err(err) => {
                tracing::warn!(event = "gateway.webhook_left", %client, error = %err,
                    "could not remove a foreign webhook");
                return;
            }
        }
        if self.tenant.is_ours()
            && let Err(err) = report_diversion(deps, client).await
        {
            tracing::error!(event = "gateway.diversion_not_told", %client, error = %err,
                "nobody could be told of a foreign webhook");
        }
    }

    fn pause(&self, method: &Method, chat: &Chat, length: Duration) {
        self.upstream.meter.told_to_wait(length);
        tracing::warn!(event = "gateway.flood", client = %self.tenant.client,
            method = method.name(), wait_s = length.as_secs(), "telegram wants less");
        match (method.pace(), chat) {
            (Pace::Poll, _) => self.tenant.pace.pause_polls(length),
            (Pace::Call, _) | (Pace::Message, Chat::Unknown) => {
                self.tenant.pace.pause(None, length);
            }
            (Pace::Message, chat) => self.tenant.pace.pause(Some(chat), length),
        }
    }

    /// Reads what Telegram says; whatever else there is on the way says something else.
    fn verdict(&self, answer: &Forwarded) -> Result<Verdict, Refusal> {
        serde_json::from_slice(&answer.body).map_err(|_| {
            tracing::warn!(event = "gateway.no_telegram", client = %self.tenant.client,
                status = answer.status, "the answer is not telegram's");
            Refusal::Unreachable
        })
    }

    fn no_answer(&self, method: &Method, err: ForwardError) -> Refusal {
        tracing::warn!(event = "gateway.no_answer", client = %self.tenant.client,
            method = method.name(), error = %err, "no answer from telegram");
        Refusal::Unreachable
    }
}

fn passed_on(answer: Forwarded) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::BAD_GATEWAY);
    let json = HeaderValue::from_static("application/json");
    (status, [(CONTENT_TYPE, json)], answer.body).into_response()
}

/// Passes a file on piece by piece; one that is too large breaks off.
fn file_on_its_way(file: ForwardedFile) -> Result<Response, Refusal> {
    if file.length().is_some_and(|bytes| bytes > DOWNLOAD_LIMIT_BYTES) {
        return Err(Refusal::TooLarge);
    }
    let length = file.length();
    let parts = stream::try_unfold((file, DOWNLOAD_LIMIT_BYTES), |(mut file, left)| async move {
        let Some(part) = file.chunk().await? else { return Ok(None) };
        let bytes = u64::try_from(part.len()).unwrap_or(u64::MAX);
        let left = left.checked_sub(bytes).ok_or(ForwardError::Unusable)?;
        Ok::<_, ForwardError>(Some((Bytes::from(part), (file, left))))
    });
    let mut response = Response::new(Body::from_stream(parts));
    let kind = HeaderValue::from_static("application/octet-stream");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    if let Some(length) = length {
        let name = axum::http::header::CONTENT_LENGTH;
        response.headers_mut().insert(name, HeaderValue::from(length));
    }
    Ok(response)
}
