//! What the Master Bot's buttons carry: at most 64 bytes.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;

use crate::domain::ids::{ClientId, JobId, PaymentId};
use crate::domain::money::Money;
use crate::domain::plan::Days;
use crate::store::queue::JobState;

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
    /// The clients made after this one.
    Newer(ClientId),
    /// Look for a client.
    Search,
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
    /// Ask whether to give the client up.
    CancelClient(ClientId),
    /// Give the client up.
    CancelClientNow(ClientId),
    /// Ask whether to remove the client.
    Remove(ClientId),
    /// Ask again, and name what is lost.
    RemoveOn(ClientId),
    /// Remove the client.
    RemoveNow(ClientId),
    /// Take the act of this moment on the client back.
    Undo(ClientId, Timestamp),
    /// Give the client days.
    Give(ClientId),
    /// Call the business something else.
    Rename(ClientId),
    /// Give the client another owner.
    Owner(ClientId),
    /// Give the client's bot a new token.
    Token(ClientId),
    /// A page of the client's payments.
    Payments(ClientId, u16),
    /// The client's lines of the audit log under this number.
    Log(ClientId, Option<u64>),
    /// What the client's bot has last written.
    Output(ClientId),
    /// The lines of the audit log under this number.
    Audit(Option<u64>),
    /// Orders and payments.
    Orders,
    /// The payments that wait for a person.
    Held,
    /// One of them.
    HeldOne(PaymentId),
    /// What is paid for and does not run.
    Undelivered,
    /// The orders that can still be paid.
    OpenOrders,
    /// Ask whether to grant this payment as its order says.
    Grant(PaymentId),
    /// Ask who gets this payment's time.
    GrantOther(PaymentId),
    /// This client gets it.
    GrantTo(ClientId),
    /// Ask why this payment shall grant nothing.
    Dismiss(PaymentId),
    /// It grants nothing.
    DismissNow(PaymentId),
    /// It waits for a decision again.
    Reopen(PaymentId),
    /// Ask whether to give this payment back.
    Refund(PaymentId),
    /// Give it back.
    RefundNow(PaymentId),
    /// The host's backups.
    Backups,
    /// Make a backup now.
    BackUpNow,
    /// The queue.
    Queue,
    /// The tasks in this state.
    Jobs(JobState),
    /// Try this task again.
    Retry(JobId),
    /// Try all that were given up again.
    RetryAll,
    /// Forget this task.
    Drop(JobId),
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
            Self::Newer(after) => write!(f, "newer:{after}"),
            Self::Search => f.write_str("search"),
            Self::Client(client) => write!(f, "client:{client}"),
            Self::Pay(client) => write!(f, "pay:{client}"),
            Self::Suspend(client) => write!(f, "suspend:{client}"),
            Self::Resume(client) => write!(f, "resume:{client}"),
            Self::Restart(client) => write!(f, "restart:{client}"),
            Self::CancelClient(client) => write!(f, "cancel:{client}"),
            Self::CancelClientNow(client) => write!(f, "cancel!:{client}"),
            Self::Remove(client) => write!(f, "remove:{client}"),
            Self::RemoveOn(client) => write!(f, "remove?:{client}"),
            Self::RemoveNow(client) => write!(f, "remove!:{client}"),
            Self::Undo(client, at) => write!(f, "undo:{client}:{}", at.as_millisecond()),
            Self::Give(client) => write!(f, "give:{client}"),
            Self::Rename(client) => write!(f, "rename:{client}"),
            Self::Owner(client) => write!(f, "owner:{client}"),
            Self::Token(client) => write!(f, "token:{client}"),
            Self::Payments(client, page) => write!(f, "paid:{client}:{page}"),
            Self::Log(client, None) => write!(f, "log:{client}"),
            Self::Log(client, Some(before)) => write!(f, "log:{client}:{before}"),
            Self::Output(client) => write!(f, "output:{client}"),
            Self::Audit(None) => f.write_str("audit"),
            Self::Audit(Some(before)) => write!(f, "audit:{before}"),
            Self::Orders => f.write_str("orders"),
            Self::Held => f.write_str("held"),
            Self::HeldOne(payment) => write!(f, "held:{payment}"),
            Self::Undelivered => f.write_str("undelivered"),
            Self::OpenOrders => f.write_str("open"),
            Self::Grant(payment) => write!(f, "grant:{payment}"),
            Self::GrantOther(payment) => write!(f, "grant?:{payment}"),
            Self::GrantTo(client) => write!(f, "to:{client}"),
            Self::Dismiss(payment) => write!(f, "close:{payment}"),
            Self::DismissNow(payment) => write!(f, "close!:{payment}"),
            Self::Reopen(payment) => write!(f, "reopen:{payment}"),
            Self::Refund(payment) => write!(f, "refund:{payment}"),
            Self::RefundNow(payment) => write!(f, "refund!:{payment}"),
            Self::Backups => f.write_str("backups"),
            Self::BackUpNow => f.write_str("backup"),
            Self::Queue => f.write_str("queue"),
            Self::Jobs(state) => write!(f, "jobs:{}", name(*state)),
            Self::Retry(job) => write!(f, "retry:{job}"),
            Self::RetryAll => f.write_str("retry-all"),
            Self::Drop(job) => write!(f, "drop:{job}"),
        }
    }
}

