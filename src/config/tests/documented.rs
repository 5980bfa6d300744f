use std::collections::BTreeSet;

use super::*;

/// Returns a setting and its usual value, of a row of a table.
fn row(line: &'static str) -> Option<(&'static str, &'static str)> {
    let mut cells = line.strip_prefix("| `")?.split(" | ");
    Some((cells.next()?.strip_suffix('`')?, cells.next()?))
}

#[test]
fn every_setting_is_told_with_its_usual_value() {
    let told: BTreeMap<_, _> =
        include_str!("../../../docs/settings.md").lines().filter_map(row).collect();
    let (_, effective) = Config::explain(&Host::new(LEAST).sources).unwrap();
    let mut known = BTreeSet::new();
    for Effective { key, value, origin } in effective {
        let key = match (key.split_once('['), key.rsplit_once("].")) {
            (Some((list, _)), Some((_, name))) => format!("{list}.{name}"),
            _ => key,
        };
        let usual = told.get(key.as_str()).unwrap_or_else(|| panic!("{key} is not told"));
        let value = format!("`{}`", value.to_string().replace(',', ", "));
        let shown = usual.contains(&value) || key == "yookassa.trusted_networks";
        assert!(shown || origin != "default", "{key} is {value} and not {usual}");
        known.insert(key);
    }
    let unknown: Vec<_> = told.keys().filter(|key| !known.contains(**key)).collect();
    assert!(unknown.is_empty(), "there are no such settings: {unknown:?}");
}
