//! What the Master Bot says of clients.

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::with_lines;
use crate::domain::client::{BotProblem, Client, RuntimeState};
use crate::domain::money::Money;
use crate::domain::plan::Days;
use crate::domain::subscription::{Subscription, SuspendedBy};
use crate::domain::undo::Act;
use crate::texts::days_left;
use crate::texts::words::{Words, say};

/// What is known of a client besides its record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// How long ago its process last reported.
    pub reported: Option<Duration>,
    /// When its bot has last handled an update.
    pub last_update: Option<Timestamp>,
    /// How many updates its bot has given up.
    pub given_up: u64,
    /// How many payments it has made.
    pub payments: usize,
    /// What is left of them.
    pub sum: Money,
}

/// A client on a button.
pub fn client_button(words: Words, client: &Client, zone: &TimeZone) -> String {
    let company: String = client.company.as_str().chars().take(32).collect();
    let mark = mark(client);
    match client.subscription.granted_until() {
        Some(until) => {
            let until = words.date(until, zone);
            say!(words, "master-client-button", mark = mark, company = company, until = until)
        }
        None => say!(words, "master-client-button-plain", mark = mark, company = company),
    }
}

fn mark(client: &Client) -> &'static str {
    if client.problem.is_some() || client.runtime == RuntimeState::Failed {
        return "⚠️";
    }
    match client.subscription {
        Subscription::Trial { .. } => "🎁",
        Subscription::Active { .. } => "✅",
        Subscription::Grace { .. } => "⏳",
        Subscription::Suspended { .. } => "⏸",
        Subscription::Cancelled { .. } => "⛔",
        Subscription::Archived { .. } => "📦",
    }
}

/// All that is known of a client.
pub fn card(
    words: Words,
    client: &Client,
    known: Known,
    (now, zone): (Timestamp, &TimeZone),
) -> String {
    let text = say!(
        words,
        "master-card",
        company = client.company.as_str(),
        bot = client.bot.username.as_str(),
        standing = standing(words, client.subscription, (now, zone)),
    );
    let mut lines = vec![say!(words, "master-card-runtime", state = runtime(client.runtime))];
    if let Some(reported) = known.reported {
        lines.push(say!(words, "master-card-report", seconds = reported.as_secs()));
    }
    if let Some(last) = known.last_update {
        lines.push(say!(words, "master-card-update", at = words.date_time(last, zone)));
    }
    if known.given_up > 0 {
        lines.push(say!(words, "master-card-given-up", count = known.given_up));
    }
    if let Some(problem) = client.problem {
        lines.push(say!(words, "master-card-problem", problem = trouble(problem)));
    }
    if let Some(plan) = &client.plan {
        lines.push(say!(words, "master-card-plan", plan = plan.as_str()));
    }
    if known.payments > 0 {
        let (count, sum) = (known.payments, words.money(known.sum));
        lines.push(say!(words, "master-card-payments", count = count, sum = sum));
    }
    lines.push(say!(words, "master-card-owner", owner = client.owner.to_string()));
    lines.push(say!(words, "master-card-added", at = words.date_time(client.created_at, zone)));
    lines.push(say!(words, "master-card-id", client = client.id.to_string()));
    with_lines(text, lines)
}

/// Asks for how long a client has paid.
pub fn ask_paid_days(words: Words, client: &Client, at: (Timestamp, &TimeZone)) -> String {
    say!(
        words,
        "master-ask-paid-days",
        company = client.company.as_str(),
        bot = client.bot.username.as_str(),
        standing = standing(words, client.subscription, at),
    )
}

/// Asks how many days to give.
pub fn ask_gift(words: Words, client: &Client) -> String {
    say!(words, "master-ask-gift", company = client.company.as_str())
}

/// Says how many days were given.
pub fn given(words: Words, days: Days) -> String {
    say!(words, "master-given", length = words.days(i64::from(days.get())))
}

/// Names an act that can be taken back.
pub fn act(words: Words, act: Act) -> String {
    say!(words, "master-act", act = act.name())
}

/// Asks whether a client shall be given up.
pub fn confirm_cancel(words: Words, client: &Client) -> String {
    let (company, bot) = (client.company.as_str(), client.bot.username.as_str());
    say!(words, "master-confirm-cancel", company = company, bot = bot)
}

/// Asks a first time before a client is removed.
pub fn confirm_remove(words: Words, client: &Client) -> String {
    let (company, bot) = (client.company.as_str(), client.bot.username.as_str());
    say!(words, "master-confirm-remove", company = company, bot = bot)
}

/// Asks a second time, and names what is lost for ever.
pub fn confirm_remove_for_good(
    words: Words,
    client: &Client,
    bookings: Option<u64>,
    unused: Option<Timestamp>,
    (now, zone): (Timestamp, &TimeZone),
) -> String {
    let (company, bot) = (client.company.as_str(), client.bot.username.as_str());
    let text = say!(words, "master-confirm-remove-for-good", company = company);
    let bookings = match bookings {
        Some(count) => say!(words, "master-loss-bookings", count = count),
        None => say!(words, "master-loss-bookings-unknown"),
    };
    let settings = say!(words, "master-loss-settings", bot = bot);
    let time = unused.map(|until| {
        let left = words.days(days_left(until, now));
        say!(words, "master-loss-time", until = words.date_time(until, zone), left = left)
    });
    let token = say!(words, "master-loss-token");
    let losses = [String::new(), bookings, settings].into_iter().chain(time).chain([token]);
    with_lines(text, losses)
}

fn standing(
    words: Words,
    subscription: Subscription,
    (now, zone): (Timestamp, &TimeZone),
) -> String {
    let left = |until: Timestamp| words.days(days_left(until, now));
    let at = |at: Timestamp| words.date_time(at, zone);
    match subscription {
        Subscription::Trial { until } => {
            say!(words, "master-standing-trial", until = at(until), left = left(until))
        }
        Subscription::Active { paid_until: until } => {
            say!(words, "master-standing-active", until = at(until), left = left(until))
        }
        Subscription::Grace { paid_until } => {
            say!(words, "master-standing-grace", until = at(paid_until))
        }
        Subscription::Suspended { since, by: SuspendedBy::Expiry, .. } => {
            say!(words, "master-standing-expired", since = at(since))
        }
        Subscription::Suspended { granted, since, by: SuspendedBy::Operator } => {
            say!(words, "master-standing-paused", since = at(since), until = at(granted.until))
        }
        Subscription::Cancelled { since, .. } => {
            say!(words, "master-standing-cancelled", since = at(since))
        }
        Subscription::Archived { since, .. } => {
            say!(words, "master-standing-archived", since = at(since))
        }
    }
}

const fn runtime(state: RuntimeState) -> &'static str {
    match state {
        RuntimeState::None => "none",
        RuntimeState::Starting => "starting",
        RuntimeState::Running => "running",
        RuntimeState::Stopped => "stopped",
        RuntimeState::Failed => "failed",
    }
}

const fn trouble(problem: BotProblem) -> &'static str {
    match problem {
        BotProblem::TokenRevoked => "token-revoked",
        BotProblem::Conflict => "conflict",
        BotProblem::OwnerUnreachable => "owner-unreachable",
    }
}
