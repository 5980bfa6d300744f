//! The shapes of the domain's values, and how they are read.

use std::borrow::Cow;
use std::fmt::Display;
use std::str::FromStr;

use serde_json::{Value, json};

use super::{Body, Parts, Read, Shape};
use crate::domain::client::{BotUsername, CompanyName};
use crate::domain::ids::{ClientId, JobId, OrderId, PaymentId, RefundId, UserId};
use crate::domain::money::Money;
use crate::domain::plan::{Days, PlanId};
use crate::domain::token::BotToken;
use crate::http::api::fields::Fields;
use crate::http::problem::Problem;

/// The id of a plan that is sold now.
pub(in crate::http) struct PlanChoice(pub(in crate::http) PlanId);

/// An address that a receipt goes to. Whether it exists is found out by sending it.
pub(in crate::http) struct Email(pub(in crate::http) String);

/// More than nothing.
pub(in crate::http) struct Sum(pub(in crate::http) Money);

/// Names a request that may be repeated.
pub(in crate::http) struct IdempotencyKey;

/// A body that asks for nothing.
pub(in crate::http) struct Nothing;

/// Implements [`Shape`] for values that are written as text: schema and example.
macro_rules! texts {
    ($($type:ty: $schema:tt, $sample:literal;)*) => {$(
        impl Shape for $type {
            fn schema(_: &mut Parts) -> Value {
                json!($schema)
            }

            fn sample() -> Value {
                json!($sample)
            }
        }
    )*};
}

