//! The whole at a glance: what an operator looks at first.

mod facts;

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use serde::Serialize;

use self::facts::{Clients, Facts, Orders};
use super::backup::BackupView;
use super::{Control, Held};
use crate::actions::alarms::Alarm;
use crate::config::{Telegram, Tls};
use crate::deps::Deps;
use crate::domain::backup::Record;
use crate::http::api::view::{MoneyView, PaymentView, QueueView, TaskView};
use crate::http::health;
use crate::http::problem::Problem;
use crate::store::StoreError;

/// How many alarms are listed.
const LISTED: usize = 10;

/// The whole at a glance.
#[derive(Serialize)]
pub(super) struct Status {
    version: &'static str,
    pid: u32,
    now: Timestamp,
    started_at: Timestamp,
    uptime_seconds: i64,
    /// Whether nothing waits for a person.
    healthy: bool,
    problems: Vec<Trouble>,
    database: &'static str,
    database_bytes: Option<u64>,
    worker: &'static str,
    bots: BTreeMap<&'static str, BotView>,
    clients: Clients,
    queue: QueueView,
    dead_tasks: Vec<TaskView>,
    revenue: Revenue,
    orders: Orders,
    attention: Vec<PaymentView>,
    alarms: Vec<AlarmView>,
    backup: BackupView,
    webhook_url: Option<String>,
    local_address: String,
}

/// Something that a person must do.
#[derive(Serialize)]
struct Trouble {
    what: String,
    cure: String,
}

#[derive(Serialize)]
struct BotView {
    state: &'static str,
    last_update_seconds: Option<u64>,
}

#[derive(Serialize)]
struct Revenue {
    today: MoneyView,
    last_30_days: MoneyView,
}

#[derive(Serialize)]
struct AlarmView {
    at: Timestamp,
    level: &'static str,
    event: String,
    message: String,
    client_id: Option<String>,
    times: u64,
}

/// `GET /control/status`
pub(super) async fn status(State(control): Held) -> Result<Json<Status>, Problem> {
    let deps = &control.site.deps;
    let (now, zone) = (deps.clock.now(), deps.config.server.timezone.clone());
    let here = deps.runtime.place();
    let facts = deps.store.scan(move |snap| Facts::read(snap, now, &zone, here)).await;
    let facts = facts.map_err(|err: StoreError| Problem::from(err))?;
    Ok(Json(told(&control, facts, now)))
}

fn told(control: &Control, facts: Facts, now: Timestamp) -> Status {
    let Control { site, pulse: _, alarms, database, tls: _, started_at } = control;
    let config = &site.deps.config;
    let word = |fine| if fine { "ok" } else { "error" };
    let database_works = health::database_works(&site.deps.store);
    let works = (word(database_works), word(site.queue.get()));
    let bots = bots(control, &config.telegram);
    let mut problems = problems(works, site.deps.health.is_seen(), &bots, &facts);
    problems.extend(no_backup(&site.deps, &facts.backup, now));
    problems.extend(no_certificate(control, facts.no_certificate.as_deref(), now));
    let domain = config.server.domain.as_ref();
    Status {
        version: env!("CARGO_PKG_VERSION"),
        pid: std::process::id(),
        now,
        started_at: *started_at,
        uptime_seconds: now.duration_since(*started_at).as_secs(),
        healthy: problems.is_empty(),
        problems,
        database: works.0,
        database_bytes: std::fs::metadata(database).ok().map(|file| file.len()),
        worker: works.1,
        bots,
        queue: QueueView::new(site.queue.get(), facts.overview),
        dead_tasks: facts.dead.into_iter().map(TaskView::from).collect(),
        revenue: Revenue { today: facts.today.into(), last_30_days: facts.month.into() },
        clients: facts.clients,
        orders: facts.orders,
        attention: facts.attention.iter().map(PaymentView::from).collect(),
        alarms: alarms.last(LISTED).into_iter().map(AlarmView::from).collect(),
        webhook_url: domain.map(|name| format!("https://{name}/yookassa/webhook")),
        backup: BackupView::new(&site.deps, facts.backup),
        local_address: config.server.local_listen.to_string(),
    }
}

