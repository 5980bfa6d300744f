//! The file of settings that `slotbox setup` writes, and the file of answers that it may be given: the
//! same keys as in every file of settings.

use std::path::Path;

use toml::{Table, Value};

use super::excerpt::veil;

/// Settings as a tree of TOML, to be read, changed and written again. It may hold secrets, so there is
/// no `Debug`.
#[derive(Clone, Default)]
pub struct Answers(Table);

/// The keys whose values are secrets; setup keeps each in a file of its own.
pub const SECRETS: [&str; 7] = [
    "telegram.master_token",
    "telegram.sales_token",
    "telegram.proxy",
    "yookassa.secret_key",
    "api.token",
    "backup.s3_access_key",
    "backup.s3_secret_key",
];

/// A file of answers that is not TOML, or a key in it that cannot be what it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct UnreadAnswers(String);

impl Answers {
    /// Reads the text of a file; `path` is for the words alone.
    ///
    /// # Errors
    ///
    /// Returns where the text is not TOML, without the text itself.
    pub fn parse(text: &str, path: &Path) -> Result<Self, UnreadAnswers> {
        text.parse().map(Self).map_err(|err: toml::de::Error| {
            let at = err.span().map_or(0, |span| span.start);
            let line = text.get(..at).unwrap_or_default().matches('\n').count() + 1;
            UnreadAnswers(format!("{}:{line}: not TOML: {}", path.display(), veil(err.message())))
        })
    }

    /// Returns the text at `key`, a number as its digits.
    pub fn text(&self, key: &str) -> Option<String> {
        match self.value(key)? {
            Value::String(text) => Some(text.clone()),
            Value::Integer(number) => Some(number.to_string()),
            Value::Boolean(flag) => Some(flag.to_string()),
            _ => None,
        }
    }

    /// Returns the whole numbers at `key`.
    pub fn numbers(&self, key: &str) -> Vec<i64> {
        let list = self.value(key).and_then(Value::as_array);
        list.map(|list| list.iter().filter_map(Value::as_integer).collect()).unwrap_or_default()
    }

    /// Sets a text.
    pub fn set(&mut self, key: &str, text: &str) {
        self.put(key, Value::String(text.to_owned()));
    }

    /// Sets a list of numbers.
    pub fn set_numbers(&mut self, key: &str, numbers: &[i64]) {
        let list = numbers.iter().copied().map(Value::Integer).collect();
        self.put(key, Value::Array(list));
    }

    /// Takes what stands at `key` away and returns it, if it is a text.
    pub fn take(&mut self, key: &str) -> Option<String> {
        let (section, name) = key.rsplit_once('.')?;
        let table = self.section_mut(section)?;
        let taken = table.remove(name)?;
        taken.as_str().map(str::to_owned)
    }

    /// Puts what `other` says over what is here, key by key.
    pub fn overlay(&mut self, other: Self) {
        merge(&mut self.0, other.0);
    }

    /// Returns the text of a file that says all this, under a heading.
    pub fn to_toml(&self, heading: &str) -> String {
        let table = Value::Table(self.0.clone());
        format!("{heading}\n{}", toml::to_string(&table).unwrap_or_default())
    }

    fn value(&self, key: &str) -> Option<&Value> {
        let mut parts = key.split('.');
        let mut value = self.0.get(parts.next()?)?;
        for part in parts {
            value = value.get(part)?;
        }
        Some(value)
    }

    fn section_mut(&mut self, section: &str) -> Option<&mut Table> {
        let mut table = &mut self.0;
        for part in section.split('.') {
            table = table.get_mut(part)?.as_table_mut()?;
        }
        Some(table)
    }

    fn put(&mut self, key: &str, value: Value) {
        let mut one = value;
        let mut parts: Vec<_> = key.split('.').collect();
        while let Some(part) = parts.pop() {
            one = Value::Table(Table::from_iter([(part.to_owned(), one)]));
        }
        if let Value::Table(one) = one {
            merge(&mut self.0, one);
        }
    }
}

fn merge(into: &mut Table, from: Table) {
    for (key, value) in from {
        match (into.get_mut(&key), value) {
            (Some(Value::Table(old)), Value::Table(new)) => merge(old, new),
            (_, value) => {
                into.insert(key, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Answers {
        Answers::parse(text, Path::new("a.toml")).ok().unwrap()
    }

    #[test]
    fn answers_are_changed_key_by_key_and_survive_the_trip() {
        let mut answers = parsed("[server]\ndomain = 'a.ru'\nlocale = 'en'\n[[plans]]\nid = 'x'\n");
        answers.set("server.domain", "b.ru");
        answers.set_numbers("telegram.operators", &[1, 2]);
        answers.overlay(parsed("[yookassa]\nshop_id = 7\nsecret_key = 'test_x'"));
        assert_eq!(answers.take("yookassa.secret_key").as_deref(), Some("test_x"));
        let again = parsed(&answers.to_toml("# heading"));
        assert_eq!(again.text("server.domain").as_deref(), Some("b.ru"));
        assert_eq!(again.text("server.locale").as_deref(), Some("en"));
        assert_eq!(again.text("yookassa.shop_id").as_deref(), Some("7"));
        assert_eq!(again.numbers("telegram.operators"), [1, 2]);
        assert!(again.to_toml("").contains("[[plans]]"));
        assert_eq!(again.text("yookassa.secret_key"), None);
    }

    #[test]
    fn what_is_not_toml_is_told_without_its_text() {
        let text = "[telegram]\nmaster_token = 123456:AAH5YkoiEuPk8-FZa32hStHTqXiLPtAEhx8\n";
        let wrong = Answers::parse(text, Path::new("a.toml")).err().unwrap().to_string();
        assert!(wrong.starts_with("a.toml:2: not TOML: ") && !wrong.contains("AAH5"), "{wrong}");
    }
}
