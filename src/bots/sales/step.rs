//! How far a buyer has come. It is kept between two messages, so it holds plain values; each answer
//! makes the domain's values anew, and so checks them.

use serde::{Deserialize, Serialize};

/// What a buyer was asked last. A token is asked for last, so that none is ever kept here.
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
    /// The bot's token, for a purchase; or that it comes later.
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
    /// The token of the bot that a paid order waits for.
    ConnectToken {
        /// The order's id.
        order: u128,
    },
    /// A new token of a client's bot.
    NewToken {
        /// The client's id.
        client: u128,
    },
    /// The token of the bot that takes the place of a client's bot.
    OtherToken {
        /// The client's id.
        client: u128,
    },
}
