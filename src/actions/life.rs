//! The one way in which actions change a subscription: an event goes through the machine, and what
//! follows from it is done in the same transaction.

use jiff::{SignedDuration, Timestamp};

use super::cause::{Cause, KeyReused};
use super::undo;
use crate::config::Billing;
use crate::domain::actor::Actor;
use crate::domain::client::{Client, RuntimeState};
use crate::domain::ids::{ClientId, JobId};
use crate::domain::job::{Job, Notice};
use crate::domain::plan::Days;
use crate::domain::subscription::{Effect, Event, Refusal, Subscription, Terms, Told, Turn, turn};
use crate::domain::undo::Act;
use crate::store::{Read, StoreError, Txn, audit, clients, jobs, secrets, subscriptions};

/// Why a client's life does not take the turn that was asked for.
#[derive(Debug, thiserror::Error)]
pub enum LifeError {
    /// There is no such client.
    #[error("there is no such client")]
    UnknownClient,
    /// No paid time is left to go on with.
    #[error("no paid time is left: extend the client instead")]
    NothingPaid,
    /// The client has given up; nothing of it runs.
    #[error("the client has no bot that could run")]
    NothingToRun,
    /// The client's bot still serves customers.
    #[error("suspend the client first, or remove it by force")]
    StillServes,
    /// The idempotency key was used for something else.
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why an event was not taken in.
#[derive(Debug, thiserror::Error)]
pub(super) enum LiveError {
    /// The machine refuses it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<LiveError> for LifeError {
    fn from(err: LiveError) -> Self {
        match err {
            LiveError::Refused(Refusal::NoClient) => Self::UnknownClient,
            LiveError::Refused(Refusal::NothingPaid) => Self::NothingPaid,
            LiveError::Refused(Refusal::StillServes) => Self::StillServes,
            // The last two are answers to events that no person asks for.
            LiveError::Refused(Refusal::NothingToRun | Refusal::NotNew | Refusal::CameBack) => {
                Self::NothingToRun
            }
            LiveError::Store(err) => Self::Store(err),
        }
    }
}

/// When something happens, and under which terms.
#[derive(Clone, Debug)]
pub(super) struct Present {
    pub(super) now: Timestamp,
    pub(super) terms: Terms,
}

impl Present {
    pub(super) fn new(now: Timestamp, billing: &Billing) -> Self {
        Self { now, terms: terms(billing) }
    }
}

/// A client after an event.
#[derive(Debug)]
pub(super) struct Lived {
    pub(super) client: Client,
    /// Whether the subscription is another one than before.
    pub(super) changed: bool,
    /// The job that will delete the client's data, if that is what follows.
    pub(super) removal: Option<JobId>,
}

/// Returns the terms that are set.
pub(super) fn terms(billing: &Billing) -> Terms {
    Terms {
        grace: billing.grace_days.map_or(SignedDuration::ZERO, Days::length),
        retention: billing.retention_days.length(),
        warn_days: billing.warn_days.clone(),
    }
}

/// Tells what an event would make of a client, and changes nothing.
pub(super) fn foresee(
    txn: &impl Read,
    present: &Present,
    client: &Client,
    event: Event,
) -> Result<(Told, Turn), LiveError> {
    let Present { now, terms } = present;
    let told = subscriptions::told(txn, client.id)?.unwrap_or_else(|| {
        // Nobody has been told of the first period; what was due when it began was known.
        let mut told = Told::default();
        told.know(client.subscription, client.created_at, terms);
        told
    });
    Ok((told, turn(Some(client.subscription), told, event, *now, terms)?))
}

/// Takes an event into a client's life, and does what follows from it.
///
/// The client is written as it was given, with its new subscription; it may be new.
pub(super) fn live(
    txn: &Txn<'_>,
    present: &Present,
    mut client: Client,
    event: Event,
) -> Result<Lived, LiveError> {
    let (told, turn) = foresee(txn, present, &client, event)?;
    if turn.told != told {
        subscriptions::put_told(txn, client.id, turn.told)?;
    }
    let before = client.subscription;
    let Some(after) = turn.after else {
        forget(txn, &client)?;
        return Ok(Lived { client, changed: true, removal: None });
    };
    client.subscription = after;
    let mut removal = None;
    for effect in &turn.effects {
        removal = perform(txn, present.now, &mut client, *effect, &turn)?.or(removal);
    }
    clients::put(txn, &client)?;
    Ok(Lived { client, changed: after != before, removal })
}

/// Does one thing that follows; returns the job of a removal.
fn perform(
    txn: &Txn<'_>,
    now: Timestamp,
    client: &mut Client,
    effect: Effect,
    turn: &Turn,
) -> Result<Option<JobId>, StoreError> {
    let id = client.id;
    match effect {
        Effect::StartBot => {
            if client.runtime != RuntimeState::Running {
                client.runtime = RuntimeState::Starting;
                jobs::push(txn, now, &Job::Deploy(id))?;
            }
        }
        // The gateway tells the bot as soon as this is on record.
        Effect::PauseBot | Effect::ServeAgain => {}
        Effect::StopBot => {
            client.runtime = RuntimeState::Stopped;
            let stops = |effect: &Effect| matches!(effect, Effect::Archive | Effect::Delete);
            if !turn.effects.iter().any(stops) {
                jobs::push(txn, now, &Job::Deploy(id))?;
            }
        }
        Effect::Archive => {
            client.runtime = RuntimeState::None;
            jobs::push(txn, now, &Job::Archive(id))?;
        }
        Effect::Delete => return Ok(Some(jobs::push(txn, now, &Job::Remove(id))?)),
        Effect::Forget => forget(txn, client)?,
        Effect::TellOwner => {
            jobs::push(txn, now, &Job::Notify(client.owner, Notice::Subscription(id)))?;
        }
        Effect::WarnOfArchive => {
            jobs::push(txn, now, &Job::Notify(client.owner, Notice::DataEnds(id)))?;
        }
    }
    Ok(None)
}

/// Forgets a client that is no more; payments, orders and the audit log stay.
fn forget(txn: &Txn<'_>, client: &Client) -> Result<(), StoreError> {
    secrets::remove(txn, client.id)?;
    subscriptions::forget_told(txn, client.id)?;
    clients::remove(txn, client)
}

/// Finds a client and takes an event into its life; a change is told to the audit log.
pub(super) fn live_on_record(
    txn: &Txn<'_>,
    present: &Present,
    (id, by): (ClientId, Actor),
    event: Event,
    action: &str,
) -> Result<Lived, LifeError> {
    let client = clients::get(txn, id)?.ok_or(LifeError::UnknownClient)?;
    let known = client.clone();
    let before = client.subscription;
    let lived = live(txn, present, client, event)?;
    if lived.changed {
        if let Some(act) = act(event) {
            undo::remember(txn, present.now, act, &known, &lived.client)?;
        }
        let after = lived.client.subscription;
        audit::append(txn, &entry(present.now, id, by, action, from_to(before, after)))?;
    }
    Ok(lived)
}

/// As [`live_on_record`]; the same cause has its effect once, whatever has happened since.
pub(super) fn live_once(
    txn: &Txn<'_>,
    present: &Present,
    cause: &Cause,
    (id, by): (ClientId, Actor),
    event: Event,
    action: &str,
) -> Result<Lived, LifeError> {
    if cause.effect::<LifeError>(txn, present.now)?.is_some() {
        let client = clients::get(txn, id)?.ok_or(LifeError::UnknownClient)?;
        return Ok(Lived { client, changed: false, removal: None });
    }
    let lived = live_on_record(txn, present, (id, by), event, action)?;
    cause.remember(txn, present.now, &[])?;
    Ok(lived)
}

/// Names what an operator has done, if it is an act that can be taken back.
const fn act(event: Event) -> Option<Act> {
    match event {
        Event::Paused => Some(Act::Suspended),
        Event::Resumed => Some(Act::Resumed),
        Event::Cancelled => Some(Act::Cancelled),
        Event::TrialBegins(_)
        | Event::Paid(_)
        | Event::Refunded(_)
        | Event::GiftUndone(_)
        | Event::TimePasses
        | Event::CancellationUndone
        | Event::RemovalAsked(_)
        | Event::Removed => None,
    }
}

/// Makes a line of the audit log.
pub(super) fn entry(
    now: Timestamp,
    id: ClientId,
    by: Actor,
    action: &str,
    detail: String,
) -> audit::Entry {
    audit::Entry {
        at: now,
        actor: by.to_string(),
        action: action.to_owned(),
        client: Some(id),
        detail,
    }
}

/// Writes a change for the audit log; an end that is left is named.
fn from_to(before: Subscription, after: Subscription) -> String {
    let until = after.granted().until;
    format!("{} to {}, granted until {until}", before.name(), after.name())
}
