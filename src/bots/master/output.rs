//! What a client's bot has last written, for an operator who wants to know what ails it.

use super::{Button, Desk};
use crate::actions::read_log::{ReadLogError, read_log};
use crate::bots::BotError;
use crate::bots::reply::{button, column};
use crate::domain::ids::ClientId;
use crate::texts::master as texts;
use crate::texts::words::say;

/// How many lines are asked for; fewer fit a message.
const LINES: u16 = 60;

/// Shows the last lines; pressed again at once, it asks for a little patience.
pub(super) async fn show(desk: Desk, client: ClientId) -> Result<(), BotError> {
    let Some(client) = desk.client(client).await? else { return Ok(()) };
    let words = desk.words();
    if !desk.deps.log_reads.admit(client.id, desk.now()) {
        desk.toast.say(say!(words, "master-output-soon"));
        return Ok(());
    }
    let again = button(say!(words, "master-button-refresh"), Button::Output(client.id));
    let restart = button(say!(words, "master-button-restart"), Button::Restart(client.id));
    let back = button(say!(words, "master-button-back-to-client"), Button::Client(client.id));
    let buttons = column([again, restart, back]);
    match read_log(&desk.deps, client.id, LINES).await {
        Ok(lines) if lines.is_empty() => {
            let text = texts::no_output(words, &client, desk.at());
            desk.reply.show(text, buttons).await
        }
        Ok(lines) => {
            let heading = texts::output(words, &client, desk.at());
            let block = texts::last_that_fit(&lines, texts::ROOM_FOR_LINES);
            desk.reply.show_block(&heading, &block, buttons).await
        }
        Err(ReadLogError::UnknownClient) => desk.say(say!(words, "master-client-gone")).await,
        Err(ReadLogError::Runtime(err)) => {
            tracing::warn!(event = "client.log_unread", client = %client.id, error = %err,
                "what the client's bot has written cannot be read");
            desk.reply.show(say!(words, "master-output-unread"), buttons).await
        }
        Err(ReadLogError::Store(err)) => Err(err.into()),
    }
}
