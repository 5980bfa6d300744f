//! The page that a payer comes back to.

use super::words::{Words, say};
use crate::domain::order::{Order, OrderState, Subject};

/// What the page says of an order, or of none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The headline.
    pub title: String,
    /// What has happened and what comes next.
    pub text: String,
}

/// On the button that leads to the bot.
pub fn back_to_bot(words: Words) -> String {
    say!(words, "page-back-to-bot")
}

/// On the button that leads to the payment that is not made yet.
pub fn pay(words: Words) -> String {
    say!(words, "page-pay")
}

/// Before the name of the people who help.
pub fn support(words: Words) -> String {
    say!(words, "page-support")
}

/// Before the order's number.
pub fn number(words: Words) -> String {
    say!(words, "page-order")
}

/// The headline while the host has no certificate.
pub fn no_certificate_title(words: Words) -> String {
    say!(words, "page-no-certificate-title")
}

/// What is to be done while the host has no certificate.
pub fn no_certificate_text(words: Words) -> String {
    say!(words, "page-no-certificate-text")
}

/// Says how far an order has come.
pub fn order(words: Words, order: &Order) -> Standing {
    let (title, text) = match (&order.state, &order.subject) {
        (OrderState::Open, _) => (say!(words, "page-open-title"), say!(words, "page-open-text")),
        (OrderState::Paid, Subject::NewClient { .. }) => {
            (say!(words, "page-paid-title"), say!(words, "page-paid-new-text"))
        }
        (OrderState::Paid, Subject::BotLater { .. }) => {
            (say!(words, "page-paid-title"), say!(words, "page-paid-later-text"))
        }
        (OrderState::Paid, Subject::Extension) => {
            (say!(words, "page-paid-title"), say!(words, "page-paid-extension-text"))
        }
        (OrderState::Canceled, _) => {
            (say!(words, "page-canceled-title"), say!(words, "page-canceled-text"))
        }
        (OrderState::Expired, _) => {
            (say!(words, "page-expired-title"), say!(words, "page-expired-text"))
        }
        (OrderState::Attention(_), _) => {
            (say!(words, "page-attention-title"), say!(words, "page-attention-text"))
        }
    };
    Standing { title, text }
}

/// For a link that names no order of ours.
pub fn unknown(words: Words) -> Standing {
    Standing { title: say!(words, "page-unknown-title"), text: say!(words, "page-unknown-text") }
}

/// For a link that is damaged.
pub fn malformed(words: Words) -> Standing {
    Standing {
        title: say!(words, "page-malformed-title"),
        text: say!(words, "page-malformed-text"),
    }
}

/// For when the page cannot be made.
pub fn failed(words: Words) -> Standing {
    Standing { title: say!(words, "page-failed-title"), text: say!(words, "page-failed-text") }
}

/// For whoever looks too often.
pub fn too_many(words: Words) -> Standing {
    Standing { title: say!(words, "page-too-many-title"), text: say!(words, "page-too-many-text") }
}
