//! How far an operator has come. It is kept between two messages, so it holds plain values; each
//! answer makes the domain's values anew, and so checks them.

use serde::{Deserialize, Serialize};

/// What an operator was asked last.
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
    AddConfirm(NewDraft),
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
    /// Which client is looked for.
    Search,
    /// How many days shall be given.
    GiveDays {
        /// The client's id.
        client: u128,
    },
    /// What the business is called now.
    Rename {
        /// The client's id.
        client: u128,
    },
    /// Whose the client is now.
    NewOwner {
        /// The client's id.
        client: u128,
    },
    /// The bot's new token.
    NewToken {
        /// The client's id.
        client: u128,
    },
    /// Who gets the time of a payment that waits.
    GrantSearch {
        /// The payment's id.
        payment: String,
    },
    /// Whether a payment that waits shall be granted.
    GrantConfirm {
        /// The payment's id.
        payment: String,
        /// The client who was chosen; none if it is the order's.
        client: Option<u128>,
        /// The update that the question answers; its buttons carry it.
        asked: i64,
    },
    /// Why a payment that waits shall grant nothing.
    DismissNote {
        /// The payment's id.
        payment: String,
    },
    /// What all owners shall be told.
    News,
    /// Whether they shall be told so.
    NewsConfirm {
        /// The words.
        text: String,
        /// The update that the question answers; its buttons carry it.
        asked: i64,
    },
}

/// A new client, all but added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewDraft {
    /// The bot.
    pub(super) bot: NewBot,
    /// The owner's id.
    pub(super) owner: i64,
    /// The business.
    pub(super) company: String,
    /// The days.
    pub(super) days: u16,
    /// The update that the question answers; its buttons carry it.
    pub(super) asked: i64,
}

/// A new client's bot, between the steps: its token lies here sealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewBot {
    /// What Telegram calls it.
    pub(super) username: String,
    /// The id under which the token is sealed; no client has it.
    pub(super) sealed_for: u128,
    /// The sealed token.
    pub(super) sealed: Vec<u8>,
}
