//! What a misspelt key was meant to be, if that can be guessed, and otherwise what it could be.

use std::collections::BTreeSet;

/// What helps whoever wrote a key that there is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Advice<'a> {
    /// It was meant to be this one.
    Nearest(&'a str),
    /// It is like nothing; these are the names that could stand in its place, and after what.
    Choices {
        /// The section, such as `[server]`; empty for the sections themselves.
        section: String,
        /// The names in it.
        names: Vec<&'a str>,
    },
}

/// Tells what `key` was meant to be among the `known` ones, or what could stand in its place.
pub(super) fn advise<'a>(key: &str, known: impl Iterator<Item = &'a str> + Clone) -> Advice<'a> {
    let near = known.clone().filter_map(|known| Some((distance(key, known)?, known)));
    if let Some((_, nearest)) = near.min_by_key(|(distance, _)| *distance) {
        return Advice::Nearest(nearest);
    }
    let (section, _) = split(key);
    let names = names_in(section, known.clone());
    if section.is_empty() || names.is_empty() {
        return Advice::Choices { section: String::new(), names: names_in("", known) };
    }
    let section = match section.split_once('[') {
        Some((list, _)) => format!("[[{list}]]"),
        None => format!("[{section}]"),
    };
    Advice::Choices { section, names }
}

/// Returns how far a key is from a known one, unless it is so far that nobody would have meant it.
/// A right name in the wrong section is near, and so is a name below one that has nothing below it.
fn distance(key: &str, known: &str) -> Option<usize> {
    let below = key.strip_prefix(known).is_some_and(|rest| rest.starts_with('.'));
    if below {
        return Some(0);
    }
    let ((section, name), (known_section, known_name)) = (split(key), split(known));
    let of_name = slip(name, known_name)?;
    match slip(section, known_section) {
        Some(of_section) => Some(of_name + of_section),
        None => (of_name <= 1).then_some(2 + of_name),
    }
}

/// Returns how many slips of the pen lie between two names; at most one in three letters.
fn slip(one: &str, other: &str) -> Option<usize> {
    let slips = strsim::osa_distance(one, other);
    let letters = one.chars().count().max(other.chars().count());
    (slips * 3 <= letters).then_some(slips)
}

/// Parts a key into its section and its name.
fn split(key: &str) -> (&str, &str) {
    key.rsplit_once('.').unwrap_or(("", key))
}

/// Returns the names that stand right below `section`. Where a secret may be given as a file, too,
/// its own name is enough.
fn names_in<'a>(section: &str, known: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let below = known.filter_map(|known| {
        let rest = known.strip_prefix(section)?;
        let rest = if section.is_empty() { rest } else { rest.strip_prefix('.')? };
        rest.split(['.', '[']).next()
    });
    let all: BTreeSet<_> = below.collect();
    let is_secret = |name: &str| name.strip_suffix("_file").is_some_and(|bare| all.contains(bare));
    all.iter().copied().filter(|name| !is_secret(name)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KNOWN: [&str; 10] = [
        "api.token",
        "api.token_file",
        "log.level",
        "plans",
        "plans[1].id",
        "plans[1].name",
        "server.domain",
        "server.local_listen",
        "telegram.master_token",
        "tls.mode",
    ];

    fn advice(key: &str) -> String {
        match advise(key, KNOWN.into_iter()) {
            Advice::Nearest(nearest) => nearest.to_owned(),
            Advice::Choices { section, names } => format!("{section} {}", names.join(" ")),
        }
    }

    #[test]
    fn a_slip_is_mended_and_nothing_is_guessed_from_afar() {
        for (key, told) in [
            ("server.domian", "server.domain"),
            ("serber.domain", "server.domain"),
            ("server.master_token", "telegram.master_token"),
            ("api.plans", "plans"),
            ("plan", "plans"),
            ("plans[1].nam", "plans[1].name"),
            ("tls.mode.x", "tls.mode"),
            ("api.tokens", "api.token"),
            ("log.colour", "[log] level"),
            ("server.port", "[server] domain local_listen"),
            ("plans[1].currency", "[[plans]] id name"),
            ("api.x", "[api] token"),
            ("port", " api log plans server telegram tls"),
            ("database.url", " api log plans server telegram tls"),
            ("\"a.b\"", " api log plans server telegram tls"),
        ] {
            assert_eq!(advice(key), told, "{key}");
        }
    }

    proptest! {
        #[test]
        fn what_is_suggested_is_known_and_alike(key in "[a-z]{1,9}(\\.[a-z_]{1,12})?") {
            if let Advice::Nearest(nearest) = advise(&key, KNOWN.into_iter()) {
                prop_assert!(KNOWN.contains(&nearest));
                let (name, known) = (split(&key).1, split(nearest).1);
                prop_assert!(slip(name, known).is_some() || key.starts_with(nearest));
            }
        }

        #[test]
        fn one_slip_in_a_long_name_is_always_mended(
            place in 0..KNOWN.len(), at: prop::sample::Index, letter in "[a-z]",
        ) {
            let known = KNOWN[place];
            let (_, name) = split(known);
            prop_assume!(name.len() >= 4 && !name.contains('['));
            let mut key = known.to_owned();
            let start = known.len() - name.len();
            key.replace_range(start + at.index(name.len())..=start + at.index(name.len()), &letter);
            prop_assume!(!KNOWN.contains(&key.as_str()));
            prop_assert_eq!(advice(&key), known);
        }
    }
}
