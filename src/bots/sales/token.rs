//! The token of an owner's bot: read, put out of sight, checked with Telegram.

use super::counter::Counter;
use crate::actions::check_token::{TokenError, check_token};
use crate::bots::BotError;
use crate::domain::client::Bot;
use crate::domain::ids::ClientId;
use crate::domain::token::BotToken;
use crate::store::clients;
use crate::texts::words::say;

/// A token that Telegram has confirmed, of a bot that is free to be had.
pub(super) struct Taken {
    pub(super) token: BotToken,
    pub(super) bot: Bot,
}

/// Takes the token of a new client's bot; says what is wrong with any other text, and then returns
/// `None`.
pub(super) async fn take(counter: &Counter, text: &str) -> Result<Option<Taken>, BotError> {
    let Some(token) = read(counter, text).await? else { return Ok(None) };
    match check_token(&counter.deps, &token, None).await {
        Ok(free) => {
            if let Some(host) = free.elsewhere {
                let bot = free.bot.username.as_str();
                let text =
                    say!(counter.words(), "sales-bot-elsewhere", bot = bot, host = host.as_str());
                counter.say(text).await?;
            }
            Ok(Some(Taken { token, bot: free.bot }))
        }
        Err(err) => {
            refuse(counter, err).await?;
            Ok(None)
        }
    }
}

/// Reads a token and puts the message with it out of sight.
pub(super) async fn read(counter: &Counter, text: &str) -> Result<Option<BotToken>, BotError> {
    let Ok(token) = text.trim().parse::<BotToken>() else {
        counter.say(say!(counter.words(), "sales-bad-token")).await?;
        return Ok(None);
    };
    counter.hide_token().await?;
    Ok(Some(token))
}

/// Says why a token is of no use; the question stays open.
async fn refuse(counter: &Counter, err: TokenError) -> Result<(), BotError> {
    let words = counter.words();
    counter
        .say(match err {
            TokenError::Host => say!(words, "sales-token-of-host"),
            TokenError::Dead => say!(words, "sales-token-refused"),
            TokenError::Unchecked(_) => say!(words, "sales-token-unchecked"),
            TokenError::Taken(holder) => return taken(counter, holder).await,
            TokenError::Store(err) => return Err(err.into()),
        })
        .await
}

/// Says that a bot is connected already, and whether it is the person's own.
async fn taken(counter: &Counter, holder: ClientId) -> Result<(), BotError> {
    let words = counter.words();
    let holder = counter.deps.store.read(|snap| clients::get(snap, holder))?;
    match holder.filter(|client| client.owner == counter.person()) {
        Some(client) => {
            let bot = client.bot.username.as_str();
            counter.say(say!(words, "sales-bot-is-yours", bot = bot)).await
        }
        None => counter.say(say!(words, "sales-bot-taken")).await,
    }
}
