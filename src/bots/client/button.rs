//! What the bot's buttons carry. Anybody can send anything in their place, so what is read here
//! is well formed and nothing more.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::{Date, Weekday};

use crate::domain::booking::BookingId;
use crate::domain::locale::Locale;
use crate::domain::schedule::{DayKind, DayMinute, Hours};
use crate::domain::service::{ServiceId, VisitLength};

/// What a button does; at most 64 bytes as a text, which is all that Telegram carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Button {
    /// It only tells something.
    Nothing,
    /// To the services.
    Services,
    /// To a page of days.
    Week { service: ServiceId, page: u8 },
    /// To the times of a day.
    Day { service: ServiceId, date: Date },
    /// To the question whether all is right.
    Time { service: ServiceId, start: Timestamp },
    /// Books.
    Confirm { service: ServiceId, start: Timestamp },
    /// Ends the booking half-way.
    Stop,
    /// To the customer's visits.
    Mine,
    /// To the question whether to cancel.
    Cancel(BookingId),
    /// Cancels.
    CancelSure(BookingId),
    /// Only for the owner.
    Owner(OwnerButton),
}

/// What an owner's button does. A setting is written out, not toggled: a press that comes twice
/// does what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OwnerButton {
    /// Makes the day a working one, or a day off.
    Day(Weekday, DayKind),
    /// Sets the hours of all working days.
    Hours(Hours),
    /// The hours are as they should be.
    HoursDone,
    /// Ends the set-up with the usual service.
    KeepUsual,
    /// To the services.
    Services,
    /// Begins a new service.
    Add,
    /// Gives it the usual name.
    UsualName,
    /// Gives it a length.
    Length(VisitLength),
    /// Gives it no price, which makes it complete.
    NoPrice,
    /// To the question whether to remove a service.
    Remove(ServiceId),
    /// Removes it.
    RemoveSure(ServiceId),
    /// Has the bot speak this language.
    Language(Locale),
}

/// The data are none of the bot's buttons, or of one that no longer exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a button of this bot")]
pub(super) struct UnknownButton;

impl fmt::Display for Button {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("-"),
            Self::Services => f.write_str("s"),
            Self::Week { service, page } => write!(f, "w:{service}:{page}"),
            Self::Day { service, date } => write!(f, "d:{service}:{date}"),
            Self::Time { service, start } => write!(f, "t:{service}:{}", start.as_second()),
            Self::Confirm { service, start } => write!(f, "b:{service}:{}", start.as_second()),
            Self::Stop => f.write_str("q"),
            Self::Mine => f.write_str("m"),
            Self::Cancel(id) => write!(f, "c:{id}"),
            Self::CancelSure(id) => write!(f, "x:{id}"),
            Self::Owner(button) => write!(f, "o:{button}"),
        }
    }
}

impl fmt::Display for OwnerButton {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Day(day, kind) => {
                let open = u8::from(*kind == DayKind::Working);
                write!(f, "d:{}:{open}", day.to_monday_one_offset())
            }
            Self::Hours(hours) => write!(f, "h:{}:{}", hours.opens().get(), hours.closes().get()),
            Self::HoursDone => f.write_str("k"),
            Self::KeepUsual => f.write_str("u"),
            Self::Services => f.write_str("s"),
            Self::Add => f.write_str("a"),
            Self::UsualName => f.write_str("n"),
            Self::Length(length) => write!(f, "l:{}", length.minutes()),
            Self::NoPrice => f.write_str("p"),
            Self::Remove(id) => write!(f, "r:{id}"),
            Self::RemoveSure(id) => write!(f, "x:{id}"),
            Self::Language(locale) => write!(f, "g:{}", locale.code()),
        }
    }
}

impl FromStr for Button {
    type Err = UnknownButton;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (kind, rest) = text.split_once(':').unwrap_or((text, ""));
        Ok(match kind {
            "-" => Self::Nothing,
            "s" => Self::Services,
            "w" => {
                let (service, page) = pair(rest)?;
                Self::Week { service: ServiceId(service), page }
            }
            "d" => {
                let (service, date) = pair(rest)?;
                Self::Day { service: ServiceId(service), date }
            }
            "t" => {
                let (service, start) = visit(rest)?;
                Self::Time { service, start }
            }
            "b" => {
                let (service, start) = visit(rest)?;
                Self::Confirm { service, start }
            }
            "q" => Self::Stop,
            "m" => Self::Mine,
            "c" => Self::Cancel(one(rest)?),
            "x" => Self::CancelSure(one(rest)?),
            "o" => Self::Owner(rest.parse()?),
            _ => return Err(UnknownButton),
        })
    }
}

