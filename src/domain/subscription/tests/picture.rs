//! `docs/subscription.md` shows the machine; this holds its table and its arrows to the code.

use std::collections::BTreeSet;

use super::*;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/subscription.md");

/// The day on which all that is shown happens.
const TODAY: i64 = 100;

/// One state of each kind that behaves in its own way, with its name in the table.
fn states() -> Vec<(&'static str, Option<Subscription>)> {
    let until = |day| Granted { until: at(day), kind: GrantKind::Paid };
    let (left, over) = (until(TODAY + 50), until(TODAY - 20));
    let paused = |granted, by| Subscription::Suspended { granted, since: at(TODAY - 10), by };
    let cancelled = |granted, data| {
        let (since, before) = (at(TODAY - 10), Before::Free);
        Subscription::Cancelled { granted, since, before, data }
    };
    let archived = |granted| {
        let by = ArchivedBy::Person;
        Subscription::Archived { granted, since: at(TODAY - 10), by }
    };
    vec![
        ("(new)", None),
        ("trial", Some(Subscription::Trial { until: at(TODAY + 50) })),
        ("trial, over", Some(Subscription::Trial { until: at(TODAY) })),
        ("active", Some(Subscription::Active { paid_until: at(TODAY + 50) })),
        ("active, over", Some(Subscription::Active { paid_until: at(TODAY) })),
        ("grace", Some(Subscription::Grace { paid_until: at(TODAY - 1) })),
        ("grace, over", Some(Subscription::Grace { paid_until: at(TODAY - 3) })),
        ("suspended by time", Some(paused(over, SuspendedBy::Expiry))),
        ("suspended by time, retention over", Some(paused(until(0), SuspendedBy::Expiry))),
        ("suspended by operator, time left", Some(paused(left, SuspendedBy::Operator))),
        ("suspended by operator", Some(paused(over, SuspendedBy::Operator))),
        ("cancelled, time left", Some(cancelled(left, Fate::Kept))),
        ("cancelled, time left, paused before", Some(cancelled_while_paused(left))),
        ("cancelled", Some(cancelled(over, Fate::Kept))),
        ("cancelled, retention over", Some(long_cancelled(over))),
        ("cancelled, to be removed", Some(cancelled(left, Fate::Doomed))),
        ("archived, time left", Some(archived(left))),
        ("archived", Some(archived(over))),
    ]
}

fn cancelled_while_paused(granted: Granted) -> Subscription {
    let before = Before::PausedSince(at(TODAY - 20));
    Subscription::Cancelled { granted, since: at(TODAY - 10), before, data: Fate::Kept }
}

fn long_cancelled(granted: Granted) -> Subscription {
    let (before, data) = (Before::Free, Fate::Kept);
    Subscription::Cancelled { granted, since: at(TODAY - 90), before, data }
}

/// What was granted before the gift that is taken back: a trial with some days left.
fn trial_before() -> Granted {
    Granted { until: at(TODAY + 5), kind: GrantKind::Trial }
}

fn events() -> Vec<(&'static str, Event)> {
    vec![
        ("trial begins", Event::TrialBegins(DAY * 7)),
        ("paid", Event::Paid(DAY * 30)),
        ("refunded", Event::Refunded(DAY * 400)),
        ("gift undone", Event::GiftUndone(trial_before())),
        ("time passes", Event::TimePasses),
        ("paused", Event::Paused),
        ("resumed", Event::Resumed),
        ("cancelled", Event::Cancelled),
        ("cancellation undone", Event::CancellationUndone),
        ("removal asked", Event::RemovalAsked(Force::No)),
        ("removal forced", Event::RemovalAsked(Force::Yes)),
        ("removed", Event::Removed),
    ]
}

/// What has been told before does not show in the table.
fn told(state: Option<Subscription>) -> Told {
    let mut told = Told::default();
    if let Some(state) = state {
        told.know(state, at(TODAY - 1), &terms());
    }
    told
}

