//! `docs/events.md` lists the events of the code, no more and no fewer.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

const DOC: &str = include_str!("../../docs/events.md");

/// Where an event is logged, and how.
#[derive(Default)]
struct Event {
    levels: BTreeSet<String>,
    place: String,
    message: String,
}

#[test]
fn every_event_is_listed_with_its_meaning_and_cure() {
    let (code, doc) = (events(), rows());
    let mut breaches = Vec::new();
    for (id, event) in &code {
        let levels = event.levels.iter().cloned().collect::<Vec<_>>();
        match doc.get(id.as_str()) {
            None => breaches.push(format!(
                "docs/events.md misses {id} of {}; add, in its place of the alphabet:\n\
                 | `{id}` | {} | <what it means: {:?}> | <what to do, or: Nothing.> |",
                event.place,
                levels.join(", "),
                event.message
            )),
            Some(row) => {
                let told: BTreeSet<_> = row.level.split(", ").map(ToOwned::to_owned).collect();
                if told != event.levels {
                    breaches.push(format!(
                        "docs/events.md tells the level of {id} as {:?}; in {} it is {levels:?}",
                        row.level, event.place
                    ));
                }
            }
        }
    }
    for (id, row) in &doc {
        if !code.contains_key(*id) {
            breaches.push(format!("docs/events.md lists {id}, which no code logs: take it out"));
        }
        if !row.meaning.ends_with('.') || !row.cure.ends_with(['.', '?']) {
            breaches.push(format!("docs/events.md: {id} needs a meaning and a cure, as sentences"));
        }
    }
    let listed: Vec<_> = DOC.lines().filter_map(|line| line.strip_prefix("| `")).collect();
    if !listed.is_sorted() {
        breaches.push("docs/events.md: the rows are not in the order of the alphabet".to_owned());
    }
    assert!(breaches.is_empty(), "\n{}\n", breaches.join("\n"));
    assert!(code.len() > 90, "src/ was read");
}

struct Row {
    level: &'static str,
    meaning: &'static str,
    cure: &'static str,
}

fn rows() -> BTreeMap<&'static str, Row> {
    let cells = |line: &'static str| {
        let cells: Vec<_> = line.strip_prefix("| `")?.strip_suffix(" |")?.split(" | ").collect();
        let [id, level, meaning, cure] = cells[..] else {
            panic!("docs/events.md: not four cells: {line}")
        };
        Some((id.trim_end_matches('`'), Row { level, meaning, cure }))
    };
    DOC.lines().filter_map(cells).collect()
}

/// Returns the events of the code, that of tests apart.
fn events() -> BTreeMap<String, Event> {
    let mut found: BTreeMap<String, Event> = BTreeMap::new();
    for path in files(Path::new("src")) {
        let text = fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]\nmod ").next().unwrap();
        for (at, _) in code.match_indices("event = \"") {
            let (before, rest) = code.split_at(at);
            let mut quoted = rest.split('"').skip(1).step_by(2);
            let id = quoted.next().unwrap();
            let event = found.entry(id.to_owned()).or_default();
            let line = before.lines().count().max(1);
            event.place = format!("{}:{line}", path.display());
            quoted.next().unwrap_or_default().clone_into(&mut event.message);
            event.levels.insert(level(before, rest));
        }
    }
    found
}

/// Returns the level of the macro that an event stands in, or the word that a comment has behind it.
fn level(before: &str, rest: &str) -> String {
    let macros = before.rsplit("tracing::").next().unwrap_or_default();
    let comment = before.lines().next_back().is_some_and(|line| line.trim().starts_with("//"));
    if comment {
        let said = rest.split('"').nth(2).unwrap_or_default();
        return said.trim_start_matches([',', ' ']).split(['.', '\n']).next().unwrap().to_owned();
    }
    let name = macros.split('!').next().unwrap();
    assert!(
        ["error", "warn", "info", "debug", "trace"].contains(&name),
        "the level of an event is not seen: {}",
        rest.lines().next().unwrap_or_default()
    );
    name.to_owned()
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap().flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        let for_tests = ["tests", "tests.rs", "rig", "rig.rs", "testing.rs"];
        if name.to_str().is_none_or(|name| for_tests.contains(&name)) {
            continue;
        }
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|it| it == "rs") {
            found.push(path);
        }
    }
    found
}
