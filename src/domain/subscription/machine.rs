//! What brings one state to another, and what follows from it.

use jiff::{SignedDuration, Timestamp};

use super::{
    ArchivedBy, Before, Fate, GrantKind, Granted, Service, Subscription, SuspendedBy, Terms, Told,
    add,
};

/// Something that happens to a client's right to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A new client tries the bot out for so long.
    TrialBegins(SignedDuration),
    /// Money, or an operator's word, grants so much time.
    Paid(SignedDuration),
    /// Money was given back, and so much time with it.
    Refunded(SignedDuration),
    /// An operator takes a gift of time back: what was granted before it stands again.
    GiftUndone(Granted),
    /// The clock says so; it may have gone back.
    TimePasses,
    /// An operator pauses the bot.
    Paused,
    /// An operator lets it go on.
    Resumed,
    /// Its owner or an operator gives it up; the data is kept for a while.
    Cancelled,
    /// They have thought better of it.
    CancellationUndone,
    /// An operator wants it and its data deleted for ever.
    RemovalAsked(Force),
    /// That has been done: nothing runs of it, and its data is gone.
    Removed,
}

/// Whether a client may be removed while its bot serves customers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Force {
    /// Only once it is suspended, cancelled or archived.
    No,
    /// In any state.
    Yes,
}

/// What must be done about it. Each is safe to repeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Bring the bot up unless it runs, with its data from the archive if it is there.
    StartBot,
    /// From now on customers hear that the bot is paused.
    PauseBot,
    /// From now on customers are served again.
    ServeAgain,
    /// Stop the bot; its data stays.
    StopBot,
    /// Move the bot's data and its sealed token to the archive.
    Archive,
    /// Delete the bot and its data, wherever that is, and then say so.
    Delete,
    /// Forget the client and its token. Payments, orders and the audit log stay.
    Forget,
    /// Tell the owner how it stands.
    TellOwner,
    /// Warn the owner that the data will leave its place.
    WarnOfArchive,
}

/// What an event leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// The state afterwards; none if the client is no more.
    pub after: Option<Subscription>,
    /// What the owner has been told of it then.
    pub told: Told,
    /// What must be done, in this order.
    pub effects: Vec<Effect>,
}

/// Why an event leads nowhere. Nothing changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no such client.
    #[error("there is no such client")]
    NoClient,
    /// Only a new client begins with a trial.
    #[error("a trial is given once")]
    NotNew,
    /// No granted time is left to go on with.
    #[error("no paid time is left: extend the client instead")]
    NothingPaid,
    /// Nothing of it runs that could be paused.
    #[error("the client has no bot that could run")]
    NothingToRun,
    /// The bot serves customers.
    #[error("suspend the client first, or remove it by force")]
    StillServes,
    /// It was to be removed, and has come back.
    #[error("the client has come back")]
    CameBack,
}

/// Tells what `event` makes of a client at `now`: first time passes, then the event happens.
///
/// The only way from one state to another. `before` is none for a client that is yet to be.
///
/// # Errors
///
/// Returns [`Refusal`], and nothing changes.
pub fn turn(
    before: Option<Subscription>,
    told: Told,
    event: Event,
    now: Timestamp,
    terms: &Terms,
) -> Result<Turn, Refusal> {
    let present = before.map(|state| state.at(now, terms));
    let after = match event {
        Event::TrialBegins(length) => Some(trial_begins(present, length, now)?),
        Event::Paid(length) => Some(paid(present, length, now)),
        Event::Refunded(length) => Some(alive(present)?.shorten(length, now).at(now, terms)),
        Event::GiftUndone(granted) => Some(alive(present)?.ungiven(granted).at(now, terms)),
        Event::TimePasses => Some(alive(present)?),
        Event::Paused => Some(alive(present)?.paused(now)?),
        Event::Resumed => Some(alive(present)?.resumed(now, terms)?),
        Event::Cancelled => Some(alive(present)?.cancelled(now, Fate::Kept)),
        Event::CancellationUndone => Some(alive(present)?.undone(now, terms)?),
        Event::RemovalAsked(force) => Some(alive(present)?.doomed(now, force)?),
        Event::Removed => alive(present)?.removed()?,
    };
    let mut effects = bot_effects(before, after);
    let mut told = told;
    match (event, after) {
        (Event::Paid(_) | Event::TrialBegins(_), Some(after)) => {
            effects.push(Effect::StartBot);
            told.know(after, now, terms);
        }
        (Event::TimePasses, Some(after)) => effects.extend(told.hear(after, now, terms)),
        (
            Event::Paused | Event::Resumed | Event::Cancelled | Event::CancellationUndone,
            Some(after),
        ) => {
            effects.extend((event == Event::Resumed).then_some(Effect::StartBot));
            // What time alone has brought is told as such.
            let by_hand = (Some(after) != present).then_some(Effect::TellOwner);
            effects.extend(by_hand.or_else(|| told.hear(after, now, terms)));
        }
        (Event::RemovalAsked(_), _) => effects.push(Effect::Delete),
        (Event::Removed, _) => effects.push(Effect::Forget),
        (Event::Refunded(_) | Event::GiftUndone(_), _)
        | (
            Event::Paid(_)
            | Event::TrialBegins(_)
            | Event::TimePasses
            | Event::Paused
            | Event::Resumed
            | Event::Cancelled
            | Event::CancellationUndone,
            None,
        ) => {}
    }
    effects.dedup();
    Ok(Turn { after, told, effects })
}

