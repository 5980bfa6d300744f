//! The Master Bot: operators add clients, take payments and look after what runs.

mod add_client;
mod button;
mod clients;
mod life;
mod manual_payment;
mod menu;
mod operator;
mod refund;

#[cfg(test)]
#[expect(clippy::too_many_lines, reason = "a conversation is read in one go")]
mod tests;

use serde::{Deserialize, Serialize};
use teloxide::dispatching::{UpdateFilterExt, UpdateHandler};
use teloxide::dptree;
use teloxide::types::Update;

use self::button::Button;
use self::operator::Operator;
use super::BotError;
use super::reply::Reply;
use super::talk::Toast;
use crate::external::telegram::Speaker;
use crate::texts::master as texts;

/// How far an operator has come.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    /// Nothing is asked.
    #[default]
    Idle,
    /// The token of a new client's bot.
    AddToken,
    /// The owner of a new client.
    AddOwner {
        /// The bot.
        bot: NewBot,
    },
    /// The name of a new client's business.
    AddCompany {
        /// The bot.
        bot: NewBot,
        /// The owner's id.
        owner: i64,
    },
    /// How long a new client may run.
    AddDays {
        /// The bot.
        bot: NewBot,
        /// The owner's id.
        owner: i64,
        /// The business.
        company: String,
    },
    /// Whether a new client shall be added.
    AddConfirm {
        /// The bot.
        bot: NewBot,
        /// The owner's id.
        owner: i64,
        /// The business.
        company: String,
        /// The days.
        days: u16,
        /// The update that the question answers; its buttons carry it.
        asked: i64,
    },
    /// Who has paid.
    PaySearch,
    /// How many days were paid for.
    PayDays {
        /// The client's id.
        client: u128,
    },
    /// How much was paid.
    PayAmount {
        /// The client's id.
        client: u128,
        /// The days.
        days: u16,
    },
    /// Whether the payment shall be recorded.
    PayConfirm {
        /// The client's id.
        client: u128,
        /// The days.
        days: u16,
        /// The amount.
        kopecks: i64,
        /// The update that the question answers; its buttons carry it.
        asked: i64,
    },
}

/// A new client's bot, between the steps: its token lies here sealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewBot {
    /// What Telegram calls it.
    username: String,
    /// The id under which the token is sealed; no client has it.
    sealed_for: u128,
    /// The sealed token.
    sealed: Vec<u8>,
}

/// Returns the bot's tree. It needs [`Deps`](crate::deps::Deps) and a [`Speaker`].
pub fn tree() -> UpdateHandler<BotError> {
    let inside = dptree::filter_map(Operator::of)
        .branch(menu::flow())
        .branch(clients::flow())
        .branch(life::flow())
        .branch(refund::flow())
        .branch(add_client::flow())
        .branch(manual_payment::flow())
        .branch(Update::filter_callback_query().endpoint(stale))
        .branch(Update::filter_message().endpoint(menu::unknown));
    dptree::filter_map(|update: Update, bot: Speaker| Reply::to(&update, bot))
        .branch(inside)
        .branch(operator::refusal())
}

/// Answers a button of a message that belongs to nothing any more.
async fn stale(toast: Toast) -> Result<(), BotError> {
    toast.say(texts::STALE);
    Ok(())
}
