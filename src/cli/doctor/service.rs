//! What a running `serve` tells of itself.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use tokio::time::timeout;

use super::finding::Finding;
use crate::app::serve::CONTROL_SOCKET;
use crate::cli::host::Way;
use crate::clock::Clock;
use crate::config::Config;
use crate::external::control::{Ask, ControlClient, ControlError};

const WITHIN: Duration = Duration::from_secs(10);
/// How long a job may wait for its turn before something is stuck.
const STUCK_S: i64 = 15 * 60;
const SOON: SignedDuration = SignedDuration::from_hours(7 * 24);

#[derive(Deserialize)]
struct Status {
    version: String,
    database: String,
    worker: String,
    bots: BTreeMap<String, Bot>,
    clients: Clients,
    queue: Queue,
    attention: Vec<serde_json::Value>,
    backup: Option<Backup>,
}

#[derive(Deserialize)]
struct Bot {
    state: String,
}

#[derive(Deserialize)]
struct Clients {
    ill: Vec<Ill>,
    /// An earlier release does not tell.
    moving: Option<Vec<Moving>>,
}

/// A client whose data is not, or not only, where its bot runs.
#[derive(Deserialize)]
struct Moving {
    bot_username: String,
    from: String,
    moved: bool,
}

#[derive(Deserialize)]
struct Ill {
    bot_username: String,
    reason: String,
}

#[derive(Deserialize)]
struct Queue {
    dead: u64,
    oldest_age_seconds: i64,
}

#[derive(Deserialize)]
struct Backup {
    last_success_at: Option<Timestamp>,
    /// What is wrong with the place that backups go to.
    trouble: Option<Unusable>,
}

#[derive(Deserialize)]
struct Unusable {
    why: String,
    cure: String,
}

#[derive(Deserialize)]
struct Tls {
    mode: String,
    certificate: Option<Certificate>,
    trouble: Option<Trouble>,
}

#[derive(Deserialize)]
struct Certificate {
    names: Vec<String>,
    not_after: Timestamp,
}

#[derive(Deserialize)]
struct Trouble {
    words: String,
}

#[derive(Deserialize)]
struct Operators {
    items: Vec<serde_json::Value>,
}

/// Asks `serve`; says which checks were passed over if it does not answer.
pub(super) async fn check(way: &Way, config: Option<&Config>) -> Vec<Finding> {
    let named = way.socket.clone();
    let usual = || Config::runtime_dir(&way.sources).ok().map(|dir| dir.join(CONTROL_SOCKET));
    let asked = async {
        let socket = named.or_else(usual).unwrap_or_default();
        let control = ControlClient::open(&socket).await?;
        let status: Status = control.ask(Ask::get("/control/status")).await?;
        let tls: Tls = control.ask(Ask::get("/control/tls")).await?;
        let operators: Operators = control.ask(Ask::get("/control/operators")).await?;
        Ok::<_, ControlError>((status, tls, operators))
    };
    let why = match timeout(WITHIN, asked).await {
        Ok(Ok((status, tls, operators))) => {
            let now = Clock::system().now();
            let mut findings = told(&status, now, config);
            findings.push(certificate(&tls, now));
            findings.push(operator(&operators, config));
            return findings;
        }
        Ok(Err(err)) => err.to_string(),
        Err(_) => "slotbox serve does not answer in 10 s".to_owned(),
    };
    let mut findings =
        vec![Finding::fail("serve", why, "journalctl -u slotbox -n 30; systemctl start slotbox")];
    let rest = [
        "database",
        "jobs",
        "bots",
        "clients",
        "moves",
        "payments",
        "backup",
        "certificate",
        "operators",
    ];
    findings.extend(rest.map(|check| Finding::skipped(check, "slotbox serve does not answer")));
    findings
}

fn told(status: &Status, now: Timestamp, config: Option<&Config>) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.push(if status.version == env!("CARGO_PKG_VERSION") {
        Finding::ok("serve", format!("version {} answers", status.version))
    } else {
        let seen = format!(
            "version {} runs, and {} is installed",
            status.version,
            env!("CARGO_PKG_VERSION")
        );
        Finding::warn("serve", seen, "systemctl restart slotbox")
    });
    findings.push(match status.database.as_str() {
        "ok" => Finding::ok("database", "it can be written"),
        _ => Finding::fail("database", "it cannot be written", "look at the disk: df -h, dmesg"),
    });
    findings.push(jobs(status));
    findings.push(bots(status));
    let ill: Vec<_> = status
        .clients
        .ill
        .iter()
        .map(|it| format!("@{}: {}", it.bot_username, it.reason))
        .collect();
    findings.push(if ill.is_empty() {
        Finding::ok("clients", "no client's bot is ill")
    } else {
        Finding::fail("clients", ill.join("\n"), "slotbox status; slotbox clients show @BOT")
    });
    findings.push(moves(status.clients.moving.as_deref()));
    findings.push(match status.attention.len() {
        0 => Finding::ok("payments", "none waits for a person"),
        waiting => Finding::warn(
            "payments",
            format!("{waiting} wait for a person"),
            "slotbox payments list --state attention",
        ),
    });
    findings.push(backup(status, now, config));
    findings
}

