//! The step that trials and purchases share: the token of the owner's bot.

use crate::bots::BotError;
use crate::bots::reply::Reply;
use crate::deps::Deps;
use crate::domain::client::Bot;
use crate::domain::token::BotToken;
use crate::external::telegram::CheckError;
use crate::texts::sales as texts;

/// A token that Telegram has confirmed.
pub(super) struct Checked {
    pub(super) token: BotToken,
    pub(super) bot: Bot,
}

/// Reads, hides and checks the token that was sent; says what is wrong with any other text, and
/// then returns `None`.
pub(super) async fn take(
    reply: &Reply,
    deps: &Deps,
    text: &str,
) -> Result<Option<Checked>, BotError> {
    let Ok(token) = text.parse::<BotToken>() else {
        reply.say(texts::BAD_TOKEN).await?;
        return Ok(None);
    };
    let hidden = reply.forget_message().await;
    reply.say(if hidden { texts::TOKEN_DELETED } else { texts::DELETE_TOKEN }).await?;
    let refusal = match deps.telegram.check_token(&token).await {
        Ok(bot) => return Ok(Some(Checked { token, bot })),
        Err(CheckError::Unauthorized | CheckError::Mismatch) => texts::TOKEN_REFUSED,
        Err(CheckError::Unreachable(_)) => texts::TOKEN_UNCHECKED,
    };
    reply.say(refusal).await?;
    Ok(None)
}
