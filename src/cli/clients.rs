//! `slotbox clients`: the businesses that rent a bot.

mod add;
mod extend;
mod find;
mod life;
mod logs;
mod remove;

use std::process::ExitCode;

use clap::{Args, Subcommand};

pub use self::add::Add;
pub use self::extend::Extend;
pub use self::life::{Life, Restart};
pub use self::logs::Logs;
pub use self::remove::Remove;

use super::host::{Part, Way};
use super::list::{ListArgs, has};
use super::look::{Look, Tone};
use super::shape::{Client, Health, Payment, tone};
use super::table::{Cell, Table};
use super::{Host, answer, print};
use crate::external::control::Ask;

pub(super) use self::find::find;

/// What to do with clients.
#[derive(Debug, Subcommand)]
pub enum ClientsCommand {
    /// Add a client: its bot is checked with Telegram and started
    Add(Add),
    /// List the clients, newest first
    #[command(after_help = LIST_EXAMPLES)]
    List(List),
    /// Show one client with its payments
    #[command(after_help = SHOW_EXAMPLES)]
    Show(Show),
    /// Add time to a client
    Extend(Extend),
    /// Pause a client's bot; its data is kept and paid time runs on
    #[command(after_help = SUSPEND_EXAMPLES)]
    Suspend(Life),
    /// End a pause
    #[command(after_help = RESUME_EXAMPLES)]
    Resume(Life),
    /// Restart a client's bot
    #[command(after_help = RESTART_EXAMPLES)]
    Restart(Restart),
    /// Show what a client's bot has last written
    #[command(after_help = LOGS_EXAMPLES)]
    Logs(Logs),
    /// Remove a client with its bot's data; its payments stay on record
    Remove(Remove),
}

const LIST_EXAMPLES: &str = "\
Examples:
  slotbox clients list
  slotbox clients list --state grace --state suspended
  slotbox clients list --search салон
  slotbox clients list --limit 0 --json | jq -r '.items[].bot_username'";

const SHOW_EXAMPLES: &str = "\
Examples:
  slotbox clients show @salon_bot
  slotbox clients show salon
  slotbox clients show c_01kb0000000000000000000000 --json";

const SUSPEND_EXAMPLES: &str = "\
Examples:
  slotbox clients suspend @salon_bot";

const RESUME_EXAMPLES: &str = "\
Examples:
  slotbox clients resume @salon_bot";

const RESTART_EXAMPLES: &str = "\
Examples:
  slotbox clients restart @salon_bot
  slotbox clients restart @salon_bot --wait";

const LOGS_EXAMPLES: &str = "\
Examples:
  slotbox clients logs @salon_bot
  slotbox clients logs @salon_bot --lines 1000 --json | jq -r '.lines[]'";

/// Which client.
#[derive(Clone, Debug, Args)]
pub struct Which {
    /// The client: its id, its @bot, or a part of its name that no other has
    #[arg(value_name = "CLIENT")]
    client: String,
}

/// Lists clients.
#[derive(Clone, Debug, Args)]
pub struct List {
    /// Only clients in this state; may be given more than once
    #[arg(long, value_parser = ["trial", "active", "grace", "suspended", "cancelled", "archived"])]
    state: Vec<String>,
    /// Only clients with this in their name, bot or id
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    #[command(flatten)]
    lines: ListArgs,
}

/// Shows a client.
#[derive(Clone, Debug, Args)]
pub struct Show {
    #[command(flatten)]
    which: Which,
    /// Print JSON, as the API gives it
    #[arg(long)]
    json: bool,
}

impl ClientsCommand {
    /// Does it.
    pub fn run(&self, way: &Way) -> ExitCode {
        way.run(async |host| match self {
            Self::Add(add) => add.run(&host).await,
            Self::List(list) => list.run(&host).await,
            Self::Show(show) => show.run(&host).await,
            Self::Extend(extend) => extend.run(&host).await,
            Self::Suspend(life) => life.run(&host, life::Verb::Suspend).await,
            Self::Resume(life) => life.run(&host, life::Verb::Resume).await,
            Self::Restart(restart) => restart.run(&host).await,
            Self::Logs(logs) => logs.run(&host).await,
            Self::Remove(remove) => remove.run(&host).await,
        })
    }
}

