//! What the Master Bot says of payments, orders and the audit log.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::with_lines;
use crate::domain::client::Client;
use crate::domain::ids::PaymentId;
use crate::domain::money::Money;
use crate::domain::order::{Attention, Order, Subject};
use crate::domain::payment::{Payment, Source};
use crate::domain::plan::Days;
use crate::texts::words::{Words, say};

/// Shows what is about to be recorded.
pub fn confirm_payment(
    words: Words,
    client: &Client,
    length: Days,
    amount: Money,
    (until, zone): (Option<Timestamp>, &TimeZone),
) -> String {
    say!(
        words,
        "master-confirm-payment",
        company = client.company.as_str(),
        length = length_of(words, length),
        amount = words.money(amount),
        until = end(words, until, zone),
    )
}

/// Says that a manual payment is recorded.
pub fn payment_recorded(words: Words, client: &Client, amount: Money, zone: &TimeZone) -> String {
    say!(
        words,
        "master-payment-recorded",
        amount = words.money(amount),
        company = client.company.as_str(),
        until = end(words, client.subscription.granted_until(), zone),
    )
}

/// Asks how much was paid.
pub fn ask_amount(words: Words, length: Days) -> String {
    say!(words, "master-ask-amount", length = length_of(words, length))
}

/// A client's payments, a page of them.
pub fn payments(
    words: Words,
    client: &Client,
    (page, pages): (usize, usize),
    (shown, total): (&[Payment], usize),
    zone: &TimeZone,
) -> String {
    let company = client.company.as_str();
    if total == 0 {
        return say!(words, "master-payments-none", company = company);
    }
    let text = say!(
        words,
        "master-payments",
        company = company,
        count = total,
        page = page + 1,
        pages = pages,
    );
    let lines = shown.iter().map(|payment| payment_lines(words, payment, zone));
    with_lines(format!("{text}\n"), lines)
}

fn payment_lines(words: Words, payment: &Payment, zone: &TimeZone) -> String {
    let source = match payment.source {
        Source::YooKassa => "yookassa",
        Source::Manual => "manual",
    };
    let text = say!(
        words,
        "master-payment-line",
        at = words.date_time(payment.settled_at, zone),
        amount = words.money(payment.amount),
        length = length_of(words, payment.days),
        source = source,
        state = payment.state.name(),
    );
    let back = (payment.refunded > Money::ZERO)
        .then(|| say!(words, "master-payment-back", amount = words.money(payment.refunded)));
    let id = say!(words, "master-payment-id", payment = payment.id.as_str());
    with_lines(text, back.into_iter().chain([id]))
}

/// A line of the audit log as operators read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// When it was done.
    pub at: Timestamp,
    /// Who did it, as the log has it: `operator:111`.
    pub actor: String,
    /// What was done, as the log has it: `client.added`.
    pub action: String,
    /// What says more.
    pub detail: String,
}

/// Some lines of the audit log under a heading.
pub fn log(words: Words, heading: &str, lines: &[LogLine], zone: &TimeZone) -> String {
    if lines.is_empty() {
        return say!(words, "master-log-none");
    }
    let lines = lines.iter().map(|line| log_lines(words, line, zone));
    with_lines(format!("{heading}\n"), lines)
}

fn log_lines(words: Words, line: &LogLine, zone: &TimeZone) -> String {
    let (kind, who) = line.actor.split_once(':').unwrap_or((line.actor.as_str(), ""));
    let key = line.action.replace('.', "-");
    let name = line.action.as_str();
    let action = say!(words, "master-log-action", action = key, name = name);
    let at = words.date_time(line.at, zone);
    let text = say!(words, "master-log-line", at = at, action = action);
    let by = say!(words, "master-log-by", actor = kind, who = who).trim_end().to_owned();
    let detail = (!line.detail.is_empty())
        .then(|| say!(words, "master-log-detail", detail = line.detail.as_str()));
    with_lines(text, [by].into_iter().chain(detail))
}

/// A payment that waits, on a button.
pub fn held_button(words: Words, payment: &Payment, why: Attention, zone: &TimeZone) -> String {
    say!(
        words,
        "master-held-button",
        at = words.date(payment.settled_at, zone),
        amount = words.money(payment.amount),
        why = attention(words, why),
    )
}

/// A payment that waits, and the order that it was meant for.
pub fn held_one(
    words: Words,
    payment: &Payment,
    why: Attention,
    order: Option<(&Order, &str)>,
    zone: &TimeZone,
) -> String {
    let text = say!(
        words,
        "master-held-one",
        why = attention(words, why),
        amount = words.money(payment.amount),
        at = words.date_time(payment.settled_at, zone),
        payment = payment.id.as_str(),
    );
    let order = order.map(|(order, company)| {
        say!(
            words,
            "master-held-order",
            order = order.id.to_string(),
            plan = order.plan.name.as_str(),
            length = length_of(words, order.plan.days),
            price = words.money(order.plan.price),
            company = company,
            buyer = order.buyer.to_string(),
        )
    });
    with_lines(text, order)
}

