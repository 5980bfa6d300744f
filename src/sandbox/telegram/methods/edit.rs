//! Changing and deleting messages.

use jiff::SignedDuration;
use serde_json::Value;

use super::super::answer::{Answer, Refusal};
use super::super::events::Speaker;
use super::super::keyboard::{Inline, Markup};
use super::super::message::{Body, Message};
use super::super::text::{Formatted, check_caption, check_text};
use super::super::world::ChatKey;
use super::Call;

/// How old a message may be that a bot deletes.
const DELETABLE: SignedDuration = SignedDuration::from_hours(48);

/// `editMessageText`.
pub(super) fn text(call: &mut Call<'_>) -> Answer {
    let (key, message) = own_message(call)?;
    let Body::Text(old) = &message.body else {
        return Err(Refusal::bad_request("there is no text in the message to edit"));
    };
    let text = Formatted::read(call.params, "text", "entities")?;
    check_text(&text, "MESSAGE_TOO_LONG")?;
    let inline = Markup::read_inline(call.params)?;
    changed(*old != text || inline != message.inline)?;
    apply(call, key, message.id, Some(Body::Text(text)), inline)
}

/// `editMessageCaption`.
pub(super) fn caption(call: &mut Call<'_>) -> Answer {
    let (key, message) = own_message(call)?;
    let Body::File { file, caption: old } = &message.body else {
        return Err(Refusal::bad_request("there is no caption in the message to edit"));
    };
    let caption = Formatted::read(call.params, "caption", "caption_entities")?;
    check_caption(&caption)?;
    let inline = Markup::read_inline(call.params)?;
    changed(*old != caption || inline != message.inline)?;
    let body = Body::File { file: file.clone(), caption };
    apply(call, key, message.id, Some(body), inline)
}

/// `editMessageReplyMarkup`.
pub(super) fn markup(call: &mut Call<'_>) -> Answer {
    let (key, message) = own_message(call)?;
    let inline = Markup::read_inline(call.params)?;
    changed(inline != message.inline)?;
    apply(call, key, message.id, None, inline)
}

fn apply(call: &mut Call<'_>, key: ChatKey, id: i64, body: Option<Body>, inline: Inline) -> Answer {
    let edited = call.world.edit(key, id, |message| {
        if let Some(body) = body {
            message.body = body;
        }
        message.inline = inline;
    });
    let edited = edited.ok_or_else(|| Refusal::bad_request("message to edit not found"))?;
    Ok(call.world.message_json(key, &edited))
}

fn changed(differs: bool) -> Result<(), Refusal> {
    if differs {
        return Ok(());
    }
    Err(Refusal::bad_request(
        "message is not modified: specified new message content and reply markup are exactly the \
         same as a current content and reply markup of the message",
    ))
}

/// Returns the message that the request names, if the bot wrote it.
fn own_message(call: &Call<'_>) -> Result<(ChatKey, Message), Refusal> {
    if call.params.given("inline_message_id").is_some() {
        return Err(Refusal::bad_request("MESSAGE_ID_INVALID")); // There is no inline mode here.
    }
    let key = call.open_chat()?;
    let id = call.params.integer("message_id");
    let id = id.ok_or_else(|| Refusal::bad_request("message identifier is not specified"))?;
    let message = call.world.chat(key).and_then(|talk| talk.messages.get(&id));
    match message.filter(|message| !message.deleted) {
        None => Err(Refusal::bad_request("message to edit not found")),
        Some(message) if message.by == Speaker::Person || message.origin.is_some() => {
            Err(Refusal::bad_request("message can't be edited"))
        }
        Some(message) => Ok((key, message.clone())),
    }
}

/// `deleteMessage`.
pub(super) fn delete(call: &mut Call<'_>) -> Answer {
    let key = call.chat("chat_id")?;
    let id = call.params.integer("message_id");
    let id = id.ok_or_else(|| Refusal::bad_request("message identifier is not specified"))?;
    let message = call.world.chat(key).and_then(|talk| talk.messages.get(&id));
    let message = message.filter(|message| !message.deleted);
    let message = message.ok_or_else(|| Refusal::bad_request("message to delete not found"))?;
    if call.world.now().duration_since(message.date) > DELETABLE {
        return Err(Refusal::bad_request("message can't be deleted for everyone"));
    }
    call.world.delete(key, id);
    Ok(true.into())
}

/// `deleteMessages`: those that cannot be found are passed over.
pub(super) fn delete_many(call: &mut Call<'_>) -> Answer {
    let key = call.chat("chat_id")?;
    let ids = call.params.json("message_ids", "message identifiers JSON object")?;
    let ids = ids.as_ref().and_then(Value::as_array).filter(|ids| (1..=100).contains(&ids.len()));
    let ids = ids.ok_or_else(|| Refusal::bad_request("message identifiers are not specified"))?;
    for id in ids.iter().filter_map(Value::as_i64) {
        call.world.delete(key, id);
    }
    Ok(true.into())
}