impl FromStr for Button {
    type Err = NotAButton;

    fn from_str(data: &str) -> Result<Self, NotAButton> {
        let (kind, rest) = data.split_once(':').unwrap_or((data, ""));
        let client = || read::<ClientId>(rest);
        let payment = || read::<PaymentId>(rest);
        Ok(match kind {
            "days" => Self::Days(Days::new(read(rest)?).map_err(|_| NotAButton)?),
            "amount" => Self::Amount(read(rest)?),
            "yes" => Self::Confirm(read(rest)?),
            "no" => Self::Cancel,
            "clients" => Self::Page(some(rest)?),
            "newer" => Self::Newer(client()?),
            "search" => Self::Search,
            "client" => Self::Client(client()?),
            "pay" => Self::Pay(client()?),
            "suspend" => Self::Suspend(client()?),
            "resume" => Self::Resume(client()?),
            "restart" => Self::Restart(client()?),
            "cancel" => Self::CancelClient(client()?),
            "cancel!" => Self::CancelClientNow(client()?),
            "remove" => Self::Remove(client()?),
            "remove?" => Self::RemoveOn(client()?),
            "remove!" => Self::RemoveNow(client()?),
            "undo" => {
                let (client, at) = rest.split_once(':').ok_or(NotAButton)?;
                let at = Timestamp::from_millisecond(read(at)?).map_err(|_| NotAButton)?;
                Self::Undo(read(client)?, at)
            }
            "give" => Self::Give(client()?),
            "rename" => Self::Rename(client()?),
            "owner" => Self::Owner(client()?),
            "token" => Self::Token(client()?),
            "paid" => {
                let (client, page) = rest.split_once(':').ok_or(NotAButton)?;
                Self::Payments(read(client)?, read(page)?)
            }
            "log" => {
                let (client, before) = rest.split_once(':').unwrap_or((rest, ""));
                Self::Log(read(client)?, some(before)?)
            }
            "output" => Self::Output(client()?),
            "audit" => Self::Audit(some(rest)?),
            _ => return read_money(kind, rest, payment),
        })
    }
}

/// Reads the buttons of orders, payments and tasks.
fn read_money(
    kind: &str,
    rest: &str,
    payment: impl Fn() -> Result<PaymentId, NotAButton>,
) -> Result<Button, NotAButton> {
    Ok(match kind {
        "orders" => Button::Orders,
        "held" if rest.is_empty() => Button::Held,
        "held" => Button::HeldOne(payment()?),
        "undelivered" => Button::Undelivered,
        "open" => Button::OpenOrders,
        "grant" => Button::Grant(payment()?),
        "grant?" => Button::GrantOther(payment()?),
        "to" => Button::GrantTo(read(rest)?),
        "close" => Button::Dismiss(payment()?),
        "close!" => Button::DismissNow(payment()?),
        "reopen" => Button::Reopen(payment()?),
        "refund" => Button::Refund(payment()?),
        "refund!" => Button::RefundNow(payment()?),
        "backups" => Button::Backups,
        "backup" => Button::BackUpNow,
        "queue" => Button::Queue,
        "jobs" => Button::Jobs(state(rest)?),
        "retry" => Button::Retry(read(rest)?),
        "retry-all" => Button::RetryAll,
        "drop" => Button::Drop(read(rest)?),
        _ => return Err(NotAButton),
    })
}