fn moves(moving: Option<&[Moving]>) -> Finding {
    const CHECK: &str = "moves";
    const CURE: &str = "each moves when its bot starts, which needs the engine and \
                        slotbox-deployer: systemctl start slotbox-deployer; then: slotbox clients \
                        restart @BOT";
    let Some(moving) = moving else {
        return Finding::skipped(CHECK, "the release that runs does not tell");
    };
    let one = |Moving { bot_username, from, moved }: &Moving| {
        let what = if *moved { "has moved, and is to be removed" } else { "waits to be moved" };
        format!("@{bot_username}: what lies in a {from} {what}")
    };
    if moving.is_empty() {
        return Finding::ok(CHECK, "each client's data is where its bot runs (runtime.kind)");
    }
    let told: Vec<_> = moving.iter().map(one).collect();
    Finding::warn(CHECK, told.join("\n"), CURE)
}

fn jobs(status: &Status) -> Finding {
    const CHECK: &str = "jobs";
    if status.worker != "ok" {
        return Finding::fail(CHECK, "no jobs are performed", "systemctl restart slotbox");
    }
    let Queue { dead, oldest_age_seconds } = status.queue;
    if oldest_age_seconds > STUCK_S {
        let seen =
            format!("the oldest has waited for its turn for {} min", oldest_age_seconds / 60);
        return Finding::fail(CHECK, seen, "slotbox queue list; systemctl restart slotbox");
    }
    if dead > 0 {
        let cure = "slotbox queue list --state dead; then: slotbox queue retry --all";
        return Finding::fail(CHECK, format!("{dead} given up"), cure);
    }
    Finding::ok(CHECK, "none is stuck or given up")
}

fn bots(status: &Status) -> Finding {
    const CHECK: &str = "bots";
    let told: Vec<_> =
        status.bots.iter().map(|(name, bot)| format!("{name} {}", bot.state)).collect();
    let seen = told.join(", ");
    let cure = |state: &str| match state {
        "unauthorized" => Some("get a new token from @BotFather; then: slotbox setup"),
        "conflict" => Some("stop the other program, or get a new token; then: slotbox setup"),
        "unreachable" => Some("look at the network and telegram.proxy"),
        _ => None,
    };
    match status.bots.values().find_map(|bot| cure(&bot.state)) {
        Some(cure) => Finding::fail(CHECK, seen, cure),
        None => Finding::ok(CHECK, seen),
    }
}

fn backup(status: &Status, now: Timestamp, config: Option<&Config>) -> Finding {
    const CHECK: &str = "backup";
    let Some(backup) = &status.backup else {
        return Finding::skipped(CHECK, "this release makes none");
    };
    if let Some(Unusable { why, cure }) = &backup.trouble {
        return Finding::fail(CHECK, format!("none can be made: {why}"), cure.clone());
    }
    let every = config.map_or(SignedDuration::from_hours(24), |config| config.backup.every);
    match backup.last_success_at {
        None => Finding::warn(CHECK, "none was made yet", "slotbox backup create"),
        Some(at) => {
            let age = now.duration_since(at);
            let seen = format!("the last is {} h old", age.as_hours());
            // One that is late by a whole turn did not happen.
            if age > every * 2 {
                Finding::fail(
                    CHECK,
                    seen,
                    "slotbox backup create; journalctl -u slotbox -p warning",
                )
            } else {
                Finding::ok(CHECK, seen)
            }
        }
    }
}

fn certificate(tls: &Tls, now: Timestamp) -> Finding {
    const CHECK: &str = "certificate";
    if tls.mode == "off" {
        return Finding::skipped(CHECK, "HTTPS is off here (tls.mode)");
    }
    let cure = "slotbox tls status; slotbox tls renew; see https.md";
    let trouble = tls.trouble.as_ref().map(|it| it.words.as_str());
    let Some(it) = &tls.certificate else {
        let seen = trouble.unwrap_or("there is none yet");
        return Finding::fail(CHECK, seen, cure);
    };
    let seen = format!("{} until {}", it.names.join(", "), it.not_after);
    let left = it.not_after.duration_since(now);
    if left <= SignedDuration::ZERO {
        return Finding::fail(CHECK, format!("{seen}: it is over"), cure);
    }
    match trouble {
        Some(words) => Finding::warn(CHECK, format!("{seen}; the next is not had: {words}"), cure),
        None if left < SOON => Finding::warn(CHECK, seen, cure),
        None => Finding::ok(CHECK, seen),
    }
}

