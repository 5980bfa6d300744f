//! Keyboards: the buttons below a message, and those in place of the person's own keyboard.

use serde::Serialize;
use serde_json::{Value, json};

use super::answer::Refusal;
use super::params::Params;

/// How many inline buttons a message may have.
const MAX_BUTTONS: usize = 100;

/// How long a button's data may be.
const MAX_DATA_BYTES: usize = 64;

/// An inline button as a person sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Button {
    /// What stands on it.
    pub text: String,
    /// What the bot receives when it is pressed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
    /// What it opens instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// A button of a keyboard that stands in place of the person's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ReplyButton {
    pub(super) text: String,
    pub(super) asks_contact: bool,
}

/// The keyboard that a chat shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ReplyKeyboard {
    pub(super) rows: Vec<Vec<ReplyButton>>,
    pub(super) one_time: bool,
}

/// The `reply_markup` of a request.
#[derive(Clone, Debug)]
pub(super) enum Markup {
    Inline(Inline),
    Reply(ReplyKeyboard),
    Remove,
    ForceReply,
}

/// Buttons below a message, and the JSON they came as.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Inline {
    pub(super) rows: Vec<Vec<Button>>,
    json: Value,
}

impl Inline {
    /// Returns the buttons as an `InlineKeyboardMarkup`; `None` if there are none.
    pub(super) fn json(&self) -> Option<Value> {
        (!self.rows.is_empty()).then(|| json!({"inline_keyboard": self.json}))
    }
}

impl Markup {
    /// Reads `reply_markup`.
    pub(super) fn read(params: &Params) -> Result<Option<Self>, Refusal> {
        let Some(markup) = params.json("reply_markup", "reply keyboard markup JSON object")? else {
            return Ok(None);
        };
        if let Some(rows) = markup.get("inline_keyboard") {
            return Ok(Some(Self::Inline(inline(rows)?)));
        }
        if let Some(rows) = markup.get("keyboard") {
            let one_time = markup["one_time_keyboard"].as_bool().unwrap_or(false);
            let rows = rows_of(rows, "keyboard", reply_button)?;
            return Ok(Some(Self::Reply(ReplyKeyboard { rows, one_time })));
        }
        if markup["remove_keyboard"] == json!(true) {
            return Ok(Some(Self::Remove));
        }
        if markup["force_reply"] == json!(true) {
            return Ok(Some(Self::ForceReply));
        }
        if markup.as_object().is_some_and(serde_json::Map::is_empty) {
            return Ok(None);
        }
        Err(Refusal::bad_request("object expected as reply markup"))
    }

    /// Reads the `reply_markup` of an edit, which can be inline only; none takes buttons away.
    pub(super) fn read_inline(params: &Params) -> Result<Inline, Refusal> {
        match Self::read(params)? {
            Some(Self::Inline(inline)) => Ok(inline),
            None => Ok(Inline::default()),
            Some(Self::Reply(_) | Self::Remove | Self::ForceReply) => {
                Err(Refusal::bad_request("inline keyboard expected"))
            }
        }
    }
}

fn inline(json: &Value) -> Result<Inline, Refusal> {
    let mut rows = rows_of(json, "inline keyboard", inline_button)?;
    rows.retain(|row| !row.is_empty());
    if rows.iter().map(Vec::len).sum::<usize>() > MAX_BUTTONS {
        return Err(Refusal::bad_request("reply markup is too long"));
    }
    Ok(Inline { rows, json: json.clone() })
}

fn rows_of<T>(
    json: &Value,
    kind: &str,
    button: impl Fn(&Value) -> Result<T, Refusal>,
) -> Result<Vec<Vec<T>>, Refusal> {
    let rows = json.as_array().ok_or_else(|| {
        Refusal::bad_request(format!("can't parse {kind}: field must be of type Array"))
    })?;
    rows.iter()
        .map(|row| {
            let row = row.as_array().ok_or_else(|| {
                Refusal::bad_request(format!("can't parse {kind} row: expected an Array"))
            })?;
            row.iter().map(&button).collect()
        })
        .collect()
}

fn inline_button(json: &Value) -> Result<Button, Refusal> {
    let text = json["text"].as_str().ok_or_else(|| {
        Refusal::bad_request(
            "can't parse inline keyboard button: Field \"text\" must be of type String",
        )
    })?;
    if text.is_empty() {
        return Err(Refusal::bad_request("BUTTON_TEXT_INVALID"));
    }
    let data = json["callback_data"].as_str().map(str::to_owned);
    if data.as_ref().is_some_and(|data| data.is_empty() || data.len() > MAX_DATA_BYTES) {
        return Err(Refusal::bad_request("BUTTON_DATA_INVALID"));
    }
    let url = json["url"].as_str().or_else(|| json["web_app"]["url"].as_str());
    let url = url.map(checked_url).transpose()?;
    let other = ["switch_inline_query", "switch_inline_query_current_chat", "pay", "copy_text"];
    if data.is_none() && url.is_none() && !other.iter().any(|field| json.get(field).is_some()) {
        return Err(Refusal::bad_request(
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ));
    }
    Ok(Button { text: text.to_owned(), data, url })
}

fn checked_url(url: &str) -> Result<String, Refusal> {
    let schemes = ["http://", "https://", "tg://"];
    let rest = schemes.iter().find_map(|scheme| url.strip_prefix(scheme));
    let host = rest.and_then(|rest| rest.split(['/', '?', '#', ':']).next());
    let known = host.is_some_and(|host| host.contains('.') || url.starts_with("tg://"));
    // Telegram refuses a name without a dot; a test's own server has a numeric address.
    if known {
        return Ok(url.to_owned());
    }
    Err(Refusal::bad_request(format!(
        "inline keyboard button URL '{url}' is invalid: Wrong HTTP URL"
    )))
}

fn reply_button(json: &Value) -> Result<ReplyButton, Refusal> {
    let text = json.as_str().or_else(|| json["text"].as_str()).ok_or_else(|| {
        Refusal::bad_request("can't parse keyboard button: Field \"text\" must be of type String")
    })?;
    let asks_contact = json["request_contact"].as_bool().unwrap_or(false);
    Ok(ReplyButton { text: text.to_owned(), asks_contact })
}
