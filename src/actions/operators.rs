//! Operators: those of the settings and those who came by a one-time link.

use jiff::{SignedDuration, Timestamp};
use ring::digest::{SHA256, digest};

use crate::config::Config;
use crate::deps::Deps;
use crate::domain::actor::Actor;
use crate::domain::ids::UserId;
use crate::domain::job::{Job, Notice};
use crate::external::telegram::CheckError;
use crate::metrics::BotRole;
use crate::random::{self, NoRandom};
use crate::store::operators::{self as rows, Link};
use crate::store::{Read, StoreError, Txn, audit, jobs};

/// How long a link may be followed.
pub const LINK_LIVES: SignedDuration = SignedDuration::from_mins(15);
/// How many wrong codes of one person are looked at while a link is open, and of how many people.
const TRIES: u8 = 5;
const PEOPLE: usize = 1000;

/// A link that makes the first who follows it an operator.
#[derive(Clone, Debug)]
pub struct OperatorLink {
    /// The whole address; it is shown once and kept nowhere.
    pub url: String,
    /// Until when it may be followed.
    pub until: Timestamp,
}

/// Why there is no link.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// There is no Master Bot.
    #[error("there is no Master Bot: telegram.master_token is not set")]
    NoMaster,
    /// Telegram could not be asked for the bot's name.
    #[error(transparent)]
    Telegram(#[from] CheckError),
    /// The system gave no random bytes.
    #[error(transparent)]
    Random(#[from] NoRandom),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What came of following a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Followed {
    /// The person is an operator from now on.
    Welcome,
    /// Its time is over.
    Expired,
    /// Somebody was first.
    Used,
    /// There is no such link.
    Unknown,
    /// The person has sent too many wrong codes to be listened to.
    TooOften,
}

/// Returns every operator once: those of the settings, then those who came by a link.
///
/// # Errors
///
/// Returns [`StoreError`] if the store cannot be read.
pub fn all(txn: &impl Read, config: &Config) -> Result<Vec<UserId>, StoreError> {
    let mut all = config.telegram.operators.clone();
    for (person, _) in rows::all(txn)? {
        if !all.contains(&person) {
            all.push(person);
        }
    }
    Ok(all)
}

/// Tells whether a person is an operator.
///
/// # Errors
///
/// Returns [`StoreError`] if the store cannot be read.
pub fn is_operator(deps: &Deps, person: UserId) -> Result<bool, StoreError> {
    let named = deps.config.telegram.operators.contains(&person);
    Ok(named || deps.store.read(|snap| rows::contains(snap, person))?)
}

/// Has every operator told.
pub(super) fn tell(
    txn: &Txn<'_>,
    now: Timestamp,
    config: &Config,
    notice: &Notice,
) -> Result<(), StoreError> {
    for operator in all(txn, config)? {
        jobs::push(txn, now, &Job::Notify(operator, notice.clone()))?;
    }
    Ok(())
}

/// Has every operator told, unless they were under this key in the last week.
pub(super) fn tell_once(
    txn: &Txn<'_>,
    now: Timestamp,
    config: &Config,
    key: &str,
    notice: &Notice,
) -> Result<(), StoreError> {
    for operator in all(txn, config)? {
        let job = Job::Notify(operator, notice.clone());
        jobs::push_once(txn, now, &format!("{key}:{operator}"), &job)?;
    }
    Ok(())
}

/// Makes a link to the Master Bot that makes its first follower an operator. Links that were made
/// before are of no use any more.
///
/// # Errors
///
/// Returns [`LinkError`], and the link before is as good as it was.
pub async fn make_link(deps: &Deps, by: Actor) -> Result<OperatorLink, LinkError> {
    let token = deps.config.telegram.master_token.as_ref().ok_or(LinkError::NoMaster)?;
    let bot = deps.telegram.check(BotRole::Master, token).await?;
    let code = u128::from_be_bytes(random::bytes()?);
    let code = format!("{code:032x}");
    let now = deps.clock.now();
    let link =
        Link { hash: hash(&code), until: now + LINK_LIVES, used_by: None, tries: Vec::new() };
    let until = link.until;
    let write = deps.store.write(move |txn| {
        rows::put_link(txn, &link)?;
        audit::append(txn, &entry(now, by, "operator.link_made", String::new()))
    });
    write.await.map_err(|err: StoreError| err)?;
    tracing::info!(event = "operator.link_made", until = %until, "a link for an operator was made");
    Ok(OperatorLink { url: format!("https://t.me/{}?start={code}", bot.username), until })
}

/// Makes a person an operator, if the code is that of the open link and nobody was first.
///
/// # Errors
///
/// Returns [`StoreError`], and nothing is changed.
pub async fn follow_link(deps: &Deps, person: UserId, code: &str) -> Result<Followed, StoreError> {
    let (now, hash) = (deps.clock.now(), hash(code));
    let write = deps.store.write(move |txn| {
        let Some(mut link) = rows::link(txn)? else { return Ok(Followed::Unknown) };
        if !may_try(&link, person) {
            return Ok(Followed::TooOften);
        }
        if link.hash != hash {
            // Nothing can be guessed of a link that is over.
            if now < link.until && link.used_by.is_none() {
                count_try(&mut link, person);
                rows::put_link(txn, &link)?;
            }
            return Ok(Followed::Unknown);
        }
        if link.used_by.is_some() {
            return Ok(Followed::Used);
        }
        if now >= link.until {
            return Ok(Followed::Expired);
        }
        link.used_by = Some(person);
        rows::put_link(txn, &link)?;
        rows::put(txn, person, now)?;
        let by = Actor::Operator(person);
        audit::append(txn, &entry(now, by, "operator.added", person.to_string()))?;
        Ok::<_, StoreError>(Followed::Welcome)
    });
    let followed = write.await?;
    match followed {
        Followed::Welcome => {
            tracing::info!(event = "operator.added", "somebody became an operator by a link");
        }
        Followed::Expired | Followed::Used | Followed::Unknown | Followed::TooOften => {
            tracing::warn!(
                event = "operator.link_refused", why = ?followed,
                "somebody tried to become an operator by a link"
            );
        }
    }
    Ok(followed)
}

/// Takes from a person what a link gave, and tells whether it had given anything.
///
/// # Errors
///
/// Returns [`StoreError`], and nothing is changed.
pub async fn remove_operator(deps: &Deps, person: UserId, by: Actor) -> Result<bool, StoreError> {
    let now = deps.clock.now();
    let write = deps.store.write(move |txn| {
        let removed = rows::remove(txn, person)?;
        if removed {
            audit::append(txn, &entry(now, by, "operator.removed", person.to_string()))?;
        }
        Ok::<_, StoreError>(removed)
    });
    let removed = write.await?;
    if removed {
        tracing::info!(event = "operator.removed", "an operator was removed");
    }
    Ok(removed)
}

fn hash(code: &str) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, code.as_bytes()).as_ref());
    hash
}

fn may_try(link: &Link, person: UserId) -> bool {
    match link.tries.iter().find(|(who, _)| *who == person) {
        Some((_, count)) => *count < TRIES,
        None => link.tries.len() < PEOPLE,
    }
}

fn count_try(link: &mut Link, person: UserId) {
    match link.tries.iter_mut().find(|(who, _)| *who == person) {
        Some((_, count)) => *count = count.saturating_add(1),
        None => link.tries.push((person, 1)),
    }
}

fn entry(at: Timestamp, by: Actor, action: &str, detail: String) -> audit::Entry {
    let (actor, action) = (by.to_string(), action.to_owned());
    audit::Entry { at, actor, action, client: None, detail }
}
