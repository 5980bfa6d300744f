//! The business in figures, as its operators read it.

use jiff::Timestamp;

use super::client::CompanyName;
use super::money::Money;
use super::subscription::Subscription;

/// A number of payments and their sum, in [`Money::CURRENCY`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Takings {
    /// How many.
    pub count: u64,
    /// How much together.
    pub sum: Money,
}

impl Takings {
    /// Counts one more.
    pub fn add(&mut self, amount: Money) {
        self.count += 1;
        self.sum = self.sum.plus(amount);
    }
}

/// How many clients are in each state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standings {
    /// On trial.
    pub trial: u64,
    /// Paid for.
    pub active: u64,
    /// In the days of grace.
    pub grace: u64,
    /// Paused.
    pub suspended: u64,
    /// Given up.
    pub cancelled: u64,
    /// Archived.
    pub archived: u64,
}

impl Standings {
    /// Counts one more client.
    pub const fn add(&mut self, subscription: Subscription) {
        let count = match subscription {
            Subscription::Trial { .. } => &mut self.trial,
            Subscription::Active { .. } => &mut self.active,
            Subscription::Grace { .. } => &mut self.grace,
            Subscription::Suspended { .. } => &mut self.suspended,
            Subscription::Cancelled { .. } => &mut self.cancelled,
            Subscription::Archived { .. } => &mut self.archived,
        };
        *count += 1;
    }

    /// Returns how many clients there are.
    pub const fn total(self) -> u64 {
        self.trial + self.active + self.grace + self.suspended + self.cancelled + self.archived
    }
}

/// The business at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Clients by state.
    pub clients: Standings,
    /// Bots that run.
    pub running: u64,
    /// Bots that have to run and do not, or that something keeps from Telegram.
    pub ill: u64,
    /// What was taken today, less what was given back of it.
    pub today: Takings,
    /// What was taken in the last 30 days, less what was given back of it.
    pub month: Takings,
    /// How much of the month's takings was given back.
    pub given_back: Money,
    /// Orders that can still be paid.
    pub orders_open: u64,
    /// Payments that wait for a person.
    pub held: u64,
    /// Trials that were ever granted.
    pub trials: u64,
    /// Those of them whose client has paid since.
    pub converted: u64,
}

/// A client whose time ends soon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    /// The business.
    pub company: CompanyName,
    /// When its time ends.
    pub until: Timestamp,
}

/// What an operator reads in the morning.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DayReport {
    /// Whose time ends in the next seven days, the next one first.
    pub ending: Vec<Ending>,
    /// Who was paused yesterday.
    pub suspended: Vec<CompanyName>,
    /// What was taken yesterday.
    pub sales: Takings,
    /// What was given back yesterday.
    pub refunds: Takings,
    /// Jobs that were given up and wait for a person.
    pub dead_jobs: u64,
    /// Payments that wait for a person.
    pub held: u64,
    /// Whose bot does not run as it has to.
    pub ill: Vec<CompanyName>,
}

impl DayReport {
    /// Tells whether there is nothing to say.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
