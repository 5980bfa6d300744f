//! The screen of `slotbox status`.

use std::collections::BTreeMap;

use super::cures::cure;
use crate::cli::look::{Look, NOTHING, Tone, length, one_line, size};
use crate::cli::shape::{Alarm, Backup, Bot, Status, tone};
use crate::cli::table::{Cell, Table};

/// How wide the names at the left are.
const LEFT: usize = 10;
/// How many clients, jobs, payments and warnings are listed.
const LISTED: usize = 8;

/// Draws the screen.
pub(super) fn draw(look: &Look, status: &Status) -> String {
    let mut screen = head(look, status);
    screen += &facts(look, status);
    if !status.clients.ill.is_empty() {
        screen += &section(look, "ill bots", &ill(status).render(look, 2));
    }
    if !status.attention.is_empty() {
        screen += &section(look, "payments that need a person", &attention(look, status));
    }
    if !status.dead_tasks.is_empty() {
        screen += &section(look, "jobs that were given up", &dead(look, status));
    }
    if !status.alarms.is_empty() {
        screen += &section(look, "last warnings", &alarms(look, &status.alarms));
    }
    screen
}

/// The title, and what must be done.
fn head(look: &Look, status: &Status) -> String {
    let uptime = u64::try_from(status.uptime_seconds).unwrap_or(0);
    let title = look.paint(Tone::Strong, &format!("slotbox {}", status.version));
    let mut head = format!("{title}  up {}  {}\n", length(uptime), look.second(status.now));
    if status.healthy {
        head += &format!("{}\n", look.paint(Tone::Good, "all is well"));
        return head;
    }
    head += &format!("{}\n", look.paint(Tone::Bad, "something needs a person"));
    for trouble in &status.problems {
        head += &format!("  {}: {}\n", one_line(&trouble.what), one_line(&trouble.cure));
    }
    head
}

fn facts(look: &Look, status: &Status) -> String {
    let mut facts = String::from("\n");
    let mut fact = |name: &str, value: String| {
        let name = look.paint(Tone::Faint, &format!("{name:LEFT$}"));
        facts += &format!("{name}{value}\n");
    };
    let state = |word: &str| look.paint(tone(word), word);
    let bytes = status.database_bytes.map_or(NOTHING.to_owned(), size);
    fact("database", format!("{}, {bytes}", state(&status.database)));
    fact("worker", state(&status.worker));
    for (name, bot) in &status.bots {
        fact(name, told(look, bot));
    }
    let clients = &status.clients;
    fact("clients", format!("{}{}", clients.total, counted(look, &clients.by_state)));
    let running = counted(look, &clients.by_runtime);
    let running = if running.is_empty() { "none" } else { running.trim_start_matches(": ") };
    fact("bots", running.to_owned());
    let queue = &status.queue;
    let dead = format!("{} dead", queue.dead);
    let dead = if queue.dead > 0 { look.paint(Tone::Bad, &dead) } else { dead };
    let age = length(u64::try_from(queue.oldest_age_seconds).unwrap_or(0));
    fact(
        "jobs",
        format!(
            "{} queued, {} waiting, {} running, {dead}; the oldest waits {age}",
            queue.queued, queue.waiting, queue.running
        ),
    );
    let revenue = &status.revenue;
    fact("money", format!("{} today, {} in 30 days", revenue.today, revenue.last_30_days));
    fact(
        "orders",
        format!("{} open, {} need a person", status.orders.open, status.orders.attention),
    );
    fact("backup", backup(look, status));
    let local = format!("http://{}", status.local_address);
    let webhook = status.webhook_url.clone().unwrap_or_else(|| {
        format!("no public name is set; behind a proxy: {local}/yookassa/webhook")
    });
    fact("webhook", webhook);
    facts
}

