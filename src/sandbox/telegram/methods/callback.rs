//! Answering presses.

use super::super::answer::{Answer, Refusal};
use super::super::text::utf16;
use super::super::world::talk::Alert;
use super::Call;

/// The longest text that an answer may show, in UTF-16 units.
const MAX_TEXT: usize = 200;

/// `answerCallbackQuery`.
pub(super) fn answer(call: &mut Call<'_>) -> Answer {
    let key = call.world.query(call.bot, &call.params.text("callback_query_id"));
    let key = key.ok_or_else(|| {
        Refusal::bad_request("query is too old and response timeout expired or query ID is invalid")
    })?;
    let text = call.params.given("text");
    if text.as_deref().is_some_and(|text| utf16(text) > MAX_TEXT) {
        return Err(Refusal::bad_request("MESSAGE_TOO_LONG"));
    }
    let alert = if call.params.flag("show_alert") { Alert::Window } else { Alert::Toast };
    call.world.answer_press(key, text, alert);
    Ok(true.into())
}
