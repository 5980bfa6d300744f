//! Sending: messages, files, places, contacts, forwards and copies.

use serde_json::json;
use tokio::time::Instant;

use super::super::answer::{Answer, Refusal};
use super::super::events::Speaker;
use super::super::files::{StoredFile, is_picture};
use super::super::flood::retry_after_s;
use super::super::keyboard::Markup;
use super::super::message::{AttachmentKind, Body, Message};
use super::super::params::InputFile;
use super::super::text::{Formatted, check_caption, check_text};
use super::super::world::ChatKey;
use super::super::world::talk::Draft;
use super::Call;

/// What a bot may be seen doing.
const ACTIONS: [&str; 11] = [
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
];

/// `sendMessage`.
pub(super) fn message(call: &mut Call<'_>) -> Answer {
    let key = call.open_chat()?;
    let text = Formatted::read(call.params, "text", "entities")?;
    check_text(&text, "message is too long")?;
    deliver(call, key, Body::Text(text))
}

/// `sendPhoto`.
pub(super) fn photo(call: &mut Call<'_>) -> Answer {
    file(call, "photo", AttachmentKind::Photo)
}

/// `sendDocument`.
pub(super) fn document(call: &mut Call<'_>) -> Answer {
    file(call, "document", AttachmentKind::Document)
}

fn file(call: &mut Call<'_>, field: &str, kind: AttachmentKind) -> Answer {
    let key = call.open_chat()?;
    let caption = Formatted::read(call.params, "caption", "caption_entities")?;
    check_caption(&caption)?;
    let file = Box::new(input_file(call, field, kind)?);
    deliver(call, key, Body::File { file, caption })
}

fn input_file(
    call: &mut Call<'_>,
    field: &str,
    kind: AttachmentKind,
) -> Result<StoredFile, Refusal> {
    let input = call.params.file(field);
    match input
        .ok_or_else(|| Refusal::bad_request(format!("there is no {field} in the request")))?
    {
        InputFile::New(upload) if upload.bytes.is_empty() => {
            Err(Refusal::bad_request("file must be non-empty"))
        }
        InputFile::New(upload) if kind == AttachmentKind::Photo && !is_picture(&upload.bytes) => {
            Err(Refusal::bad_request("IMAGE_PROCESS_FAILED"))
        }
        InputFile::New(upload) => Ok(call.world.files.store(call.bot, kind, upload)),
        InputFile::Known(url) if url.starts_with("http") => {
            Err(Refusal::bad_request("failed to get HTTP URL content")) // There is no internet here.
        }
        InputFile::Known(id) => {
            let known = call.world.files.get(call.bot, &id);
            let wrong = "wrong file identifier/HTTP URL specified";
            let known = known.ok_or_else(|| Refusal::bad_request(wrong))?;
            if known.kind != kind {
                return Err(Refusal::bad_request("type of file mismatch"));
            }
            Ok(known.clone())
        }
    }
}

/// `sendLocation`.
pub(super) fn location(call: &mut Call<'_>) -> Answer {
    let key = call.open_chat()?;
    let coordinate = |field: &str, most: f64| {
        let value = call.params.number(field).filter(|value| value.abs() <= most);
        value.ok_or_else(|| Refusal::bad_request(format!("wrong {field} specified")))
    };
    let (latitude, longitude) = (coordinate("latitude", 90.0)?, coordinate("longitude", 180.0)?);
    deliver(call, key, Body::Location { latitude, longitude })
}

/// `sendContact`.
pub(super) fn contact(call: &mut Call<'_>) -> Answer {
    let key = call.open_chat()?;
    let given = |field: &str, label: &str| {
        let value = call.params.given(field);
        value.ok_or_else(|| Refusal::bad_request(format!("{label} is empty")))
    };
    let phone = given("phone_number", "phone number")?;
    let name = given("first_name", "first name")?;
    deliver(call, key, Body::Contact { phone, name, person: None })
}

/// `sendChatAction`.
pub(super) fn action(call: &mut Call<'_>) -> Answer {
    let key = call.open_chat()?;
    if !ACTIONS.contains(&call.params.text("action").as_str()) {
        return Err(Refusal::bad_request("wrong parameter action in request"));
    }
    call.world.act(key);
    Ok(true.into())
}

