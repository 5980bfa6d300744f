//! The Sales Bot: owners try, buy and renew. Anybody may use it, in private.

mod button;
mod menu;
mod my_bots;
mod purchase;
mod token;
mod trial;

#[cfg(test)]
#[expect(clippy::too_many_lines, reason = "a conversation is read in one go")]
mod tests;

use serde::{Deserialize, Serialize};
use teloxide::dispatching::{UpdateFilterExt, UpdateHandler};
use teloxide::dptree;
use teloxide::types::{CallbackQuery, Update};

use super::BotError;
use super::reply::Reply;
use super::talk::Toast;
use crate::external::telegram::Speaker;
use crate::texts::sales as texts;

/// How far a buyer has come. A token is asked for last, so that none is ever kept here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    /// Nothing is asked.
    #[default]
    Idle,
    /// The business's name, for a purchase.
    BuyCompany {
        /// The plan's id.
        plan: String,
    },
    /// Where the receipt goes, for a purchase.
    BuyEmail {
        /// The plan's id.
        plan: String,
        /// The business.
        company: String,
    },
    /// The bot's token, for a purchase.
    BuyToken {
        /// The plan's id.
        plan: String,
        /// The business.
        company: String,
        /// Where the receipt goes.
        email: Option<String>,
    },
    /// Where the receipt goes, for a renewal.
    RenewEmail {
        /// The plan's id.
        plan: String,
        /// The client's id.
        client: u128,
    },
    /// The business's name, for a trial.
    TryCompany,
    /// The bot's token, for a trial.
    TryToken {
        /// The business.
        company: String,
    },
}

/// Returns the bot's tree. It needs [`Deps`](crate::deps::Deps) and a [`Speaker`].
pub fn tree() -> UpdateHandler<BotError> {
    dptree::filter_map(|update: Update, bot: Speaker| Reply::to(&update, bot))
        .branch(menu::flow())
        .branch(my_bots::flow())
        .branch(trial::flow())
        .branch(purchase::flow())
        .branch(Update::filter_callback_query().endpoint(stale))
        .branch(Update::filter_message().endpoint(menu::unknown))
}

/// Answers a button of a message that belongs to nothing any more.
async fn stale(toast: Toast, query: CallbackQuery) -> Result<(), BotError> {
    let known = query.data.as_deref().is_some_and(|data| data.parse::<button::Button>().is_ok());
    tracing::debug!(event = "button.stale", known, "a button was pressed that does nothing");
    toast.say(texts::STALE);
    Ok(())
}
