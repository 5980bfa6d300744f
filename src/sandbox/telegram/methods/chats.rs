//! Questions about chats and files.

use serde_json::json;

use super::super::answer::{Answer, Refusal};
use super::super::files::MAX_DOWNLOAD_BYTES;
use super::Call;

/// `getFile`.
pub(super) fn file(call: &mut Call<'_>) -> Answer {
    let file = call.world.files.get(call.bot, &call.params.text("file_id"));
    let wrong = "wrong file_id or the file is temporarily unavailable";
    let file = file.ok_or_else(|| Refusal::bad_request(wrong))?;
    if file.bytes.len() > MAX_DOWNLOAD_BYTES {
        return Err(Refusal::bad_request("file is too big"));
    }
    Ok(file.file())
}

/// `getChat`.
pub(super) fn chat(call: &mut Call<'_>) -> Answer {
    let key = call.chat("chat_id")?;
    let started = call.world.chat(key).is_some_and(|talk| talk.started);
    if !started {
        return Err(Refusal::bad_request("chat not found"));
    }
    let mut chat = call.world.sides(key).chat;
    chat["accent_color_id"] = json!(0);
    chat["max_reaction_count"] = json!(11);
    chat["accepted_gift_types"] = json!({
        "unlimited_gifts": true, "limited_gifts": true, "unique_gifts": true,
        "premium_subscription": true, "gifts_from_channels": true,
    });
    let pinned = call.world.chat(key).and_then(|talk| talk.messages.get(&talk.pinned?));
    if let Some(message) = pinned {
        chat["pinned_message"] = call.world.message_json(key, message);
    }
    Ok(chat)
}

/// `getChatMember`.
pub(super) fn member(call: &mut Call<'_>) -> Answer {
    let key = call.chat("chat_id")?;
    let sides = call.world.sides(key);
    let user = call.params.integer("user_id");
    let user = [sides.person, sides.bot].into_iter().find(|side| side["id"].as_i64() == user);
    let user = user.ok_or_else(|| Refusal::bad_request("member not found"))?;
    Ok(json!({"status": "member", "user": user}))
}

/// `pinChatMessage`.
pub(super) fn pin(call: &mut Call<'_>) -> Answer {
    let key = call.open_chat()?;
    let id = call.params.integer("message_id").unwrap_or(0);
    let talk = call.world.chat_mut(key);
    if talk.messages.get(&id).is_none_or(|message| message.deleted) {
        return Err(Refusal::bad_request("message to pin not found"));
    }
    talk.pinned = Some(id);
    Ok(true.into())
}

/// `unpinChatMessage` and `unpinAllChatMessages`.
pub(super) fn unpin(call: &mut Call<'_>) -> Answer {
    let key = call.open_chat()?;
    call.world.chat_mut(key).pinned = None;
    Ok(true.into())
}