impl List {
    async fn run(&self, host: &Host) -> anyhow::Result<ExitCode> {
        let wanted = |client: &Client| {
            let bot = format!("@{}", client.bot_username);
            let texts = [&client.company_name, &bot, &client.client_id];
            (self.state.is_empty() || self.state.contains(&client.state))
                && self.search.as_ref().is_none_or(|part| texts.iter().any(|it| has(it, part)))
        };
        let list = host.list("/api/clients", &self.lines.part(), wanted).await?;
        let headings = vec!["CLIENT", "NAME", "BOT", "STATE", "RUNTIME", "PLAN", "UNTIL"];
        Ok(self.lines.show(host, &list, headings, |client| {
            vec![
                (&client.client_id).into(),
                (&client.company_name).into(),
                format!("@{}", client.bot_username).into(),
                Cell::toned(&client.state, tone(&client.state)),
                Cell::toned(&client.runtime, tone(&client.runtime)),
                client.plan_id.as_deref().unwrap_or_default().into(),
                host.look.time(client.subscription_expires_at).into(),
            ]
        }))
    }
}

impl Show {
    async fn run(&self, host: &Host) -> anyhow::Result<ExitCode> {
        let client = find(host, &self.which.client).await?;
        let path = format!("/api/clients/{}", client.client_id);
        if self.json {
            let raw = host.control.raw(Ask::get(&path)).await?;
            return Ok(answer(&raw));
        }
        let payments = format!("{path}/payments");
        let payments = host.list(&payments, &Part { limit: 10, cursor: None }, |_| true).await?;
        let payments: Vec<_> = payments.items.into_iter().map(|(_, payment)| payment).collect();
        let health = format!("/control/clients/{}/health", client.client_id);
        let health = host.control.ask(Ask::get(&health)).await?;
        Ok(print(&card(host, &client, &health, &payments)))
    }
}

/// Tells whether the bot reports.
fn heard(health: &Health) -> Cell {
    match (health.healthy, health.reported_seconds_ago) {
        (true, _) => Cell::toned("well", Tone::Good),
        (false, Some(ago)) => Cell::toned(format!("silent for {ago} s"), Tone::Bad),
        (false, None) => Cell::toned("not heard since slotbox has started", Tone::Faint),
    }
}

/// Tells what the bot has done since `serve` has started.
fn updates(look: &Look, health: &Health) -> Cell {
    let mut told = format!("{} handled", health.updates_handled);
    if health.last_update_at.is_some() {
        told.push_str(&format!(", the last at {}", look.time(health.last_update_at)));
    }
    if health.updates_given_up == 0 {
        return told.into();
    }
    told.push_str(&format!(", {} given up: see slotbox clients logs", health.updates_given_up));
    Cell::toned(told, Tone::Bad)
}

fn card(host: &Host, client: &Client, health: &Health, payments: &[Payment]) -> String {
    let look = &host.look;
    let mut facts = Table::new(vec!["", ""]);
    let name = look.paint(Tone::Strong, &super::look::one_line(&client.company_name));
    let mut fact = |name: &str, value: Cell| facts.row([Cell::toned(name, Tone::Faint), value]);
    fact("client", (&client.client_id).into());
    fact("bot", format!("@{}", client.bot_username).into());
    fact("owner", client.admin_telegram_id.to_string().into());
    fact("state", Cell::toned(&client.state, tone(&client.state)));
    fact("runtime", Cell::toned(&client.runtime, tone(&client.runtime)));
    fact("health", heard(health));
    fact("updates", updates(look, health));
    fact("plan", client.plan_id.as_deref().unwrap_or_default().into());
    fact("until", look.time(client.subscription_expires_at).into());
    fact("added", look.time(Some(client.created_at)).into());
    // The first line of a table is its headings; this one has none.
    let facts = facts.render(look, 2);
    let facts = facts.split_once('\n').map_or("", |(_, rest)| rest);
    if payments.is_empty() {
        return format!("{name}\n{facts}\nno payments\n");
    }
    let mut table = Table::new(vec!["PAYMENT", "SOURCE", ">AMOUNT", ">DAYS", "STATE", "AT"]);
    for payment in payments {
        table.row([
            (&payment.payment_id).into(),
            (&payment.source).into(),
            payment.amount.to_string().into(),
            payment.days.to_string().into(),
            Cell::toned(&payment.state, tone(&payment.state)),
            look.time(Some(payment.settled_at)).into(),
        ]);
    }
    format!("{name}\n{facts}\n{}", table.render(look, 2))
}
