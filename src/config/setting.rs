//! The kinds of values that a setting may have.

use std::net::SocketAddr;
use std::path::PathBuf;

use jiff::SignedDuration;
use jiff::tz::TimeZone;
use serde_json::Value as Json;

use super::raw::{Node, Raw};
use crate::domain::ids::UserId;
use crate::domain::money::{InvalidMoney, Money};
use crate::domain::network::{InvalidNetwork, Network};
use crate::domain::plan::{Days, InvalidPlanId, PlanId};
use crate::domain::recipient::{InvalidRecipient, Recipient};

/// A kind of value: how it is read and shown.
pub(super) trait Setting: Sized {
    /// Reads the value; the error says what was expected.
    fn read(raw: &Raw) -> Result<Self, String>;

    /// Shows the value as it would be written.
    fn show(&self) -> Json;
}

impl Setting for bool {
    fn read(raw: &Raw) -> Result<Self, String> {
        match raw {
            Raw::Boolean(flag) => Ok(*flag),
            Raw::Written(text) => text.trim().parse().map_err(|_| "expected true or false".into()),
            _ => Err("expected true or false, without quotes".to_owned()),
        }
    }

    fn show(&self) -> Json {
        (*self).into()
    }
}

macro_rules! number_setting {
    ($($number:ty),+) => {$(
        impl Setting for $number {
            fn read(raw: &Raw) -> Result<Self, String> {
                let number = raw.integer().and_then(|number| number.try_into().ok());
                number.ok_or_else(|| "expected a whole number".to_owned())
            }

            fn show(&self) -> Json {
                (*self).into()
            }
        }
    )+};
}

number_setting!(u8, u16, u32);

impl Setting for f64 {
    fn read(raw: &Raw) -> Result<Self, String> {
        let number = match raw {
            Raw::Float(number) => Some(*number),
            Raw::Integer(number) => i32::try_from(*number).ok().map(Self::from),
            Raw::Written(text) => text.trim().parse().ok(),
            _ => None,
        };
        number.filter(|number| number.is_finite()).ok_or_else(|| "expected a number".to_owned())
    }

    fn show(&self) -> Json {
        (*self).into()
    }
}

/// A text of one line that is not blank.
impl Setting for String {
    fn read(raw: &Raw) -> Result<Self, String> {
        let text = raw.text().ok_or("expected a text in quotes")?.trim();
        if text.is_empty() || text.chars().any(char::is_control) {
            return Err("expected a text of one line, not blank".to_owned());
        }
        Ok(text.to_owned())
    }

    fn show(&self) -> Json {
        self.as_str().into()
    }
}

impl Setting for PathBuf {
    fn read(raw: &Raw) -> Result<Self, String> {
        let path = Self::from(String::read(raw)?);
        if path.is_absolute() {
            Ok(path)
        } else {
            Err("expected a path from the root, such as /var/lib/slotbox".to_owned())
        }
    }

    fn show(&self) -> Json {
        self.to_string_lossy().into()
    }
}

macro_rules! text_setting {
    ($($kind:ty: $wrong:expr),+ $(,)?) => {$(
        impl Setting for $kind {
            fn read(raw: &Raw) -> Result<Self, String> {
                let text = raw.text().ok_or("expected a text in quotes")?;
                text.trim().parse().map_err($wrong)
            }

            fn show(&self) -> Json {
                self.to_string().into()
            }
        }
    )+};
}

text_setting! {
    SocketAddr: |_| r#"expected an address and a port, such as "127.0.0.1:8000" or "[::]:443""#.into(),
    Network: |err: InvalidNetwork| err.to_string(),
    PlanId: |err: InvalidPlanId| err.to_string(),
    Recipient: |err: InvalidRecipient| err.to_string(),
}

impl Setting for Money {
    fn read(raw: &Raw) -> Result<Self, String> {
        let text = match raw {
            Raw::Integer(number) => number.to_string(),
            Raw::Text(text) | Raw::Written(text) => text.trim().to_owned(),
            _ => return Err(r#"expected an amount in quotes, such as "299.00""#.to_owned()),
        };
        text.parse().map_err(|err: InvalidMoney| err.to_string())
    }

    fn show(&self) -> Json {
        self.to_string().into()
    }
}

impl Setting for Days {
    fn read(raw: &Raw) -> Result<Self, String> {
        let days = raw.integer().ok_or("expected a whole number of days")?;
        Self::new(days).map_err(|err| err.to_string())
    }

    fn show(&self) -> Json {
        self.get().into()
    }
}

impl Setting for UserId {
    fn read(raw: &Raw) -> Result<Self, String> {
        let id = raw.integer().and_then(|number| Self::new(number).ok());
        id.ok_or_else(|| "expected a Telegram user's number, such as 111111111".to_owned())
    }

    fn show(&self) -> Json {
        self.get().into()
    }
}

impl Setting for SignedDuration {
    fn read(raw: &Raw) -> Result<Self, String> {
        let length = raw.text().and_then(|text| text.trim().parse().ok());
        length.ok_or_else(|| r#"expected a length of time, such as "24h" or "90m""#.to_owned())
    }

    fn show(&self) -> Json {
        format!("{self:#}").into()
    }
}

impl Setting for TimeZone {
    fn read(raw: &Raw) -> Result<Self, String> {
        let zone = raw.text().and_then(|name| Self::get(name.trim()).ok());
        zone.filter(|zone| zone.iana_name().is_some())
            .ok_or_else(|| r#"expected a time zone's name, such as "Europe/Moscow""#.to_owned())
    }

    fn show(&self) -> Json {
        self.iana_name().unwrap_or_default().into()
    }
}

impl<T: Setting> Setting for Vec<T> {
    fn read(raw: &Raw) -> Result<Self, String> {
        let items = raw.list().ok_or("expected a list in brackets")?;
        let item = |(place, item): (usize, &Node)| {
            let wrong = |wrong| format!("item {place}, {}: {wrong}", item.raw.shown());
            T::read(&item.raw).map_err(wrong)
        };
        (1..).zip(&items).map(item).collect()
    }

    fn show(&self) -> Json {
        self.iter().map(Setting::show).collect()
    }
}

/// Makes an enum a setting that is one of a few words.
macro_rules! choice {
    ($kind:ident { $($word:literal => $case:ident),+ $(,)? }) => {
        impl crate::config::setting::Setting for $kind {
            fn read(raw: &crate::config::raw::Raw) -> Result<Self, String> {
                match raw.text().map(str::trim) {
                    $(Some($word) => Ok(Self::$case),)+
                    _ => Err(crate::config::setting::one_of(&[$($word),+])),
                }
            }

            fn show(&self) -> serde_json::Value {
                match self {
                    $(Self::$case => $word.into(),)+
                }
            }
        }
    };
}

pub(super) use choice;

/// Says that one of `words` was expected.
pub(super) fn one_of(words: &[&str]) -> String {
    let quoted: Vec<_> = words.iter().map(|word| format!("{word:?}")).collect();
    match quoted.split_last() {
        Some((last, [])) => format!("expected {last}"),
        Some((last, rest)) => format!("expected {} or {last}", rest.join(", ")),
        None => "expected nothing".to_owned(),
    }
}
