//! Watch: what operators must hear of that nothing else tells them, and the day's report.

use jiff::Timestamp;

use super::operators;
use crate::deps::Deps;
use crate::domain::job::Notice;
use crate::store::{StoreError, Txn, host_backups, queue};

/// Until when operators know of jobs that were given up, in milliseconds.
const DEAD_TOLD: &str = "jobs_dead_told_ms";

/// Tells the operators of jobs that were given up since the last look, all in one notice, and, once
/// a day while it lasts, that the provider does not accept the shop's key.
///
/// # Errors
///
/// Returns [`StoreError`]; the next round tells it.
pub async fn watch(deps: &Deps) -> Result<(), StoreError> {
    let now = deps.clock.now();
    let dead = deps.store.read(|snap| news(snap, now))?;
    if let Some(until) = dead {
        let config = deps.config.clone();
        let write = deps.store.write(move |txn| {
            set_told(txn, until.told)?;
            if until.worth_telling {
                operators::tell(txn, now, &config, &Notice::JobsDead)?;
            }
            Ok::<_, StoreError>(())
        });
        write.await?;
    }
    if deps.till.as_ref().is_some_and(|till| till.yookassa.is_refused()) {
        tell_once_a_day(deps, "shop-refused", &Notice::ShopRefused).await?;
    }
    Ok(())
}

/// What has been given up since the last look.
#[derive(Clone, Copy)]
struct News {
    /// When the last of it was.
    told: Timestamp,
    /// A notice that reached nobody is in the journal; a notice of it would fare no better.
    worth_telling: bool,
}

fn news(txn: &impl crate::store::Read, now: Timestamp) -> Result<Option<News>, StoreError> {
    let told = txn.meta().get(DEAD_TOLD)?.unwrap_or(0);
    let told = i64::try_from(told).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok());
    let dead = queue::dead_since(txn, told.unwrap_or(Timestamp::UNIX_EPOCH), now)?;
    Ok(dead.last().map(|(told, _)| News {
        told: *told,
        worth_telling: dead.iter().any(|(_, job)| !has_own_voice(&job.kind)),
    }))
}

/// Tells whether a notice of its own is given, or words are what the job was about.
fn has_own_voice(kind: &str) -> bool {
    matches!(kind, "notify" | "show_progress" | "digest" | "watch" | "back_up_host")
}

fn set_told(txn: &Txn<'_>, at: Timestamp) -> Result<(), StoreError> {
    txn.meta().insert(DEAD_TOLD, at.as_millisecond().unsigned_abs()).map(drop)
}

/// Tells each operator one thing, once a day.
pub(super) async fn tell_once_a_day(
    deps: &Deps,
    what: &str,
    notice: &Notice,
) -> Result<(), StoreError> {
    let now = deps.clock.now();
    let (key, notice) = (of_today(deps, now, what), notice.clone());
    let config = deps.config.clone();
    let write = deps.store.write(move |txn| operators::tell_once(txn, now, &config, &key, &notice));
    write.await
}

/// Names what is told once a day.
pub(super) fn of_today(deps: &Deps, now: Timestamp, what: &str) -> String {
    let day = now.to_zoned(deps.config.server.timezone.clone()).date();
    format!("{what}:{day}")
}

/// Has each operator told how the day that begins with `morning` stands; each day once, and none in
/// which there was nothing yet to tell of.
///
/// # Errors
///
/// Returns [`StoreError`]; nobody was told, and it may be done again.
pub async fn digest(deps: &Deps, morning: Timestamp) -> Result<(), StoreError> {
    let now = deps.clock.now();
    let since = deps.store.scan(|snap| host_backups::something_since(snap)).await?;
    if since.is_none_or(|since| since > morning) {
        return Ok(());
    }
    let config = deps.config.clone();
    let key = format!("digest:{}", morning.as_second());
    let notice = Notice::Digest(morning);
    let write = deps.store.write(move |txn| operators::tell_once(txn, now, &config, &key, &notice));
    write.await
}

#[cfg(test)]
mod tests;