fn alive(present: Option<Subscription>) -> Result<Subscription, Refusal> {
    present.ok_or(Refusal::NoClient)
}

fn trial_begins(
    present: Option<Subscription>,
    length: SignedDuration,
    now: Timestamp,
) -> Result<Subscription, Refusal> {
    match present {
        None => Ok(Subscription::trial(length, now)),
        Some(_) => Err(Refusal::NotNew),
    }
}

/// A payment brings a bot back from every state, whoever ended it.
fn paid(present: Option<Subscription>, length: SignedDuration, now: Timestamp) -> Subscription {
    match present {
        None => Subscription::paid(length, now),
        Some(state) => state.extend(length, now),
    }
}

/// What the change of state alone means for the bot.
fn bot_effects(before: Option<Subscription>, after: Option<Subscription>) -> Vec<Effect> {
    let service = |state: Option<Subscription>| state.map_or(Service::None, Subscription::service);
    let is_archived = |state| matches!(state, Some(Subscription::Archived { .. }));
    let mut effects = match (service(before), service(after)) {
        (Service::Full, Service::Full)
        | (Service::Paused, Service::Paused)
        | (Service::None, Service::None) => vec![],
        (Service::Full, Service::Paused) => vec![Effect::PauseBot],
        (Service::Paused, Service::Full) => vec![Effect::ServeAgain],
        (Service::None, Service::Full | Service::Paused) => vec![Effect::StartBot],
        (Service::Full | Service::Paused, Service::None) => vec![Effect::StopBot],
    };
    if is_archived(after) && !is_archived(before) {
        effects.push(Effect::Archive);
    }
    effects
}

impl Subscription {
    /// Returns the state that time alone has brought by `now`.
    ///
    /// What nobody's hand has touched follows from the time granted, in either direction: should a
    /// wrong clock be set right, whoever has time left is served again.
    #[must_use]
    pub fn at(self, now: Timestamp, terms: &Terms) -> Self {
        let present = match self {
            Self::Trial { .. }
            | Self::Active { .. }
            | Self::Grace { .. }
            | Self::Suspended { by: SuspendedBy::Expiry, .. } => {
                Self::of(self.granted(), now, terms)
            }
            Self::Archived { by: ArchivedBy::Time, .. } => {
                match Self::of(self.granted(), now, terms) {
                    served @ (Self::Trial { .. } | Self::Active { .. } | Self::Grace { .. }) => {
                        served
                    }
                    Self::Suspended { .. } | Self::Cancelled { .. } | Self::Archived { .. } => self,
                }
            }
            Self::Suspended { by: SuspendedBy::Operator, .. }
            | Self::Cancelled { .. }
            | Self::Archived { by: ArchivedBy::Person, .. } => self,
        };
        present.archived_if_due(now, terms)
    }

    /// Returns what granted time means at `now`, as long as the data is there.
    fn of(granted: Granted, now: Timestamp, terms: &Terms) -> Self {
        let end = match granted.kind {
            GrantKind::Trial => granted.until,
            GrantKind::Paid => add(granted.until, terms.grace),
        };
        if end <= now {
            return Self::Suspended { granted, since: end, by: SuspendedBy::Expiry };
        }
        match granted.kind {
            GrantKind::Trial => Self::Trial { until: granted.until },
            GrantKind::Paid if granted.until <= now => Self::Grace { paid_until: granted.until },
            GrantKind::Paid => Self::Active { paid_until: granted.until },
        }
    }