fn label(state: Option<Subscription>) -> String {
    match state {
        None => "(gone)".to_owned(),
        Some(Subscription::Suspended { by: SuspendedBy::Expiry, .. }) => "suspended by time".into(),
        Some(Subscription::Suspended { by: SuspendedBy::Operator, .. }) => {
            "suspended by operator".into()
        }
        Some(Subscription::Cancelled { data: Fate::Doomed, .. }) => {
            "cancelled, to be removed".to_owned()
        }
        Some(other) => other.name().to_owned(),
    }
}

/// The table, one line for each state and event that is not refused and changes or does anything.
fn table() -> String {
    let mut text =
        String::from("| from | event | to | what follows |\n| --- | --- | --- | --- |\n");
    for (from, state) in states() {
        for (name, event) in events() {
            let Ok(turn) = turn(state, told(state), event, at(TODAY), &terms()) else { continue };
            if turn.after == state && turn.effects.is_empty() {
                continue;
            }
            let effects: Vec<_> = turn.effects.iter().map(|effect| format!("{effect:?}")).collect();
            let to = label(turn.after);
            text.push_str(&format!("| {from} | {name} | {to} | {} |\n", effects.join(", ")));
        }
    }
    text
}

/// The arrows between states by name, as the code has them. What a person does to a bot that serves
/// customers, and what brings it back to that, does not depend on which of the three it is.
fn arrows() -> BTreeSet<(String, String)> {
    let mut arrows = BTreeSet::new();
    let name = |state: Option<Subscription>| match state {
        None => "[*]".to_owned(),
        Some(Subscription::Cancelled { data: Fate::Doomed, .. }) => "doomed".to_owned(),
        Some(state) => state.name().to_owned(),
    };
    let group = |state: Option<Subscription>| match state.map(Subscription::service) {
        Some(Service::Full) => "served".to_owned(),
        Some(Service::Paused | Service::None) | None => name(state),
    };
    for (_, state) in states() {
        for (_, event) in events() {
            let Ok(turn) = turn(state, told(state), event, at(TODAY), &terms()) else { continue };
            let arrow = match event {
                Event::TrialBegins(_) | Event::Paid(_) | Event::TimePasses => {
                    (name(state), name(turn.after))
                }
                Event::Refunded(_)
                | Event::GiftUndone(_)
                | Event::Paused
                | Event::Resumed
                | Event::Cancelled
                | Event::CancellationUndone
                | Event::RemovalAsked(_)
                | Event::Removed => (group(state), group(turn.after)),
            };
            arrows.extend((arrow.0 != arrow.1).then_some(arrow));
        }
    }
    arrows
}

#[test]
fn the_table_is_what_the_code_does() {
    let (page, table) = (std::fs::read_to_string(PAGE).unwrap(), table());
    let begin = page.find("| from | event |").unwrap();
    let shown = page[begin..].split_inclusive('\n').take_while(|line| line.starts_with('|'));
    let shown: String = shown.collect();
    if shown != table && std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(PAGE, page.replace(&shown, &table)).unwrap();
        return;
    }
    assert!(shown == table, "docs/subscription.md should show this table:\n\n{table}");
}

#[test]
fn the_picture_has_the_codes_arrows() {
    let page = std::fs::read_to_string(PAGE).unwrap();
    let diagram = page.split("```mermaid").nth(1).and_then(|rest| rest.split("```").next());
    let arrow = |line: &str| {
        let (from, rest) = line.trim().split_once("-->")?;
        let to = rest.split(':').next().unwrap_or(rest);
        Some((from.trim().to_owned(), to.trim().to_owned()))
    };
    let shown: BTreeSet<_> = diagram.unwrap_or_default().lines().filter_map(arrow).collect();
    assert_eq!(shown, arrows(), "docs/subscription.md should show these arrows");
}
