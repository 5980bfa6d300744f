//! The Sales Bot: owners look around, try, buy, renew and look after their bots. Anybody may use
//! it, in private.

mod button;
mod change_token;
mod connect;
mod counter;
mod menu;
mod my_bots;
mod news;
mod order;
mod press;
mod purchase;
mod renewal;
mod step;
mod token;
mod tour;
mod trial;

#[cfg(test)]
#[expect(clippy::too_many_lines, reason = "a conversation is read in one go")]
mod tests;

use teloxide::dispatching::{UpdateFilterExt, UpdateHandler};
use teloxide::dptree;
use teloxide::types::Update;

use self::counter::Counter;
pub use self::step::Step;
use super::BotError;
use super::reply::Reply;
use crate::external::telegram::Speaker;

/// Returns the bot's tree. It needs [`Deps`](crate::deps::Deps) and a [`Speaker`].
pub fn tree() -> UpdateHandler<BotError> {
    dptree::filter_map(|update: Update, bot: Speaker| Reply::to(&update, bot))
        .map(Counter::new)
        .branch(Update::filter_callback_query().endpoint(press::pressed))
        .branch(Update::filter_message().endpoint(press::heard))
}
