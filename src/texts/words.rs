//! The catalogue: what people read, in each language, as Fluent messages under `locales/`.

use std::sync::OnceLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use unic_langid::LanguageIdentifier;

use crate::domain::locale::Locale;
use crate::domain::money::Money;

/// What stands in a message's place.
pub type Value<'a> = FluentValue<'a>;

type Bundle = FluentBundle<&'static FluentResource>;

/// A language to say things in; cheap to copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words {
    locale: Locale,
}

/// Says a message of the catalogue: `say!(words, "sales-pitch", name = first_name)`.
///
/// The id is a literal, so that a test finds each one, and the arguments that it is given.
macro_rules! say {
    ($words:expr, $id:literal $(, $name:ident = $value:expr)* $(,)?) => {
        $words.message($id, &[$((stringify!($name), $crate::texts::words::Value::from($value))),*])
    };
}
pub(crate) use say;

impl Words {
    /// Returns the words of a language.
    pub const fn new(locale: Locale) -> Self {
        Self { locale }
    }

    /// Returns the language.
    pub const fn locale(self) -> Locale {
        self.locale
    }

    /// Says a message. A message that is not there is told by its id; a test keeps that from
    /// happening.
    pub fn message(self, id: &str, arguments: &[(&'static str, Value<'_>)]) -> String {
        self.find(id, arguments).unwrap_or_else(|| id.to_owned())
    }

    fn find(self, id: &str, arguments: &[(&'static str, Value<'_>)]) -> Option<String> {
        let bundle = Part::of(id)?.bundle(self.locale)?;
        let pattern = bundle.get_message(id)?.value()?;
        let arguments: FluentArgs<'_> =
            arguments.iter().map(|(name, value)| (*name, value.clone())).collect();
        let mut errors = Vec::new();
        let said = bundle.format_pattern(pattern, Some(&arguments), &mut errors);
        debug_assert!(errors.is_empty(), "{id}: {errors:?}");
        Some(said.into_owned())
    }

    /// Writes an amount: `299 ₽`, and `299,50 ₽` or `299.50 ₽`.
    pub fn money(self, amount: Money) -> String {
        let (roubles, kopecks) = (amount.kopecks() / 100, amount.kopecks() % 100);
        match (kopecks, self.locale) {
            (0, _) => format!("{roubles} ₽"),
            (_, Locale::Ru) => format!("{roubles},{kopecks:02} ₽"),
            (_, Locale::En) => format!("{roubles}.{kopecks:02} ₽"),
        }
    }

    /// Writes a number of days: `3 дня`, `3 days`.
    pub fn days(self, count: i64) -> String {
        say!(self, "common-days", count = count)
    }

    /// Writes a day in the reader's zone: `23.11.2026`, `23 Nov 2026`.
    pub fn date(self, at: Timestamp, zone: &TimeZone) -> String {
        self.written(at, zone, ["%d.%m.%Y", "%-d %b %Y"])
    }

    /// Writes an instant in the reader's zone: `23.11.2026 14:05`, `23 Nov 2026, 14:05`.
    pub fn date_time(self, at: Timestamp, zone: &TimeZone) -> String {
        self.written(at, zone, ["%d.%m.%Y %H:%M", "%-d %b %Y, %H:%M"])
    }

