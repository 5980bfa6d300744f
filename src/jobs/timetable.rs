//! Jobs that come round by the clock.

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::config::Config;
use crate::domain::job::Job;
use crate::store::{Store, StoreError, host_backups, jobs};

/// How long the timetable waits after a failure of the store.
const AFTER_FAILURE: SignedDuration = SignedDuration::from_secs(5);

/// When operators are told how the day begins, in `server.timezone`.
const MORNING: Time = Time::constant(9, 0, 0, 0);
/// How late that may be: a host that was down comes back with the report, but not in the evening.
const STILL_NEWS: SignedDuration = SignedDuration::from_hours(6);

/// What the timetable takes from the settings.
#[derive(Clone, Debug)]
pub struct Terms {
    /// Where it is morning for the operators.
    pub zone: TimeZone,
    /// The time from one backup of the host to the next.
    pub backup_every: SignedDuration,
}

impl Terms {
    /// Reads them.
    pub fn of(config: &Config) -> Self {
        Self { zone: config.server.timezone.clone(), backup_every: config.backup.every }
    }
}

/// What comes round, and how often.
fn rounds() -> [(Job, SignedDuration); 4] {
    [
        (Job::Reconcile, SignedDuration::from_secs(20)),
        (Job::Lifecycle, SignedDuration::from_mins(10)),
        (Job::Watch, SignedDuration::from_mins(1)),
        (Job::SweepRefunds, SignedDuration::from_hours(1)),
    ]
}

/// Queues each job of the timetable when its slot begins, until `stop`.
///
/// A slot is queued once, also across restarts; slots that passed while nothing ran, or that the
/// clock jumped over, are not made up for: the next one does all that is due.
pub async fn run(store: Store, clock: Clock, terms: Terms, stop: CancellationToken) {
    let Terms { zone, backup_every } = terms;
    loop {
        let now = clock.now();
        let mut wake = now + SignedDuration::from_secs(20);
        let mut due = Vec::new();
        for (job, every) in rounds() {
            let slot = slot(now, every);
            wake = wake.min(slot + every);
            due.push((job, slot));
        }
        due.extend(morning(now, &zone).map(|morning| (Job::Digest(morning), morning)));
        match backup(&store, now, backup_every).await {
            Ok(backup) => due.extend(backup.map(|since| (Job::BackUpHost(since), since))),
            Err(err) => {
                not_queued(&err);
                wake = now + AFTER_FAILURE;
            }
        }
        for (job, slot) in due {
            if let Err(err) = queue(&store, now, slot, job).await {
                not_queued(&err);
                wake = now + AFTER_FAILURE;
            }
        }
        tokio::select! {
            () = clock.sleep_until(wake) => {}
            () = stop.cancelled() => return,
        }
    }
}

fn not_queued(err: &StoreError) {
    tracing::error!(event = "timetable.failed", error = %err, "a round was not queued");
}

/// Returns since when a backup of the host is due, if one is. A host with nothing to lose makes
/// none; the first comes within the hour in which there is something.
async fn backup(
    store: &Store,
    now: Timestamp,
    every: SignedDuration,
) -> Result<Option<Timestamp>, StoreError> {
    let look = store.scan(move |snap| {
        let record = host_backups::get(snap)?;
        let first = match record.made {
            Some(_) => None,
            None => host_backups::something_since(snap)?,
        };
        Ok(record.due(now, every, first))
    });
    look.await
}

async fn queue(store: &Store, now: Timestamp, slot: Timestamp, job: Job) -> Result<(), StoreError> {
    store.write(move |txn| jobs::push_slot(txn, now, slot, &job)).await?;
    Ok(())
}

/// Returns today's [`MORNING`], once it is there and as long as its report is still news.
fn morning(now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
    let today = now.to_zoned(zone.clone()).date();
    let morning = today.to_datetime(MORNING).to_zoned(zone.clone()).ok()?.timestamp();
    (morning <= now && now < morning + STILL_NEWS).then_some(morning)
}

/// Returns the beginning of the slot that `now` lies in.
fn slot(now: Timestamp, every: SignedDuration) -> Timestamp {
    let into = now.as_second().rem_euclid(every.as_secs().max(1));
    Timestamp::from_second(now.as_second() - into).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// O-16: at nine where the operator is, on a day of summer time too, and not at night.
    #[test]
    fn the_morning_begins_at_nine() {
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        let asked = |text: &str| morning(text.parse().unwrap(), &berlin).map(|it| it.to_string());
        assert_eq!(asked("2026-11-23T07:59:59Z"), None);
        assert_eq!(asked("2026-11-23T08:00:00Z").as_deref(), Some("2026-11-23T08:00:00Z"));
        assert_eq!(asked("2026-11-23T13:59:59Z").as_deref(), Some("2026-11-23T08:00:00Z"));
        assert_eq!(asked("2026-11-23T14:00:00Z"), None);
        assert_eq!(asked("2026-07-23T07:00:00Z").as_deref(), Some("2026-07-23T07:00:00Z"));
    }

    #[test]
    fn a_slot_begins_at_a_round_time() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let every = SignedDuration::from_mins(10);
        assert_eq!(slot(at(1_800_000_000), every), at(1_800_000_000));
        assert_eq!(slot(at(1_800_000_599), every), at(1_800_000_000));
        assert_eq!(slot(at(1_800_000_600), every), at(1_800_000_600));
    }
}
