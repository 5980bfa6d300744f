//! The jobs of a client's bot as they lie in its queue.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::queue::{self, NewJob};
use super::row::encode;
use super::rows::valid;
use super::{StoreError, Txn};
use crate::domain::booking::{BookingId, Cause, Lead};
use crate::domain::client_job::{BookingNews, ClientJob};

const TABLE: &str = "jobs";

/// How often a job is tried: a reminder goes stale by itself, and Telegram may be out of reach
/// for a day; the waits are at most five minutes.
const PATIENT: u16 = 500;

/// A job's payload, as a worker reads it. A new kind is a new variant at the end; a released one
/// never changes.
#[derive(Debug, Serialize, Deserialize)]
pub struct Payload(Row);

#[derive(Debug, Serialize, Deserialize)]
enum Row {
    RemindDayBefore(BookingRow),
    RemindTwoHoursBefore(BookingRow),
    NotifyBooked(BookingRow),
    NotifyCancelled(BookingRow),
}

#[derive(Debug, Serialize, Deserialize)]
struct BookingRow {
    start_s: i64,
    cause: u32,
}

impl From<BookingId> for BookingRow {
    fn from(id: BookingId) -> Self {
        Self { start_s: id.start.as_second(), cause: id.cause.0 }
    }
}

impl BookingRow {
    fn parse(&self) -> Result<BookingId, StoreError> {
        let start = valid(TABLE, Timestamp::from_second(self.start_s))?;
        Ok(BookingId { start, cause: Cause(self.cause) })
    }
}

impl From<ClientJob> for Row {
    fn from(job: ClientJob) -> Self {
        match job {
            ClientJob::Remind(id, Lead::Day) => Self::RemindDayBefore(id.into()),
            ClientJob::Remind(id, Lead::TwoHours) => Self::RemindTwoHoursBefore(id.into()),
            ClientJob::NotifyOwner(id, BookingNews::Booked) => Self::NotifyBooked(id.into()),
            ClientJob::NotifyOwner(id, BookingNews::Cancelled) => Self::NotifyCancelled(id.into()),
        }
    }
}

/// Queues a job to be done at `run_at`, or at once if that is past; the same job only once.
///
/// # Errors
///
/// Returns [`StoreError`] if the queue cannot be written.
pub fn push_at(
    txn: &Txn<'_>,
    now: Timestamp,
    run_at: Timestamp,
    job: ClientJob,
) -> Result<(), StoreError> {
    let new = NewJob {
        kind: job.kind(),
        priority: 0,
        payload: encode(TABLE, &Payload(job.into()))?,
        run_at: Some(run_at).filter(|run_at| *run_at > now),
        max_attempts: PATIENT,
        key: Some(key(job)),
        client: None,
    };
    queue::push_in(txn, &new, now)?;
    Ok(())
}

fn key(job: ClientJob) -> String {
    match job {
        ClientJob::Remind(id, Lead::Day) => format!("remind-24h:{id}"),
        ClientJob::Remind(id, Lead::TwoHours) => format!("remind-2h:{id}"),
        ClientJob::NotifyOwner(id, BookingNews::Booked) => format!("booked:{id}"),
        ClientJob::NotifyOwner(id, BookingNews::Cancelled) => format!("cancelled:{id}"),
    }
}

impl Payload {
    /// Returns what is to be done.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError::Corrupt`] for a booking that cannot be.
    pub fn job(&self) -> Result<ClientJob, StoreError> {
        Ok(match &self.0 {
            Row::RemindDayBefore(id) => ClientJob::Remind(id.parse()?, Lead::Day),
            Row::RemindTwoHoursBefore(id) => ClientJob::Remind(id.parse()?, Lead::TwoHours),
            Row::NotifyBooked(id) => ClientJob::NotifyOwner(id.parse()?, BookingNews::Booked),
            Row::NotifyCancelled(id) => ClientJob::NotifyOwner(id.parse()?, BookingNews::Cancelled),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::row::decode;

    #[test]
    fn every_job_survives_the_trip() {
        let start = Timestamp::from_second(1_800_000_000).unwrap();
        let id = BookingId { start, cause: Cause(u32::MAX) };
        let jobs = [
            ClientJob::Remind(id, Lead::Day),
            ClientJob::Remind(id, Lead::TwoHours),
            ClientJob::NotifyOwner(id, BookingNews::Booked),
            ClientJob::NotifyOwner(id, BookingNews::Cancelled),
        ];
        for job in jobs {
            let payload = encode(TABLE, &Payload(job.into())).unwrap();
            let read: Payload = decode(TABLE, &payload).unwrap();
            assert_eq!(read.job().unwrap(), job);
        }
        assert!(decode::<Payload>(TABLE, &[250, 1]).is_err());
    }
}