    fn archived_if_due(self, now: Timestamp, terms: &Terms) -> Self {
        let Some(since) = self.archived_at(terms).filter(|due| *due <= now) else { return self };
        let granted = self.granted();
        match self {
            Self::Suspended { by: SuspendedBy::Expiry, .. } => {
                Self::Archived { granted, since, by: ArchivedBy::Time }
            }
            Self::Suspended { by: SuspendedBy::Operator, .. }
            | Self::Cancelled { data: Fate::Kept, .. } => {
                Self::Archived { granted, since, by: ArchivedBy::Person }
            }
            Self::Trial { .. }
            | Self::Active { .. }
            | Self::Grace { .. }
            | Self::Cancelled { data: Fate::Doomed, .. }
            | Self::Archived { .. } => self,
        }
    }

    /// An operator pauses what serves customers. Paid time runs on.
    fn paused(self, now: Timestamp) -> Result<Self, Refusal> {
        match self {
            Self::Trial { .. } | Self::Active { .. } | Self::Grace { .. } => {
                let (granted, by) = (self.granted(), SuspendedBy::Operator);
                Ok(Self::Suspended { granted, since: now, by })
            }
            Self::Suspended { .. } => Ok(self),
            Self::Cancelled { .. } | Self::Archived { .. } => Err(Refusal::NothingToRun),
        }
    }

    /// An operator lifts what a person or a wrong clock has done, if granted time is left.
    fn resumed(self, now: Timestamp, terms: &Terms) -> Result<Self, Refusal> {
        match self {
            Self::Trial { .. } | Self::Active { .. } | Self::Grace { .. } => Ok(self),
            Self::Suspended { granted, .. }
            | Self::Cancelled { granted, .. }
            | Self::Archived { granted, .. } => Self::served(granted, now, terms),
        }
    }

    fn cancelled(self, now: Timestamp, data: Fate) -> Self {
        let granted = self.granted();
        match self {
            Self::Trial { .. }
            | Self::Active { .. }
            | Self::Grace { .. }
            | Self::Suspended { by: SuspendedBy::Expiry, .. } => {
                Self::Cancelled { granted, since: now, before: Before::Free, data }
            }
            Self::Suspended { by: SuspendedBy::Operator, since, .. } => {
                let before = Before::PausedSince(since);
                Self::Cancelled { granted, since: now, before, data }
            }
            Self::Cancelled { .. } | Self::Archived { .. } => self,
        }
    }

    /// Takes a cancellation back; what an operator had paused before is paused again.
    fn undone(self, now: Timestamp, terms: &Terms) -> Result<Self, Refusal> {
        match self {
            Self::Cancelled { granted, before, .. } => {
                let served = Self::served(granted, now, terms)?;
                Ok(match before {
                    Before::Free => served,
                    Before::PausedSince(since) => {
                        Self::Suspended { granted, since, by: SuspendedBy::Operator }
                    }
                })
            }
            Self::Archived { .. } => Err(Refusal::NothingToRun),
            Self::Trial { .. }
            | Self::Active { .. }
            | Self::Grace { .. }
            | Self::Suspended { .. } => Ok(self),
        }
    }

    fn served(granted: Granted, now: Timestamp, terms: &Terms) -> Result<Self, Refusal> {
        let state = Self::of(granted, now, terms);
        match state.service() {
            Service::Full => Ok(state),
            Service::Paused | Service::None => Err(Refusal::NothingPaid),
        }
    }

    fn doomed(self, now: Timestamp, force: Force) -> Result<Self, Refusal> {
        if self.service() == Service::Full && force == Force::No {
            return Err(Refusal::StillServes);
        }
        let granted = self.granted();
        Ok(match self {
            Self::Trial { .. }
            | Self::Active { .. }
            | Self::Grace { .. }
            | Self::Suspended { .. } => self.cancelled(now, Fate::Doomed),
            Self::Cancelled { since, before, .. } => {
                Self::Cancelled { granted, since, before, data: Fate::Doomed }
            }
            Self::Archived { since, .. } => {
                let (before, data) = (Before::Free, Fate::Doomed);
                Self::Cancelled { granted, since, before, data }
            }
        })
    }

    /// Only what was doomed is removed: somebody may have paid meanwhile.
    fn removed(self) -> Result<Option<Self>, Refusal> {
        match self {
            Self::Cancelled { data: Fate::Doomed, .. } => Ok(None),
            Self::Trial { .. }
            | Self::Active { .. }
            | Self::Grace { .. }
            | Self::Suspended { .. }
            | Self::Cancelled { data: Fate::Kept, .. }
            | Self::Archived { .. } => Err(Refusal::CameBack),
        }
    }
}
