//! `slotbox payments` and `slotbox orders`: the records of money.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::bail;
use clap::{Args, Subcommand};
use serde_json::json;
use serde_json::value::RawValue;
use tokio::time::Instant;

use super::clients::find;
use super::host::Way;
use super::list::{ListArgs, has};
use super::shape::{Order, Payment, tone};
use super::spinner::Spinner;
use super::table::Cell;
use super::{Host, Usage, answer, ask, print};
use crate::external::control::Ask;

/// How long the link of a new order is waited for.
const LINK_WITHIN: Duration = Duration::from_secs(20);
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// What to do with payments.
#[derive(Debug, Subcommand)]
pub enum PaymentsCommand {
    /// List the payments, newest first
    #[command(after_help = LIST_EXAMPLES)]
    List(List),
    /// Give money back, and take back the time that it had bought
    #[command(after_help = REFUND_EXAMPLES)]
    Refund(Refund),
}

/// What to do with orders.
#[derive(Debug, Subcommand)]
pub enum OrdersCommand {
    /// List the orders, newest first
    #[command(after_help = ORDERS_EXAMPLES)]
    List(ListOrders),
    /// Make a link that a client's owner pays for more time with
    #[command(after_help = CREATE_EXAMPLES)]
    Create(Create),
}

const LIST_EXAMPLES: &str = "\
Examples:
  slotbox payments list
  slotbox payments list --state attention
  slotbox payments list --client @salon_bot --json";

const REFUND_EXAMPLES: &str = "\
Examples:
  slotbox payments refund 2f1c3e5a-000f-5000-8000-1bd1d3d0d4b6
  slotbox payments refund 2f1c3e5a-000f-5000-8000-1bd1d3d0d4b6 --amount 100.00 --yes";

const ORDERS_EXAMPLES: &str = "\
Examples:
  slotbox orders list --state open
  slotbox orders list --client @salon_bot";

const CREATE_EXAMPLES: &str = "\
Examples:
  slotbox orders create @salon_bot 3m
  slotbox orders create @salon_bot 3m --email owner@example.ru --json";

/// Makes an order.
#[derive(Clone, Debug, Args)]
pub struct Create {
    /// The client: its id, its @bot, or a part of its name that no other has
    #[arg(value_name = "CLIENT")]
    client: String,
    /// The plan's id, such as 1m
    #[arg(value_name = "PLAN")]
    plan: String,
    /// Where the receipt is sent, if the shop gives receipts
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    /// Makes a repetition of this command make no other order
    #[arg(long, value_name = "KEY")]
    idempotency_key: Option<String>,
    /// Print JSON, as the API gives it
    #[arg(long)]
    json: bool,
}

/// Lists payments.
#[derive(Clone, Debug, Args)]
pub struct List {
    /// Only payments in this state; `attention` waits for a person
    #[arg(long, value_parser = ["settled", "refunded", "attention"])]
    state: Vec<String>,
    /// Only payments of this client
    #[arg(long, value_name = "CLIENT")]
    client: Option<String>,
    /// Only payments with this in their id, order or client
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    #[command(flatten)]
    lines: ListArgs,
}

/// Lists orders.
#[derive(Clone, Debug, Args)]
pub struct ListOrders {
    /// Only orders in this state; may be given more than once
    #[arg(long, value_parser = ["open", "paid", "canceled", "expired", "attention"])]
    state: Vec<String>,
    /// Only orders of this client
    #[arg(long, value_name = "CLIENT")]
    client: Option<String>,
    #[command(flatten)]
    lines: ListArgs,
}

/// Gives money back.
#[derive(Clone, Debug, Args)]
pub struct Refund {
    /// The payment's id
    #[arg(value_name = "PAYMENT")]
    payment: String,
    /// How much [usual: all that is left of it]
    #[arg(long, value_name = "RUB")]
    amount: Option<String>,
    /// Makes a repetition of this command give nothing more
    #[arg(long, value_name = "KEY")]
    idempotency_key: Option<String>,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
    /// Print JSON, as the API gives it
    #[arg(long)]
    json: bool,
}

impl PaymentsCommand {
    /// Does it.
    pub fn run(&self, way: &Way) -> ExitCode {
        way.run(async |host| match self {
            Self::List(list) => list.run(&host).await,
            Self::Refund(refund) => refund.run(&host).await,
        })
    }
}

impl OrdersCommand {
    /// Does it.
    pub fn run(&self, way: &Way) -> ExitCode {
        way.run(async |host| match self {
            Self::List(list) => list.run(&host).await,
            Self::Create(create) => create.run(&host).await,
        })
    }
}

