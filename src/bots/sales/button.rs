//! What the Sales Bot's buttons carry: at most 64 bytes. Notices to owners carry some of them, too.

use std::fmt;
use std::str::FromStr;

use super::tour::Stop;
use crate::domain::ids::{ClientId, OrderId};
use crate::domain::plan::PlanId;
use crate::store::news::Unwanted;

/// A button below a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Button {
    /// Show the price list.
    Plans,
    /// Begin a trial.
    Try,
    /// Buy a new bot with this plan.
    Buy(PlanId),
    /// Order now and bring the bot once it is paid for.
    Later,
    /// Show the plans for this client.
    Renew(ClientId),
    /// Renew this client with this plan.
    Extend(ClientId, PlanId),
    /// Show this order and where it is paid.
    Order(OrderId),
    /// Look whether this order is paid.
    Check(OrderId),
    /// Order the same once more.
    Again(OrderId),
    /// Connect the bot that this order waits for.
    Connect(OrderId),
    /// Show a page of the person's bots.
    Bots(u16),
    /// Show this client's bot.
    Bot(ClientId),
    /// Show a page of this client's payments.
    Payments(ClientId, u16),
    /// Bring a new token for this client's bot.
    Token(ClientId),
    /// Bring the token of another bot for this client.
    OtherBot(ClientId),
    /// Show this stop of the tour.
    Tour(Stop),
    /// Hear no news any more, or hear them again.
    News(Unwanted),
}

/// A button that this bot does not make.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a button of the sales bot")]
pub(super) struct NotAButton;

impl fmt::Display for Button {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plans => f.write_str("plans"),
            Self::Try => f.write_str("try"),
            Self::Buy(plan) => write!(f, "buy:{plan}"),
            Self::Later => f.write_str("later"),
            Self::Renew(client) => write!(f, "renew:{client}"),
            Self::Extend(client, plan) => write!(f, "extend:{client}:{plan}"),
            Self::Order(order) => write!(f, "order:{order}"),
            Self::Check(order) => write!(f, "check:{order}"),
            Self::Again(order) => write!(f, "again:{order}"),
            Self::Connect(order) => write!(f, "connect:{order}"),
            Self::Bots(page) => write!(f, "bots:{page}"),
            Self::Bot(client) => write!(f, "bot:{client}"),
            Self::Payments(client, page) => write!(f, "payments:{client}:{page}"),
            Self::Token(client) => write!(f, "token:{client}"),
            Self::OtherBot(client) => write!(f, "other:{client}"),
            Self::Tour(stop) => write!(f, "tour:{stop}"),
            Self::News(Unwanted::Yes) => f.write_str("news:off"),
            Self::News(Unwanted::No) => f.write_str("news:on"),
        }
    }
}

impl FromStr for Button {
    type Err = NotAButton;

    fn from_str(data: &str) -> Result<Self, NotAButton> {
        let (kind, rest) = data.split_once(':').unwrap_or((data, ""));
        match (kind, rest) {
            ("plans", "") => Ok(Self::Plans),
            ("try", "") => Ok(Self::Try),
            ("buy", plan) => read(plan).map(Self::Buy),
            ("later", "") => Ok(Self::Later),
            ("renew", client) => read(client).map(Self::Renew),
            ("extend", both) => read_two(both).map(|(client, plan)| Self::Extend(client, plan)),
            ("order", order) => read(order).map(Self::Order),
            ("check", order) => read(order).map(Self::Check),
            ("again", order) => read(order).map(Self::Again),
            ("connect", order) => read(order).map(Self::Connect),
            ("bots", page) => read(page).map(Self::Bots),
            ("bot", client) => read(client).map(Self::Bot),
            ("payments", both) => read_two(both).map(|(client, page)| Self::Payments(client, page)),
            ("token", client) => read(client).map(Self::Token),
            ("other", client) => read(client).map(Self::OtherBot),
            ("tour", stop) => read(stop).map(Self::Tour),
            ("news", "off") => Ok(Self::News(Unwanted::Yes)),
            ("news", "on") => Ok(Self::News(Unwanted::No)),
            _ => Err(NotAButton),
        }
    }
}

fn read<T: FromStr>(text: &str) -> Result<T, NotAButton> {
    text.parse().map_err(|_| NotAButton)
}

fn read_two<A: FromStr, B: FromStr>(text: &str) -> Result<(A, B), NotAButton> {
    let (first, second) = text.split_once(':').ok_or(NotAButton)?;
    Ok((read(first)?, read(second)?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_button_survives_the_trip(bits: u128, plan in "[a-z0-9_]{1,16}", page: u16) {
            let plan: PlanId = plan.parse().unwrap();
            let (client, order) = (ClientId::from_bits(bits), OrderId::from_bits(bits));
            for button in [
                Button::Plans,
                Button::Try,
                Button::Buy(plan.clone()),
                Button::Later,
                Button::Renew(client),
                Button::Extend(client, plan),
                Button::Order(order),
                Button::Check(order),
                Button::Again(order),
                Button::Connect(order),
                Button::Bots(page),
                Button::Bot(client),
                Button::Payments(client, page),
                Button::Token(client),
                Button::OtherBot(client),
                Button::Tour(Stop::Owner { service: 1, day: 2, hour: 14 }),
                Button::News(Unwanted::Yes),
                Button::News(Unwanted::No),
            ] {
                let data = button.to_string();
                prop_assert!(data.len() <= 64);
                prop_assert_eq!(data.parse(), Ok(button));
            }
        }

        #[test]
        fn nonsense_is_no_button(
            data in "(buy|renew|extend|order|check|again|connect|bots?|payments|token|tour)?:?.{0,40}",
        ) {
            if let Ok(button) = data.parse::<Button>() {
                let again = button.to_string();
                prop_assert_eq!(again.split(':').next(), data.split(':').next());
            }
        }
    }
}
