//! `slotbox clients add`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use secrecy::ExposeSecret;
use serde::Deserialize;
use serde_json::json;

use crate::cli::ask::{self, Secret};
use crate::cli::{Host, answer, print, tasks};
use crate::external::control::Ask;

/// Adds a client.
#[derive(Clone, Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Add {
    /// The name of the business
    #[arg(long, value_name = "NAME")]
    name: String,
    /// The owner's number at Telegram: the bot's first administrator
    #[arg(long, value_name = "NUMBER")]
    owner: i64,
    /// A file that holds the bot's token; - reads the standard input. Without it you are asked
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// How many days the bot runs [usual: 30]
    #[arg(long, value_name = "N")]
    days: Option<i64>,
    /// What was paid for them by hand
    #[arg(long, value_name = "RUB")]
    amount: Option<String>,
    /// The receipt of that payment: the same one counts once
    #[arg(long, value_name = "ID")]
    payment_id: Option<String>,
    /// Makes a repetition of this command add nothing more
    #[arg(long, value_name = "KEY")]
    idempotency_key: Option<String>,
    /// Wait until the bot is up; fails if it does not come up
    #[arg(long)]
    wait: bool,
    /// Print JSON, as the API gives it
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
The token is never an argument: every user of this host can see those.

Examples:
  slotbox clients add --name 'Салон Ёлка' --owner 222222222 --wait
  slotbox clients add --name Salon --owner 222222222 --token-file ./token --days 90 \\
      --amount 799.00 --payment-id receipt-17
  pass show salon-bot | slotbox clients add --name Salon --owner 222222222 --token-file -";

#[derive(Deserialize)]
struct Added {
    client_id: String,
    bot_username: String,
    task_id: String,
    subscription_expires_at: Option<jiff::Timestamp>,
}

impl Add {
    pub(super) async fn run(&self, host: &Host) -> anyhow::Result<ExitCode> {
        let from = self.token_file.as_deref().map_or(Secret::Person, Secret::File);
        let token = ask::secret(from, "The bot's token, as @BotFather gave it", "--token-file")?;
        let body = json!({
            "bot_token": token.expose_secret(),
            "admin_telegram_id": self.owner,
            "company_name": self.name,
            "subscription_days": self.days,
            "paid_amount": self.amount,
            "payment_id": self.payment_id,
        });
        let ask = Ask::post("/api/clients").body(body).key(self.idempotency_key.clone());
        let raw = host.control.raw(ask).await?;
        let added: Added = serde_json::from_str(raw.get())?;
        let printed = if self.json {
            answer(&raw)
        } else {
            let until = host.look.time(added.subscription_expires_at);
            let Added { client_id, bot_username, task_id, .. } = &added;
            print(&format!(
                "added {client_id}: @{bot_username} until {until}; its bot is started by {task_id}\n"
            ))
        };
        if !self.wait {
            return Ok(printed);
        }
        let bot = format!("@{}", added.bot_username);
        tasks::follow(host, &added.task_id, &format!("waiting for {bot}")).await?;
        if self.json { Ok(printed) } else { Ok(print(&format!("{bot} is up\n"))) }
    }
}
