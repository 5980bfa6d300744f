//! The jobs of `serve` as they lie in the queue.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::queue::{self, NewJob};
use super::row::encode;
use super::rows::{instant, valid};
use super::{StoreError, Txn};
use crate::domain::ids::{ClientId, JobId, OrderId, RefundId, UserId};
use crate::domain::job::{Job, Notice};
use crate::domain::news::NewsId;

const TABLE: &str = "jobs";

/// How often a job that money or a promise hangs on is tried: for about three days.
const PATIENT: u16 = 80;
/// How often a job is tried whose failure a person can mend.
const BRIEF: u16 = 5;

/// A job as the queue carries it.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
pub struct Payload(JobRow);

impl Payload {
    /// Reads the job back.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError::Corrupt`] for ids that this program does not write.
    pub fn parse(self) -> Result<Job, StoreError> {
        self.0.parse()
    }
}

/// A job's payload. A new kind is a new variant at the end; a released one never changes.
#[derive(Serialize, Deserialize)]
enum JobRow {
    RequestPayment(u128),
    Settle(String),
    Reconcile,
    SweepRefunds,
    Deploy(u128),
    Restart(u128),
    Remove(u128),
    Lifecycle,
    Notify(i64, NoticeRow),
    Refund(u128),
    ForgetToken(u128),
    Archive(u128),
    ShowProgress(u128),
    Digest(i64),
    Watch,
    BackUp(u128),
    BackUpHost(i64),
}

#[derive(Serialize, Deserialize)]
enum NoticeRow {
    NewSale(u128),
    Attention(String),
    DeployDone(u128),
    DeployFailed(u128),
    PaidNotDelivered(u128),
    ClientProblem(u128),
    PayLink(u128),
    PaymentReceived(String),
    OrderClosed(u128),
    Refunded(String),
    BotReady(u128),
    BotDelayed(u128),
    BotProblem(u128),
    Subscription(u128),
    RefundDone(String),
    RefundRefused(String),
    BringBot(u128),
    BotNotBrought(u128),
    DataEnds(u128),
    JobsDead,
    ShopRefused,
    Digest(i64),
    TimeChanged(u128),
    News(u64),
    RollOutStopped(u128),
    CertificateTrouble,
    CertificateLate(i64),
    WebhookTrouble,
    HandedOver(u128),
    BackupTrouble,
}

impl From<&Job> for JobRow {
    fn from(job: &Job) -> Self {
        match job {
            Job::RequestPayment(order) => Self::RequestPayment(order.bits()),
            Job::Settle(payment) => Self::Settle(payment.as_str().to_owned()),
            Job::Reconcile => Self::Reconcile,
            Job::SweepRefunds => Self::SweepRefunds,
            Job::Deploy(client) => Self::Deploy(client.bits()),
            Job::Restart(client) => Self::Restart(client.bits()),
            Job::Remove(client) => Self::Remove(client.bits()),
            Job::Lifecycle => Self::Lifecycle,
            Job::Refund(refund) => Self::Refund(refund.bits()),
            Job::ForgetToken(client) => Self::ForgetToken(client.bits()),
            Job::Archive(client) => Self::Archive(client.bits()),
            Job::BackUp(client) => Self::BackUp(client.bits()),
            Job::BackUpHost(due) => Self::BackUpHost(due.as_millisecond()),
            Job::Notify(person, notice) => Self::Notify(person.get(), notice.into()),
            Job::ShowProgress(client) => Self::ShowProgress(client.bits()),
            Job::Digest(day) => Self::Digest(day.as_millisecond()),
            Job::Watch => Self::Watch,
        }
    }
}