fn operator(operators: &Operators, config: Option<&Config>) -> Finding {
    const CHECK: &str = "operators";
    let has_master = config.is_none_or(|config| config.telegram.master_token.is_some());
    match operators.items.len() {
        0 if has_master => Finding::fail(
            CHECK,
            "there is none: nobody hears of what goes wrong",
            "slotbox operators link",
        ),
        0 => Finding::skipped(CHECK, "there is no Master Bot"),
        count => Finding::ok(CHECK, format!("{count}")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::finding::Verdict;
    use super::*;

    fn status(change: &str) -> Status {
        let base = r#"{"version":"VERSION","database":"ok","worker":"ok","bots":{"master":{"state":"polling"}},
            "clients":{"ill":[],"moving":[]},"queue":{"dead":0,"oldest_age_seconds":0},"attention":[]}"#;
        let mut whole: serde_json::Value =
            serde_json::from_str(&base.replace("VERSION", env!("CARGO_PKG_VERSION"))).unwrap();
        let change: serde_json::Value = serde_json::from_str(change).unwrap();
        for (key, value) in change.as_object().unwrap() {
            whole[key] = value.clone();
        }
        serde_json::from_value(whole).unwrap()
    }

    const NOW: &str = "2026-11-23T10:00:00Z";

    fn verdict(change: &str, check: &str) -> Verdict {
        let found = told(&status(change), NOW.parse().unwrap(), None);
        found.iter().find(|it| it.check == check).unwrap().verdict
    }

    #[test]
    fn what_serve_tells_is_judged() {
        let fine = told(&status("{}"), NOW.parse().unwrap(), None);
        assert!(
            fine.iter().all(|it| matches!(it.verdict, Verdict::Ok | Verdict::Skipped)),
            "{fine:?}"
        );
        for (change, check, expected) in [
            (r#"{"version":"0.0.1"}"#, "serve", Verdict::Warn),
            (r#"{"database":"error"}"#, "database", Verdict::Fail),
            (r#"{"worker":"error"}"#, "jobs", Verdict::Fail),
            (r#"{"queue":{"dead":1,"oldest_age_seconds":0}}"#, "jobs", Verdict::Fail),
            (r#"{"queue":{"dead":0,"oldest_age_seconds":901}}"#, "jobs", Verdict::Fail),
            (r#"{"bots":{"sales":{"state":"unauthorized"}}}"#, "bots", Verdict::Fail),
            (r#"{"bots":{"sales":{"state":"conflict"}}}"#, "bots", Verdict::Fail),
            (
                r#"{"clients":{"ill":[{"bot_username":"a_bot","reason":"conflict"}]}}"#,
                "clients",
                Verdict::Fail,
            ),
            (
                r#"{"clients":{"ill":[],"moving":[{"bot_username":"a_bot","from":"process","moved":false}]}}"#,
                "moves",
                Verdict::Warn,
            ),
            (r#"{"clients":{"ill":[]}}"#, "moves", Verdict::Skipped),
            (r#"{"bots":{"master":{"state":"unreachable"}}}"#, "bots", Verdict::Fail),
            (r#"{"attention":[{}]}"#, "payments", Verdict::Warn),
            (r#"{"backup":{"last_success_at":null}}"#, "backup", Verdict::Warn),
            (
                r#"{"backup":{"last_success_at":"2026-11-23T09:00:00Z","trouble":{"why":"full","cure":"df"}}}"#,
                "backup",
                Verdict::Fail,
            ),
            (r#"{"backup":{"last_success_at":"2026-11-22T10:00:00Z"}}"#, "backup", Verdict::Ok),
            (r#"{"backup":{"last_success_at":"2026-11-21T09:00:00Z"}}"#, "backup", Verdict::Fail),
        ] {
            assert_eq!(verdict(change, check), expected, "{change}");
        }
    }

    #[test]
    fn a_certificate_is_judged_by_its_end_and_its_trouble() {
        let judged =
            |tls: &str| certificate(&serde_json::from_str(tls).unwrap(), NOW.parse().unwrap());
        let with = |until: &str, trouble: &str| {
            format!(
                r#"{{"mode":"acme","certificate":{{"names":["a.ru"],"not_after":"{until}"}},"trouble":{trouble}}}"#
            )
        };
        let words = r#"{"words":"no such name"}"#;
        for (tls, expected) in [
            (r#"{"mode":"off","certificate":null,"trouble":null}"#.to_owned(), Verdict::Skipped),
            (format!(r#"{{"mode":"acme","certificate":null,"trouble":{words}}}"#), Verdict::Fail),
            (with("2026-11-23T09:00:00Z", "null"), Verdict::Fail),
            (with("2026-11-29T10:00:00Z", "null"), Verdict::Warn),
            (with("2027-01-29T10:00:00Z", words), Verdict::Warn),
            (with("2027-01-29T10:00:00Z", "null"), Verdict::Ok),
        ] {
            assert_eq!(judged(&tls).verdict, expected, "{tls}");
        }
    }
}
