//! News: what an operator tells all owners at once.

use teloxide::types::Message;

use super::add_client::yes_or_no;
use super::{Desk, Step};
use crate::actions::send_news::{SendNewsError, audience, send_news};
use crate::bots::BotError;
use crate::bots::reply::no_buttons;
use crate::domain::news::NewsText;
use crate::texts::words::say;

/// Asks for the words, and says how many would see them.
pub(super) async fn begin(desk: Desk) -> Result<(), BotError> {
    let words = desk.words();
    match audience(&desk.deps).await? {
        0 => desk.say(say!(words, "master-news-nobody")).await,
        count => {
            desk.talk.set(Step::News);
            desk.say(say!(words, "master-ask-news", count = count)).await
        }
    }
}

/// Takes the words and shows how they will look.
pub(super) async fn take_text(desk: Desk, message: &Message) -> Result<(), BotError> {
    let words = desk.words();
    let Some(Ok(text)) = message.text().map(str::parse::<NewsText>) else {
        return desk.say(say!(words, "master-bad-news", most = NewsText::LONGEST)).await;
    };
    let count = audience(&desk.deps).await?;
    let asked = desk.update.update;
    let shown = say!(words, "master-confirm-news", count = count, text = text.as_str());
    desk.talk.set(Step::NewsConfirm { text: text.as_str().to_owned(), asked });
    desk.reply.say_with(shown, yes_or_no(&desk, asked)).await
}

/// Sends them.
pub(super) async fn confirm(desk: Desk, text: &str) -> Result<(), BotError> {
    desk.talk.exit();
    let words = desk.words();
    let Ok(text) = text.parse::<NewsText>() else { return begin(desk).await };
    let said = match send_news(&desk.deps, desk.cause(), text, desk.reply.person()).await {
        Ok(count) => say!(words, "master-news-sent", count = count),
        Err(SendNewsError::Nobody) => say!(words, "master-news-nobody"),
        Err(SendNewsError::Store(err)) => return Err(err.into()),
        Err(err @ SendNewsError::KeyReused(_)) => return Err(BotError::action(err)),
    };
    desk.reply.show(said, no_buttons()).await
}