impl From<&Notice> for NoticeRow {
    fn from(notice: &Notice) -> Self {
        match notice {
            Notice::NewSale(order) => Self::NewSale(order.bits()),
            Notice::Attention(payment) => Self::Attention(payment.as_str().to_owned()),
            Notice::DeployDone(client) => Self::DeployDone(client.bits()),
            Notice::DeployFailed(client) => Self::DeployFailed(client.bits()),
            Notice::HandedOver(client) => Self::HandedOver(client.bits()),
            Notice::RollOutStopped(client) => Self::RollOutStopped(client.bits()),
            Notice::PaidNotDelivered(client) => Self::PaidNotDelivered(client.bits()),
            Notice::ClientProblem(client) => Self::ClientProblem(client.bits()),
            Notice::PayLink(order) => Self::PayLink(order.bits()),
            Notice::PaymentReceived(payment) => Self::PaymentReceived(payment.as_str().to_owned()),
            Notice::OrderClosed(order) => Self::OrderClosed(order.bits()),
            Notice::Refunded(payment) => Self::Refunded(payment.as_str().to_owned()),
            Notice::BotReady(client) => Self::BotReady(client.bits()),
            Notice::BotDelayed(client) => Self::BotDelayed(client.bits()),
            Notice::BotProblem(client) => Self::BotProblem(client.bits()),
            Notice::Subscription(client) => Self::Subscription(client.bits()),
            Notice::RefundDone(id) => Self::RefundDone(id.as_str().to_owned()),
            Notice::RefundRefused(id) => Self::RefundRefused(id.as_str().to_owned()),
            Notice::BringBot(order) => Self::BringBot(order.bits()),
            Notice::BotNotBrought(order) => Self::BotNotBrought(order.bits()),
            Notice::DataEnds(client) => Self::DataEnds(client.bits()),
            Notice::JobsDead => Self::JobsDead,
            Notice::ShopRefused => Self::ShopRefused,
            Notice::Digest(day) => Self::Digest(day.as_millisecond()),
            Notice::TimeChanged(client) => Self::TimeChanged(client.bits()),
            Notice::News(news) => Self::News(news.0),
            Notice::CertificateTrouble => Self::CertificateTrouble,
            Notice::CertificateLate(until) => Self::CertificateLate(until.as_millisecond()),
            Notice::WebhookTrouble => Self::WebhookTrouble,
            Notice::BackupTrouble => Self::BackupTrouble,
        }
    }
}

impl JobRow {
    fn parse(self) -> Result<Job, StoreError> {
        Ok(match self {
            Self::RequestPayment(order) => Job::RequestPayment(OrderId::from_bits(order)),
            Self::Settle(payment) => Job::Settle(valid(TABLE, payment.parse())?),
            Self::Reconcile => Job::Reconcile,
            Self::SweepRefunds => Job::SweepRefunds,
            Self::Deploy(client) => Job::Deploy(ClientId::from_bits(client)),
            Self::Restart(client) => Job::Restart(ClientId::from_bits(client)),
            Self::Remove(client) => Job::Remove(ClientId::from_bits(client)),
            Self::Lifecycle => Job::Lifecycle,
            Self::Refund(refund) => Job::Refund(RefundId::from_bits(refund)),
            Self::ForgetToken(client) => Job::ForgetToken(ClientId::from_bits(client)),
            Self::Archive(client) => Job::Archive(ClientId::from_bits(client)),
            Self::BackUp(client) => Job::BackUp(ClientId::from_bits(client)),
            Self::BackUpHost(due) => Job::BackUpHost(instant(TABLE, due)?),
            Self::ShowProgress(client) => Job::ShowProgress(ClientId::from_bits(client)),
            Self::Digest(day) => Job::Digest(instant(TABLE, day)?),
            Self::Watch => Job::Watch,
            Self::Notify(person, notice) => {
                Job::Notify(valid(TABLE, UserId::new(person))?, notice.parse()?)
            }
        })
    }
}