impl Create {
    async fn run(&self, host: &Host) -> anyhow::Result<ExitCode> {
        let client = find(host, &self.client).await?;
        let mut body = json!({ "client_id": client.client_id, "plan_id": self.plan });
        if let Some(email) = &self.email {
            body["email"] = email.as_str().into();
        }
        let ask = Ask::post("/api/orders").body(body).key(self.idempotency_key.clone());
        let raw = host.control.raw(ask).await?;
        let made: Order = serde_json::from_str(raw.get())?;
        let path = format!("/api/orders/{}", made.order_id);
        let (raw, order) = linked(host, &path).await?;
        if self.json {
            return Ok(answer(&raw));
        }
        let link = order.confirmation_url.as_deref().unwrap_or("YooKassa has not made it yet");
        Ok(print(&format!(
            "{}: {} for @{}\n{link}\n",
            order.order_id, order.amount, client.bot_username
        )))
    }
}

/// Waits a moment for the link, which YooKassa makes.
async fn linked(host: &Host, path: &str) -> anyhow::Result<(Box<RawValue>, Order)> {
    let spinner = Spinner::start("waiting for YooKassa");
    let deadline = Instant::now() + LINK_WITHIN;
    loop {
        let raw = host.control.raw(Ask::get(path)).await?;
        let order: Order = serde_json::from_str(raw.get())?;
        if order.confirmation_url.is_some() || order.state != "open" || Instant::now() >= deadline {
            drop(spinner);
            return Ok((raw, order));
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

impl List {
    async fn run(&self, host: &Host) -> anyhow::Result<ExitCode> {
        let path = match &self.client {
            Some(text) => {
                format!("/api/clients/{}/payments", find(host, text).await?.client_id)
            }
            None => "/api/payments".to_owned(),
        };
        let wanted = |payment: &Payment| {
            let client = payment.client_id.as_deref().unwrap_or_default();
            (self.state.is_empty() || self.state.contains(&payment.state))
                && self
                    .search
                    .as_ref()
                    .is_none_or(|part| has(&payment.payment_id, part) || has(client, part))
        };
        let list = host.list(&path, &self.lines.part(), wanted).await?;
        let headings =
            vec!["PAYMENT", "SOURCE", "CLIENT", ">AMOUNT", ">REFUNDED", ">DAYS", "STATE", "AT"];
        Ok(self.lines.show(host, &list, headings, |payment| {
            let refunded = &payment.refunded;
            let refunded = if refunded.is_zero() { String::new() } else { refunded.to_string() };
            vec![
                (&payment.payment_id).into(),
                (&payment.source).into(),
                payment.client_id.as_deref().unwrap_or_default().into(),
                payment.amount.to_string().into(),
                refunded.into(),
                payment.days.to_string().into(),
                Cell::toned(&payment.state, tone(&payment.state)),
                host.look.time(Some(payment.settled_at)).into(),
            ]
        }))
    }
}

impl ListOrders {
    async fn run(&self, host: &Host) -> anyhow::Result<ExitCode> {
        let client = match &self.client {
            Some(text) => Some(find(host, text).await?.client_id),
            None => None,
        };
        let wanted = |order: &Order| {
            (self.state.is_empty() || self.state.contains(&order.state))
                && client.as_ref().is_none_or(|client| *client == order.client_id)
        };
        let list = host.list("/api/orders", &self.lines.part(), wanted).await?;
        let headings =
            vec!["ORDER", "CLIENT", "PLAN", ">AMOUNT", "STATE", "PAYMENT", "MADE", "EXPIRES"];
        Ok(self.lines.show(host, &list, headings, |order| {
            vec![
                (&order.order_id).into(),
                (&order.client_id).into(),
                (&order.plan_id).into(),
                order.amount.to_string().into(),
                Cell::toned(&order.state, tone(&order.state)),
                order.payment_id.as_deref().unwrap_or_default().into(),
                host.look.time(Some(order.created_at)).into(),
                host.look.time(Some(order.expires_at)).into(),
            ]
        }))
    }
}

impl Refund {
    async fn run(&self, host: &Host) -> anyhow::Result<ExitCode> {
        let path = format!("/api/payments/{}", self.payment);
        let payment: Payment = host.control.ask(Ask::get(&path)).await?;
        if !self.yes && !self.confirmed(&payment)? {
            bail!("nothing was refunded");
        }
        let path = format!("{path}/refund");
        let body = json!({ "amount": self.amount });
        let ask = Ask::post(&path).body(body).key(self.idempotency_key.clone());
        let raw = host.control.raw(ask).await?;
        if self.json {
            return Ok(answer(&raw));
        }
        let amount = self.amount.as_deref().map_or("all that is left".to_owned(), |amount| {
            format!("{amount} {}", payment.amount.currency)
        });
        Ok(print(&format!("a refund of {amount} is asked for: see slotbox payments list\n")))
    }

    fn confirmed(&self, payment: &Payment) -> anyhow::Result<bool> {
        let Payment { amount, refunded, days, .. } = payment;
        let part = self.amount.as_deref().unwrap_or("all that is left");
        let words = format!(
            "Paid: {amount} for {days} days, given back: {refunded}. Give back {part}, and take \
             that part of the time? [y/N] "
        );
        let Some(typed) = ask::question(&words)? else {
            let usage = "nobody can be asked here: give --yes to refund without a question";
            return Err(Usage(usage.to_owned()).into());
        };
        Ok(matches!(typed.to_lowercase().as_str(), "y" | "yes"))
    }
}
