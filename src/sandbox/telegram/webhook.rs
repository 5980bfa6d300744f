//! Webhooks: updates that go to the bot by themselves.

mod delivery;

use std::collections::HashMap;
use std::net::SocketAddr;

use jiff::Timestamp;
use reqwest::Certificate;
use serde_json::{Value, json};

use super::TelegramSim;
use super::answer::{Answer, Refusal};
use super::bot::BotId;
use super::files::Upload;
use super::params::{InputFile, Params};
use super::polling::allowed_updates;
use super::text::set_given;
use super::world::World;

/// How many deliveries run at once unless the bot says otherwise.
const DEFAULT_CONNECTIONS: i64 = 40;

/// The ports that Telegram calls.
const PORTS: [u16; 4] = [80, 88, 443, 8443];

/// The internet, as the simulated Telegram sees it.
#[derive(Clone, Debug, Default)]
pub(super) struct Outside {
    /// Where hosts are found that no name server knows.
    pub(super) names: HashMap<String, SocketAddr>,
    /// Who signs certificates, besides the usual.
    pub(super) roots: Vec<Certificate>,
    /// Whether webhooks may be of plain HTTP, as at a Bot API server of one's own.
    pub(super) takes_plain: bool,
}

/// Where a bot's updates go.
#[derive(Clone)]
pub(super) struct Webhook {
    pub(super) url: String,
    pub(super) secret: Option<String>,
    pub(super) certificate: Option<Upload>,
    pub(super) outside: Outside,
    pub(super) max_connections: usize,
    /// Tells this setting from earlier ones, whose deliveries end.
    pub(super) number: u64,
    pub(super) last_error: Option<(Timestamp, String)>,
}

/// `setWebhook`; an empty address deletes it.
pub(super) fn set(sim: &TelegramSim, id: BotId, params: &Params) -> Answer {
    let url = params.text("url");
    if url.is_empty() {
        return delete(&mut sim.world(), id, params);
    }
    let allowed = allowed_updates(params)?;
    let mut world = sim.world();
    let mut webhook = read(params, url, &world.outside)?;
    let bot = world.bots.get_mut(&id).ok_or_else(Refusal::unauthorized)?;
    bot.polls += 1; // A poll that waits is over; the count also numbers the settings.
    webhook.number = bot.polls;
    if let Some(kinds) = allowed {
        bot.queue.allow(kinds);
    }
    if params.flag("drop_pending_updates") {
        bot.queue.clear();
    }
    bot.webhook = Some(webhook.clone());
    bot.wake();
    drop(world);
    let deliveries = delivery::run(sim.clone(), id, webhook);
    let stop = sim.0.stop.clone();
    sim.0.tasks.spawn(async move { stop.run_until_cancelled(deliveries).await });
    Ok(true.into())
}

fn read(params: &Params, url: String, outside: &Outside) -> Result<Webhook, Refusal> {
    let plain = outside.takes_plain && url.starts_with("http://");
    if !plain && !url.starts_with("https://") {
        return Err(Refusal::bad_request("bad webhook: An HTTPS URL must be provided for webhook"));
    }
    if !plain && !has_port_of_telegrams(&url) {
        let wrong = "bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443";
        return Err(Refusal::bad_request(wrong));
    }
    let secret = params.given("secret_token");
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if secret.as_ref().is_some_and(|secret| secret.len() > 256) {
        return Err(Refusal::bad_request("secret token is too long"));
    }
    if secret.as_ref().is_some_and(|secret| !secret.chars().all(allowed)) {
        return Err(Refusal::bad_request("secret token contains unallowed characters"));
    }
    let certificate = match params.file("certificate") {
        Some(InputFile::New(upload)) => Some(upload.clone()),
        Some(InputFile::Known(_)) | None => None,
    };
    let connections =
        params.integer("max_connections").unwrap_or(DEFAULT_CONNECTIONS).clamp(1, 100);
    let max_connections = usize::try_from(connections).unwrap_or(1);
    let outside = outside.clone();
    Ok(Webhook { url, secret, certificate, outside, max_connections, number: 0, last_error: None })
}

fn has_port_of_telegrams(url: &str) -> bool {
    let port = reqwest::Url::parse(url).ok().and_then(|url| url.port_or_known_default());
    port.is_some_and(|port| PORTS.contains(&port))
}

/// `deleteWebhook`.
pub(super) fn delete(world: &mut World, id: BotId, params: &Params) -> Answer {
    let bot = world.bots.get_mut(&id).ok_or_else(Refusal::unauthorized)?;
    bot.webhook = None;
    if params.flag("drop_pending_updates") {
        bot.queue.clear();
    }
    bot.wake();
    Ok(true.into())
}

/// `getWebhookInfo`.
pub(super) fn info(world: &mut World, id: BotId) -> Answer {
    let now = world.now();
    let bot = world.bots.get_mut(&id).ok_or_else(Refusal::unauthorized)?;
    bot.queue.forget(now);
    let webhook = bot.webhook.as_ref();
    let url = webhook.map_or("", |webhook| webhook.url.as_str());
    let mut info = json!({
        "url": url,
        "has_custom_certificate": webhook.is_some_and(|webhook| webhook.certificate.is_some()),
        "pending_update_count": bot.queue.len(),
    });
    if let Some(webhook) = webhook {
        info["max_connections"] = json!(webhook.max_connections);
        if let Some((at, why)) = &webhook.last_error {
            info["last_error_date"] = json!(at.as_second());
            set_given(&mut info, "last_error_message", Some(why.clone()));
        }
    }
    if let Some(kinds) = bot.queue.allowed() {
        info["allowed_updates"] = kinds.iter().map(|kind| Value::from(kind.as_str())).collect();
    }
    Ok(info)
}
