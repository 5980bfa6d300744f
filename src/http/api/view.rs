//! How things look in the API: plain shapes, so that none changes by accident.

mod stats;
mod words;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use crate::domain::client::Client;
use crate::domain::ids::JobId;
use crate::domain::money::Money;
use crate::domain::order::Order;
use crate::domain::payment::Payment;
use crate::domain::plan::Plan;
use crate::domain::refund::Refund;
use crate::store::audit::Entry;
use crate::store::queue::{Counts, JobRecord, Overview};

pub(super) use self::stats::StatsView;
pub(super) use self::words::*;

#[derive(Serialize)]
pub(super) struct MoneyView {
    value: String,
    currency: &'static str,
}

impl From<Money> for MoneyView {
    fn from(money: Money) -> Self {
        Self { value: money.to_string(), currency: Money::CURRENCY }
    }
}

#[derive(Serialize)]
pub(super) struct ClientView {
    client_id: String,
    company_name: String,
    bot_username: String,
    admin_telegram_id: i64,
    state: ClientState,
    runtime: RuntimeWord,
    plan_id: Option<String>,
    subscription_expires_at: Option<Timestamp>,
    created_at: Timestamp,
}

impl From<&Client> for ClientView {
    fn from(client: &Client) -> Self {
        Self {
            client_id: client.id.to_string(),
            company_name: client.company.to_string(),
            bot_username: client.bot.username.to_string(),
            admin_telegram_id: client.owner.get(),
            state: client.subscription.into(),
            runtime: client.runtime.into(),
            plan_id: client.plan.as_ref().map(ToString::to_string),
            subscription_expires_at: client.subscription.granted_until(),
            created_at: client.created_at,
        }
    }
}

#[derive(Serialize)]
pub(super) struct OrderView {
    order_id: String,
    client_id: String,
    plan_id: String,
    amount: MoneyView,
    state: OrderWord,
    payment_id: Option<String>,
    confirmation_url: Option<String>,
    created_at: Timestamp,
    expires_at: Timestamp,
}

impl From<&Order> for OrderView {
    fn from(order: &Order) -> Self {
        Self {
            order_id: order.id.to_string(),
            client_id: order.client.to_string(),
            plan_id: order.plan.id.to_string(),
            amount: order.plan.price.into(),
            state: order.state.into(),
            payment_id: order.payment.as_ref().map(ToString::to_string),
            confirmation_url: order.confirmation_url.clone(),
            created_at: order.created_at,
            expires_at: order.expires_at,
        }
    }
}

#[derive(Serialize)]
pub(super) struct PaymentView {
    payment_id: String,
    source: SourceWord,
    order_id: Option<String>,
    client_id: Option<String>,
    amount: MoneyView,
    refunded: MoneyView,
    days: u16,
    state: PaymentWord,
    settled_at: Timestamp,
}

impl From<&Payment> for PaymentView {
    fn from(payment: &Payment) -> Self {
        Self {
            payment_id: payment.id.to_string(),
            source: payment.source.into(),
            order_id: payment.order.map(|id| id.to_string()),
            client_id: payment.client.map(|id| id.to_string()),
            amount: payment.amount.into(),
            refunded: payment.refunded.into(),
            days: payment.days.get(),
            state: payment.state.into(),
            settled_at: payment.settled_at,
        }
    }
}

#[derive(Serialize)]
pub(super) struct RefundView {
    refund_id: String,
    payment_id: String,
    amount: MoneyView,
    state: RefundWord,
    task_id: Option<String>,
    created_at: Timestamp,
}

impl RefundView {
    pub(super) fn new(refund: &Refund, job: Option<JobId>) -> Self {
        Self {
            refund_id: refund.id.to_string(),
            payment_id: refund.payment.to_string(),
            amount: refund.amount.into(),
            state: refund.state.into(),
            task_id: job.map(|id| id.to_string()),
            created_at: refund.created_at,
        }
    }
}

#[derive(Serialize)]
pub(super) struct TaskView {
    task_id: String,
    kind: String,
    client_id: Option<String>,
    state: TaskState,
    attempts: u16,
    max_attempts: u16,
    run_at: Timestamp,
    created_at: Timestamp,
    error: Option<String>,
}

impl From<JobRecord> for TaskView {
    fn from(job: JobRecord) -> Self {
        Self {
            task_id: job.id.to_string(),
            kind: job.kind,
            client_id: job.client.map(|id| id.to_string()),
            state: job.state.into(),
            attempts: job.attempts,
            max_attempts: job.max_attempts,
            run_at: job.run_at,
            created_at: job.created_at,
            error: job.error,
        }
    }
}

#[derive(Serialize)]
pub(super) struct QueueView {
    active: bool,
    queued: u64,
    waiting: u64,
    running: u64,
    dead: u64,
    oldest_age_seconds: i64,
    by_kind: BTreeMap<String, KindView>,
}

#[derive(Serialize)]
struct KindView {
    queued: u64,
    running: u64,
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

#[derive(Serialize)]
pub(super) struct PlanView {
    plan_id: String,
    name: String,
    days: u16,
    price: MoneyView,
}

impl From<&Plan> for PlanView {
    fn from(plan: &Plan) -> Self {
        Self {
            plan_id: plan.id.to_string(),
            name: plan.name.clone(),
            days: plan.days.get(),
            price: plan.price.into(),
        }
    }
}

#[derive(Serialize)]
pub(super) struct EntryView {
    at: Timestamp,
    actor: String,
    action: String,
    client_id: Option<String>,
    detail: String,
}

impl From<&Entry> for EntryView {
    fn from(entry: &Entry) -> Self {
        Self {
            at: entry.at,
            actor: entry.actor.clone(),
            action: entry.action.clone(),
            client_id: entry.client.map(|id| id.to_string()),
            detail: entry.detail.clone(),
        }
    }
}
