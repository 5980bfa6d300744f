//! Delivering updates to a webhook: in order for each person, again until they are taken.

use std::collections::HashSet;
use std::time::Duration;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use jiff::SignedDuration;
use reqwest::{Certificate, Client, StatusCode, redirect};
use serde_json::Value;
use tokio::time::Instant;

use super::super::TelegramSim;
use super::super::bot::BotId;
use super::super::methods;
use super::super::params::Params;
use super::super::person::PersonId;
use super::super::queue::Update;
use super::Webhook;

/// How long the bot may take to answer one delivery.
const ANSWER_WITHIN: Duration = Duration::from_mins(1);

/// The longest pause between two attempts.
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_secs(64);

/// Delivers a bot's updates until its webhook is changed or deleted.
pub(super) async fn run(sim: TelegramSim, bot: BotId, webhook: Webhook) {
    let Some(mut waker) = sim.world().bots.get(&bot).map(super::super::bot::Bot::waker) else {
        return;
    };
    let client = match client(&webhook) {
        Ok(client) => client,
        Err(error) => return note(&sim, bot, &webhook, &error),
    };
    let mut busy = HashSet::<PersonId>::new();
    let mut running = FuturesUnordered::new();
    loop {
        waker.mark_unchanged();
        if !is_current(&sim, bot, &webhook) {
            return;
        }
        while busy.len() < webhook.max_connections
            && let Some(update) = next(&sim, bot, &busy)
        {
            busy.insert(update.person);
            running.push(deliver(&sim, &client, bot, &webhook, update));
        }
        let held = sim.world().bots.get(&bot).and_then(|bot| bot.queue.held_until());
        tokio::select! {
            Some(person) = running.next(), if !running.is_empty() => { busy.remove(&person); }
            _ = waker.changed() => {}
            () = released(held) => {}
        }
    }
}

/// Waits until an update that is held back may go; for ever if there is none.
async fn released(held: Option<Instant>) {
    match held {
        Some(until) => tokio::time::sleep_until(until).await,
        None => std::future::pending().await,
    }
}

fn client(webhook: &Webhook) -> Result<Client, String> {
    let mut builder =
        Client::builder().redirect(redirect::Policy::none()).timeout(ANSWER_WITHIN).no_proxy();
    if let Some(certificate) = &webhook.certificate {
        let root = Certificate::from_pem(&certificate.bytes);
        builder = builder.add_root_certificate(root.map_err(|error| error.to_string())?);
    }
    for root in &webhook.outside.roots {
        builder = builder.add_root_certificate(root.clone());
    }
    for (name, address) in &webhook.outside.names {
        builder = builder.resolve(name, *address);
    }
    builder.build().map_err(|error| error.to_string())
}

fn is_current(sim: &TelegramSim, bot: BotId, webhook: &Webhook) -> bool {
    let world = sim.world();
    let current = world.bots.get(&bot).and_then(|bot| bot.webhook.as_ref());
    current.is_some_and(|current| current.number == webhook.number)
}

fn next(sim: &TelegramSim, bot: BotId, busy: &HashSet<PersonId>) -> Option<Update> {
    let mut world = sim.world();
    let now = world.now();
    let queue = &mut world.bots.get_mut(&bot)?.queue;
    queue.forget(now);
    queue.next(|person| busy.contains(&person))
}

/// Delivers one update, however many attempts it takes until it is too old.
async fn deliver(
    sim: &TelegramSim,
    client: &Client,
    bot: BotId,
    webhook: &Webhook,
    update: Update,
) -> PersonId {
    let clock = sim.world().clock.clone();
    let mut pause = SignedDuration::from_secs(1);
    while clock.now().duration_since(update.at) < SignedDuration::from_hours(24) {
        match attempt(client, webhook, &update).await {
            Ok(body) => {
                if let Some(bot) = sim.world().bots.get_mut(&bot) {
                    bot.queue.delivered(update.id);
                }
                perform_returned(sim, bot, body);
                break;
            }
            Err(why) => {
                // Fixed first, so that whoever sees the failure may move the clock at once.
                let again = clock.now() + pause;
                note(sim, bot, webhook, &why);
                clock.sleep_until(again).await;
            }
        }
        pause = LONGEST_PAUSE.min(pause * 2);
    }
    update.person
}

/// Returns what the bot answered, or why the attempt failed in the words of `getWebhookInfo`.
async fn attempt(client: &Client, webhook: &Webhook, update: &Update) -> Result<Value, String> {
    let mut request = client.post(&webhook.url).json(&update.body);
    if let Some(secret) = &webhook.secret {
        request = request.header("X-Telegram-Bot-Api-Secret-Token", secret);
    }
    let response = request.send().await.map_err(|error| reason(&error).to_owned())?;
    let status = response.status();
    if !status.is_success() {
        return Err(format!("Wrong response from the webhook: {}", shown(status)));
    }
    Ok(response.json().await.unwrap_or_default()) // Most bots answer with nothing to perform.
}

fn reason(error: &reqwest::Error) -> &'static str {
    if error.is_timeout() {
        "Read timeout expired"
    } else if error.is_connect() {
        "Connection refused"
    } else {
        "Connection closed"
    }
}

fn shown(status: StatusCode) -> String {
    format!("{} {}", status.as_u16(), status.canonical_reason().unwrap_or_default())
        .trim_end()
        .to_owned()
}

fn note(sim: &TelegramSim, bot: BotId, webhook: &Webhook, why: &str) {
    let mut world = sim.world();
    let now = world.now();
    let current = world.bots.get_mut(&bot).and_then(|bot| bot.webhook.as_mut());
    if let Some(current) = current.filter(|current| current.number == webhook.number) {
        current.last_error = Some((now, why.to_owned()));
    }
}

/// Performs the method that a bot returned; nobody learns of its result.
fn perform_returned(sim: &TelegramSim, bot: BotId, body: Value) {
    let Value::Object(mut fields) = body else { return };
    let Some(Value::String(method)) = fields.remove("method") else { return };
    let params = Params::from_object(fields);
    methods::perform(sim, bot, &method.to_ascii_lowercase(), &params).ok();
}
