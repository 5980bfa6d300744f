//! A new token for a bot of one's own; or another bot in its place, if the owner says so.

use super::button::Button;
use super::counter::Counter;
use super::{Step, token};
use crate::actions::change_token::{
    AnotherBot, ChangeTokenError, NewToken, TokenChanged, change_token,
};
use crate::bots::BotError;
use crate::bots::reply::{button, column};
use crate::domain::actor::Actor;
use crate::domain::client::Bot;
use crate::domain::ids::ClientId;
use crate::texts::words::say;

/// Asks for the bot's new token.
pub(super) async fn begin(counter: Counter, client: ClientId) -> Result<(), BotError> {
    let Some(client) = counter.client(client).await? else { return Ok(()) };
    counter.talk.set(Step::NewToken { client: client.id.bits() });
    let bot = client.bot.username.as_str();
    counter.say(say!(counter.words(), "sales-ask-new-token", bot = bot)).await
}

/// Asks for the token of the bot that takes the place of the client's.
pub(super) async fn begin_other(counter: Counter, client: ClientId) -> Result<(), BotError> {
    let Some(client) = counter.client(client).await? else { return Ok(()) };
    counter.talk.set(Step::OtherToken { client: client.id.bits() });
    let bot = client.bot.username.as_str();
    counter.say(say!(counter.words(), "sales-ask-another-token", bot = bot)).await
}

/// Takes a new token of the same bot.
pub(super) async fn take_token(
    counter: Counter,
    client: ClientId,
    text: &str,
) -> Result<(), BotError> {
    take(&counter, client, text, AnotherBot::Refuse).await
}

/// Takes the token of whichever bot.
pub(super) async fn take_other(
    counter: Counter,
    client: ClientId,
    text: &str,
) -> Result<(), BotError> {
    take(&counter, client, text, AnotherBot::Take).await
}

async fn take(
    counter: &Counter,
    client: ClientId,
    text: &str,
    another_bot: AnotherBot,
) -> Result<(), BotError> {
    let Some(client) = counter.client(client).await? else {
        counter.talk.exit();
        return Ok(());
    };
    let Some(token) = token::read(counter, text).await? else { return Ok(()) };
    let by = Actor::Owner(counter.person());
    let new = NewToken { client: client.id, token, another_bot, by };
    match change_token(&counter.deps, counter.cause(), new).await {
        Ok(changed) => tell(counter, &changed).await,
        Err(err) => refuse(counter, client.id, err).await,
    }
}

async fn tell(counter: &Counter, changed: &TokenChanged) -> Result<(), BotError> {
    counter.talk.exit();
    let (words, bot) = (counter.words(), changed.client.bot.username.as_str());
    counter
        .say(if changed.job.is_some() {
            say!(words, "sales-token-changed-restart", bot = bot)
        } else {
            say!(words, "sales-token-changed", bot = bot)
        })
        .await
}

/// Says why the token was not taken; the question stays open where another token would help.
async fn refuse(
    counter: &Counter,
    client: ClientId,
    err: ChangeTokenError,
) -> Result<(), BotError> {
    let words = counter.words();
    let said = match err {
        ChangeTokenError::AnotherBot { known, brought } => {
            return offer_other(counter, client, &known, &brought).await;
        }
        ChangeTokenError::BadToken => say!(words, "sales-token-refused"),
        ChangeTokenError::Unchecked(_) => say!(words, "sales-token-unchecked"),
        ChangeTokenError::HostsOwn => say!(words, "sales-token-of-host"),
        ChangeTokenError::BotTaken => say!(words, "sales-bot-taken"),
        ChangeTokenError::UnknownClient => {
            counter.talk.exit();
            say!(words, "sales-not-yours")
        }
        ChangeTokenError::Store(err) => return Err(err.into()),
        ChangeTokenError::KeyReused(_) | ChangeTokenError::Seal(_) => {
            return Err(BotError::action(err));
        }
    };
    counter.say(said).await
}

async fn offer_other(
    counter: &Counter,
    client: ClientId,
    known: &Bot,
    brought: &Bot,
) -> Result<(), BotError> {
    let words = counter.words();
    let (known, brought) = (known.username.as_str(), brought.username.as_str());
    let text = say!(words, "sales-token-of-another", known = known, brought = brought);
    let other = button(say!(words, "sales-button-another"), Button::OtherBot(client));
    counter.reply.say_with(text, column([other])).await
}
