//! The Master Bot: operators add clients, take payments, decide what no rule covers, and look after
//! what runs.

mod add_client;
mod backups;
mod button;
mod change;
mod clients;
mod decide;
mod desk;
mod history;
mod jobs;
mod life;
mod manual_payment;
mod menu;
mod news;
mod operator;
mod orders;
mod output;
mod person;
mod press;
mod refund;
mod step;

#[cfg(test)]
#[expect(clippy::too_many_lines, reason = "a conversation is read in one go")]
mod tests;

use teloxide::dispatching::{UpdateFilterExt, UpdateHandler};
use teloxide::dptree;
use teloxide::types::Update;

use self::button::Button;
use self::desk::Desk;
use self::operator::Operator;
pub use self::step::{NewBot, Step};
use super::BotError;
use super::reply::Reply;
use crate::external::telegram::Speaker;

/// Returns the bot's tree. It needs [`Deps`](crate::deps::Deps) and a [`Speaker`].
pub fn tree() -> UpdateHandler<BotError> {
    let inside = dptree::filter_map(Operator::of)
        .map(Desk::new)
        .branch(Update::filter_callback_query().endpoint(press::pressed))
        .branch(Update::filter_message().endpoint(press::heard));
    dptree::filter_map(|update: Update, bot: Speaker| Reply::to(&update, bot))
        .branch(inside)
        .branch(operator::refusal())
}
