//! `getUpdates`: one poller a bot, which waits for news.

use std::time::Duration;

use serde_json::Value;
use tokio::sync::watch;
use tokio::time::Instant;

use super::TelegramSim;
use super::answer::{Answer, Refusal};
use super::bot::BotId;
use super::params::Params;
use super::queue::Found;

/// The longest that a poll may wait.
const LONGEST: u64 = 50;

/// The most updates that a poll returns.
const MOST: usize = 100;

/// A poll's claim to be the one that is answered.
struct Turn {
    number: u64,
    token: String,
}

/// What one look at the queue tells a poll to do.
enum Next {
    Answer(Vec<Value>),
    Wait(Option<Instant>),
}

/// Performs `getUpdates`; waits in real time.
pub(super) async fn get_updates(sim: &TelegramSim, bot: BotId, params: &Params) -> Answer {
    let limit = params.integer("limit").and_then(|limit| usize::try_from(limit).ok());
    let limit = limit.filter(|limit| (1..=MOST).contains(limit)).unwrap_or(MOST);
    let timeout = params.integer("timeout").and_then(|timeout| u64::try_from(timeout).ok());
    let deadline = Instant::now() + Duration::from_secs(timeout.unwrap_or(0).min(LONGEST));
    let allowed = allowed_updates(params)?;
    let (turn, mut waker) = begin(sim, bot, params.integer("offset").unwrap_or(0), allowed)?;
    loop {
        waker.mark_unchanged();
        let held = match look(sim, bot, &turn, limit)? {
            Next::Answer(updates) => return Ok(updates.into()),
            Next::Wait(_) if Instant::now() >= deadline => return Ok(Value::Array(Vec::new())),
            Next::Wait(held) => held,
        };
        let until = held.map_or(deadline, |held| held.min(deadline));
        tokio::time::timeout_at(until, waker.changed()).await.ok();
    }
}

/// Reads `allowed_updates`; `None` leaves the earlier choice.
pub(super) fn allowed_updates(params: &Params) -> Result<Option<Vec<String>>, Refusal> {
    let Some(kinds) = params.json("allowed_updates", "allowed updates JSON object")? else {
        return Ok(None);
    };
    let kinds =
        kinds.as_array().ok_or_else(|| Refusal::bad_request("allowed_updates must be an Array"))?;
    Ok(Some(kinds.iter().filter_map(Value::as_str).map(str::to_owned).collect()))
}

/// Takes the turn from an older poll, which ends, and confirms updates.
fn begin(
    sim: &TelegramSim,
    bot: BotId,
    offset: i64,
    allowed: Option<Vec<String>>,
) -> Result<(Turn, watch::Receiver<()>), Refusal> {
    let mut world = sim.world();
    let now = world.now();
    let bot = world.bots.get_mut(&bot).ok_or_else(Refusal::unauthorized)?;
    if bot.webhook.is_some() {
        return Err(webhook_is_active());
    }
    bot.polls += 1;
    bot.wake();
    if let Some(kinds) = allowed {
        bot.queue.allow(kinds);
    }
    bot.queue.forget(now);
    bot.queue.confirm(offset);
    let turn = Turn { number: bot.polls, token: bot.token.clone() };
    Ok((turn, bot.waker()))
}

fn look(sim: &TelegramSim, bot: BotId, turn: &Turn, limit: usize) -> Result<Next, Refusal> {
    let world = sim.world();
    let bot = world.bots.get(&bot).ok_or_else(Refusal::unauthorized)?;
    if bot.token != turn.token {
        return Err(Refusal::unauthorized());
    }
    if bot.webhook.is_some() {
        return Err(Refusal::conflict("terminated by setWebhook request"));
    }
    if bot.polls != turn.number {
        return Err(Refusal::conflict(
            "terminated by other getUpdates request; make sure that only one bot instance is running",
        ));
    }
    Ok(match bot.queue.look(limit, Instant::now()) {
        Found::Updates(updates) => Next::Answer(updates),
        Found::NoneBefore(held) => Next::Wait(held),
    })
}

fn webhook_is_active() -> Refusal {
    Refusal::conflict(
        "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
    )
}
