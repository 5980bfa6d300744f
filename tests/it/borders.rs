//! The borders between the rooms of `src/`, as ARCHITECTURE.md draws them, and a few habits that
//! no lint watches.

use std::collections::BTreeSet;

use self::source::{Source, sources};

pub mod source;

/// The ground that most rooms stand on; it names nothing above itself.
const GROUND: &[&str] = &["clock", "config", "domain", "metrics", "random"];

/// The rooms below the doors. `deps` is what the actions act with, and so the actions' own.
const CORE: &[&str] = &["actions", "deps", "external", "store", "texts"];

/// Tells whether `room` may name `other`. A door never names another door; `store` and `external`
/// never name each other; nobody names the sandbox but who starts it.
fn may_name(room: &str, other: &str) -> bool {
    let others: &[&[&str]] = match room {
        "clock" | "domain" | "metrics" | "random" => &[],
        "config" | "deployer" | "texts" => &[&["domain"]],
        "store" => &[&["domain", "metrics"]],
        // Of the deployer, `external` names the protocol alone; a test below says so.
        "external" => &[&["deployer", "domain", "metrics", "texts"]],
        "telemetry" => &[&["clock", "config", "domain"]],
        "sandbox" => &[GROUND],
        "actions" | "deps" | "bots" | "http" | "gateway" | "jobs" => &[GROUND, CORE],
        "app" | "cli" | "main" => return true,
        _ => return false,
    };
    others.iter().any(|others| others.contains(&other))
}

/// The rooms that may name an outside crate; one that is not here may be named where it is of use.
const HOMES: &[(&str, &[&str])] = &[
    ("anyhow", &["app", "cli", "config", "main"]),
    ("apalis", &["jobs"]),
    ("apalis_core", &["jobs"]),
    // The demo's page is served by its world.
    ("axum", &["app", "gateway", "http", "sandbox"]),
    ("base64", &["external"]),
    ("bollard", &["deployer"]),
    ("clap", &["cli", "main"]),
    ("fastcdc", &["external"]),
    ("fluent_bundle", &["texts"]),
    // Rows lie in postcard in `store`; a queued job is handed over in it in `jobs`; the deployer's
    // frames are written in it.
    ("postcard", &["deployer", "jobs", "store"]),
    ("listenfd", &["app"]),
    ("rcgen", &["external"]),
    ("redb", &["store"]),
    // The simulators send webhooks and notifications as the real services do, and the demo's payer
    // has a browser.
    ("reqwest", &["app", "external", "sandbox"]),
    ("rustls", &["external", "http"]),
    ("rustls_acme", &["external"]),
    ("rusty_s3", &["external"]),
    ("strsim", &["config"]),
    // `app` puts the parts of a bot together.
    ("teloxide", &["app", "bots", "external"]),
    ("toml", &["config"]),
    ("tokio_rustls", &["external", "http"]),
    ("x25519_dalek", &["external"]),
    ("zstd", &["deployer", "external"]),
    // The demo hears the journal and tells it as a story.
    ("tracing_subscriber", &["app", "cli", "telemetry"]),
];

/// Rooms without I/O: the outside crates that they may name, and no others.
const PURE: &[(&str, &[&str])] =
    &[("domain", &["jiff", "thiserror"]), ("texts", &["fluent_bundle", "jiff", "unic_langid"])];

/// The most lines of a file, and of one that holds nothing but tests: conversations are long.
const LONGEST: usize = 400;
const LONGEST_OF_TESTS: usize = 650;

#[test]
fn each_room_names_only_what_lies_below() {
    check(|file| {
        let named = file.names().filter_map(|(line, name)| Some((line, file.room_named(&name)?)));
        named
            .filter(|(_, other)| !may_name(file.room(), other))
            .map(|(line, other)| (line, format!("{} names {other}", file.room())))
            .collect()
    });
}

#[test]
fn serve_knows_the_deployer_by_its_protocol_alone() {
    check(|file| {
        let strange = |name: &[&str]| {
            name.starts_with(&["crate", "deployer"])
                && !matches!(name.get(2), Some(&("frame" | "protocol")))
        };
        let breaches = file.names().filter(|(_, name)| file.room() == "external" && strange(name));
        breaches.map(|(line, name)| (line, format!("names {}", name.join("::")))).collect()
    });
}

