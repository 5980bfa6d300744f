//! What was done to a client last, and how it stood before: an act that can be taken back.

use jiff::{SignedDuration, Timestamp};

use super::client::{Client, CompanyName};
use super::ids::UserId;
use super::plan::Days;
use super::subscription::Subscription;

/// How long an act can be taken back.
pub const CAN_BE_UNDONE: SignedDuration = SignedDuration::from_hours(24);

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// The bot was paused.
    Suspended,
    /// Its pause was ended.
    Resumed,
    /// Days were given without money.
    Given(Days),
    /// The client was given up.
    Cancelled,
    /// The business got another name, or another owner.
    Changed,
}

impl Act {
    /// Names the act for the audit log.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Suspended => "suspended",
            Self::Resumed => "resumed",
            Self::Given(_) => "given",
            Self::Cancelled => "cancelled",
            Self::Changed => "changed",
        }
    }
}

/// What an operator's act may change of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The right to run.
    pub subscription: Subscription,
    /// The business's name.
    pub company: CompanyName,
    /// Whose it is.
    pub owner: UserId,
}

impl From<&Client> for Standing {
    fn from(client: &Client) -> Self {
        let Client { subscription, company, owner, .. } = client;
        Self { subscription: *subscription, company: company.clone(), owner: *owner }
    }
}

/// The last act on a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undoable {
    /// When it was done; names it among the acts on this client.
    pub at: Timestamp,
    /// What was done.
    pub act: Act,
    /// How the client stood before.
    pub before: Standing,
    /// How it stood then.
    pub after: Standing,
}

impl Undoable {
    /// Tells whether the act can be taken back: not too long ago, and nothing has changed since.
    pub fn is_open(&self, client: &Client, now: Timestamp) -> bool {
        now.duration_since(self.at) < CAN_BE_UNDONE && self.after == Standing::from(client)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::client::{Bot, RuntimeState};
    use crate::domain::ids::{BotId, ClientId};

    fn client(paid_until: i64) -> Client {
        let at = |hour: i64| Timestamp::from_second(hour * 3600).unwrap();
        Client {
            id: ClientId::from_bits(1),
            company: "Salon".parse().unwrap(),
            owner: UserId::new(5).unwrap(),
            bot: Bot { id: BotId(1), username: "salon_bot".parse().unwrap() },
            plan: None,
            subscription: Subscription::Active { paid_until: at(paid_until) },
            runtime: RuntimeState::Running,
            problem: None,
            created_at: at(0),
        }
    }

    proptest! {
        #[test]
        fn what_has_changed_since_is_not_overwritten(
            paid in 0i64..1000, later in 0i64..1000, hours in 0i64..48,
        ) {
            let (before, after) = (client(10), client(paid));
            let at = Timestamp::UNIX_EPOCH;
            let undo = Undoable {
                at, act: Act::Suspended, before: (&before).into(), after: (&after).into(),
            };
            let open = undo.is_open(&client(later), at + SignedDuration::from_hours(hours));
            prop_assert_eq!(open, later == paid && hours < 24);
        }
    }
}