fn read<T: FromStr>(text: &str) -> Result<T, NotAButton> {
    text.parse().map_err(|_| NotAButton)
}

fn some<T: FromStr>(text: &str) -> Result<Option<T>, NotAButton> {
    if text.is_empty() { Ok(None) } else { read(text).map(Some) }
}

const fn name(state: JobState) -> &'static str {
    match state {
        JobState::Queued => "queued",
        JobState::Waiting => "waiting",
        JobState::Running => "running",
        JobState::Done => "done",
        JobState::Dead => "dead",
    }
}

fn state(name_of: &str) -> Result<JobState, NotAButton> {
    let known =
        [JobState::Queued, JobState::Waiting, JobState::Running, JobState::Done, JobState::Dead];
    known.into_iter().find(|state| name(*state) == name_of).ok_or(NotAButton)
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// One button of each kind; the compiler sees in `press` that none is forgotten there.
    pub(in crate::bots::master) fn each(
        client: ClientId,
        payment: &PaymentId,
        number: u64,
    ) -> Vec<Button> {
        let days = Days::new(30).unwrap();
        let at = Timestamp::from_millisecond(1_800_000_000_123).unwrap();
        let job = JobId(number);
        let payment = payment.clone();
        vec![
            Button::Days(days),
            Button::Amount("299.00".parse().unwrap()),
            Button::Confirm(i64::try_from(number % 1000).unwrap()),
            Button::Cancel,
            Button::Page(None),
            Button::Page(Some(client)),
            Button::Newer(client),
            Button::Search,
            Button::Client(client),
            Button::Pay(client),
            Button::Suspend(client),
            Button::Resume(client),
            Button::Restart(client),
            Button::CancelClient(client),
            Button::CancelClientNow(client),
            Button::Remove(client),
            Button::RemoveOn(client),
            Button::RemoveNow(client),
            Button::Undo(client, at),
            Button::Give(client),
            Button::Rename(client),
            Button::Owner(client),
            Button::Token(client),
            Button::Payments(client, u16::MAX),
            Button::Log(client, None),
            Button::Log(client, Some(number)),
            Button::Output(client),
            Button::Audit(None),
            Button::Audit(Some(number)),
            Button::Orders,
            Button::Held,
            Button::HeldOne(payment.clone()),
            Button::Undelivered,
            Button::OpenOrders,
            Button::Grant(payment.clone()),
            Button::GrantOther(payment.clone()),
            Button::GrantTo(client),
            Button::Dismiss(payment.clone()),
            Button::DismissNow(payment.clone()),
            Button::Reopen(payment.clone()),
            Button::Refund(payment.clone()),
            Button::RefundNow(payment),
            Button::Backups,
            Button::BackUpNow,
            Button::Queue,
            Button::Jobs(JobState::Dead),
            Button::Jobs(JobState::Waiting),
            Button::Retry(job),
            Button::RetryAll,
            Button::Drop(job),
        ]
    }

    proptest! {
        /// Telegram takes 64 bytes at most.
        #[test]
        fn a_button_survives_the_trip(
            bits: u128, payment in "[A-Za-z0-9_-]{1,56}", number: u64,
        ) {
            let payment: PaymentId = payment.parse().unwrap();
            for button in each(ClientId::from_bits(bits), &payment, number) {
                let data = button.to_string();
                prop_assert!(data.len() <= 64, "{}", data);
                prop_assert_eq!(data.parse(), Ok(button));
            }
        }

        #[test]
        fn days_and_amounts_survive_the_trip(
            days in 1i64..=3650, kopecks in 0i64..1_000_000_000_000, asked: i64,
        ) {
            for button in [
                Button::Days(Days::new(days).unwrap()),
                Button::Amount(Money::from_kopecks(kopecks).unwrap()),
                Button::Confirm(asked),
            ] {
                prop_assert_eq!(button.to_string().parse(), Ok(button));
            }
        }

        #[test]
        fn nonsense_is_no_button(data in "(days|yes|pay|client|undo|log|jobs)?:.{0,40}") {
            if let Ok(button) = data.parse::<Button>() {
                let again = button.to_string();
                prop_assert_eq!(again.split(':').next(), data.split(':').next());
            }
        }
    }
}
