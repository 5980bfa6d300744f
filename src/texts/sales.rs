//! What the Sales Bot says. What needs no values is said by the bot itself, from the catalogue.

pub mod bots;
pub mod orders;
pub mod tour;

use jiff::Timestamp;
use jiff::tz::TimeZone;

pub use self::bots::*;
pub use self::orders::*;
use super::words::{Words, say};
use crate::domain::client::{BotUsername, CompanyName};
use crate::domain::plan::{Days, Plan, PriceList};

/// The commands that Telegram offers, each with what it is for.
pub fn commands(words: Words, trial: Option<Days>) -> Vec<(&'static str, String)> {
    let mut commands = vec![
        ("start", say!(words, "sales-command-start")),
        ("tour", say!(words, "sales-command-tour")),
        ("buy", say!(words, "sales-command-buy")),
        ("bots", say!(words, "sales-command-bots")),
        ("faq", say!(words, "sales-command-faq")),
        ("support", say!(words, "sales-command-support")),
        ("privacy", say!(words, "sales-command-privacy")),
        ("cancel", say!(words, "sales-command-cancel")),
        ("help", say!(words, "sales-command-help")),
    ];
    if trial.is_some() {
        commands.insert(3, ("try", say!(words, "sales-command-try")));
    }
    commands
}

/// Says what the bot says when it failed.
pub fn apology(words: Words) -> String {
    say!(words, "sales-apology")
}

/// Greets and says what is sold.
pub fn pitch(words: Words, first_name: &str, plans: &PriceList, trial: Option<Days>) -> String {
    let mut lines = Vec::new();
    if let Some(plan) = plans.plans().first() {
        let (price, length) = (words.money(plan.price), long(words, plan.days));
        lines.push(say!(words, "sales-pitch", name = first_name, price = price, length = length));
    }
    if let Some(trial) = trial {
        lines.push(say!(words, "sales-pitch-trial", length = long(words, trial)));
    }
    format!("{}\n\n{}", lines.join("\n"), say!(words, "sales-choose"))
}

/// Says what the bot can do, by its commands.
pub fn help(words: Words, trial: Option<Days>) -> String {
    let commands = commands(words, trial);
    let lines: Vec<_> = commands
        .iter()
        .map(|(command, about)| {
            say!(words, "sales-help-line", command = *command, about = about.as_str())
        })
        .collect();
    say!(words, "sales-help", commands = lines.join("\n"))
}

/// The price list, with what each plan saves.
pub fn plans(words: Words, list: &PriceList) -> String {
    let mut blocks = vec![say!(words, "sales-plans")];
    blocks.extend(list.plans().iter().map(|plan| {
        let price = words.money(PriceList::per_day(plan));
        let saving = list.saving(plan);
        let day = if saving.kopecks() > 0 {
            let saving = words.money(saving);
            say!(words, "sales-plan-day-saving", price = price, saving = saving)
        } else {
            say!(words, "sales-plan-day", price = price)
        };
        format!("{}\n{day}", plan_line(words, plan))
    }));
    blocks.push(say!(words, "sales-plans-end"));
    blocks.join("\n\n")
}

fn plan_line(words: Words, plan: &Plan) -> String {
    let (price, length) = (words.money(plan.price), long(words, plan.days));
    say!(words, "sales-plan", plan = plan.name.as_str(), price = price, length = length)
}

/// A plan on a button.
pub fn plan_button(words: Words, plan: &Plan) -> String {
    let (price, length) = (words.money(plan.price), long(words, plan.days));
    say!(words, "sales-button-plan", length = length, price = price)
}

/// What stands over the steps to a purchase.
pub fn chosen(words: Words, plan: &Plan) -> String {
    let (price, length) = (words.money(plan.price), long(words, plan.days));
    say!(words, "sales-chosen", plan = plan.name.as_str(), price = price, length = length)
}

/// What stands over the steps to a trial.
pub fn trial_heading(words: Words, trial: Days) -> String {
    say!(words, "sales-trial", length = long(words, trial))
}

/// Asks for the business's name, first of `steps` steps.
pub fn ask_company(words: Words, heading: &str, steps: u8) -> String {
    format!("{heading}\n\n{}", say!(words, "sales-ask-company", step = 1, steps = steps))
}

/// Asks where the receipt goes, second of three steps.
pub fn ask_email(words: Words) -> String {
    say!(words, "sales-ask-email", step = 2, steps = 3)
}

/// Asks for the bot's token, last of `steps` steps.
pub fn ask_token(words: Words, company: &CompanyName, steps: u8) -> String {
    let company = company.as_str();
    say!(words, "sales-ask-token", company = company, step = steps, steps = steps)
}

/// Says that the trial has begun.
pub fn trial_begun(words: Words, bot: &BotUsername, until: Timestamp, zone: &TimeZone) -> String {
    let until = words.date_time(until, zone);
    say!(words, "sales-trial-begun", bot = bot.as_str(), until = until)
}

/// Answers what buyers ask.
pub fn questions(
    words: Words,
    trial: Option<Days>,
    grace: Option<Days>,
    retention: Days,
) -> String {
    let some = |days: Option<Days>| days.map_or_else(|| "none".to_owned(), |it| long(words, it));
    say!(
        words,
        "sales-questions",
        trial = some(trial),
        grace = some(grace),
        retention = long(words, retention),
    )
}

/// Says where help is.
pub fn support(words: Words, name: Option<&str>) -> String {
    match name {
        Some(name) => say!(words, "sales-support", name = name),
        None => say!(words, "sales-support-unknown"),
    }
}

/// Says what is kept of whom, and for how long.
pub fn privacy(words: Words, retention: Days, contact: Option<&str>) -> String {
    let (retention, contact) = (long(words, retention), support(words, contact));
    say!(words, "sales-privacy", retention = retention, contact = contact)
}

fn long(words: Words, days: Days) -> String {
    words.days(i64::from(days.get()))
}
