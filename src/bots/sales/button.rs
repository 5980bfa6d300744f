//! What the Sales Bot's buttons carry: at most 64 bytes.

use std::fmt;
use std::str::FromStr;

use crate::domain::ids::{ClientId, OrderId};
use crate::domain::plan::PlanId;

/// A button below a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Button {
    /// Show the price list.
    Plans,
    /// Begin a trial.
    Try,
    /// Buy a new bot with this plan.
    Buy(PlanId),
    /// Show the plans for this client.
    Renew(ClientId),
    /// Renew this client with this plan.
    Extend(ClientId, PlanId),
    /// Look whether this order is paid.
    Check(OrderId),
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
            Self::Renew(client) => write!(f, "renew:{client}"),
            Self::Extend(client, plan) => write!(f, "extend:{client}:{plan}"),
            Self::Check(order) => write!(f, "check:{order}"),
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
        match (kind, rest) {
            ("plans", "") => Ok(Self::Plans),
            ("try", "") => Ok(Self::Try),
            ("buy", plan) => Ok(Self::Buy(read(plan)?)),
            ("renew", client) => Ok(Self::Renew(read(client)?)),
            ("extend", both) => {
                let (client, plan) = both.split_once(':').ok_or(NotAButton)?;
                Ok(Self::Extend(read(client)?, read(plan)?))
            }
            ("check", order) => Ok(Self::Check(read(order)?)),
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
        fn a_button_survives_the_trip(bits: u128, plan in "[a-z0-9_]{1,16}") {
            let plan: PlanId = plan.parse().unwrap();
            let (client, order) = (ClientId::from_bits(bits), OrderId::from_bits(bits));
            for button in [
                Button::Plans,
                Button::Try,
                Button::Buy(plan.clone()),
                Button::Renew(client),
                Button::Extend(client, plan),
                Button::Check(order),
            ] {
                let data = button.to_string();
                prop_assert!(data.len() <= 64);
                prop_assert_eq!(data.parse(), Ok(button));
            }
        }

        #[test]
        fn nonsense_is_no_button(data in "(buy|renew|extend|check)?:?.{0,40}") {
            if let Ok(button) = data.parse::<Button>() {
                let again = button.to_string();
                prop_assert_eq!(again.split(':').next(), data.split(':').next());
            }
        }
    }
}