impl FromStr for OwnerButton {
    type Err = UnknownButton;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (kind, rest) = text.split_once(':').unwrap_or((text, ""));
        Ok(match kind {
            "d" => {
                let (day, open): (i8, u8) = pair(rest)?;
                let day = Weekday::from_monday_one_offset(day).map_err(|_| UnknownButton)?;
                Self::Day(day, if open == 1 { DayKind::Working } else { DayKind::Off })
            }
            "h" => {
                let (opens, closes) = pair(rest)?;
                let minute = |minutes| DayMinute::new(minutes).map_err(|_| UnknownButton);
                let hours = Hours::new(minute(opens)?, minute(closes)?);
                Self::Hours(hours.map_err(|_| UnknownButton)?)
            }
            "k" => Self::HoursDone,
            "u" => Self::KeepUsual,
            "s" => Self::Services,
            "a" => Self::Add,
            "n" => Self::UsualName,
            "l" => Self::Length(one(rest)?),
            "p" => Self::NoPrice,
            "r" => Self::Remove(ServiceId(one(rest)?)),
            "x" => Self::RemoveSure(ServiceId(one(rest)?)),
            "g" => Self::Language(Locale::of_code(rest).ok_or(UnknownButton)?),
            _ => return Err(UnknownButton),
        })
    }
}

fn one<T: FromStr>(text: &str) -> Result<T, UnknownButton> {
    text.parse().map_err(|_| UnknownButton)
}

fn pair<A: FromStr, B: FromStr>(text: &str) -> Result<(A, B), UnknownButton> {
    let (first, second) = text.split_once(':').ok_or(UnknownButton)?;
    Ok((one(first)?, one(second)?))
}

fn visit(text: &str) -> Result<(ServiceId, Timestamp), UnknownButton> {
    let (service, second) = pair(text)?;
    let start = Timestamp::from_second(second).map_err(|_| UnknownButton)?;
    Ok((ServiceId(service), start))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::booking::Cause;

    fn instants() -> impl Strategy<Value = Timestamp> {
        let seconds = Timestamp::MIN.as_second()..=Timestamp::MAX.as_second();
        seconds.prop_map(|second| Timestamp::from_second(second).unwrap())
    }

    fn dates() -> impl Strategy<Value = Date> {
        instants().prop_map(|at| at.to_zoned(jiff::tz::TimeZone::UTC).date())
    }

    fn bookings() -> impl Strategy<Value = BookingId> {
        let id = |(start, cause)| BookingId { start, cause: Cause(cause) };
        (instants(), any::<u32>()).prop_map(id)
    }

    fn days() -> impl Strategy<Value = (Weekday, DayKind)> {
        let kinds = prop_oneof![Just(DayKind::Working), Just(DayKind::Off)];
        ((1i8..=7).prop_map(|day| Weekday::from_monday_one_offset(day).unwrap()), kinds)
    }

    fn hours() -> impl Strategy<Value = Hours> {
        let minute = |at| DayMinute::new(at).unwrap();
        (0u16..1440, 1u16..=1440).prop_filter_map("opens before it closes", move |(a, b)| {
            Hours::new(minute(a), minute(b)).ok()
        })
    }

    fn owners() -> impl Strategy<Value = OwnerButton> {
        let length = |minutes| VisitLength::from_minutes(minutes).unwrap();
        prop_oneof![
            days().prop_map(|(day, kind)| OwnerButton::Day(day, kind)),
            hours().prop_map(OwnerButton::Hours),
            Just(OwnerButton::HoursDone),
            Just(OwnerButton::KeepUsual),
            Just(OwnerButton::Services),
            Just(OwnerButton::Add),
            Just(OwnerButton::UsualName),
            (5u16..=720).prop_map(move |it| OwnerButton::Length(length(it))),
            Just(OwnerButton::NoPrice),
            any::<u32>().prop_map(|id| OwnerButton::Remove(ServiceId(id))),
            any::<u32>().prop_map(|id| OwnerButton::RemoveSure(ServiceId(id))),
            prop_oneof![Just(Locale::Ru), Just(Locale::En)].prop_map(OwnerButton::Language),
        ]
    }

    fn buttons() -> impl Strategy<Value = Button> {
        let services = || any::<u32>().prop_map(ServiceId);
        prop_oneof![
            Just(Button::Nothing),
            Just(Button::Services),
            (services(), any::<u8>()).prop_map(|(service, page)| Button::Week { service, page }),
            (services(), dates()).prop_map(|(service, date)| Button::Day { service, date }),
            (services(), instants()).prop_map(|(service, start)| Button::Time { service, start }),
            (services(), instants())
                .prop_map(|(service, start)| Button::Confirm { service, start }),
            Just(Button::Stop),
            Just(Button::Mine),
            bookings().prop_map(Button::Cancel),
            bookings().prop_map(Button::CancelSure),
            owners().prop_map(Button::Owner),
        ]
    }

    proptest! {
        #[test]
        fn a_button_survives_the_trip(button in buttons()) {
            let data = button.to_string();
            prop_assert!(data.len() <= 64);
            prop_assert_eq!(data.parse(), Ok(button));
        }

        #[test]
        fn nonsense_is_no_button(data in "[a-z-]?:?[a-z]?:?[0-9:-]{0,20}|.{0,64}") {
            if let Ok(button) = data.parse::<Button>() {
                prop_assert_eq!(button.to_string().parse(), Ok(button));
            }
        }
    }
}
