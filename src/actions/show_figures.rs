//! Show the business in figures: at this moment, and as a day's report.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::deps::Deps;
use crate::domain::client::{Client, RuntimeState};
use crate::domain::money::Money;
use crate::domain::overview::{DayReport, Ending, Figures, Takings};
use crate::domain::payment::{Payment, PaymentState};
use crate::domain::refund::RefundState;
use crate::domain::subscription::{Service, Subscription, SuspendedBy};
use crate::store::queue::{self, JobState};
use crate::store::{Read, Snapshot, StoreError, clients, orders, payments, refunds, trials};

/// How far ahead a day's report looks.
const AHEAD: SignedDuration = SignedDuration::from_hours(7 * 24);
const DAY: SignedDuration = SignedDuration::from_hours(24);
const MONTH: SignedDuration = SignedDuration::from_hours(30 * 24);
/// More jobs than this are not counted.
const MANY: usize = 10_000;

/// Counts the business as it is now; "today" is that of `server.timezone`.
///
/// # Errors
///
/// Returns [`StoreError`] if the store cannot be read.
pub async fn figures(deps: &Deps) -> Result<Figures, StoreError> {
    let now = deps.clock.now();
    let today = midnight(now, &deps.config.server.timezone);
    deps.store.scan(move |snap| count(snap, now, today)).await
}

fn count(snap: &Snapshot<'_>, now: Timestamp, today: Timestamp) -> Result<Figures, StoreError> {
    let mut figures = Figures {
        orders_open: orders::open(snap)?.len() as u64,
        held: payments::held(snap)?.len() as u64,
        ..Figures::default()
    };
    for client in clients::list(snap, None, usize::MAX)? {
        figures.clients.add(client.subscription);
        figures.running += u64::from(client.runtime == RuntimeState::Running);
        figures.ill += u64::from(is_ill(&client));
    }
    for payment in payments::between(snap, now - MONTH, now + DAY)? {
        if !is_taken(&payment) {
            continue;
        }
        figures.month.add(payment.amount.minus(payment.refunded));
        figures.given_back = figures.given_back.plus(payment.refunded);
        if payment.settled_at >= today {
            figures.today.add(payment.amount.minus(payment.refunded));
        }
    }
    for client in trials::granted(snap)? {
        figures.trials += 1;
        let paid = payments::of_client(snap, client)?;
        let has_paid = |it: &Payment| is_taken(it) && it.amount > it.refunded;
        figures.converted += u64::from(paid.iter().any(has_paid));
    }
    Ok(figures)
}

/// Reports on the day before the one in which `morning` lies, and on what is ahead of it.
///
/// Refunds made in the provider's cabinet have no record of their own and are not among them.
///
/// # Errors
///
/// Returns [`StoreError`] if the store cannot be read.
pub async fn day_report(deps: &Deps, morning: Timestamp) -> Result<DayReport, StoreError> {
    let zone = &deps.config.server.timezone;
    let today = midnight(morning, zone);
    let yesterday = midnight(today - SignedDuration::from_hours(1), zone);
    let now = deps.clock.now();
    deps.store.scan(move |snap| report(snap, now, yesterday, today)).await
}

fn report(
    snap: &Snapshot<'_>,
    now: Timestamp,
    yesterday: Timestamp,
    today: Timestamp,
) -> Result<DayReport, StoreError> {
    let mut report = DayReport {
        sales: sales(snap, yesterday, today)?,
        refunds: given_back(snap, yesterday, today)?,
        dead_jobs: queue::in_state(snap, JobState::Dead, MANY, now)?.len() as u64,
        held: payments::held(snap)?.len() as u64,
        ..DayReport::default()
    };
    for client in clients::list(snap, None, usize::MAX)? {
        if is_ill(&client) {
            report.ill.push(client.company.clone());
        }
        match client.subscription {
            Subscription::Trial { until } | Subscription::Active { paid_until: until }
                if until > now && until <= now + AHEAD =>
            {
                report.ending.push(Ending { company: client.company, until });
            }
            Subscription::Suspended { since, by: SuspendedBy::Expiry, .. }
                if (yesterday..today).contains(&since) =>
            {
                report.suspended.push(client.company);
            }
            _ => {}
        }
    }
    report.ending.sort_by_key(|it| it.until);
    Ok(report)
}

fn sales(txn: &impl Read, from: Timestamp, to: Timestamp) -> Result<Takings, StoreError> {
    let mut takings = Takings::default();
    let taken = payments::between(txn, from, to)?;
    for payment in taken.iter().filter(|it| is_taken(it) && it.amount > Money::ZERO) {
        takings.add(payment.amount);
    }
    Ok(takings)
}

fn given_back(txn: &impl Read, from: Timestamp, to: Timestamp) -> Result<Takings, StoreError> {
    let mut takings = Takings::default();
    let made = refunds::between(txn, from, to)?;
    for refund in made.iter().filter(|it| it.state == RefundState::Done) {
        takings.add(refund.amount);
    }
    Ok(takings)
}

/// Sums what is left of payments that granted time.
pub fn kept(payments: &[Payment]) -> Money {
    let ours = payments.iter().filter(|it| is_taken(it));
    ours.fold(Money::ZERO, |sum, it| sum.plus(it.amount.minus(it.refunded)))
}

/// Tells whether the money is ours: not while a person must decide on it.
const fn is_taken(payment: &Payment) -> bool {
    match payment.state {
        PaymentState::Settled | PaymentState::Refunded | PaymentState::Dismissed(_) => true,
        PaymentState::Attention(_) => false,
    }
}

/// Tells whether the client's bot does not do what it has to.
pub fn is_ill(client: &Client) -> bool {
    let has_to_run = client.subscription.service() != Service::None;
    let runs = matches!(client.runtime, RuntimeState::Running | RuntimeState::Starting);
    has_to_run && (client.problem.is_some() || !runs)
}

/// Returns the beginning of the day in which `at` lies.
fn midnight(at: Timestamp, zone: &TimeZone) -> Timestamp {
    let day = at.to_zoned(zone.clone()).start_of_day();
    day.map_or(at, |day| day.timestamp())
}
