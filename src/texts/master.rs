//! What the Master Bot says. What needs no values is said by the bot itself, from the catalogue.

pub mod backups;
pub mod clients;
pub mod jobs;
pub mod money;
pub mod output;

use jiff::Timestamp;
use jiff::tz::TimeZone;

pub use self::backups::*;
pub use self::clients::*;
pub use self::jobs::*;
pub use self::money::*;
pub use self::output::*;
use super::words::{Words, say};
use crate::domain::client::{BotUsername, CompanyName};
use crate::domain::ids::{JobId, UserId};
use crate::domain::overview::Figures;
use crate::domain::plan::Days;

/// The commands that Telegram offers, each with what it is for.
pub fn commands(words: Words) -> Vec<(&'static str, String)> {
    vec![
        ("start", say!(words, "master-command-start")),
        ("clients", say!(words, "master-command-clients")),
        ("find", say!(words, "master-command-find")),
        ("orders", say!(words, "master-command-orders")),
        ("queue", say!(words, "master-command-queue")),
        ("stats", say!(words, "master-command-stats")),
        ("audit", say!(words, "master-command-audit")),
        ("backups", say!(words, "master-command-backups")),
        ("broadcast", say!(words, "master-command-broadcast")),
        ("cancel", say!(words, "master-command-cancel")),
        ("help", say!(words, "master-command-help")),
    ]
}

/// Says what the bot says when it failed.
pub fn apology(words: Words) -> String {
    say!(words, "master-apology")
}

/// Greets an operator.
pub fn start(words: Words, first_name: &str, queue: QueueView) -> String {
    let text = say!(words, "master-start", name = first_name, queued = queue.queued);
    with_lines(text, queue_lines(words, queue))
}

/// Tells the business in figures; `room` is for how many more bots the machine has memory.
pub fn stats(
    words: Words,
    figures: &Figures,
    queue: QueueView,
    room: Option<u64>,
    (now, zone): (Timestamp, &TimeZone),
) -> String {
    let clients = figures.clients;
    say!(
        words,
        "master-stats",
        at = words.date_time(now, zone),
        total = clients.total(),
        trial = clients.trial,
        active = clients.active,
        grace = clients.grace,
        suspended = clients.suspended,
        cancelled = clients.cancelled,
        archived = clients.archived,
        running = figures.running,
        ill = figures.ill,
        capacity = room.map_or_else(|| "unknown".to_owned(), |room| room.to_string()),
        month = words.money(figures.month.sum),
        month_count = figures.month.count,
        today = words.money(figures.today.sum),
        today_count = figures.today.count,
        given_back = words.money(figures.given_back),
        orders = figures.orders_open,
        held = figures.held,
        trials = figures.trials,
        converted = figures.converted,
        queued = queue.queued,
        waiting = queue.waiting,
        dead = queue.dead,
    )
}

/// Asks whose bot it is.
pub fn ask_owner(words: Words, bot: &BotUsername) -> String {
    say!(words, "master-ask-owner", bot = bot.as_str())
}

/// Shows what is about to be added.
pub fn confirm_client(
    words: Words,
    company: &CompanyName,
    bot: &BotUsername,
    owner: UserId,
    length: Days,
) -> String {
    say!(
        words,
        "master-confirm-client",
        company = company.as_str(),
        bot = bot.as_str(),
        owner = owner.to_string(),
        length = words.days(i64::from(length.get())),
    )
}

/// Says that the client is added and where its deployment stands.
pub fn client_added(words: Words, company: &CompanyName, job: JobId, position: u64) -> String {
    say!(
        words,
        "master-client-added",
        company = company.as_str(),
        job = job.to_string(),
        position = position,
    )
}

/// Puts more lines below a text.
pub(super) fn with_lines(text: String, lines: impl IntoIterator<Item = String>) -> String {
    lines.into_iter().fold(text, |text, line| format!("{text}\n{line}"))
}
