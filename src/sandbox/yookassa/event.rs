//! What happens in the shop, for a transcript; without ids, which differ from run to run.

use std::fmt;

use crate::domain::money::Money;

/// Something that happened in the shop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShopEvent {
    /// A payment was created.
    Created {
        /// The payment.
        payment: String,
        /// What it costs.
        amount: Money,
    },
    /// The payer has paid.
    Paid {
        /// The payment.
        payment: String,
        /// What was paid.
        amount: Money,
    },
    /// The money is held until it is captured.
    Held {
        /// The payment.
        payment: String,
    },
    /// A payment ended without money.
    Canceled {
        /// The payment.
        payment: String,
        /// Why.
        reason: &'static str,
    },
    /// A refund was asked for and takes its time.
    RefundPending {
        /// The refund.
        refund: String,
        /// How much.
        amount: Money,
    },
    /// Money was given back.
    Refunded {
        /// The refund.
        refund: String,
        /// How much.
        amount: Money,
    },
    /// A refund was refused.
    RefundCanceled {
        /// The refund.
        refund: String,
    },
    /// A notification was posted.
    Notified {
        /// Such as `payment.succeeded`.
        event: &'static str,
        /// The payment or the refund.
        object: String,
        /// The HTTP status of the answer; `None` if there was none.
        answer: Option<u16>,
    },
    /// A notification was lost on the way.
    NoticeLost {
        /// Such as `payment.succeeded`.
        event: &'static str,
        /// The payment or the refund.
        object: String,
    },
}

impl fmt::Display for ShopEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Created { amount, .. } => write!(f, "a payment of {amount} RUB waits"),
            Self::Paid { amount, .. } => write!(f, "{amount} RUB paid"),
            Self::Held { .. } => f.write_str("the money is held"),
            Self::Canceled { reason, .. } => write!(f, "the payment is canceled: {reason}"),
            Self::RefundPending { amount, .. } => {
                write!(f, "a refund of {amount} RUB is on its way")
            }
            Self::Refunded { amount, .. } => write!(f, "{amount} RUB given back"),
            Self::RefundCanceled { .. } => f.write_str("the refund is refused"),
            Self::Notified { event, answer: Some(status), .. } => {
                write!(f, "notification {event}, answered {status}")
            }
            Self::Notified { event, answer: None, .. } => {
                write!(f, "notification {event}, not answered")
            }
            Self::NoticeLost { event, .. } => write!(f, "notification {event}, lost"),
        }
    }
}
