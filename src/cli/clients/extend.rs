//! `slotbox clients extend`.

use std::process::ExitCode;

use clap::Args;
use serde::Deserialize;
use serde_json::json;

use super::{Which, find};
use crate::cli::{Host, answer, print};
use crate::external::control::Ask;

/// Adds time to a client.
#[derive(Clone, Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Extend {
    #[command(flatten)]
    which: Which,
    /// How many days
    #[arg(long, value_name = "N")]
    days: i64,
    /// What was paid for them by hand
    #[arg(long, value_name = "RUB")]
    amount: Option<String>,
    /// The receipt of that payment: the same one counts once
    #[arg(long, value_name = "ID")]
    payment_id: Option<String>,
    /// Makes a repetition of this command add nothing more
    #[arg(long, value_name = "KEY")]
    idempotency_key: Option<String>,
    /// Print JSON, as the API gives it
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  slotbox clients extend @salon_bot --days 30 --amount 299.00 --payment-id receipt-18
  slotbox clients extend salon --days 3";

#[derive(Deserialize)]
struct Extended {
    subscription_expires_at: Option<jiff::Timestamp>,
    applied: bool,
}

impl Extend {
    pub(super) async fn run(&self, host: &Host) -> anyhow::Result<ExitCode> {
        let client = find(host, &self.which.client).await?;
        let path = format!("/api/clients/{}/extend", client.client_id);
        let body = json!({
            "days": self.days, "amount": self.amount, "payment_id": self.payment_id,
        });
        let ask = Ask::post(&path).body(body).key(self.idempotency_key.clone());
        let raw = host.control.raw(ask).await?;
        if self.json {
            return Ok(answer(&raw));
        }
        let extended: Extended = serde_json::from_str(raw.get())?;
        let until = host.look.time(extended.subscription_expires_at);
        let bot = &client.bot_username;
        Ok(print(&if extended.applied {
            format!("@{bot} is extended until {until}\n")
        } else {
            format!("this payment was counted before; @{bot} runs until {until}\n")
        }))
    }
}
