//! Tolerant reading of what YooKassa sends: a field that is absent or of another kind is `None`.

use jiff::Timestamp;
use serde_json::Value;

use super::error::YooKassaError;
use crate::domain::money::Money;

/// A sum as YooKassa names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Amount {
    /// A sum in roubles.
    Roubles(Money),
    /// A sum in another currency; Slotbox sells nothing for it.
    Foreign {
        /// The currency's ISO 4217 name.
        currency: String,
    },
    /// There is something, but no sum.
    Unreadable,
}

impl Amount {
    /// Returns the sum if it is in roubles.
    pub const fn roubles(&self) -> Option<Money> {
        match self {
            Self::Roubles(money) => Some(*money),
            Self::Foreign { .. } | Self::Unreadable => None,
        }
    }
}

/// A part of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The items that could be read.
    pub items: Vec<T>,
    /// How many could not be read.
    pub unreadable: usize,
    /// What to ask the next page with; `None` on the last one.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// Reads a list; a cursor that leads back to the page it came from ends it.
    pub(super) fn read(
        answer: &Tree,
        cursor: Option<&str>,
        item: impl Fn(&Tree) -> Result<T, YooKassaError>,
    ) -> Result<Self, YooKassaError> {
        let listed = answer.items("/items").ok_or(YooKassaError::Malformed("no list of items"))?;
        let items: Vec<T> = listed.iter().filter_map(|one| item(one).ok()).collect();
        let unreadable = listed.len() - items.len();
        let next = answer.text("/next_cursor").filter(|next| Some(next.as_str()) != cursor);
        Ok(Self { items, unreadable, next })
    }
}

/// Any JSON, read by pointers such as `/amount/value`.
#[derive(Clone, Debug, Default)]
pub(super) struct Tree(Value);

impl Tree {
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, YooKassaError> {
        serde_json::from_slice(bytes).map(Self).map_err(|_| YooKassaError::Malformed("not JSON"))
    }

    /// Returns a text that is not empty, or a number as text: ids come as both.
    pub(super) fn text(&self, pointer: &str) -> Option<String> {
        match self.0.pointer(pointer)? {
            Value::String(text) if !text.is_empty() => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    pub(super) fn flag(&self, pointer: &str) -> Option<bool> {
        self.0.pointer(pointer)?.as_bool()
    }

    pub(super) fn whole(&self, pointer: &str) -> Option<u64> {
        self.0.pointer(pointer)?.as_u64()
    }

    pub(super) fn instant(&self, pointer: &str) -> Option<Timestamp> {
        self.0.pointer(pointer)?.as_str()?.parse().ok()
    }

    pub(super) fn amount(&self, pointer: &str) -> Option<Amount> {
        let sum = Self(self.0.pointer(pointer).filter(|sum| !sum.is_null())?.clone());
        let (Some(value), Some(currency)) = (sum.text("/value"), sum.text("/currency")) else {
            return Some(Amount::Unreadable);
        };
        if currency != Money::CURRENCY {
            return Some(Amount::Foreign { currency });
        }
        Some(value.parse().map_or(Amount::Unreadable, Amount::Roubles))
    }

    fn items(&self, pointer: &str) -> Option<Vec<Self>> {
        Some(self.0.pointer(pointer)?.as_array()?.iter().cloned().map(Self).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(json: &str) -> Option<Amount> {
        Tree::parse(format!(r#"{{"amount":{json}}}"#).as_bytes()).unwrap().amount("/amount")
    }

    #[test]
    fn sums_come_as_texts_and_as_numbers() {
        let roubles = |kopecks| Some(Amount::Roubles(Money::from_kopecks(kopecks).unwrap()));
        assert_eq!(amount(r#"{"value":"299.00","currency":"RUB"}"#), roubles(29_900));
        assert_eq!(amount(r#"{"value":250.0,"currency":"RUB"}"#), roubles(25_000));
        assert_eq!(amount(r#"{"value":100.01,"currency":"RUB"}"#), roubles(10_001));
        assert_eq!(amount(r#"{"value":7,"currency":"RUB"}"#), roubles(700));
        let dollars = Amount::Foreign { currency: "USD".to_owned() };
        assert_eq!(amount(r#"{"value":"299.00","currency":"USD"}"#), Some(dollars));
        assert_eq!(amount("null"), None);
        for nonsense in ["{}", "5", r#"{"value":"5.00"}"#, r#"{"value":"-5","currency":"RUB"}"#] {
            assert_eq!(amount(nonsense), Some(Amount::Unreadable), "{nonsense}");
        }
    }

    #[test]
    fn a_list_that_leads_back_to_itself_ends() {
        let list = Tree::parse(br#"{"items":[{"id":1},{}],"next_cursor":"x"}"#).unwrap();
        let item = |one: &Tree| one.text("/id").ok_or(YooKassaError::Malformed("no id"));
        let page = Page::read(&list, Some("w"), item).unwrap();
        assert_eq!((page.items, page.unreadable), (vec!["1".to_owned()], 1));
        assert_eq!(page.next.as_deref(), Some("x"));
        assert_eq!(Page::read(&list, Some("x"), item).unwrap().next, None);
    }
}
