//! `getUpdates`, with every update kept as the text it came in.
//!
//! teloxide's own call would lose the updates it cannot read, cannot ask for kinds newer than
//! itself, and waits ten seconds on its own after a server's error.

use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use serde_json::value::RawValue;

use super::TelegramError;

/// The kinds of updates that are asked for, here and of a webhook.
pub const ALLOWED: [&str; 3] = ["message", "callback_query", "my_chat_member"];

/// An update as it came in: its number, its place and its text.
#[derive(Clone, PartialEq, Eq)]
pub struct RawUpdate {
    /// Telegram's number of the update.
    pub id: i64,
    /// The chat that it belongs to, else the person it is from, else 0.
    pub chat: i64,
    /// The JSON.
    pub json: Vec<u8>,
}

/// Shows no word of the update.
impl std::fmt::Debug for RawUpdate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RawUpdate({}, {} bytes)", self.id, self.json.len())
    }
}

#[derive(Deserialize)]
struct Answer {
    ok: bool,
    result: Option<Box<RawValue>>,
    error_code: Option<u16>,
    #[serde(default)]
    description: String,
    parameters: Option<Parameters>,
}

#[derive(Deserialize)]
struct Parameters {
    retry_after: Option<u64>,
}

/// What must be known of an update before it is kept.
#[derive(Deserialize)]
struct Head {
    update_id: i64,
    message: Option<Placed>,
    callback_query: Option<Pressed>,
    my_chat_member: Option<Placed>,
}

#[derive(Deserialize)]
struct Placed {
    chat: Id,
}

#[derive(Deserialize)]
struct Pressed {
    from: Id,
    message: Option<Placed>,
}

#[derive(Deserialize)]
struct Id {
    id: i64,
}

impl Head {
    fn chat(&self) -> i64 {
        let placed = self.message.as_ref().or(self.my_chat_member.as_ref());
        let pressed = self.callback_query.as_ref();
        let chat = placed.or(pressed.and_then(|it| it.message.as_ref())).map(|it| it.chat.id);
        chat.or(pressed.map(|it| it.from.id)).unwrap_or(0)
    }
}

/// Waits up to `timeout` for updates from `offset` on; asking confirms all before it.
///
/// An update without a number cannot be kept and is left out.
///
/// # Errors
///
/// Returns [`TelegramError`]; nothing is confirmed then, as far as is known.
pub async fn get_updates(
    bot: &teloxide::Bot,
    offset: Option<i64>,
    timeout: Duration,
) -> Result<Vec<RawUpdate>, TelegramError> {
    let mut body = json!({
        "timeout": timeout.as_secs(), "limit": 100, "allowed_updates": ALLOWED,
    });
    if let Some(offset) = offset {
        body["offset"] = offset.into();
    }
    let updates: Vec<Box<RawValue>> = call(bot, "GetUpdates", &body).await?;
    Ok(updates.iter().filter_map(|json| read(json)).collect())
}

impl RawUpdate {
    /// Reads an update that Telegram has brought.
    ///
    /// # Errors
    ///
    /// Returns [`NotAnUpdate`] for what is no JSON or has no number.
    pub fn brought(body: &[u8]) -> Result<Self, NotAnUpdate> {
        let json = serde_json::from_slice::<&RawValue>(body).map_err(|_| NotAnUpdate)?;
        read(json).ok_or(NotAnUpdate)
    }
}

/// What came is no update.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no update of telegram's")]
pub struct NotAnUpdate;

fn read(json: &RawValue) -> Option<RawUpdate> {
    match serde_json::from_str::<Head>(json.get()) {
        Ok(head) => {
            let (id, chat) = (head.update_id, head.chat());
            Some(RawUpdate { id, chat, json: json.get().as_bytes().to_vec() })
        }
        Err(_) => numbered(json),
    }
}

/// Keeps an update of which only the number can be read; the handler will say what is wrong.
fn numbered(json: &RawValue) -> Option<RawUpdate> {
    #[derive(Deserialize)]
    struct Number {
        update_id: i64,
    }
    let number = serde_json::from_str::<Number>(json.get()).ok()?;
    Some(RawUpdate { id: number.update_id, chat: 0, json: json.get().as_bytes().to_vec() })
}

pub(super) async fn call<T: DeserializeOwned>(
    bot: &teloxide::Bot,
    method: &str,
    body: &serde_json::Value,
) -> Result<T, TelegramError> {
    let mut url = bot.api_url();
    url.path_segments_mut()
        .map_err(|()| TelegramError::Network("the address has no path"))?
        .pop_if_empty()
        .push(&format!("bot{}", bot.token()))
        .push(method);
    let response = bot.client().post(url).json(body).send().await;
    let response = response.map_err(|err| TelegramError::from(&err))?;
    let status = response.status().as_u16();
    let bytes = response.bytes().await.map_err(|err| TelegramError::from(&err))?;
    let Ok(answer) = serde_json::from_slice::<Answer>(&bytes) else {
        return Err(TelegramError::Server); // A proxy's page, or half an answer.
    };
    if answer.ok {
        let result = answer.result.as_deref().map_or("null", RawValue::get);
        return serde_json::from_str(result).map_err(|_| TelegramError::Server);
    }
    let code = answer.error_code.unwrap_or(status);
    let retry_after = answer.parameters.and_then(|it| it.retry_after);
    Err(TelegramError::from_answer(code, &answer.description, retry_after))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(json: &str) -> Option<(i64, i64)> {
        let raw = RawValue::from_string(json.to_owned()).unwrap();
        read(&raw).map(|it| (it.id, it.chat))
    }

    #[test]
    fn every_update_with_a_number_is_kept_under_its_chat() {
        assert_eq!(head(r#"{"update_id":7,"message":{"chat":{"id":-5}}}"#), Some((7, -5)));
        let pressed = r#"{"update_id":8,"callback_query":{"from":{"id":3},"data":"x"}}"#;
        assert_eq!(head(pressed), Some((8, 3)));
        let placed =
            r#"{"update_id":8,"callback_query":{"from":{"id":3},"message":{"chat":{"id":4}}}}"#;
        assert_eq!(head(placed), Some((8, 4)));
        assert_eq!(head(r#"{"update_id":9,"a_new_kind":{}}"#), Some((9, 0)));
        assert_eq!(head(r#"{"update_id":10,"message":"nonsense"}"#), Some((10, 0)));
        assert_eq!(head(r#"{"message":{"chat":{"id":1}}}"#), None);
    }
}