    /// Puts a name in quotation marks, and makes those within it the inner ones: `«Салон „Ромашка“»`.
    /// A name that is all quoted already stays so.
    fn quoted(self, given: &[Value<'_>]) -> Value<'static> {
        let Some(Value::String(name)) = given.first() else { return Value::Error };
        let (outer, inner) = match self.locale {
            Locale::Ru => (['«', '»'], ['„', '“']),
            Locale::En => (['“', '”'], ['‘', '’']),
        };
        let [open, close] = outer;
        let bare = name
            .strip_prefix(open)
            .and_then(|rest| rest.strip_suffix(close))
            .filter(|bare| !bare.contains(outer))
            .unwrap_or(name);
        let within = bare.replace(open, inner[0].encode_utf8(&mut [0; 4]));
        let within = within.replace(close, inner[1].encode_utf8(&mut [0; 4]));
        format!("{open}{within}{close}").into()
    }

    fn written(self, at: Timestamp, zone: &TimeZone, [russian, english]: [&str; 2]) -> String {
        let format = match self.locale {
            Locale::Ru => russian,
            Locale::En => english,
        };
        at.to_zoned(zone.clone()).strftime(format).to_string()
    }
}

/// Tells whether a person has written or pressed `label`, in whatever language it was shown.
pub fn is_label(text: &str, label: impl Fn(Words) -> String) -> bool {
    let text = text.trim();
    Locale::ALL.iter().any(|locale| label(Words::new(*locale)) == text)
}

/// The messages of one subject: a file in each language, read when it is first spoken from.
struct Part {
    /// What its messages' ids begin with.
    name: &'static str,
    sources: [&'static str; Locale::ALL.len()],
    resources: [OnceLock<Option<FluentResource>>; Locale::ALL.len()],
    bundles: [OnceLock<Option<Bundle>>; Locale::ALL.len()],
}

macro_rules! parts {
    ($($name:literal),+ $(,)?) => {
        [$(Part {
            name: $name,
            sources: [
                include_str!(concat!("../../locales/ru/", $name, ".ftl")),
                include_str!(concat!("../../locales/en/", $name, ".ftl")),
            ],
            resources: [const { OnceLock::new() }; Locale::ALL.len()],
            bundles: [const { OnceLock::new() }; Locale::ALL.len()],
        }),+]
    };
}

/// The part that every other one may refer to.
const COMMON: &str = "common";

static PARTS: [Part; 7] = parts!["common", "client", "demo", "master", "notices", "page", "sales"];

impl Part {
    /// Returns the part that a message belongs to.
    fn of(id: &str) -> Option<&'static Self> {
        Self::named(id.split_once('-')?.0)
    }

    fn named(name: &str) -> Option<&'static Self> {
        PARTS.iter().find(|part| part.name == name)
    }

    fn resource(&'static self, locale: Locale) -> Option<&'static FluentResource> {
        let index = index(locale);
        let source = *self.sources.get(index)?;
        let cell = self.resources.get(index)?;
        cell.get_or_init(|| FluentResource::try_new(source.to_owned()).ok()).as_ref()
    }

    fn bundle(&'static self, locale: Locale) -> Option<&'static Bundle> {
        let cell = self.bundles.get(index(locale))?;
        cell.get_or_init(|| {
            let language: LanguageIdentifier = locale.code().parse().ok()?;
            let mut bundle = Bundle::new_concurrent(vec![language]);
            // The marks that would stand around each argument are for mixed scripts; Telegram and
            // the browser see to those, and people would copy the marks with a token or an id.
            bundle.set_use_isolating(false);
            let words = Words::new(locale);
            bundle.add_function("QUOTED", move |given, _| words.quoted(given)).ok()?;
            bundle.add_resource(Self::named(COMMON)?.resource(locale)?).ok()?;
            if self.name != COMMON {
                bundle.add_resource(self.resource(locale)?).ok()?;
            }
            Some(bundle)
        })
        .as_ref()
    }
}

const fn index(locale: Locale) -> usize {
    match locale {
        Locale::Ru => 0,
        Locale::En => 1,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const RU: Words = Words::new(Locale::Ru);
    const EN: Words = Words::new(Locale::En);

    #[test]
    fn words_agree_with_their_numbers() {
        let counts = [1, 2, 5, 11, 14, 21, 22, 111, 112, 365, 1499];
        assert_eq!(
            counts.map(|count| RU.days(count)).join("|"),
            "1 день|2 дня|5 дней|11 дней|14 дней|21 день|22 дня|111 дней|112 дней|365 дней|1499 дней"
        );
        assert_eq!(
            counts.map(|count| EN.days(count)).join("|"),
            "1 day|2 days|5 days|11 days|14 days|21 days|22 days|111 days|112 days|365 days|1499 days"
        );
    }

    #[test]
    fn amounts_and_days_are_written_as_the_language_does() {
        let amount: Money = "1299.50".parse().unwrap();
        assert_eq!((RU.money(amount), EN.money(amount)), ("1299,50 ₽".into(), "1299.50 ₽".into()));
        let at = "2026-11-23T11:05:00Z".parse().unwrap();
        let zone = TimeZone::get("Europe/Moscow").unwrap();
        assert_eq!(RU.date_time(at, &zone), "23.11.2026 14:05");
        assert_eq!(EN.date_time(at, &zone), "23 Nov 2026, 14:05");
    }

    #[test]
    fn a_name_that_has_quotation_marks_is_quoted_as_the_language_does() {
        let said = |words: Words, company| say!(words, "client-greeting", company = company);
        for (company, russian, english) in [
            ("Ромашка", "«Ромашка»", "“Ромашка”"),
            ("«Ромашка»", "«Ромашка»", "“«Ромашка»”"),
            ("Салон «Ромашка»", "«Салон „Ромашка“»", "“Салон «Ромашка»”"),
            ("«А» и «Б»", "«„А“ и „Б“»", "“«А» и «Б»”"),
            ("Bar “Max”", "«Bar “Max”»", "“Bar ‘Max’”"),
        ] {
            assert!(said(RU, company).contains(russian), "{}", said(RU, company));
            assert!(said(EN, company).contains(english), "{}", said(EN, company));
        }
    }

    #[test]
    fn a_label_is_known_in_every_language() {
        let label = |words: Words| words.days(1);
        assert!(is_label("1 день", label) && is_label(" 1 day ", label));
        assert!(!is_label("1 дней", label));
    }

    #[test]
    fn every_file_can_be_read() {
        for part in &PARTS {
            for locale in Locale::ALL {
                assert!(part.bundle(locale).is_some(), "{} in {}", part.name, locale.code());
            }
        }
    }

    proptest! {
        /// D-055: whatever a person is called, the words around the name stay as they are.
        #[test]
        fn what_people_write_is_never_markup(name in "\\PC{0,64}|[{}$<>&*_`\"\\[\\]-]{0,64}") {
            for words in [RU, EN] {
                let plan = name.as_str();
                let said = say!(words, "common-payment-description", plan = plan, length = "");
                prop_assert_eq!(said, match words.locale() {
                    Locale::Ru => format!("Подписка «{name}», "),
                    Locale::En => format!("Subscription “{name}”, "),
                });
            }
        }
    }
}
