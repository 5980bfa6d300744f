//! Back up the host: a copy of its database, of every client's and of the sealing key, in one backup of
//! the vault.

mod copies;
mod cure;
mod place;

use std::io;
use std::path::{Path, PathBuf};

use futures::FutureExt as _;
use futures::stream::{self, StreamExt as _};
use jiff::Timestamp;
use tokio::task::spawn_blocking;

use self::copies::NoCopy;
pub use self::place::{HostVault, Trouble};
use super::back_up_client::passage;
use super::cause::{Cause, KeyReused, job_of};
use super::deploy::Chance;
use super::watch::tell_once_a_day;
use crate::deps::Deps;
use crate::domain::actor::Actor;
use crate::domain::backup::{Coverage, Failed, Made};
use crate::domain::client::{Client, RuntimeState};
use crate::domain::ids::{ClientId, JobId};
use crate::domain::job::{Job, Notice};
use crate::domain::subscription::{Service, Subscription};
use crate::external::archive;
use crate::external::vault::{BackupId, CLIENTS, DATABASE, Draft, Summary, VaultError};
use crate::store::backup::{self, BackupError};
use crate::store::{OpenError, StoreError, audit, clients, host_backups, jobs};

/// The folder of archived clients' sealed tokens in a backup.
const ARCHIVE: &str = "archive";
/// How many clients' bots are asked at the same time.
const AT_ONCE: usize = 6;

