//! The owner sets working days and hours.

use jiff::civil::Weekday;

use super::button::{Button, OwnerButton};
use super::owner;
use super::turn::{Rows, Turn, button};
use crate::actions::set_up;
use crate::bots::BotError;
use crate::domain::schedule::{DayKind, DayMinute, Hours, Schedule};
use crate::domain::settings::{SetUp, Settings};
use crate::texts::Words;
use crate::texts::client::owner as texts;

/// One press moves the opening or the closing by half an hour.
const NUDGE: u16 = 30;
/// Days in one row of the keyboard.
const DAYS_IN_A_ROW: usize = 4;

/// The first step of the set-up.
pub(super) async fn begin_set_up(turn: &Turn, settings: &Settings) -> Result<(), BotError> {
    turn.show(
        texts::set_up_hours(turn.words, &turn.profile, &settings.schedule),
        rows(turn.words, settings),
    )
    .await
}

/// Shows the hours.
pub(super) async fn show(turn: &Turn) -> Result<(), BotError> {
    let settings = turn.deps.settings()?;
    turn.show(
        texts::hours(turn.words, &turn.profile, &settings.schedule),
        rows(turn.words, &settings),
    )
    .await
}

/// Makes a day a working one, or a day off.
pub(super) async fn set_day(turn: &Turn, day: Weekday, kind: DayKind) -> Result<(), BotError> {
    let settings = set_up::set_day(&turn.deps, day, kind).await?;
    show_again(turn, &settings).await
}

/// Sets the hours of all working days.
pub(super) async fn set(turn: &Turn, hours: Hours) -> Result<(), BotError> {
    let settings = set_up::set_hours(&turn.deps, hours).await?;
    show_again(turn, &settings).await
}

/// The hours are as they should be.
pub(super) async fn done(turn: &Turn) -> Result<(), BotError> {
    let settings = turn.deps.settings()?;
    match settings.set_up {
        SetUp::Open => owner::ask_first_service(turn).await,
        SetUp::Done => {
            let hours = texts::hours_kept(turn.words, &settings.schedule);
            turn.show(hours, Rows::new()).await
        }
    }
}

async fn show_again(turn: &Turn, settings: &Settings) -> Result<(), BotError> {
    match settings.set_up {
        SetUp::Open => begin_set_up(turn, settings).await,
        SetUp::Done => {
            turn.show(
                texts::hours(turn.words, &turn.profile, &settings.schedule),
                rows(turn.words, settings),
            )
            .await
        }
    }
}

fn rows(words: Words, settings: &Settings) -> Rows {
    let schedule = &settings.schedule;
    let days: Vec<_> = Weekday::Monday.cycle_forward().take(7).collect();
    let mut rows: Rows = days
        .chunks(DAYS_IN_A_ROW)
        .map(|row| row.iter().map(|day| day_button(words, schedule, *day)).collect())
        .collect();
    let hours = schedule.common_hours();
    let (opens, closes) = (hours.opens().get(), hours.closes().get());
    rows.push(vec![
        nudge("◀️", opens.checked_sub(NUDGE), Some(closes)),
        button(texts::opening(words, hours), Button::Nothing),
        nudge("▶️", opens.checked_add(NUDGE), Some(closes)),
    ]);
    rows.push(vec![
        nudge("◀️", Some(opens), closes.checked_sub(NUDGE)),
        button(texts::closing(words, hours), Button::Nothing),
        nudge("▶️", Some(opens), closes.checked_add(NUDGE)),
    ]);
    let label =
        if settings.set_up == SetUp::Open { texts::go_on(words) } else { texts::done(words) };
    rows.push(vec![button(label, Button::Owner(OwnerButton::HoursDone))]);
    rows
}

fn day_button(
    words: Words,
    schedule: &Schedule,
    day: Weekday,
) -> teloxide::types::InlineKeyboardButton {
    let hours = schedule.weekday(day);
    let other = if hours.is_some() { DayKind::Off } else { DayKind::Working };
    button(texts::day_button(words, day, hours), Button::Owner(OwnerButton::Day(day, other)))
}

/// A button to the hours `opens` to `closes`, or one that does nothing if there are none such.
fn nudge(
    label: &str,
    opens: Option<u16>,
    closes: Option<u16>,
) -> teloxide::types::InlineKeyboardButton {
    let minute = |minutes: Option<u16>| DayMinute::new(minutes?).ok();
    let hours = minute(opens).zip(minute(closes)).and_then(|(a, b)| Hours::new(a, b).ok());
    match hours {
        Some(hours) => button(label, Button::Owner(OwnerButton::Hours(hours))),
        None => button("·", Button::Nothing),
    }
}