impl NoticeRow {
    fn parse(self) -> Result<Notice, StoreError> {
        let client = ClientId::from_bits;
        let order = OrderId::from_bits;
        Ok(match self {
            Self::NewSale(id) => Notice::NewSale(order(id)),
            Self::Attention(id) => Notice::Attention(valid(TABLE, id.parse())?),
            Self::DeployDone(id) => Notice::DeployDone(client(id)),
            Self::DeployFailed(id) => Notice::DeployFailed(client(id)),
            Self::PaidNotDelivered(id) => Notice::PaidNotDelivered(client(id)),
            Self::ClientProblem(id) => Notice::ClientProblem(client(id)),
            Self::PayLink(id) => Notice::PayLink(order(id)),
            Self::PaymentReceived(id) => Notice::PaymentReceived(valid(TABLE, id.parse())?),
            Self::OrderClosed(id) => Notice::OrderClosed(order(id)),
            Self::Refunded(id) => Notice::Refunded(valid(TABLE, id.parse())?),
            Self::BotReady(id) => Notice::BotReady(client(id)),
            Self::BotDelayed(id) => Notice::BotDelayed(client(id)),
            Self::BotProblem(id) => Notice::BotProblem(client(id)),
            Self::Subscription(id) => Notice::Subscription(client(id)),
            Self::RefundDone(id) => Notice::RefundDone(valid(TABLE, id.parse())?),
            Self::RefundRefused(id) => Notice::RefundRefused(valid(TABLE, id.parse())?),
            Self::BringBot(id) => Notice::BringBot(order(id)),
            Self::BotNotBrought(id) => Notice::BotNotBrought(order(id)),
            Self::DataEnds(id) => Notice::DataEnds(client(id)),
            Self::JobsDead => Notice::JobsDead,
            Self::ShopRefused => Notice::ShopRefused,
            Self::Digest(day) => Notice::Digest(instant(TABLE, day)?),
            Self::TimeChanged(id) => Notice::TimeChanged(client(id)),
            Self::News(id) => Notice::News(NewsId(id)),
            Self::HandedOver(id) => Notice::HandedOver(client(id)),
            Self::RollOutStopped(id) => Notice::RollOutStopped(client(id)),
            Self::CertificateTrouble => Notice::CertificateTrouble,
            Self::CertificateLate(until) => Notice::CertificateLate(instant(TABLE, until)?),
            Self::WebhookTrouble => Notice::WebhookTrouble,
            Self::BackupTrouble => Notice::BackupTrouble,
        })
    }
}

/// Queues a job to be done as soon as there is room.
///
/// # Errors
///
/// Returns [`StoreError`] if the queue cannot be written.
pub fn push(txn: &Txn<'_>, now: Timestamp, job: &Job) -> Result<JobId, StoreError> {
    push_with(txn, now, job, None, None)
}

/// Queues a job to be done at `run_at`.
///
/// # Errors
///
/// As [`push`].
pub fn push_at(
    txn: &Txn<'_>,
    now: Timestamp,
    run_at: Timestamp,
    job: &Job,
) -> Result<JobId, StoreError> {
    push_with(txn, now, job, Some(run_at), None)
}

/// Queues a job of the timetable; the same slot is queued once, however often it is asked for.
///
/// # Errors
///
/// As [`push`].
pub fn push_slot(
    txn: &Txn<'_>,
    now: Timestamp,
    slot: Timestamp,
    job: &Job,
) -> Result<JobId, StoreError> {
    let key = format!("{}:{}", job.kind(), slot.as_second());
    push_with(txn, now, job, None, Some(key))
}

/// Queues a job unless one with this key was queued in the last week.
///
/// # Errors
///
/// As [`push`].
pub fn push_once(txn: &Txn<'_>, now: Timestamp, key: &str, job: &Job) -> Result<JobId, StoreError> {
    push_with(txn, now, job, None, Some(key.to_owned()))
}

fn push_with(
    txn: &Txn<'_>,
    now: Timestamp,
    job: &Job,
    run_at: Option<Timestamp>,
    key: Option<String>,
) -> Result<JobId, StoreError> {
    let new = NewJob {
        kind: job.kind(),
        priority: priority(job),
        payload: encode(TABLE, &JobRow::from(job))?,
        run_at,
        max_attempts: max_attempts(job),
        key,
        client: job.client(),
    };
    queue::push_in(txn, &new, now)
}