texts! {
    ClientId: {"type": "string", "pattern": "^c_[0-7][0-9a-hjkmnp-tv-z]{25}$"},
        "c_06fdaf8t07k3m0r1a2v9x4e5qz";
    OrderId: {"type": "string", "pattern": "^o_[0-7][0-9a-hjkmnp-tv-z]{25}$"},
        "o_06fdaf8t07k3m0r1a2v9x4e5qz";
    RefundId: {"type": "string", "pattern": "^r_[0-7][0-9a-hjkmnp-tv-z]{25}$"},
        "r_06fdaf8t07k3m0r1a2v9x4e5qz";
    JobId: {"type": "string", "pattern": "^j_[0-9]{1,18}$"}, "j_42";
    PaymentId: {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"},
        "2f1c8a52-000f-5000-9000-1c2d3e4f5a6b";
    PlanId: {"type": "string", "pattern": "^[a-z0-9_]{1,16}$"}, "1m";
    // One line with something to see on it.
    CompanyName: {"type": "string", "minLength": 1, "maxLength": 64,
        "pattern": "^[^\\u0000-\\u001f\\u007f-\\u009f]*[^\\s\\u0000-\\u001f\\u007f-\\u009f][^\\u0000-\\u001f\\u007f-\\u009f]*$"},
        "Barber & Co";
    BotUsername: {"type": "string", "pattern": "^[A-Za-z0-9_]{1,32}$"}, "barber_bot";
    BotToken: {"type": "string", "pattern": "^[1-9][0-9]{0,14}:[A-Za-z0-9_-]{20,64}$", "writeOnly": true},
        "123456789:AAH5YkoiEuPk8-FZa32hStHTqXiLPtAEhx8";
    IdempotencyKey: {"type": "string", "pattern": "^[!-~]{1,255}$"}, "order-2026-11-23-17";
    Email: {"type": "string", "maxLength": 254, "pattern": "^[!-?A-~]+@[!-?A-~]*\\.[!-?A-~]*$"},
        "owner@example.ru";
    Days: {"type": "integer", "minimum": 1, "maximum": 3650}, 30;
    UserId: {"type": "integer", "minimum": 1, "maximum": 0xf_ffff_ffff_ffff_i64}, 111_111_111;
    Money: {"anyOf": [
        {"type": "string", "pattern": "^(0|[1-9][0-9]{0,9})(\\.[0-9]{1,2})?$"},
        {"type": "integer", "minimum": 0, "maximum": 9_999_999_999_i64},
    ]}, "299.00";
    Sum: {"anyOf": [
        {"type": "string", "pattern": "^([1-9][0-9]{0,9}(\\.[0-9]{1,2})?|0\\.(0[1-9]|[1-9][0-9]?))$"},
        {"type": "integer", "minimum": 1, "maximum": 9_999_999_999_i64},
    ]}, "99.00";
}

impl Shape for PlanChoice {
    fn schema(parts: &mut Parts) -> Value {
        json!({"type": "string", "enum": parts.plans})
    }

    fn sample() -> Value {
        PlanId::sample()
    }
}

impl Shape for Nothing {
    fn schema(parts: &mut Parts) -> Value {
        let about = "Nothing is asked for but the act itself.";
        parts.named("Nothing", |_| super::object(about, [], &[]))
    }

    fn sample() -> Value {
        json!({})
    }
}

impl Body for Nothing {
    const NEEDED: bool = false;

    fn take(fields: Fields<'_>) -> Result<Self, Problem> {
        fields.end(Some(Self))
    }
}

impl Read for bool {
    fn read(json: &str) -> Result<Self, String> {
        json.parse().map_err(|_| "expected true or false".to_owned())
    }
}

impl Read for ClientId {
    fn read(json: &str) -> Result<Self, String> {
        text(json)
    }
}

impl Read for PaymentId {
    fn read(json: &str) -> Result<Self, String> {
        text(json)
    }
}

impl Read for PlanChoice {
    fn read(json: &str) -> Result<Self, String> {
        text(json).map(Self)
    }
}

impl Read for BotToken {
    fn read(json: &str) -> Result<Self, String> {
        let given: String = text(json)?;
        let token: Self = given.parse().map_err(|err: <Self as FromStr>::Err| err.to_string())?;
        if token.expose() == given { Ok(token) } else { Err("spaces around the token".to_owned()) }
    }
}

impl Read for CompanyName {
    fn read(json: &str) -> Result<Self, String> {
        let given: String = text(json)?;
        if given.chars().count() > 64 {
            return Err("a name has 1 to 64 characters on one line".to_owned());
        }
        given.parse().map_err(|err: <Self as FromStr>::Err| err.to_string())
    }
}

impl Read for Email {
    fn read(json: &str) -> Result<Self, String> {
        let address: String = text(json)?;
        let (name, host) = address.split_once('@').unwrap_or_default();
        let plain = address.len() <= 254 && address.bytes().all(|byte| byte.is_ascii_graphic());
        if plain && !name.is_empty() && host.contains('.') && !host.contains('@') {
            Ok(Self(address))
        } else {
            Err("expected an e-mail address".to_owned())
        }
    }
}

impl Read for Days {
    fn read(json: &str) -> Result<Self, String> {
        Self::new(number(json)?).map_err(|err| err.to_string())
    }
}

impl Read for UserId {
    fn read(json: &str) -> Result<Self, String> {
        Self::new(number(json)?).map_err(|err| err.to_string())
    }
}

/// Whole roubles, or a text with up to two decimals: no float is ever made of an amount, here or
/// on the way here.
impl Read for Money {
    fn read(json: &str) -> Result<Self, String> {
        let expected = || "expected an amount as text, such as \"299.00\"".to_owned();
        let amount: String = if json.starts_with('"') {
            text(json)?
        } else {
            number(json).map_err(|_| expected())?.to_string()
        };
        let roubles = amount.split('.').next().unwrap_or_default();
        if roubles.len() > 10 || (roubles.len() > 1 && roubles.starts_with('0')) {
            return Err(expected());
        }
        amount.parse().map_err(|_| expected())
    }
}

impl Read for Sum {
    fn read(json: &str) -> Result<Self, String> {
        let sum = Money::read(json)?;
        if sum == Money::ZERO {
            Err("expected more than nothing".to_owned())
        } else {
            Ok(Self(sum))
        }
    }
}

/// Reads a text that is parsed further.
fn text<T: FromStr<Err: Display>>(json: &str) -> Result<T, String> {
    let text: Cow<'_, str> =
        serde_json::from_str(json).map_err(|_| "expected a text".to_owned())?;
    text.parse().map_err(|err: T::Err| err.to_string())
}

/// Reads a whole number; JSON writes it as `30` and as `30.0`.
fn number(json: &str) -> Result<i64, String> {
    let whole = match json.split_once('.') {
        Some((whole, zeros)) if zeros.bytes().all(|byte| byte == b'0') => whole,
        _ => json,
    };
    whole.parse().map_err(|_| "expected a whole number".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_read_exactly_or_not_at_all() {
        let kopecks = |json: &str| Money::read(json).map(Money::kopecks).ok();
        assert_eq!(kopecks("299"), Some(29_900));
        assert_eq!(kopecks("299.0"), Some(29_900));
        assert_eq!(kopecks("\"299.00\""), Some(29_900));
        assert_eq!(kopecks("\"299.5\""), Some(29_950));
        assert_eq!(kopecks("\"0.29\""), Some(29));
        assert_eq!(kopecks("\"9999999999.99\""), Some(999_999_999_999));
        for wrong in [
            "299.5",
            "299.001",
            "2.99e2",
            "-1",
            "\"1,5\"",
            "true",
            "[1]",
            "{}",
            "\"\"",
            "1e400",
            "10000000000",
            "\"01\"",
            "\"00.5\"",
            "\"1.001\"",
            "\" 1\"",
        ] {
            assert_eq!(kopecks(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn samples_are_read_back() {
        fn read<T: Read>() -> bool {
            T::read(&T::sample().to_string()).is_ok()
        }
        assert!(read::<ClientId>() && read::<PaymentId>() && read::<PlanChoice>());
        assert!(read::<BotToken>() && read::<CompanyName>() && read::<Email>());
        assert!(read::<Days>() && read::<UserId>() && read::<Money>());
    }
}