/// Why the host was not backed up. What was good before is untouched.
#[derive(Debug, thiserror::Error)]
pub enum BackUpHostError {
    /// The vault did not take it, or cannot be read.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// There is no vault.
    #[error("{0}")]
    NoVault(String),
    /// It was written, and is not whole when it is read back.
    #[error("the new backup {id} is not whole: {count} pieces, such as {first}")]
    NotWhole {
        /// The backup.
        id: BackupId,
        /// How many pieces are not as they were written.
        count: usize,
        /// The first of them.
        first: String,
    },
    /// The host's database cannot be copied.
    #[error("the database cannot be copied")]
    Copy(#[from] BackupError),
    /// The copy of the host's database is no sound database.
    #[error("the copy of the database is not sound")]
    Unsound(#[from] OpenError),
    /// Copies cannot be put down in the data directory.
    #[error("copies cannot be put down in {path}")]
    Passage {
        /// Where.
        path: PathBuf,
        /// What the system refused.
        source: io::Error,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why no backup was queued.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// The idempotency key was used for something else.
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Queues a backup of all that is written by now, in one transaction with its line in the audit log.
///
/// Safe to repeat: the same `cause` queues one.
///
/// # Errors
///
/// Returns [`AskError`], and nothing is changed.
pub async fn ask_backup(deps: &Deps, cause: Cause, by: Actor) -> Result<JobId, AskError> {
    let now = deps.clock.now();
    let write = deps.store.write(move |txn| {
        if let Some(known) = cause.effect::<AskError>(txn, now)? {
            return Ok(job_of(&known)?);
        }
        let entry = audit::Entry {
            at: now,
            actor: by.to_string(),
            action: "backup.asked".to_owned(),
            client: None,
            detail: String::new(),
        };
        audit::append(txn, &entry)?;
        let job = jobs::push(txn, now, &Job::BackUpHost(now))?;
        cause.remember(txn, now, &job.0.to_be_bytes())?;
        Ok(job)
    });
    write.await
}

/// Backs the host up, unless a backup was begun at `due` or since: one at a time.
///
/// Safe to repeat. A client whose bot does not send its copy in time does not hold up the others: its
/// last copy is taken over from the backup before. The backup is read back before it counts.
///
/// # Errors
///
/// Returns [`BackUpHostError`]; earlier backups are as they were, and it may be tried again. With the
/// last chance operators are told.
pub async fn back_up_host(
    deps: &Deps,
    due: Timestamp,
    chance: Chance,
) -> Result<(), BackUpHostError> {
    let _turn = deps.vault.turn().await;
    let now = deps.clock.now();
    if deps.store.read(|snap| host_backups::get(snap))?.has_since(due, now) {
        return Ok(());
    }
    deps.store.write(move |txn| host_backups::begin(txn, now)).await?;
    let made = match make(deps, now).boxed().await {
        Ok(made) => keep(deps, made).await,
        Err(err) => Err(err),
    };
    match made {
        Ok(()) => prune(deps).await,
        Err(err) => {
            fail(deps, &err, chance).await;
            return Err(err);
        }
    }
    Ok(())
}

/// Deletes what a backup that was cut off has left, and sees whether backups can be put where they
/// shall go: for the start.
pub async fn look(deps: &Deps) {
    let turn = deps.vault.turn().await;
    if let Err(err) = clear(deps).await {
        tracing::warn!(event = "backup.not_cleared", error = %err,
            "what a backup has left behind cannot be deleted");
    }
    drop(turn);
    deps.vault.look(deps.clock.now()).await;
}

async fn make(deps: &Deps, began_at: Timestamp) -> Result<Made, BackUpHostError> {
    clear(deps).await.map_err(|source| in_passage(deps, source))?;
    let filled = fill(deps, began_at).await;
    if let Err(err) = clear(deps).await {
        tracing::warn!(event = "backup.not_cleared", error = %err,
            "what a backup has left behind cannot be deleted");
    }
    let (summary, clients) = filled?;
    deps.vault.verify(summary.id).await?;
    Ok(Made {
        id: summary.id.to_string(),
        began_at,
        ended_at: deps.clock.now(),
        files: summary.files,
        bytes: summary.bytes,
        kept_bytes: summary.kept_bytes,
        stored_bytes: summary.stored_bytes,
        clients,
    })
}

async fn fill(deps: &Deps, began_at: Timestamp) -> Result<(Summary, Coverage), BackUpHostError> {
    let mut draft = deps.vault.begin(began_at).await?;
    // A token is in the database or here, and may change its place between the two looks.
    add_tokens(deps, &mut draft).await?;
    let own = passage(&deps.config.server.data_dir).join(DATABASE);
    deps.store.backup_to(own.clone()).await?;
    let looked = own.clone();
    spawn_blocking(move || backup::check(&looked)).await.map_err(|_| StoreError::Panicked)??;
    add(deps, &mut draft, DATABASE, &own).await?;
    deps.vault.add_key(&mut draft).await?;
    deps.vault.add_settings(&mut draft).await?;
    add_tokens(deps, &mut draft).await?;
    let all = deps.store.scan(|snap| clients::list(snap, None, usize::MAX)).await?;
    let clients = add_clients(deps, &mut draft, all).boxed().await?;
    Ok((draft.finish().await?, clients))
}

/// Adds the sealed tokens that lie in the archive.
async fn add_tokens(deps: &Deps, draft: &mut Draft) -> Result<(), BackUpHostError> {
    let passage = passage(&deps.config.server.data_dir);
    let all = deps.store.scan(|snap| clients::list(snap, None, usize::MAX)).await?;
    for client in all.iter().filter(|it| matches!(it.subscription, Subscription::Archived { .. })) {
        let (layout, id) = (deps.layout(), client.id);
        let token = spawn_blocking(move || archive::token(&layout, id)).await;
        let token = token.map_err(|_| StoreError::Panicked)?;
        let Some(token) = token.map_err(|source| in_passage(deps, source))? else { continue };
        let copy = passage.join(format!("{id}.token"));
        tokio::fs::write(&copy, token).await.map_err(|source| in_passage(deps, source))?;
        add(deps, draft, &format!("{ARCHIVE}/{id}"), &copy).await?;
    }
    Ok(())
}

async fn add_clients(
    deps: &Deps,
    draft: &mut Draft,
    all: Vec<Client>,
) -> Result<Coverage, BackUpHostError> {
    let mut coverage = Coverage::default();
    let copies = all.into_iter().map(|client| copies::copy(deps.clone(), client));
    let copies: Vec<_> = copies.map(futures::FutureExt::boxed).collect();
    let mut copies = stream::iter(copies).buffer_unordered(AT_ONCE);
    while let Some((copied, client)) = copies.next().await {
        let name = name_of(client.id);
        match copied {
            Ok(copy) => {
                coverage.all += 1;
                add(deps, draft, &name, &copy).await?;
            }
            Err(NoCopy::Disk(source)) => return Err(in_passage(deps, source)),
            Err(why) => carry(draft, &name, &client, &why, &mut coverage).await?,
        }
    }
    Ok(coverage)
}

/// Takes a client's copy over from the backup before.
async fn carry(
    draft: &mut Draft,
    name: &str,
    client: &Client,
    why: &NoCopy,
    coverage: &mut Coverage,
) -> Result<(), BackUpHostError> {
    let (id, error) = (client.id, cure::told(why));
    let serves = client.subscription.service() != Service::None;
    match draft.carry(name).await? {
        Some(taken) => {
            coverage.all += 1;
            coverage.carried += 1;
            coverage.oldest = Some(coverage.oldest.map_or(taken, |it| it.min(taken)));
            if serves {
                tracing::warn!(event = "backup.client_carried", client = %id, error, %taken,
                    "a client has sent no copy; that of an earlier backup is taken over");
            } else {
                tracing::debug!(event = "backup.client_carried", client = %id, error, %taken,
                    "the data of a client that is not served is as it was");
            }
        }
        // Nothing of it was ever started, so there is nothing to lose.
        None if client.runtime == RuntimeState::None => {}
        None => {
            coverage.all += 1;
            coverage.missing += 1;
            tracing::warn!(event = "backup.client_missing", client = %id, error,
                "there is no copy of a client's data, now or from earlier");
        }
    }
    Ok(())
}

/// Adds a copy and deletes it.
async fn add(
    deps: &Deps,
    draft: &mut Draft,
    name: &str,
    copy: &Path,
) -> Result<(), BackUpHostError> {
    draft.add(name, copy).await?;
    tokio::fs::remove_file(copy).await.map_err(|source| in_passage(deps, source))
}

fn name_of(client: ClientId) -> String {
    format!("{CLIENTS}/{client}.redb")
}

fn in_passage(deps: &Deps, source: io::Error) -> BackUpHostError {
    BackUpHostError::Passage { path: passage(&deps.config.server.data_dir), source }
}

/// Makes the directory of copies in passing, or empties it.
async fn clear(deps: &Deps) -> io::Result<()> {
    let passage = passage(&deps.config.server.data_dir);
    match tokio::fs::remove_dir_all(&passage).await {
        Err(err) if err.kind() != io::ErrorKind::NotFound => return Err(err),
        _ => {}
    }
    tokio::fs::DirBuilder::new().recursive(true).mode(0o700).create(passage).await
}

async fn keep(deps: &Deps, made: Made) -> Result<(), BackUpHostError> {
    let kept = made.clone();
    deps.store.write::<_, StoreError>(move |txn| host_backups::succeed(txn, &kept)).await?;
    deps.vault.is_well();
    let Made { id, files, bytes, kept_bytes, stored_bytes, clients, .. } = made;
    let took_s = made.ended_at.duration_since(made.began_at).as_secs();
    tracing::info!(
        event = "backup.made",
        backup = id,
        files,
        bytes,
        kept_bytes,
        stored_bytes,
        took_s,
        clients = clients.all,
        carried = clients.carried,
        missing = clients.missing,
        "a backup of the host was made and read back"
    );
    Ok(())
}

async fn prune(deps: &Deps) {
    let pruned = deps.vault.prune(deps.config.backup.keep, deps.clock.now()).await;
    if let Err(err) = pruned {
        let error = cure::told(&err);
        tracing::warn!(event = "backup.not_pruned", error, "older backups cannot be deleted");
    }
}

async fn fail(deps: &Deps, err: &BackUpHostError, chance: Chance) {
    let at = deps.clock.now();
    let (why, cure) = (cure::told(err), deps.vault.cure(err));
    tracing::error!(event = "backup.failed", error = why, cure, "the host was not backed up");
    let failed = Failed { at, why, cure };
    let kept = deps.store.write(move |txn| host_backups::fail(txn, &failed)).await;
    let told = match chance {
        Chance::More => Ok(()),
        Chance::Last => tell_once_a_day(deps, "backup", &Notice::BackupTrouble).await,
    };
    if let Err(err) = kept.and(told) {
        tracing::error!(event = "store.failed", error = %err, "a failure cannot be written down");
    }
}