fn attention(words: Words, why: Attention) -> String {
    say!(words, "master-attention", why = why.name().replace('_', "-"))
}

/// Grants so much, on a button.
pub fn grant_button(words: Words, length: Days) -> String {
    say!(words, "master-button-grant", length = length_of(words, length))
}

/// Asks who gets the time of a payment that waits.
pub fn ask_grantee(words: Words, length: Days) -> String {
    say!(words, "master-ask-grantee", length = length_of(words, length))
}

/// Asks whether a payment that waits shall be granted.
pub fn confirm_grant(
    words: Words,
    payment: &Payment,
    client: &Client,
    (until, zone): (Option<Timestamp>, &TimeZone),
) -> String {
    say!(
        words,
        "master-confirm-grant",
        amount = words.money(payment.amount),
        company = client.company.as_str(),
        bot = client.bot.username.as_str(),
        length = length_of(words, payment.days),
        until = end(words, until, zone),
    )
}

/// Says that a payment that waited was granted.
pub fn granted(words: Words, payment: &Payment, client: &Client, zone: &TimeZone) -> String {
    say!(
        words,
        "master-granted",
        length = length_of(words, payment.days),
        company = client.company.as_str(),
        until = end(words, client.subscription.granted_until(), zone),
    )
}

/// Asks why a payment that waits shall grant nothing.
pub fn ask_note(words: Words, payment: &Payment) -> String {
    say!(words, "master-ask-note", amount = words.money(payment.amount))
}

/// Says that a payment that waited grants nothing.
pub fn dismissed(words: Words, payment: &Payment) -> String {
    let (amount, id) = (words.money(payment.amount), payment.id.as_str());
    say!(words, "master-dismissed", amount = amount, payment = id)
}

/// Asks before money is given back.
pub fn confirm_refund(words: Words, payment: &PaymentId, left: Money) -> String {
    say!(words, "master-confirm-refund", amount = words.money(left), payment = payment.as_str(),)
}

/// Says that a refund is on its way.
pub fn refunding(words: Words, payment: &PaymentId, amount: Money) -> String {
    say!(words, "master-refunding", amount = words.money(amount), payment = payment.as_str())
}

/// Orders that can still be paid, each with the business that it is for; `more` were left out.
pub fn open_orders(
    words: Words,
    shown: &[(Order, String)],
    more: usize,
    zone: &TimeZone,
) -> String {
    if shown.is_empty() {
        return say!(words, "master-open-orders-none");
    }
    let text = say!(words, "master-open-orders", count = shown.len() + more);
    let lines = shown.iter().map(|(order, company)| order_lines(words, order, company, zone));
    let more = (more > 0).then(|| say!(words, "master-jobs-more", count = more));
    with_lines(format!("{text}\n"), lines.chain(more))
}

/// Adds the paid orders whose owners have not brought their bots yet; `more` were left out.
pub fn without_bot(
    words: Words,
    text: String,
    shown: &[(Order, String)],
    more: usize,
    zone: &TimeZone,
) -> String {
    if shown.is_empty() {
        return text;
    }
    let head = say!(words, "master-without-bot", count = shown.len() + more);
    let lines = shown.iter().map(|(order, company)| {
        let at = words.date_time(order.created_at, zone);
        let buyer = order.buyer.to_string();
        say!(words, "master-without-bot-line", at = at, company = company.as_str(), buyer = buyer)
    });
    let more = (more > 0).then(|| say!(words, "master-jobs-more", count = more));
    with_lines(format!("{text}\n\n{head}"), lines.chain(more))
}

fn order_lines(words: Words, order: &Order, company: &str, zone: &TimeZone) -> String {
    let what = match order.subject {
        Subject::NewClient { .. } | Subject::BotLater { .. } => "new",
        Subject::Extension => "extension",
    };
    let at = words.date_time(order.created_at, zone);
    let text = say!(words, "master-order-line", at = at, what = what, company = company);
    let detail = say!(
        words,
        "master-order-detail",
        plan = order.plan.name.as_str(),
        amount = words.money(order.plan.price),
        link = if order.confirmation_url.is_some() { "yes" } else { "no" },
        until = words.date_time(order.expires_at, zone),
    );
    with_lines(text, [detail])
}

fn length_of(words: Words, length: Days) -> String {
    words.days(i64::from(length.get()))
}

fn end(words: Words, until: Option<Timestamp>, zone: &TimeZone) -> String {
    until.map_or_else(|| "—".to_owned(), |until| words.date_time(until, zone))
}