/// Smaller goes first: money before bots, bots before words, the timetable, news and then backups.
const fn priority(job: &Job) -> u8 {
    match job {
        Job::Settle(_) | Job::RequestPayment(_) | Job::Refund(_) => 0,
        Job::Deploy(_) | Job::Restart(_) | Job::Remove(_) | Job::Archive(_) => 1,
        // News for everybody let whatever concerns one person pass.
        Job::Notify(_, Notice::News(_)) => 4,
        Job::Notify(..) | Job::ShowProgress(_) => 2,
        Job::Reconcile
        | Job::SweepRefunds
        | Job::Lifecycle
        | Job::ForgetToken(_)
        | Job::Digest(_)
        | Job::Watch => 3,
        Job::BackUp(_) | Job::BackUpHost(_) => queue::BACKUPS,
    }
}

const fn max_attempts(job: &Job) -> u16 {
    match job {
        // What asks the shop or a person waits out a day without a network.
        Job::Settle(_)
        | Job::RequestPayment(_)
        | Job::Refund(_)
        | Job::SweepRefunds
        | Job::Notify(..) => PATIENT,
        Job::Deploy(_)
        | Job::Restart(_)
        | Job::Remove(_)
        | Job::Archive(_)
        | Job::BackUp(_)
        | Job::BackUpHost(_)
        | Job::Reconcile
        | Job::Lifecycle
        | Job::ForgetToken(_)
        | Job::ShowProgress(_)
        | Job::Digest(_)
        | Job::Watch => BRIEF,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::row::decode;

    #[test]
    fn every_job_survives_the_trip() {
        let (client, order) = (ClientId::from_bits(7), OrderId::from_bits(8));
        let person = UserId::new(9).unwrap();
        let payment: crate::domain::ids::PaymentId = "2f1c-9".parse().unwrap();
        let notices = [
            Notice::NewSale(order),
            Notice::Attention(payment.clone()),
            Notice::DeployDone(client),
            Notice::DeployFailed(client),
            Notice::PaidNotDelivered(client),
            Notice::ClientProblem(client),
            Notice::PayLink(order),
            Notice::PaymentReceived(payment.clone()),
            Notice::OrderClosed(order),
            Notice::Refunded(payment.clone()),
            Notice::BotReady(client),
            Notice::BotDelayed(client),
            Notice::BotProblem(client),
            Notice::Subscription(client),
            Notice::RefundDone(payment.clone()),
            Notice::RefundRefused(payment.clone()),
            Notice::BringBot(order),
            Notice::BotNotBrought(order),
            Notice::DataEnds(client),
            Notice::JobsDead,
            Notice::ShopRefused,
            Notice::Digest(Timestamp::UNIX_EPOCH),
            Notice::TimeChanged(client),
            Notice::News(NewsId(11)),
            Notice::RollOutStopped(client),
            Notice::HandedOver(client),
            Notice::CertificateTrouble,
            Notice::CertificateLate(Timestamp::UNIX_EPOCH),
            Notice::WebhookTrouble,
            Notice::BackupTrouble,
        ];
        let jobs = [
            Job::RequestPayment(order),
            Job::Settle(payment),
            Job::Reconcile,
            Job::SweepRefunds,
            Job::Deploy(client),
            Job::Restart(client),
            Job::Remove(client),
            Job::Lifecycle,
            Job::Refund(RefundId::from_bits(10)),
            Job::ForgetToken(client),
            Job::Archive(client),
            Job::BackUp(client),
            Job::BackUpHost(Timestamp::UNIX_EPOCH),
            Job::ShowProgress(client),
            Job::Digest(Timestamp::UNIX_EPOCH),
            Job::Watch,
        ];
        let notices = notices.into_iter().map(|notice| Job::Notify(person, notice));
        for job in jobs.into_iter().chain(notices) {
            let payload = encode(TABLE, &JobRow::from(&job)).unwrap();
            let row: JobRow = decode(TABLE, &payload).unwrap();
            assert_eq!(row.parse().unwrap(), job);
        }
        assert!(decode::<JobRow>(TABLE, &[250, 1, 2]).is_err());
    }
}
