//! Webhooks: telling Telegram where to bring a bot's updates, and how it fares with that.

use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;

use super::TelegramError;
use super::poll::{ALLOWED, call};

/// Where Telegram is to bring a bot's updates.
#[derive(Clone, Debug)]
pub struct Hook {
    /// The address.
    pub url: String,
    /// What Telegram shows there, so that it is known.
    pub secret: SecretString,
    /// How many updates it may bring at once, 1 to 100.
    pub max_connections: u8,
}

/// What Telegram says of a bot's webhook.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct HookInfo {
    /// Where updates are brought; empty if nowhere.
    pub url: String,
    /// How many wait to be brought.
    #[serde(default)]
    pub pending_update_count: u64,
    /// When bringing one failed last, in seconds since 1970.
    pub last_error_date: Option<i64>,
    /// Why it failed, in Telegram's words.
    pub last_error_message: Option<String>,
}

impl HookInfo {
    /// Returns the host that updates are brought to. The rest of the address may be a secret.
    pub fn host(&self) -> Option<String> {
        Url::parse(&self.url).ok()?.host_str().map(str::to_owned)
    }
}

/// Has Telegram bring the bot's updates to `hook`, those that wait included.
///
/// # Errors
///
/// Returns [`TelegramError`] if the webhook may not be set.
pub async fn set_webhook(bot: &teloxide::Bot, hook: &Hook) -> Result<(), TelegramError> {
    let body = json!({
        "url": hook.url,
        "secret_token": hook.secret.expose_secret(),
        "allowed_updates": ALLOWED,
        "max_connections": hook.max_connections,
        "drop_pending_updates": false,
    });
    call::<bool>(bot, "SetWebhook", &body).await.map(drop)
}

/// Makes Telegram hold the bot's updates for `getUpdates` again, those that wait included.
///
/// # Errors
///
/// Returns [`TelegramError`] if the webhook may still be set.
pub async fn delete_webhook(bot: &teloxide::Bot) -> Result<(), TelegramError> {
    let body = json!({ "drop_pending_updates": false });
    call::<bool>(bot, "DeleteWebhook", &body).await.map(drop)
}

/// Asks Telegram how it fares with the bot's webhook.
///
/// # Errors
///
/// Returns [`TelegramError`].
pub async fn webhook_info(bot: &teloxide::Bot) -> Result<HookInfo, TelegramError> {
    call(bot, "GetWebhookInfo", &json!({})).await
}