/// Returns how both bots stand; one without a token is off.
fn bots(control: &Control, telegram: &Telegram) -> BTreeMap<&'static str, BotView> {
    let beats = control.pulse.look();
    let known = [("master", &telegram.master_token), ("sales", &telegram.sales_token)];
    let view = |(name, token): (&'static str, &Option<_>)| {
        let beat = beats.get(name).filter(|_| token.is_some());
        let silent = if token.is_some() { "starting" } else { "off" };
        let state = beat.map_or(silent, |beat| beat.state);
        let last = beat.and_then(|beat| beat.last_update).map(|age| age.as_secs());
        (name, BotView { state, last_update_seconds: last })
    };
    known.into_iter().map(view).collect()
}

/// Tells what a person must do, the worst first.
fn problems(
    (database, worker): (&str, &str),
    is_seen: bool,
    bots: &BTreeMap<&'static str, BotView>,
    facts: &Facts,
) -> Vec<Trouble> {
    let mut problems = Vec::new();
    let mut tell = |what: String, cure: &str| {
        problems.push(Trouble { what, cure: cure.to_owned() });
    };
    if database != "ok" {
        tell("the database cannot be written".to_owned(), "look at the disk: df -h, dmesg");
    }
    if worker != "ok" {
        tell("no jobs are performed".to_owned(), "systemctl restart slotbox");
    }
    if !is_seen {
        tell(
            "it cannot be seen which clients' bots run: the deployer or the engine is away"
                .to_owned(),
            "slotbox doctor",
        );
    }
    for (name, bot) in bots {
        let (state, cure) = match bot.state {
            "unauthorized" => (
                "Telegram refuses the token of",
                "set a new token from @BotFather and restart slotbox",
            ),
            "conflict" => (
                "another program reads the updates of",
                "stop the other program or renew the token",
            ),
            "unreachable" => {
                ("Telegram cannot be reached for", "look at the network and telegram.proxy")
            }
            _ => continue,
        };
        tell(format!("{state} the {name} bot"), cure);
    }
    let count = |count: u64, one: &str, many: &str| {
        if count == 1 { format!("1 {one}") } else { format!("{count} {many}") }
    };
    let waiting = facts.attention.len() as u64;
    if waiting > 0 {
        let cure = "decide: slotbox payments list --state attention";
        tell(count(waiting, "payment waits for a person", "payments wait for a person"), cure);
    }
    let ill = facts.clients.ill.len() as u64;
    if ill > 0 {
        tell(
            count(ill, "client's bot is ill", "clients' bots are ill"),
            "see the list of ill bots",
        );
    }
    let dead = facts.overview.total.dead;
    if dead > 0 {
        let cure = "see why: slotbox queue list --state dead; then: slotbox queue retry --all";
        tell(count(dead, "job was given up", "jobs were given up"), cure);
    }
    problems
}

/// Tells what keeps backups from being made, or that the last one is old.
fn no_backup(deps: &Deps, record: &Record, now: Timestamp) -> Option<Trouble> {
    if let Some(trouble) = deps.vault.trouble() {
        let what = format!("no backup can be made: {}", trouble.why);
        return Some(Trouble { what, cure: trouble.cure });
    }
    let every = deps.config.backup.every;
    let age = now.duration_since(record.made.as_ref()?.began_at);
    let cure = "see why: slotbox backup create; journalctl -u slotbox -p warning".to_owned();
    let what = format!("the last backup is {} h old", age.as_hours());
    (age > every * 2).then_some(Trouble { what, cure })
}

/// Tells that HTTPS has no good certificate to show, once an attempt to get one has failed.
fn no_certificate(control: &Control, refused: Option<&str>, now: Timestamp) -> Option<Trouble> {
    let desk = control.tls.as_ref()?;
    let what = match (desk.certificates.shown(), &control.site.deps.config.tls) {
        (Some(shown), _) if shown.not_after() > now => return None,
        (Some(shown), _) => format!("the certificate has ended at {}", shown.not_after()),
        (None, Tls::Files { .. }) => "there is no certificate in tls.cert_file".to_owned(),
        (None, _) => format!("there is no certificate: {}", refused?),
    };
    Some(Trouble { what, cure: "slotbox tls status; slotbox doctor".to_owned() })
}

impl From<Alarm> for AlarmView {
    fn from(alarm: Alarm) -> Self {
        let level = if alarm.is_error { "error" } else { "warning" };
        let Alarm { at, is_error: _, event, message, client, times } = alarm;
        Self { at, level, event, message, client_id: client, times }
    }
}
