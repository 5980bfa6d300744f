//! What the Master Bot's buttons carry: at most 64 bytes.

use std::fmt;
use std::str::FromStr;

use crate::domain::ids::{ClientId, PaymentId};
use crate::domain::money::Money;
use crate::domain::plan::Days;

/// A button below a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Button {
    /// This length.
    Days(Days),
    /// This amount.
    Amount(Money),
    /// Yes, to the question that answered this update.
    Confirm(i64),
    /// Leave what is going on.
    Cancel,
    /// The clients made before this one.
    Page(Option<ClientId>),
    /// One client.
    Client(ClientId),
    /// Take a payment of this client.
    Pay(ClientId),
    /// Pause the client's bot.
    Suspend(ClientId),
    /// End its pause.
    Resume(ClientId),
    /// Start it anew.
    Restart(ClientId),
    /// Ask whether to remove the client.
    Remove(ClientId),
    /// Remove the client.
    RemoveNow(ClientId),
    /// Ask whether to give this payment back.
    Refund(PaymentId),
    /// Give it back.
    RefundNow(PaymentId),
}

/// A button that this bot does not make.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a button of the master bot")]
pub(super) struct NotAButton;

impl fmt::Display for Button {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Days(days) => write!(f, "days:{days}"),
            Self::Amount(amount) => write!(f, "amount:{amount}"),
            Self::Confirm(asked) => write!(f, "yes:{asked}"),
            Self::Cancel => f.write_str("no"),
            Self::Page(None) => f.write_str("clients"),
            Self::Page(Some(before)) => write!(f, "clients:{before}"),
            Self::Client(client) => write!(f, "client:{client}"),
            Self::Pay(client) => write!(f, "pay:{client}"),
            Self::Suspend(client) => write!(f, "suspend:{client}"),
            Self::Resume(client) => write!(f, "resume:{client}"),
            Self::Restart(client) => write!(f, "restart:{client}"),
            Self::Remove(client) => write!(f, "remove:{client}"),
            Self::RemoveNow(client) => write!(f, "remove!:{client}"),
            Self::Refund(payment) => write!(f, "refund:{payment}"),
            Self::RefundNow(payment) => write!(f, "refund!:{payment}"),
        }
    }
}

impl FromStr for Button {
    type Err = NotAButton;

    fn from_str(data: &str) -> Result<Self, NotAButton> {
        fn read<T: FromStr>(text: &str) -> Result<T, NotAButton> {
            text.parse().map_err(|_| NotAButton)
        }
        let (kind, rest) = data.split_once(':').unwrap_or((data, ""));
        match kind {
            "days" => Days::new(read(rest)?).map(Self::Days).map_err(|_| NotAButton),
            "amount" => Ok(Self::Amount(read(rest)?)),
            "yes" => Ok(Self::Confirm(read(rest)?)),
            "no" => Ok(Self::Cancel),
            "clients" if rest.is_empty() => Ok(Self::Page(None)),
            "clients" => Ok(Self::Page(Some(read(rest)?))),
            "client" => Ok(Self::Client(read(rest)?)),
            "pay" => Ok(Self::Pay(read(rest)?)),
            "suspend" => Ok(Self::Suspend(read(rest)?)),
            "resume" => Ok(Self::Resume(read(rest)?)),
            "restart" => Ok(Self::Restart(read(rest)?)),
            "remove" => Ok(Self::Remove(read(rest)?)),
            "remove!" => Ok(Self::RemoveNow(read(rest)?)),
            "refund" => Ok(Self::Refund(read(rest)?)),
            "refund!" => Ok(Self::RefundNow(read(rest)?)),
            _ => Err(NotAButton),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_button_survives_the_trip(
            bits: u128, days in 1i64..=3650, kopecks in 0i64..1_000_000_000_000, asked: i64,
            payment in "[A-Za-z0-9_-]{1,56}",
        ) {
            let client = ClientId::from_bits(bits);
            let payment: PaymentId = payment.parse().unwrap();
            for button in [
                Button::Days(Days::new(days).unwrap()),
                Button::Amount(Money::from_kopecks(kopecks).unwrap()),
                Button::Confirm(asked),
                Button::Cancel,
                Button::Page(None),
                Button::Page(Some(client)),
                Button::Client(client),
                Button::Pay(client),
                Button::Suspend(client),
                Button::Resume(client),
                Button::Restart(client),
                Button::Remove(client),
                Button::RemoveNow(client),
                Button::Refund(payment.clone()),
                Button::RefundNow(payment),
            ] {
                let data = button.to_string();
                prop_assert!(data.len() <= 64, "{}", data);
                prop_assert_eq!(data.parse(), Ok(button));
            }
        }

        #[test]
        fn nonsense_is_no_button(data in "(days|yes|pay|client)?:.{0,40}") {
            if let Ok(button) = data.parse::<Button>() {
                let again = button.to_string();
                prop_assert_eq!(again.split(':').next(), data.split(':').next());
            }
        }
    }
}