fn backup(look: &Look, status: &Status) -> String {
    let Backup { last, failure, destination } = &status.backup;
    let mut told = match last {
        None => format!("{}, to {destination}", look.paint(Tone::Warm, "none yet")),
        Some(it) => {
            let age = status.now.duration_since(it.began_at).as_secs();
            let mut told = format!(
                "{} ago, {} of {} clients, to {destination}",
                length(u64::try_from(age).unwrap_or(0)),
                size(it.bytes),
                it.clients,
            );
            if it.clients_carried > 0 {
                told += &format!("; {} with an earlier copy", it.clients_carried);
            }
            if it.clients_missing > 0 {
                let missing = format!("{} without a copy", it.clients_missing);
                told += &format!("; {}", look.paint(Tone::Bad, &missing));
            }
            told
        }
    };
    if let Some(it) = failure {
        let failed = look.paint(Tone::Bad, "failed");
        let (at, why, cure) = (look.time(Some(it.at)), one_line(&it.why), one_line(&it.cure));
        told += &format!("; {failed} at {at}: {why}; {cure}");
    }
    told
}

fn told(look: &Look, bot: &Bot) -> String {
    let state = look.paint(tone(&bot.state), &bot.state);
    let last = bot.last_update_seconds.map(|age| format!(", last update {} ago", length(age)));
    match (bot.state.as_str(), last) {
        ("off", _) => format!("{state}: no token is set"),
        (_, Some(last)) => state + &last,
        (_, None) => state + ", no update yet",
    }
}

fn counted(look: &Look, counts: &BTreeMap<String, u64>) -> String {
    let one =
        |(state, count): (&String, &u64)| format!("{count} {}", look.paint(tone(state), state));
    let counts: Vec<_> = counts.iter().map(one).collect();
    if counts.is_empty() { String::new() } else { format!(": {}", counts.join(", ")) }
}

fn section(look: &Look, name: &str, body: &str) -> String {
    format!("\n{}\n{body}", look.paint(Tone::Strong, name))
}

fn ill(status: &Status) -> Table {
    let mut table = Table::new(vec!["CLIENT", "NAME", "BOT", "WHY"]);
    for ill in status.clients.ill.iter().take(LISTED) {
        let why = match ill.reason.as_str() {
            "token_revoked" => "its token was revoked: the owner must bring a new one",
            "conflict" => "another program reads its updates",
            "not_started" => "it could not be started",
            other => other,
        };
        table.row([
            (&ill.client_id).into(),
            (&ill.company_name).into(),
            format!("@{}", ill.bot_username).into(),
            Cell::toned(why, Tone::Bad),
        ]);
    }
    table
}

fn attention(look: &Look, status: &Status) -> String {
    let mut table = Table::new(vec!["PAYMENT", "CLIENT", ">AMOUNT", "AT"]);
    for payment in status.attention.iter().take(LISTED) {
        table.row([
            (&payment.payment_id).into(),
            payment.client_id.as_deref().unwrap_or_default().into(),
            payment.amount.to_string().into(),
            look.time(Some(payment.settled_at)).into(),
        ]);
    }
    table.render(look, 2)
}

fn dead(look: &Look, status: &Status) -> String {
    let mut table = Table::new(vec!["TASK", "KIND", "CLIENT", ">TRIES", "ERROR"]);
    for task in status.dead_tasks.iter().take(LISTED) {
        table.row([
            (&task.task_id).into(),
            (&task.kind).into(),
            task.client_id.as_deref().unwrap_or_default().into(),
            task.attempts.to_string().into(),
            task.error.as_deref().unwrap_or_default().into(),
        ]);
    }
    table.render(look, 2)
}

fn alarms(look: &Look, alarms: &[Alarm]) -> String {
    let alarms = &alarms[..alarms.len().min(LISTED)];
    let mut table = Table::new(vec!["AT", "EVENT", ">TIMES", "CLIENT", "WHAT"]);
    for alarm in alarms {
        let tone = if alarm.level == "error" { Tone::Bad } else { Tone::Warm };
        table.row([
            look.time(Some(alarm.at)).into(),
            Cell::toned(&alarm.event, tone),
            alarm.times.to_string().into(),
            alarm.client_id.as_deref().unwrap_or_default().into(),
            (&alarm.message).into(),
        ]);
    }
    let mut cures: Vec<_> =
        alarms.iter().filter_map(|it| Some((it.event.as_str(), cure(&it.event)?))).collect();
    cures.sort_unstable();
    cures.dedup();
    let lines = cures.iter().map(|(event, cure)| {
        let event = look.paint(Tone::Faint, event);
        format!("  {event}: {cure}\n")
    });
    table.render(look, 2) + &lines.collect::<String>()
}