#[test]
fn the_deployer_knows_a_client_by_its_id_alone() {
    check(|file| {
        let strange = |name: &[&str]| {
            name.starts_with(&["crate", "domain"]) && !matches!(name.get(2), Some(&("ids" | "uid")))
        };
        let breaches = file.names().filter(|(_, name)| file.room() == "deployer" && strange(name));
        breaches.map(|(line, name)| (line, format!("names {}", name.join("::")))).collect()
    });
}

#[test]
fn each_outside_crate_stays_in_its_rooms() {
    check(|file| {
        let mut breaches = Vec::new();
        for (line, name) in file.names() {
            for (outside, homes) in HOMES {
                if name.first() == Some(outside) && !homes.contains(&file.room()) {
                    breaches.push((line, format!("{} names {outside}", file.room())));
                }
            }
        }
        breaches
    });
}

#[test]
fn the_rules_do_no_input_and_no_output() {
    let dependencies = dependencies();
    check(|file| {
        let Some((_, allowed)) = PURE.iter().find(|(room, _)| *room == file.room()) else {
            return Vec::new();
        };
        let forbidden = |name: &[&str]| match *name {
            ["std", "env" | "fs" | "process" | "thread", ..] => true,
            [first, ..] => dependencies.contains(first) && !allowed.contains(&first),
            [] => false,
        };
        let breaches = file.names().filter(|(_, name)| forbidden(name));
        breaches.map(|(line, name)| (line, format!("names {}", name.join("::")))).collect()
    });
}

#[test]
fn a_file_has_one_subject() {
    check_all(&sources(), |file| {
        let longest = if file.for_tests { LONGEST_OF_TESTS } else { LONGEST };
        if file.length <= longest {
            return Vec::new();
        }
        vec![(longest, format!("{} lines: look for a second subject", file.length))]
    });
}

#[test]
fn an_event_has_a_dotted_id() {
    check(|file| {
        let mut breaches = Vec::new();
        for (index, line) in file.code_with_texts.lines().enumerate() {
            let Some((_, rest)) = line.split_once("event = \"") else { continue };
            let id = rest.split('"').next().unwrap_or_default();
            if !is_event(id) {
                breaches.push((index + 1, format!("{id:?} is no dotted lower-case id")));
            }
        }
        breaches
    });
}

#[test]
fn only_the_command_line_prints() {
    check(|file| {
        let lines = file.code.lines().enumerate();
        let printing = |line: &str| {
            ["print!", "println!", "eprint!", "eprintln!", "dbg!"]
                .iter()
                .any(|it| line.contains(it))
        };
        lines
            .filter(|(_, line)| file.room() != "cli" && printing(line))
            .map(|(index, line)| (index + 1, line.trim().to_owned()))
            .collect()
    });
}

/// Runs `breaches` on every file but those for tests alone.
fn check(breaches: impl Fn(&Source) -> Vec<(usize, String)>) {
    let built: Vec<_> = sources().into_iter().filter(|file| !file.for_tests).collect();
    check_all(&built, breaches);
}

/// Runs `breaches` on `sources`, and fails with all that it found.
fn check_all(sources: &[Source], breaches: impl Fn(&Source) -> Vec<(usize, String)>) {
    assert!(sources.len() > 100, "src/ was read");
    let mut found = Vec::new();
    for file in sources {
        let breaches = breaches(file);
        found.extend(breaches.iter().map(|(line, what)| format!("{}:{line}: {what}", file.path)));
    }
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

/// Returns the outside crates that `Cargo.toml` lists, as code names them.
fn dependencies() -> BTreeSet<String> {
    let manifest = include_str!("../../Cargo.toml");
    let (_, section) = manifest.split_once("[dependencies]\n").unwrap();
    let lines = section.lines().take_while(|line| !line.starts_with('['));
    lines.filter_map(|line| Some(line.split_once(" = ")?.0.replace('-', "_"))).collect()
}

fn is_event(id: &str) -> bool {
    let word = |word: &str| {
        !word.is_empty() && word.chars().all(|c| matches!(c, 'a'..='z' | '0'..='9' | '_'))
    };
    id.contains('.') && id.split('.').all(word)
}
