//! The bot that a paid order waits for: once it is connected, the paid time begins.

use super::counter::Counter;
use super::{Step, token};
use crate::actions::connect_bot::{BroughtBot, ConnectError, connect_bot};
use crate::bots::BotError;
use crate::domain::ids::OrderId;
use crate::store::orders;
use crate::texts::sales as texts;
use crate::texts::words::say;

/// Asks for the bot's token, if the order waits for one.
pub(super) async fn begin(counter: Counter, id: OrderId) -> Result<(), BotError> {
    let words = counter.words();
    let (order, waits) = counter.deps.store.read(|snap| {
        let order = orders::get(snap, id)?.filter(|order| order.buyer == counter.person());
        let waits = order.as_ref().map(|it| orders::awaits_bot(snap, it)).transpose()?;
        Ok::<_, crate::store::StoreError>((order, waits.unwrap_or(false)))
    })?;
    match order {
        Some(order) if waits => {
            counter.talk.set(Step::ConnectToken { order: id.bits() });
            counter.say(texts::ask_token_to_connect(words, &order)).await
        }
        Some(_) => counter.say(say!(words, "sales-nothing-waits")).await,
        None => counter.say(say!(words, "sales-no-order")).await,
    }
}

/// Takes the token and connects its bot.
pub(super) async fn take_token(
    counter: Counter,
    order: OrderId,
    text: &str,
) -> Result<(), BotError> {
    let words = counter.words();
    let Some(taken) = token::take(&counter, text).await? else { return Ok(()) };
    let owner = counter.person();
    let brought = BroughtBot { order, owner, token: taken.token, bot: taken.bot };
    let said = match connect_bot(&counter.deps, counter.cause(), brought).await {
        Ok(client) => texts::connected(words, &client, counter.zone()),
        Err(ConnectError::BotTaken) => return counter.say(say!(words, "sales-bot-taken")).await,
        Err(ConnectError::UnknownOrder) => say!(words, "sales-no-order"),
        Err(ConnectError::NothingWaits) => say!(words, "sales-nothing-waits"),
        Err(ConnectError::Connected(_)) => say!(words, "sales-connected-before"),
        Err(ConnectError::Store(err)) => return Err(err.into()),
        Err(err @ (ConnectError::KeyReused(_) | ConnectError::Seal(_))) => {
            return Err(BotError::action(err));
        }
    };
    counter.talk.exit();
    counter.say(said).await
}
