//! A tour of a client's bot: an example business to press through, in the words of the real bot.
//! Nothing is kept; where the visitor is stands in the buttons.

use std::fmt;
use std::str::FromStr;

use teloxide::types::{InlineKeyboardButton, InlineKeyboardMarkup};

use super::button::Button;
use super::counter::Counter;
use crate::bots::BotError;
use crate::bots::reply::{button, grid};
use crate::texts::client as shown;
use crate::texts::sales::tour::Example;
use crate::texts::words::say;

/// How many services the example offers, and how many days it shows.
const SERVICES: u8 = 3;
const DAYS: u8 = 5;
/// When visits can begin.
const HOURS: [u8; 4] = [10, 12, 14, 17];

/// Where a visitor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// The services.
    Services,
    /// The days, for a service.
    Days { service: u8 },
    /// The times of a day, counted from today.
    Times { service: u8, day: u8 },
    /// What the customer sees at the end.
    Booked { service: u8, day: u8, hour: u8 },
    /// What the owner sees of it.
    Owner { service: u8, day: u8, hour: u8 },
}

/// A stop that there is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a stop of the tour")]
pub(super) struct NoStop;

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Services => f.write_str("begin"),
            Self::Days { service } => write!(f, "{service}"),
            Self::Times { service, day } => write!(f, "{service}-{day}"),
            Self::Booked { service, day, hour } => write!(f, "{service}-{day}-{hour}"),
            Self::Owner { service, day, hour } => write!(f, "{service}-{day}-{hour}-owner"),
        }
    }
}

impl FromStr for Stop {
    type Err = NoStop;

    fn from_str(text: &str) -> Result<Self, NoStop> {
        if text == "begin" {
            return Ok(Self::Services);
        }
        let (text, owner) = match text.strip_suffix("-owner") {
            Some(rest) => (rest, true),
            None => (text, false),
        };
        let numbers: Result<Vec<u8>, _> = text.split('-').map(str::parse).collect();
        let stop = match (numbers.map_err(|_| NoStop)?.as_slice(), owner) {
            (&[service], false) => Self::Days { service },
            (&[service, day], false) => Self::Times { service, day },
            (&[service, day, hour], false) => Self::Booked { service, day, hour },
            (&[service, day, hour], true) => Self::Owner { service, day, hour },
            _ => return Err(NoStop),
        };
        if stop.is_there() { Ok(stop) } else { Err(NoStop) }
    }
}

impl Stop {
    fn is_there(self) -> bool {
        let day_is_there = |day| (1..=DAYS).contains(&day);
        match self {
            Self::Services => true,
            Self::Days { service } => service < SERVICES,
            Self::Times { service, day } => service < SERVICES && day_is_there(day),
            Self::Booked { service, day, hour } | Self::Owner { service, day, hour } => {
                service < SERVICES && day_is_there(day) && HOURS.contains(&hour)
            }
        }
    }
}

/// Shows a stop, in place of the one before.
pub(super) async fn show(counter: Counter, stop: Stop) -> Result<(), BotError> {
    let example = Example::new(counter.words(), counter.now(), counter.zone());
    let shown = example.and_then(|it| Some((text(&it, stop)?, buttons(&counter, &it, stop)?)));
    let Some((text, buttons)) = shown else {
        counter.stale();
        return Ok(());
    };
    counter.reply.show(text, buttons).await
}

fn text(example: &Example, stop: Stop) -> Option<String> {
    match stop {
        Stop::Services => Some(example.services()),
        Stop::Days { service } => example.days(service),
        Stop::Times { service, day } => example.times(service, day),
        Stop::Booked { service, day, hour } => example.booked((service, day, hour)),
        Stop::Owner { service, day, hour } => example.owner((service, day, hour)),
    }
}

fn buttons(counter: &Counter, example: &Example, stop: Stop) -> Option<InlineKeyboardMarkup> {
    let words = counter.words();
    let to = |label: String, stop: Stop| button(label, Button::Tour(stop));
    let rows: Option<Vec<Vec<InlineKeyboardButton>>> = match stop {
        Stop::Services => (0..SERVICES)
            .map(|service| Some(vec![to(example.service_button(service)?, Stop::Days { service })]))
            .collect(),
        Stop::Days { service } => {
            let back = vec![to(shown::other_service(words), Stop::Services)];
            (1..=DAYS)
                .map(|day| Some(vec![to(example.day_button(day)?, Stop::Times { service, day })]))
                .chain([Some(back)])
                .collect()
        }
        Stop::Times { service, day } => {
            let times =
                HOURS.map(|hour| to(format!("{hour}:00"), Stop::Booked { service, day, hour }));
            let back = vec![to(shown::other_day(words), Stop::Days { service })];
            Some(vec![times.to_vec(), back])
        }
        Stop::Booked { service, day, hour } => {
            let owner = Stop::Owner { service, day, hour };
            Some(vec![vec![to(say!(words, "sales-tour-button-owner"), owner)]])
        }
        Stop::Owner { .. } => Some(last_buttons(counter)),
    };
    rows.map(grid)
}

/// Returns the way from the tour to a bot of one's own.
fn last_buttons(counter: &Counter) -> Vec<Vec<InlineKeyboardButton>> {
    let words = counter.words();
    let trial = counter.deps.config.billing.trial_days;
    let trial = trial.map(|_| vec![button(say!(words, "sales-menu-try"), Button::Try)]);
    let buy = vec![button(say!(words, "sales-menu-buy"), Button::Plans)];
    let again = vec![to_begin(say!(words, "sales-tour-button-again"))];
    trial.into_iter().chain([buy, again]).collect()
}

fn to_begin(label: String) -> InlineKeyboardButton {
    button(label, Button::Tour(Stop::Services))
}
