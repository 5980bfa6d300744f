//! A customer books: service, day, time, confirmation.

use jiff::Timestamp;
use jiff::civil::Date;

use super::button::Button;
use super::turn::{Rows, Turn, button};
use crate::actions::book::{self as action, BookError, Request};
use crate::actions::show_slots::{self, Day, DayState, PAGES};
use crate::bots::BotError;
use crate::domain::service::{Service, ServiceId};
use crate::domain::slots::Slot;
use crate::texts::Words;
use crate::texts::calendar;
use crate::texts::client as texts;

/// Times in one row of the keyboard.
const TIMES_IN_A_ROW: usize = 4;

/// Asks for the service; a business with one service need not ask.
pub(super) async fn begin(turn: &Turn) -> Result<(), BotError> {
    let offered = turn.deps.services()?;
    match &offered[..] {
        [] => turn.show(texts::no_services(turn.words), Rows::new()).await,
        [only] => choose_day(turn, only.id, 0).await,
        several => {
            turn.show(texts::choose_service(turn.words), service_rows(turn.words, several)).await
        }
    }
}

/// Asks for the day.
pub(super) async fn choose_day(turn: &Turn, service: ServiceId, page: u8) -> Result<(), BotError> {
    let Some((service, days)) = show_slots::page(&turn.deps, service, page)? else {
        return service_gone(turn).await;
    };
    let mut rows: Rows =
        days.iter().map(|day| vec![day_button(turn.words, &service, *day)]).collect();
    let turn_page = |label: String, page| button(label, Button::Week { service: service.id, page });
    let mut pages = Vec::new();
    if let Some(earlier) = page.checked_sub(1) {
        pages.push(turn_page(texts::earlier(turn.words), earlier));
    }
    if page + 1 < PAGES {
        pages.push(turn_page(texts::later(turn.words), page + 1));
    }
    rows.push(pages);
    if turn.deps.services()?.len() > 1 {
        rows.push(vec![button(texts::other_service(turn.words), Button::Services)]);
    }
    rows.push(vec![button(texts::stop(turn.words), Button::Stop)]);
    turn.show(texts::choose_day(turn.words, &service.visit), rows).await
}

/// Asks for the time.
pub(super) async fn choose_time(
    turn: &Turn,
    service: ServiceId,
    date: Date,
) -> Result<(), BotError> {
    show_times(turn, service, date, None).await
}

/// Asks whether all is right.
pub(super) async fn confirm(
    turn: &Turn,
    service: ServiceId,
    start: Timestamp,
) -> Result<(), BotError> {
    match action::check(&turn.deps, &request(turn, service, start)) {
        Ok((service, slot)) => {
            let rows = vec![
                vec![button(
                    texts::confirm_button(turn.words),
                    Button::Confirm { service: service.id, start },
                )],
                vec![button(texts::other_time(turn.words), day_of(turn, service.id, slot.start()))],
                vec![button(texts::stop(turn.words), Button::Stop)],
            ];
            turn.show(texts::confirm(turn.words, &service.visit, slot, &turn.profile), rows).await
        }
        Err(err) => refuse(turn, service, start, err).await,
    }
}

/// Books.
pub(super) async fn book(
    turn: &Turn,
    service: ServiceId,
    start: Timestamp,
) -> Result<(), BotError> {
    match action::book(&turn.deps, request(turn, service, start)).await {
        Ok(booking) => {
            let rules = turn.deps.settings()?.rules;
            let rows = vec![vec![button(texts::menu_mine(turn.words), Button::Mine)]];
            turn.show(texts::booked(turn.words, &booking, &turn.profile, rules), rows).await
        }
        Err(err) => refuse(turn, service, start, err).await,
    }
}

/// Ends the booking half-way.
pub(super) async fn stop(turn: &Turn) -> Result<(), BotError> {
    turn.show(texts::not_booked(turn.words), Rows::new()).await
}

/// Says why it was not booked, and shows what can be had instead.
async fn refuse(
    turn: &Turn,
    service: ServiceId,
    start: Timestamp,
    err: BookError,
) -> Result<(), BotError> {
    let why = match err {
        BookError::NotOffered => return service_gone(turn).await,
        BookError::TooMany(limit) => {
            let rows = vec![vec![button(texts::menu_mine(turn.words), Button::Mine)]];
            return turn.show(texts::too_many(turn.words, limit), rows).await;
        }
        BookError::Store(err) => return Err(err.into()),
        BookError::InThePast => texts::in_the_past(turn.words),
        BookError::NotOpen => texts::not_open(turn.words),
        BookError::SlotTaken => texts::slot_taken(turn.words),
    };
    let date = start.to_zoned(turn.profile.zone.clone()).date();
    show_times(turn, service, date, Some(why)).await
}

async fn show_times(
    turn: &Turn,
    service: ServiceId,
    date: Date,
    first: Option<String>,
) -> Result<(), BotError> {
    let Some((service, free)) = show_slots::day(&turn.deps, service, date)? else {
        return service_gone(turn).await;
    };
    let text = if free.is_empty() {
        texts::day_full(turn.words, &service.visit, date)
    } else {
        texts::choose_time(turn.words, &service.visit, date)
    };
    let text = match first {
        Some(first) => format!("{first}\n\n{text}"),
        None => text,
    };
    let time = |slot: &Slot| {
        let label = calendar::time(slot.start(), &turn.profile.zone);
        button(label, Button::Time { service: service.id, start: slot.start() })
    };
    let mut rows: Rows =
        free.chunks(TIMES_IN_A_ROW).map(|row| row.iter().map(time).collect()).collect();
    let days = Button::Week { service: service.id, page: page_of(turn, date) };
    rows.push(vec![button(texts::other_day(turn.words), days)]);
    rows.push(vec![button(texts::stop(turn.words), Button::Stop)]);
    turn.show(text, rows).await
}

async fn service_gone(turn: &Turn) -> Result<(), BotError> {
    let offered = turn.deps.services()?;
    turn.show(texts::service_gone(turn.words), service_rows(turn.words, &offered)).await
}

fn service_rows(words: Words, offered: &[Service]) -> Rows {
    let row = |service: &Service| {
        let days = Button::Week { service: service.id, page: 0 };
        vec![button(texts::offer(words, &service.visit), days)]
    };
    let mut rows: Rows = offered.iter().map(row).collect();
    rows.push(vec![button(texts::stop(words), Button::Stop)]);
    rows
}

fn day_button(words: Words, service: &Service, day: Day) -> teloxide::types::InlineKeyboardButton {
    match day.state {
        DayState::Free(free) => {
            let times = Button::Day { service: service.id, date: day.date };
            button(texts::free_day(words, day.date, free), times)
        }
        DayState::Full => button(texts::full_day(words, day.date), Button::Nothing),
        DayState::Closed => button(texts::closed_day(words, day.date), Button::Nothing),
    }
}

fn day_of(turn: &Turn, service: ServiceId, start: Timestamp) -> Button {
    Button::Day { service, date: start.to_zoned(turn.profile.zone.clone()).date() }
}

/// The page of days that holds `date`, or the first.
fn page_of(turn: &Turn, date: Date) -> u8 {
    let today = turn.deps.clock.now().to_zoned(turn.profile.zone.clone()).date();
    let days = today.until(date).map_or(0, |span| span.get_days());
    u8::try_from(days / 7).ok().filter(|page| *page < PAGES).unwrap_or(0)
}

fn request(turn: &Turn, service: ServiceId, start: Timestamp) -> Request {
    Request { cause: turn.cause, service, start, customer: turn.customer.clone() }
}
