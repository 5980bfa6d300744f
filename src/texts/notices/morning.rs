//! What operators are told of the business as a whole: the day's report, and what went wrong.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::Message;
use crate::domain::backup::Record;
use crate::domain::client::{Client, CompanyName};
use crate::domain::overview::DayReport;
use crate::texts::words::{Words, say};

/// How many names a list in the day's report has.
const NAMED: usize = 10;

/// To an operator: jobs were given up; `kinds` names some of them, as programs do.
pub fn jobs_dead(words: Words, kinds: &[String], total: u64) -> Message {
    let mut text = say!(words, "notices-jobs-dead", count = total);
    for kind in kinds {
        let kind = say!(words, "master-job-kind", kind = kind.as_str());
        text.push_str(&format!("\n• {kind}"));
    }
    let more = total.saturating_sub(kinds.len() as u64);
    if more > 0 {
        text.push_str(&format!("\n{}", say!(words, "notices-more", count = more)));
    }
    Message::plain(text)
        .with(say!(words, "notices-button-jobs"), "jobs:dead".to_owned())
        .with(say!(words, "notices-button-retry-all"), "retry-all".to_owned())
}

/// To an operator: the provider does not accept the shop's key.
pub fn shop_refused(words: Words) -> Message {
    Message::plain(say!(words, "notices-shop-refused"))
}

/// To an operator: there is no new certificate, and what the authority says of it.
pub fn certificate_trouble(words: Words, domain: &str, why: &str) -> Message {
    Message::plain(say!(words, "notices-certificate-trouble", domain = domain, why = why))
}

/// To an operator: the certificate ends at `until` and should have been renewed long ago.
pub fn certificate_late(words: Words, until: Timestamp, zone: &TimeZone) -> Message {
    let until = words.date_time(until, zone);
    Message::plain(say!(words, "notices-certificate-late", until = until))
}

/// To an operator: no backup of the host can be made; nothing if one was made since.
pub fn backup_trouble(words: Words, record: &Record, zone: &TimeZone) -> Option<Message> {
    let failed = record.failed.as_ref()?;
    let last = match &record.made {
        Some(made) => {
            let at = words.date(made.began_at, zone);
            say!(words, "notices-backup-last", at = at)
        }
        None => say!(words, "notices-backup-never"),
    };
    let (why, cure) = (failed.why.as_str(), failed.cure.as_str());
    Some(Message::plain(say!(words, "notices-backup-trouble", why = why, cure = cure, last = last)))
}

/// To an operator: Telegram does not bring the updates of so many bots, and why.
pub fn webhook_trouble(words: Words, bots: u64, why: &str) -> Message {
    Message::plain(say!(words, "notices-webhook-trouble", count = bots, why = why))
}

/// To the owner: an operator has changed how long the bot may run.
pub fn time_changed(words: Words, client: &Client, zone: &TimeZone) -> Message {
    let until = client.subscription.granted_until().map(|until| words.date(until, zone));
    Message::plain(say!(
        words,
        "notices-time-changed",
        bot = client.bot.username.as_str(),
        until = until.unwrap_or_else(|| "—".to_owned()),
    ))
}

/// To an operator: how the day begins. A day without news is one line.
pub fn digest(words: Words, report: &DayReport, zone: &TimeZone) -> Message {
    if report.is_empty() {
        return Message::plain(say!(words, "notices-digest-quiet"));
    }
    let mut parts = vec![say!(words, "notices-digest")];
    if !report.ending.is_empty() {
        let head = say!(words, "notices-digest-ending", count = report.ending.len());
        let named = report.ending.iter().map(|it| {
            let until = words.date(it.until, zone);
            say!(words, "notices-digest-ends", company = it.company.as_str(), until = until)
        });
        parts.push(list(words, head, named, report.ending.len()));
    }
    if !report.suspended.is_empty() {
        let head = say!(words, "notices-digest-suspended", count = report.suspended.len());
        parts.push(list(words, head, names(words, &report.suspended), report.suspended.len()));
    }
    if report.sales.count > 0 || report.refunds.count > 0 {
        parts.push(say!(
            words,
            "notices-digest-money",
            sales = report.sales.count,
            sum = words.money(report.sales.sum),
            refunds = report.refunds.count,
            back = words.money(report.refunds.sum),
        ));
    }
    if !report.ill.is_empty() {
        let head = say!(words, "notices-digest-ill", count = report.ill.len());
        parts.push(list(words, head, names(words, &report.ill), report.ill.len()));
    }
    if report.held > 0 {
        parts.push(say!(words, "notices-digest-held", count = report.held));
    }
    if report.dead_jobs > 0 {
        parts.push(say!(words, "notices-digest-dead", count = report.dead_jobs));
    }
    let mut message = Message::plain(parts.join("\n\n"));
    if report.held > 0 {
        message = message.with(say!(words, "notices-button-held"), "held".to_owned());
    }
    if report.dead_jobs > 0 {
        message = message.with(say!(words, "notices-button-jobs"), "jobs:dead".to_owned());
    }
    message
}

fn names(words: Words, companies: &[CompanyName]) -> impl Iterator<Item = String> {
    companies.iter().map(move |it| say!(words, "notices-digest-name", company = it.as_str()))
}

/// Puts the first lines below a heading, and how many are left out.
fn list(words: Words, head: String, lines: impl Iterator<Item = String>, total: usize) -> String {
    let more = total.saturating_sub(NAMED);
    let more = (more > 0).then(|| say!(words, "notices-more", count = more));
    lines.take(NAMED).chain(more).fold(head, |text, line| format!("{text}\n{line}"))
}
