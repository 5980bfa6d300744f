//! How things look in the API: plain shapes, so that none changes by accident.

mod stats;
mod words;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::domain::client::{BotUsername, Client, CompanyName};
use crate::domain::ids::{ClientId, JobId, OrderId, PaymentId, RefundId};
use crate::domain::money::Money;
use crate::domain::order::Order;
use crate::domain::payment::Payment;
use crate::domain::plan::{Plan, PlanId};
use crate::domain::refund::Refund;
use crate::http::shape::{Parts, Shape, Shown, view};
use crate::store::audit::Entry;
use crate::store::queue::{Counts, JobRecord, Overview};

pub(super) use self::stats::StatsView;
pub(super) use self::words::*;

/// The currency's name; there is one.
#[derive(serde::Serialize)]
pub(super) struct Currency(&'static str);

/// A sum as text with two decimals.
#[derive(serde::Serialize)]
pub(super) struct Decimal(String);

impl Shape for Currency {
    fn schema(_: &mut Parts) -> Value {
        json!({"type": "string", "const": Money::CURRENCY})
    }

    fn sample() -> Value {
        json!(Money::CURRENCY)
    }
}

impl Shape for Decimal {
    fn schema(_: &mut Parts) -> Value {
        json!({"type": "string", "pattern": "^[0-9]{1,11}\\.[0-9]{2}$"})
    }

    fn sample() -> Value {
        json!("299.00")
    }
}

view! {
    /// An amount of money.
    MoneyView("Money") {
        /// Roubles and kopecks, always with two decimals.
        value: Decimal,
        /// Always roubles.
        currency: Currency,
    }

    /// A client: a business that rents a bot.
    ClientView("Client") {
        /// Names the client everywhere.
        client_id: Shown<ClientId>,
        /// The business, as its owner names it.
        company_name: Shown<CompanyName>,
        /// The bot's public name at Telegram, without the `@`.
        bot_username: Shown<BotUsername>,
        /// The owner: pays, and is the bot's first administrator.
        admin_telegram_id: i64,
        /// The client's right to run.
        state: ClientState,
        /// What is known of the bot's process.
        runtime: RuntimeWord,
        /// The plan bought last; null for a trial or time added by hand.
        plan_id: Option<Shown<PlanId>>,
        /// When the time granted ends; null once the client has given up.
        subscription_expires_at: Option<Timestamp>,
        /// When the client was added.
        created_at: Timestamp,
    }

    /// An order: one intention to pay for a plan.
    OrderView("Order") {
        /// Names the order everywhere.
        order_id: Shown<OrderId>,
        /// The client that gets the time.
        client_id: Shown<ClientId>,
        /// The plan that is paid for.
        plan_id: Shown<PlanId>,
        /// Its price when it was ordered.
        amount: MoneyView,
        /// How far it has come.
        state: OrderWord,
        /// The payment at YooKassa, once it is known.
        payment_id: Option<Shown<PaymentId>>,
        /// Where the buyer pays, once it is known.
        confirmation_url: Option<String>,
        /// When it was made.
        created_at: Timestamp,
        /// Until when it can be paid.
        expires_at: Timestamp,
    }

    /// A payment: the one record of money that granted time, or that waits for a person.
    PaymentView("Payment") {
        /// YooKassa's id, or the name of the receipt.
        payment_id: Shown<PaymentId>,
        /// Who took the money.
        source: SourceWord,
        /// The order that was paid; null for money taken by hand.
        order_id: Option<Shown<OrderId>>,
        /// The client that got the time; null if nobody did.
        client_id: Option<Shown<ClientId>>,
        /// What was paid.
        amount: MoneyView,
        /// What of it was given back.
        refunded: MoneyView,
        /// The days that it bought.
        days: u16,
        /// How far the record has come.
        state: PaymentWord,
        /// When it was recorded.
        settled_at: Timestamp,
    }

    /// A refund that was asked for.
    RefundView("Refund") {
        /// Names the refund.
        refund_id: Shown<RefundId>,
        /// The payment that is given back.
        payment_id: Shown<PaymentId>,
        /// How much of it.
        amount: MoneyView,
        /// How far it has come.
        state: RefundWord,
        /// The task that carries it out; null once that is forgotten.
        task_id: Option<Shown<JobId>>,
        /// When it was asked for.
        created_at: Timestamp,
    }

    /// A task: a job of the queue.
    TaskView("Task") {
        /// Names the task.
        task_id: Shown<JobId>,
        /// What is done.
        kind: String,
        /// The client that it is done for.
        client_id: Option<Shown<ClientId>>,
        /// Where it stands.
        state: TaskState,
        /// How often it was begun.
        attempts: u16,
        /// How often it is tried before it is given up.
        max_attempts: u16,
        /// When it may run, or could have.
        run_at: Timestamp,
        /// When it was queued.
        created_at: Timestamp,
        /// Why the last try failed.
        error: Option<String>,
    }

    /// The queue at a glance.
    QueueView("Queue") {
        /// Whether tasks are performed now.
        active: bool,
        /// Tasks that can run now.
        queued: u64,
        /// Tasks that run later, for the first time or again.
        waiting: u64,
        /// Tasks that are being performed.
        running: u64,
        /// Tasks that were given up and wait for a person.
        dead: u64,
        /// How long the oldest task that can run has waited.
        oldest_age_seconds: i64,
        /// The tasks of each kind.
        by_kind: BTreeMap<String, KindView>,
    }

    /// The tasks of one kind.
    KindView("KindOfTask") {
        /// Those that can run now.
        queued: u64,
        /// Those that are being performed.
        running: u64,
    }

    /// A plan: what is sold.
    PlanView("Plan") {
        /// Names the plan.
        plan_id: Shown<PlanId>,
        /// Its name for people.
        name: String,
        /// How long one payment lasts.
        days: u16,
        /// What it costs.
        price: MoneyView,
    }

    /// A line of the audit log: who did what.
    EntryView("AuditEntry") {
        /// When it was done.
        at: Timestamp,
        /// Who did it: `api`, `slotbox`, `operator:` or `owner:` and a Telegram id.
        actor: String,
        /// What was done, as a dotted id such as `client.added`.
        action: String,
        /// The client that it was done to.
        client_id: Option<Shown<ClientId>>,
        /// The order, payment or number that says more; never a name or a secret.
        detail: String,
    }
}

impl From<Money> for MoneyView {
    fn from(money: Money) -> Self {
        Self { value: Decimal(money.to_string()), currency: Currency(Money::CURRENCY) }
    }
}

impl From<&Client> for ClientView {
    fn from(client: &Client) -> Self {
        Self {
            client_id: client.id.into(),
            company_name: client.company.clone().into(),
            bot_username: client.bot.username.clone().into(),
            admin_telegram_id: client.owner.get(),
            state: client.subscription.into(),
            runtime: client.runtime.into(),
            plan_id: client.plan.clone().map(Shown),
            subscription_expires_at: client.subscription.granted_until(),
            created_at: client.created_at,
        }
    }
}

impl From<&Order> for OrderView {
    fn from(order: &Order) -> Self {
        Self {
            order_id: order.id.into(),
            client_id: order.client.into(),
            plan_id: order.plan.id.clone().into(),
            amount: order.plan.price.into(),
            state: order.state.into(),
            payment_id: order.payment.clone().map(Shown),
            confirmation_url: order.confirmation_url.clone(),
            created_at: order.created_at,
            expires_at: order.expires_at,
        }
    }
}

impl From<&Payment> for PaymentView {
    fn from(payment: &Payment) -> Self {
        Self {
            payment_id: payment.id.clone().into(),
            source: payment.source.into(),
            order_id: payment.order.map(Shown),
            client_id: payment.client.map(Shown),
            amount: payment.amount.into(),
            refunded: payment.refunded.into(),
            days: payment.days.get(),
            state: payment.state.into(),
            settled_at: payment.settled_at,
        }
    }
}

impl RefundView {
    pub(super) fn new(refund: &Refund, job: Option<JobId>) -> Self {
        Self {
            refund_id: refund.id.into(),
            payment_id: refund.payment.clone().into(),
            amount: refund.amount.into(),
            state: refund.state.into(),
            task_id: job.map(Shown),
            created_at: refund.created_at,
        }
    }
}

impl From<JobRecord> for TaskView {
    fn from(job: JobRecord) -> Self {
        Self {
            task_id: job.id.into(),
            kind: job.kind,
            client_id: job.client.map(Shown),
            state: job.state.into(),
            attempts: job.attempts,
            max_attempts: job.max_attempts,
            run_at: job.run_at,
            created_at: job.created_at,
            error: job.error,
        }
    }
}

impl QueueView {
    pub(super) fn new(active: bool, overview: Overview) -> Self {
        let Counts { queued, waiting, running, dead } = overview.total;
        let kind = |counts: Counts| KindView { queued: counts.queued, running: counts.running };
        let by_kind = overview.by_kind.into_iter().map(|(name, counts)| (name, kind(counts)));
        Self {
            active,
            queued,
            waiting,
            running,
            dead,
            oldest_age_seconds: overview.oldest_ready.as_secs(),
            by_kind: by_kind.collect(),
        }
    }
}

impl From<&Plan> for PlanView {
    fn from(plan: &Plan) -> Self {
        Self {
            plan_id: plan.id.clone().into(),
            name: plan.name.clone(),
            days: plan.days.get(),
            price: plan.price.into(),
        }
    }
}

impl From<&Entry> for EntryView {
    fn from(entry: &Entry) -> Self {
        Self {
            at: entry.at,
            actor: entry.actor.clone(),
            action: entry.action.clone(),
            client_id: entry.client.map(Shown),
            detail: entry.detail.clone(),
        }
    }
}