/// `forwardMessage`.
pub(super) fn forward(call: &mut Call<'_>) -> Answer {
    let key = call.open_chat()?;
    let (source, message) = source(call, "message to forward not found")?;
    let sides = call.world.sides(source);
    let mut draft = Draft::new(Speaker::Bot, message.body);
    draft.origin = message.origin.or(Some(match message.by {
        Speaker::Bot => sides.bot,
        Speaker::Person => sides.person,
    }));
    check_flood(call, key)?;
    let message = call.world.say(key, draft);
    Ok(call.world.message_json(key, &message))
}

/// `copyMessage`.
pub(super) fn copy(call: &mut Call<'_>) -> Answer {
    let key = call.open_chat()?;
    let (_, message) = source(call, "message to copy not found")?;
    let mut body = message.body;
    if let Body::File { caption, .. } = &mut body
        && call.params.given("caption").is_some()
    {
        *caption = Formatted::read(call.params, "caption", "caption_entities")?;
        check_caption(caption)?;
    }
    let sent = deliver(call, key, body)?;
    Ok(json!({"message_id": sent["message_id"]}))
}

fn source(call: &Call<'_>, missing: &str) -> Result<(ChatKey, Message), Refusal> {
    let source = call.chat("from_chat_id")?;
    let id = call.params.integer("message_id").unwrap_or(0);
    let message = call.world.chat(source).and_then(|talk| talk.messages.get(&id));
    let message = message.filter(|message| !message.deleted);
    Ok((source, message.cloned().ok_or_else(|| Refusal::bad_request(missing))?))
}

/// Sends `body` with the buttons and the reply that the request asks for.
fn deliver(call: &mut Call<'_>, key: ChatKey, body: Body) -> Answer {
    let mut draft = Draft::new(Speaker::Bot, body);
    draft.reply_to = reply_to(call, key)?;
    let markup = Markup::read(call.params)?;
    check_flood(call, key)?;
    match markup {
        Some(Markup::Inline(inline)) => draft.inline = inline,
        Some(Markup::Reply(keyboard)) => {
            draft.keyboard = Some(keyboard.clone());
            call.world.chat_mut(key).keyboard = Some(keyboard);
        }
        Some(Markup::Remove) => call.world.chat_mut(key).keyboard = None,
        Some(Markup::ForceReply) | None => {}
    }
    let message = call.world.say(key, draft);
    Ok(call.world.message_json(key, &message))
}

fn reply_to(call: &Call<'_>, key: ChatKey) -> Result<Option<i64>, Refusal> {
    let parameters = call.params.json("reply_parameters", "reply parameters JSON object")?;
    let id = parameters.as_ref().and_then(|parameters| parameters["message_id"].as_i64());
    let Some(id) = id.or_else(|| call.params.integer("reply_to_message_id")) else {
        return Ok(None);
    };
    let talk = call.world.chat(key);
    if talk.and_then(|talk| talk.messages.get(&id)).is_some_and(|message| !message.deleted) {
        return Ok(Some(id));
    }
    let anyway =
        parameters.is_some_and(|parameters| parameters["allow_sending_without_reply"] == true);
    if anyway || call.params.flag("allow_sending_without_reply") {
        return Ok(None);
    }
    Err(Refusal::bad_request("message to be replied not found"))
}

/// Counts a message against the limits of its chat and its bot, or refuses it.
fn check_flood(call: &mut Call<'_>, key: ChatKey) -> Result<(), Refusal> {
    let limits = call.world.limits;
    let now = Instant::now();
    let chat_wait = limits
        .per_chat
        .map(|rate| call.world.chat_mut(key).sent.wait(rate, now))
        .unwrap_or_default();
    let bot = call.bot()?;
    let bot_wait = limits.per_bot.map(|rate| bot.sent.wait(rate, now)).unwrap_or_default();
    let wait = chat_wait.max(bot_wait);
    if !wait.is_zero() {
        return Err(Refusal::too_many_requests(retry_after_s(wait)));
    }
    bot.sent.take();
    call.world.chat_mut(key).sent.take();
    Ok(())
}
