//! What an operator changes of a client: days as a gift, the name, the owner, the token.

use teloxide::types::{InlineKeyboardMarkup, Message};

use super::add_client::read_days;
use super::clients::show;
use super::life::refuse;
use super::{Button, Desk, Step, person};
use crate::actions::change_client::{Change, change_client};
use crate::actions::change_token::{AnotherBot, ChangeTokenError, NewToken, change_token};
use crate::actions::gift::{GiftError, give};
use crate::bots::BotError;
use crate::bots::reply::{button, column};
use crate::domain::client::CompanyName;
use crate::domain::ids::ClientId;
use crate::domain::plan::Days;
use crate::domain::token::BotToken;
use crate::texts::master as texts;
use crate::texts::words::say;

/// The lengths of a gift that are offered.
const GIFTS: [i64; 4] = [3, 7, 14, 30];

/// Asks how many days to give.
pub(super) async fn ask_gift(desk: Desk, client: ClientId) -> Result<(), BotError> {
    let Some(client) = desk.client(client).await? else { return Ok(()) };
    desk.talk.set(Step::GiveDays { client: client.id.bits() });
    desk.reply.say_with(texts::ask_gift(desk.words(), &client), gifts(&desk)).await
}

fn gifts(desk: &Desk) -> InlineKeyboardMarkup {
    let words = desk.words();
    let lengths = GIFTS.iter().filter_map(|days| Days::new(*days).ok());
    let lengths = lengths.map(|it| button(words.days(it.get().into()), Button::Days(it)));
    column(lengths.chain([button(say!(words, "master-button-cancel"), Button::Cancel)]))
}

pub(super) async fn take_written_gift(
    desk: Desk,
    message: &Message,
    client: ClientId,
) -> Result<(), BotError> {
    match message.text().and_then(read_days) {
        Some(days) => take_gift(desk, client, days).await,
        None => desk.say(say!(desk.words(), "master-bad-days")).await,
    }
}

/// Gives the days at once: it can be taken back.
pub(super) async fn take_gift(desk: Desk, client: ClientId, days: Days) -> Result<(), BotError> {
    desk.talk.exit();
    let words = desk.words();
    match give(&desk.deps, desk.cause(), client, days, desk.actor()).await {
        Ok(client) => show(&desk, &client, Some(texts::given(words, days))).await,
        Err(GiftError::UnknownClient) => desk.say(say!(words, "master-client-gone")).await,
        Err(GiftError::Store(err)) => Err(err.into()),
        Err(err @ GiftError::KeyReused(_)) => Err(BotError::action(err)),
    }
}

/// Asks what the business is called now.
pub(super) async fn ask_name(desk: Desk, client: ClientId) -> Result<(), BotError> {
    let Some(client) = desk.client(client).await? else { return Ok(()) };
    desk.talk.set(Step::Rename { client: client.id.bits() });
    let company = client.company.as_str();
    desk.say(say!(desk.words(), "master-ask-name", company = company)).await
}

pub(super) async fn take_name(
    desk: Desk,
    message: &Message,
    client: ClientId,
) -> Result<(), BotError> {
    let Some(Ok(company)) = message.text().map(str::parse::<CompanyName>) else {
        return desk.say(say!(desk.words(), "master-bad-company")).await;
    };
    let change = Change { company: Some(company), owner: None };
    make(desk, client, change).await
}

/// Asks whose the client is now.
pub(super) async fn ask_owner(desk: Desk, client: ClientId) -> Result<(), BotError> {
    let Some(client) = desk.client(client).await? else { return Ok(()) };
    desk.talk.set(Step::NewOwner { client: client.id.bits() });
    let owner = client.owner.to_string();
    desk.say(say!(desk.words(), "master-ask-new-owner", owner = owner)).await
}

pub(super) async fn take_owner(
    desk: Desk,
    message: &Message,
    client: ClientId,
) -> Result<(), BotError> {
    match person::read(message) {
        Ok(owner) => make(desk, client, Change { company: None, owner: Some(owner) }).await,
        Err(nobody) => desk.say(person::explain(desk.words(), nobody)).await,
    }
}

async fn make(desk: Desk, client: ClientId, change: Change) -> Result<(), BotError> {
    desk.talk.exit();
    match change_client(&desk.deps, client, change, desk.actor()).await {
        Ok(client) => show(&desk, &client, Some(say!(desk.words(), "master-client-changed"))).await,
        Err(err) => refuse(&desk, err).await,
    }
}

/// Asks for the bot's new token.
pub(super) async fn ask_token(desk: Desk, client: ClientId) -> Result<(), BotError> {
    let Some(client) = desk.client(client).await? else { return Ok(()) };
    desk.talk.set(Step::NewToken { client: client.id.bits() });
    let bot = client.bot.username.as_str();
    desk.say(say!(desk.words(), "master-ask-new-token", bot = bot)).await
}

/// Reads, hides and checks the token, and puts it in place of the one on record.
pub(super) async fn take_token(
    desk: Desk,
    message: &Message,
    client: ClientId,
) -> Result<(), BotError> {
    let words = desk.words();
    let Some(Ok(token)) = message.text().map(str::parse::<BotToken>) else {
        return desk.say(say!(words, "master-bad-token")).await;
    };
    desk.hide_token().await?;
    let new = NewToken { client, token, another_bot: AnotherBot::Refuse, by: desk.actor() };
    let refusal = match change_token(&desk.deps, desk.cause(), new).await {
        Ok(changed) => {
            desk.talk.exit();
            let bot = changed.client.bot.username.as_str();
            let done = say!(words, "master-token-changed", bot = bot);
            return show(&desk, &changed.client, Some(done)).await;
        }
        Err(ChangeTokenError::UnknownClient) => {
            desk.talk.exit();
            say!(words, "master-client-gone")
        }
        Err(ChangeTokenError::AnotherBot { known, .. }) => {
            say!(words, "master-token-of-another", bot = known.username.as_str())
        }
        Err(ChangeTokenError::BotTaken | ChangeTokenError::HostsOwn) => {
            say!(words, "master-bot-taken")
        }
        Err(ChangeTokenError::BadToken) => say!(words, "master-token-refused"),
        Err(ChangeTokenError::Unchecked(_)) => say!(words, "master-token-unchecked"),
        Err(ChangeTokenError::Store(err)) => return Err(err.into()),
        Err(err @ (ChangeTokenError::KeyReused(_) | ChangeTokenError::Seal(_))) => {
            return Err(BotError::action(err));
        }
    };
    desk.say(refusal).await
}
