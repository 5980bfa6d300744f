//! Updates that the host holds for a client's bot: what Telegram has brought here, the bot asks for
//! as if it asked Telegram.

use std::collections::BTreeSet;
use std::time::Duration;

use axum::body::Bytes;
use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use tokio::time::{Instant, timeout_at};

use super::answer::Refusal;
use super::tenant::Tenant;
use crate::actions::cover::Cover;
use crate::config::Updates;
use crate::deps::Deps;
use crate::domain::ids::BotId;
use crate::store::{StoreError, updates, webhooks};

/// The most updates of one answer, as at Telegram.
const MOST: usize = 100;
/// No poll waits longer; Telegram itself stops at 50 s.
const LONGEST_WAIT: Duration = Duration::from_mins(1);

/// What a bot asks for.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Ask {
    /// All before it has arrived.
    pub(super) offset: i64,
    pub(super) limit: usize,
    pub(super) wait: Duration,
}

/// Answers from what is held; `None` if Telegram itself is to be asked, because nothing is held
/// and nothing is brought here.
///
/// What was handed out leaves the disk when the bot asks for what follows. What comes late, with a
/// low number, is handed out wherever the bot is by then, and its next question is taken for an
/// answer to just that.
pub(super) async fn answer(
    deps: &Deps,
    tenant: &Tenant,
    bot: BotId,
    ask: Ask,
) -> Result<Option<Response>, Refusal> {
    let mut fresh = deps.arrivals.listen(bot);
    confirm(deps, tenant, bot, ask.offset).await.map_err(|err| not_read(tenant, &err))?;
    let limit = if ask.limit == 0 { MOST } else { ask.limit.min(MOST) };
    let deadline = Instant::now() + ask.wait.min(LONGEST_WAIT);
    loop {
        let (held, here) = look(deps, bot, limit).map_err(|err| not_read(tenant, &err))?;
        if held.is_empty() && !here {
            return Ok(None);
        }
        if !held.is_empty() {
            return Ok(Some(hand_out(deps, tenant, bot, held)));
        }
        if timeout_at(deadline, fresh.recv()).await.is_err() {
            return Ok(Some(as_telegram_does(&[])));
        }
    }
}

/// Returns what is held, and whether updates are brought here, or may still be.
fn look(deps: &Deps, bot: BotId, limit: usize) -> Result<(Vec<updates::Kept>, bool), StoreError> {
    let brought = deps.config.telegram.updates == Updates::Webhook;
    deps.store.read(|snap| {
        let held = updates::oldest(snap, bot, limit)?;
        let here = brought || webhooks::get(snap, bot)?.is_some();
        Ok((held, here))
    })
}

/// Forgets what has arrived.
async fn confirm(deps: &Deps, tenant: &Tenant, bot: BotId, offset: i64) -> Result<(), StoreError> {
    let arrived = tenant.arrived(bot, offset);
    if !deps.store.read(|snap| updates::any_of(snap, bot, &arrived))? {
        return Ok(());
    }
    let write = deps.store.write(move |txn| {
        for id in &arrived {
            updates::remove(txn, bot, *id)?;
        }
        Ok::<_, StoreError>(())
    });
    write.await
}

fn hand_out(deps: &Deps, tenant: &Tenant, bot: BotId, held: Vec<updates::Kept>) -> Response {
    let cover = Cover::of(deps, bot);
    let mut ids = BTreeSet::new();
    let mut opened = Vec::with_capacity(held.len());
    for kept in held {
        let id = kept.id;
        match cover.take_off(kept) {
            Ok(json) => opened.push(json),
            Err(err) => {
                tracing::error!(event = "gateway.update_sealed", client = %tenant.client,
                    update = id, error = %err, "an update cannot be opened and is left out");
                // With its number alone it goes the way of all others.
                opened.push(format!("{{\"update_id\":{id}}}").into_bytes());
            }
        }
        ids.insert(id);
    }
    tenant.hand_out(bot, ids);
    as_telegram_does(&opened)
}

fn as_telegram_does(updates: &[Vec<u8>]) -> Response {
    let body = [b"{\"ok\":true,\"result\":[", updates.join(&b',').as_slice(), b"]}"].concat();
    let json = HeaderValue::from_static("application/json");
    ([(CONTENT_TYPE, json)], Bytes::from(body)).into_response()
}

fn not_read(tenant: &Tenant, err: &StoreError) -> Refusal {
    tracing::error!(event = "gateway.not_held", client = %tenant.client, error = %err,
        "the updates of a client's bot cannot be read");
    Refusal::Unreachable
}
