//! The jobs of `serve` as they lie in the queue.

mod notices;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use self::notices::NoticeRow;
use super::queue::{self, NewJob};
use super::row::encode;
use super::rows::{instant, valid};
use super::{StoreError, Txn};
use crate::domain::ids::{ClientId, JobId, OrderId, RefundId, UserId};
use crate::domain::job::{Job, Notice};

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
            Job::Notify(person, Notice::JobsDead),
        ];
        for job in jobs {
            let payload = encode(TABLE, &JobRow::from(&job)).unwrap();
            let row: JobRow = decode(TABLE, &payload).unwrap();
            assert_eq!(row.parse().unwrap(), job);
        }
        assert!(decode::<JobRow>(TABLE, &[250, 1, 2]).is_err());
    }
}
