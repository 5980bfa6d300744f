//! What an owner has been told of the time that is left: once for each threshold and each end.

use jiff::Timestamp;

use super::{Effect, Fate, Subscription, SuspendedBy, Terms};
use crate::domain::plan::Days;

/// How many days before data leaves its place its owner is warned.
const ARCHIVE_WARNINGS: [u16; 2] = [7, 1];

/// What an owner has been told. Another end of time is told of anew.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// Of the end of the granted time.
    pub end: Option<Mark>,
    /// Of the day on which the data leaves its place.
    pub archive: Option<Mark>,
}

/// How far an owner has been told of one end of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The end.
    pub at: Timestamp,
    /// What was said of it last.
    pub stage: Stage,
}

/// What can be said of an end of time, in the order in which it comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It is so many days away, or less.
    Before(Days),
    /// It has come.
    Over,
    /// It has come, and the bot is paused.
    Paused,
}

impl Stage {
    /// Orders the stages: what is said later is greater.
    pub fn rank(self) -> i32 {
        match self {
            Self::Before(days) => -i32::from(days.get()),
            Self::Over => 0,
            Self::Paused => 1,
        }
    }
}

impl Told {
    /// Takes what is due at this moment as known: who has just paid for a few days knows that they
    /// are few.
    pub fn know(&mut self, state: Subscription, now: Timestamp, terms: &Terms) {
        let Self { end, archive } = due(state, now, terms);
        self.end = end.or(self.end);
        self.archive = archive.or(self.archive);
    }

    /// Notes that the data has left its place; tells whether the owner does not know it yet.
    pub fn hear_of_archive(&mut self, since: Timestamp) -> bool {
        advance(&mut self.archive, Some(Mark { at: since, stage: Stage::Over }))
    }

    /// Notes what is due and has not been told, and returns it. Of several things that have come at
    /// once, only the nearest is told.
    pub(super) fn hear(
        &mut self,
        state: Subscription,
        now: Timestamp,
        terms: &Terms,
    ) -> Option<Effect> {
        let due = due(state, now, terms);
        let of_end = advance(&mut self.end, due.end);
        let of_archive = advance(&mut self.archive, due.archive);
        if of_archive { Some(Effect::WarnOfArchive) } else { of_end.then_some(Effect::TellOwner) }
    }
}

fn advance(mark: &mut Option<Mark>, due: Option<Mark>) -> bool {
    let Some(due) = due else { return false };
    let is_new =
        mark.is_none_or(|known| known.at != due.at || known.stage.rank() < due.stage.rank());
    if is_new {
        *mark = Some(due);
    }
    is_new
}

/// Returns what an owner should know of this state at this moment.
fn due(state: Subscription, now: Timestamp, terms: &Terms) -> Told {
    let at = state.granted().until;
    let of_end = |stage| Some(Mark { at, stage });
    let none = Told::default();
    match state {
        Subscription::Trial { .. } | Subscription::Active { .. } => {
            let nearest = nearest(&terms.warn_days, at, now);
            Told { end: nearest.and_then(|days| of_end(Stage::Before(days))), ..none }
        }
        Subscription::Grace { .. } => Told { end: of_end(Stage::Over), ..none },
        Subscription::Suspended { by: SuspendedBy::Expiry, .. } => {
            Told { end: of_end(Stage::Paused), archive: archive_due(state, now, terms) }
        }
        Subscription::Suspended { by: SuspendedBy::Operator, .. }
        | Subscription::Cancelled { data: Fate::Kept, .. } => {
            Told { archive: archive_due(state, now, terms), ..none }
        }
        // Told when it is done.
        Subscription::Cancelled { data: Fate::Doomed, .. } | Subscription::Archived { .. } => none,
    }
}

fn archive_due(state: Subscription, now: Timestamp, terms: &Terms) -> Option<Mark> {
    let at = state.archived_at(terms)?;
    let warnings = ARCHIVE_WARNINGS.iter().filter_map(|days| Days::new(i64::from(*days)).ok());
    // What is kept for less time than a warning needs is told of at once, with the pause.
    let warnings: Vec<Days> = warnings.filter(|days| days.length() < terms.retention).collect();
    Some(Mark { at, stage: Stage::Before(nearest(&warnings, at, now)?) })
}

/// Returns the shortest threshold that the end is within.
fn nearest(thresholds: &[Days], end: Timestamp, now: Timestamp) -> Option<Days> {
    let left = end.duration_since(now);
    thresholds.iter().copied().filter(|days| left <= days.length()).min()
}
