//! What `serve` answers, as far as a table shows it. `--json` prints the answer itself.

#![expect(clippy::struct_field_names, reason = "they are named as in the API")]

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use serde::Deserialize;

use super::look::Tone;

/// An amount.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Money {
    pub(super) value: String,
    pub(super) currency: String,
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.value, self.currency)
    }
}

impl Money {
    pub(super) fn is_zero(&self) -> bool {
        self.value.bytes().all(|byte| matches!(byte, b'0' | b'.'))
    }
}

/// A client.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Client {
    pub(super) client_id: String,
    pub(super) company_name: String,
    pub(super) bot_username: String,
    pub(super) admin_telegram_id: i64,
    pub(super) state: String,
    pub(super) runtime: String,
    pub(super) plan_id: Option<String>,
    pub(super) subscription_expires_at: Option<Timestamp>,
    pub(super) created_at: Timestamp,
}

/// How a client's bot is.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Health {
    pub(super) healthy: bool,
    pub(super) reported_seconds_ago: Option<u64>,
    pub(super) last_update_at: Option<Timestamp>,
    pub(super) updates_handled: u64,
    pub(super) updates_given_up: u64,
}

/// An order.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Order {
    pub(super) order_id: String,
    pub(super) client_id: String,
    pub(super) plan_id: String,
    pub(super) amount: Money,
    pub(super) state: String,
    pub(super) payment_id: Option<String>,
    pub(super) confirmation_url: Option<String>,
    pub(super) created_at: Timestamp,
    pub(super) expires_at: Timestamp,
}

/// A payment.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Payment {
    pub(super) payment_id: String,
    pub(super) source: String,
    pub(super) client_id: Option<String>,
    pub(super) amount: Money,
    pub(super) refunded: Money,
    pub(super) days: u16,
    pub(super) state: String,
    pub(super) settled_at: Timestamp,
}

/// A job.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Task {
    pub(super) task_id: String,
    pub(super) kind: String,
    pub(super) client_id: Option<String>,
    pub(super) state: String,
    pub(super) attempts: u16,
    pub(super) max_attempts: u16,
    pub(super) run_at: Timestamp,
    pub(super) created_at: Timestamp,
    pub(super) error: Option<String>,
}

/// The queue at a glance.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Queue {
    pub(super) queued: u64,
    pub(super) waiting: u64,
    pub(super) running: u64,
    pub(super) dead: u64,
    pub(super) oldest_age_seconds: i64,
}

/// A line of the audit log.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Entry {
    pub(super) at: Timestamp,
    pub(super) actor: String,
    pub(super) action: String,
    pub(super) client_id: Option<String>,
    pub(super) detail: String,
}

/// The whole at a glance.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Status {
    pub(super) version: String,
    pub(super) now: Timestamp,
    pub(super) uptime_seconds: i64,
    pub(super) healthy: bool,
    pub(super) problems: Vec<Trouble>,
    pub(super) database: String,
    pub(super) database_bytes: Option<u64>,
    pub(super) worker: String,
    pub(super) bots: BTreeMap<String, Bot>,
    pub(super) clients: Clients,
    pub(super) queue: Queue,
    pub(super) dead_tasks: Vec<Task>,
    pub(super) revenue: Revenue,
    pub(super) orders: Orders,
    pub(super) attention: Vec<Payment>,
    pub(super) alarms: Vec<Alarm>,
    pub(super) backup: Backup,
    pub(super) webhook_url: Option<String>,
    pub(super) local_address: String,
}

/// Something that a person must do.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Trouble {
    pub(super) what: String,
    pub(super) cure: String,
}

/// How one of the operator's bots stands.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Bot {
    pub(super) state: String,
    pub(super) last_update_seconds: Option<u64>,
}

/// All clients, counted.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Clients {
    pub(super) total: u64,
    pub(super) by_state: BTreeMap<String, u64>,
    pub(super) by_runtime: BTreeMap<String, u64>,
    pub(super) ill: Vec<Ill>,
}

/// A client whose bot does not do what it should.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Ill {
    pub(super) client_id: String,
    pub(super) company_name: String,
    pub(super) bot_username: String,
    pub(super) reason: String,
}

/// What came in.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Revenue {
    pub(super) today: Money,
    pub(super) last_30_days: Money,
}

/// Orders that are not over.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(super) struct Orders {
    pub(super) open: u64,
    pub(super) attention: u64,
}

/// The host's backups.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Backup {
    pub(super) last: Option<LastBackup>,
    pub(super) failure: Option<Failure>,
    pub(super) destination: String,
}

/// The last backup that is good.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct LastBackup {
    pub(super) began_at: Timestamp,
    pub(super) bytes: u64,
    pub(super) clients: u64,
    pub(super) clients_carried: u64,
    pub(super) clients_missing: u64,
}

/// What failed since.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Failure {
    pub(super) at: Timestamp,
    pub(super) why: String,
    pub(super) cure: String,
}

/// A warning of the log.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Alarm {
    pub(super) at: Timestamp,
    pub(super) level: String,
    pub(super) event: String,
    pub(super) message: String,
    pub(super) client_id: Option<String>,
    pub(super) times: u64,
}

/// Returns the colour of a state, whatever it is a state of.
pub(super) fn tone(state: &str) -> Tone {
    match state {
        "active" | "running" | "paid" | "settled" | "polling" | "webhook" | "ok" | "done" => {
            Tone::Good
        }
        "trial" | "grace" | "starting" | "open" | "waiting" | "queued" => Tone::Warm,
        "failed" | "attention" | "dead" | "unauthorized" | "conflict" | "unreachable" | "error" => {
            Tone::Bad
        }
        "suspended" | "cancelled" | "archived" | "stopped" | "none" | "canceled" | "expired"
        | "refunded" | "off" => Tone::Faint,
        _ => Tone::Plain,
    }
}
