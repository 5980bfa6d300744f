//! Back up a client: its bot copies its database and sends the copy through its gateway.
//!
//! The newest copies are kept in `backups/clients/<client>/<time>.redb` of the data directory; those for a
//! backup of the whole host lie in [`passage`] until they are in it, and the last one of a bot that rests
//! in a container is its [`parting_copy`].

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use futures::{Stream, StreamExt as _};
use tokio::time::{Instant, sleep, timeout};

use super::backups::Place;
use super::cause::{Cause, KeyReused, job_of};
use super::life::entry;
use crate::deps::Deps;
use crate::domain::actor::Actor;
use crate::domain::ids::{ClientId, JobId};
use crate::domain::job::Job;
use crate::domain::subscription::Service;
use crate::external::incoming::Incoming;
use crate::random::{self, NoRandom};
use crate::store::{OpenError, StoreError, audit, backup, clients, jobs};

/// How long a bot may take from the wish to the end of its copy.
const WITHIN: Duration = Duration::from_mins(2);
/// How often a bot is asked that sends a copy to somebody else.
const ASK_AGAIN_AFTER: Duration = Duration::from_millis(200);
/// A parting copy in its directory.
const LAST: &str = "last.redb";

/// Why a client is not backed up.
#[derive(Debug, thiserror::Error)]
pub enum BackUpError {
    /// There is no such client.
    #[error("there is no such client")]
    UnknownClient,
    /// The client has given up; nothing of it runs that could send a copy.
    #[error("the client has no bot that could run")]
    NothingToRun,
    /// A copy is wished for already.
    #[error("another backup of the client is under way")]
    UnderWay,
    /// The bot has sent nothing, or nothing whole.
    #[error("the client's bot has sent no copy")]
    NoAnswer,
    /// No copy was wished for under this number.
    #[error("no such copy is wished for")]
    NotWished,
    /// The copy broke off.
    #[error("the copy broke off")]
    BrokeOff,
    /// The copy cannot be written.
    #[error("the copy cannot be kept")]
    Disk(#[from] io::Error),
    /// The copy is no sound database.
    #[error("the copy is no sound database")]
    Unsound(#[source] OpenError),
    /// The idempotency key was used for something else.
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
    /// The system gave no random bytes.
    #[error(transparent)]
    Random(#[from] NoRandom),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Queues a backup, in one transaction with its line in the audit log.
///
/// Safe to repeat: the same `cause` queues one.
///
/// # Errors
///
/// Returns [`BackUpError`], and nothing is changed.
pub async fn ask_backup(
    deps: &Deps,
    cause: Cause,
    id: ClientId,
    by: Actor,
) -> Result<JobId, BackUpError> {
    let now = deps.clock.now();
    let write = deps.store.write(move |txn| {
        if let Some(known) = cause.effect::<BackUpError>(txn, now)? {
            return Ok(job_of(&known)?);
        }
        let client = clients::get(txn, id)?.ok_or(BackUpError::UnknownClient)?;
        if client.subscription.service() == Service::None {
            return Err(BackUpError::NothingToRun);
        }
        audit::append(txn, &entry(now, id, by, "client.backup_asked", String::new()))?;
        let job = jobs::push(txn, now, &Job::BackUp(id))?;
        cause.remember(txn, now, &job.0.to_be_bytes())?;
        Ok(job)
    });
    write.await
}

/// Has the client's bot send a copy of its database, waits until it is kept, and returns where.
///
/// # Errors
///
/// Returns [`BackUpError`]; try again.
pub async fn back_up(deps: &Deps, id: ClientId) -> Result<PathBuf, BackUpError> {
    let client = deps.store.read(|snap| clients::get(snap, id))?;
    let client = client.ok_or(BackUpError::UnknownClient)?;
    if client.subscription.service() == Service::None {
        return Err(BackUpError::NothingToRun);
    }
    ask(deps, id, Place::Kept, WITHIN).await
}

/// Has the client's bot send a copy of its database, after those that others have asked it for, and
/// returns where it lies. Whoever gets it deletes it.
///
/// # Errors
///
/// Returns [`BackUpError`] if no sound copy comes in time.
pub(super) async fn fetch(
    deps: &Deps,
    id: ClientId,
    place: Place,
    within: Duration,
) -> Result<PathBuf, BackUpError> {
    let deadline = Instant::now() + within;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        match ask(deps, id, place, left).await {
            Err(BackUpError::UnderWay) if !left.is_zero() => sleep(ASK_AGAIN_AFTER).await,
            Err(BackUpError::UnderWay) => return Err(BackUpError::NoAnswer),
            fetched => return fetched,
        }
    }
}

async fn ask(
    deps: &Deps,
    id: ClientId,
    place: Place,
    within: Duration,
) -> Result<PathBuf, BackUpError> {
    // Small enough to be exact in any JSON reader.
    let number = u64::from_be_bytes(random::bytes()?) >> 11;
    let mut awaited = deps.backups.wish(id, number, place).ok_or(BackUpError::UnderWay)?;
    deps.changes.notify();
    let answered = timeout(within, awaited.here()).await;
    drop(awaited);
    deps.changes.notify();
    answered.map_err(|_| BackUpError::NoAnswer)
}

/// Where copies lie that are on their way into a backup of the host, in the data directory. Nothing
/// in it outlives the backup.
pub(super) fn passage(data_dir: &Path) -> PathBuf {
    data_dir.join("backups").join("passing")
}

/// Where the copy lies that a bot has sent before it was stopped, in the data directory.
pub(super) fn parting_copy(data_dir: &Path, id: ClientId) -> PathBuf {
    data_dir.join("parting").join(id.to_string()).join(LAST)
}

/// Takes in the copy that was wished for under `number`: writes it beside the others, looks through
/// it from end to end, and only then gives it its name.
///
/// # Errors
///
/// Returns [`BackUpError`], and nothing is left of the copy.
pub async fn receive<B: AsRef<[u8]>, E>(
    deps: &Deps,
    id: ClientId,
    number: u64,
    copy: impl Stream<Item = Result<B, E>>,
) -> Result<(), BackUpError> {
    let coming = deps.backups.let_in(id, number).ok_or(BackUpError::NotWished)?;
    let data_dir = &deps.config.server.data_dir;
    let by_time = format!("{}.redb", deps.clock.now().strftime("%Y%m%dT%H%M%SZ"));
    let path = match coming.place() {
        Place::Kept => directory(data_dir, id).join(by_time),
        Place::InPassing => passage(data_dir).join(id.to_string()).join(by_time),
        Place::Parting => parting_copy(data_dir, id),
    };
    let directory = path.parent().unwrap_or(data_dir).to_owned();
    let written = timeout(WITHIN, write(&directory, copy)).await;
    let incoming = written.map_err(|_| BackUpError::BrokeOff)??;
    let unnamed = incoming.path().to_owned();
    let checked = tokio::task::spawn_blocking(move || backup::check(&unnamed)).await;
    checked.map_err(|_| StoreError::Panicked)?.map_err(BackUpError::Unsound)?;
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or(LAST);
    let bytes = incoming.keep(name).await?;
    match coming.place() {
        Place::Kept => {
            coming.arrive(path);
            tracing::info!(event = "client.backed_up", client = %id, bytes, "a client was backed up");
            if let Err(err) = prune(directory, deps.config.backup.keep).await {
                tracing::warn!(event = "backup.not_pruned", client = %id, error = %err,
                    "older copies of a client cannot be deleted");
            }
        }
        Place::InPassing | Place::Parting => {
            if !coming.arrive(path.clone()) {
                tokio::fs::remove_file(path).await?; // It came too late for what it was for.
            }
        }
    }
    Ok(())
}

/// Deletes all but the newest copies; their names are in the order of their times.
async fn prune(directory: PathBuf, keep: u32) -> io::Result<()> {
    let prune = move || {
        let mut copies = Vec::new();
        for entry in std::fs::read_dir(directory)? {
            let path = entry?.path();
            copies.extend(path.extension().is_some_and(|it| it == "redb").then_some(path));
        }
        copies.sort_unstable();
        let too_many = copies.len().saturating_sub(usize::try_from(keep).unwrap_or(usize::MAX));
        copies.into_iter().take(too_many).try_for_each(std::fs::remove_file)
    };
    let done = tokio::task::spawn_blocking(prune).await;
    done.unwrap_or_else(|_| Err(io::Error::other("the work panicked")))
}

async fn write<B: AsRef<[u8]>, E>(
    directory: &Path,
    copy: impl Stream<Item = Result<B, E>>,
) -> Result<Incoming, BackUpError> {
    let mut incoming = Incoming::begin(directory).await?;
    let mut copy = std::pin::pin!(copy);
    while let Some(chunk) = copy.next().await {
        let chunk = chunk.map_err(|_| BackUpError::BrokeOff)?;
        incoming.write(chunk.as_ref()).await?;
    }
    incoming.sync().await?;
    Ok(incoming)
}

/// Where the copies of a client are kept.
fn directory(data_dir: &Path, id: ClientId) -> PathBuf {
    data_dir.join("backups").join("clients").join(id.to_string())
}

#[cfg(test)]
mod tests {
    use futures::stream;

    use super::*;
    use crate::store::{Options, Store};
    use crate::testing::Host;

    const TOKEN: &str = "700001:AAH5YkoiEuPk8-FZa32hStHTqXiLPtAEhx8";

    fn host() -> Host {
        Host::new("http://127.0.0.1:1", Path::new("/bin/false"), Duration::ZERO)
    }

    fn chunks(bytes: &[u8]) -> impl Stream<Item = Result<Vec<u8>, io::Error>> {
        let chunks: Vec<_> = bytes.chunks(1000).map(|chunk| Ok(chunk.to_vec())).collect();
        stream::iter(chunks)
    }

    /// Returns the bytes of a sound database.
    fn sound(dir: &Path) -> Vec<u8> {
        let path = dir.join("sound.redb");
        Store::open(&path, Options { cache_bytes: 1 << 20 }).unwrap().close();
        std::fs::read(path).unwrap()
    }

    fn kept(deps: &Deps, id: ClientId) -> Vec<String> {
        let entries = std::fs::read_dir(directory(&deps.config.server.data_dir, id));
        let names = entries.into_iter().flatten();
        names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    async fn wished(deps: &Deps, id: ClientId) -> u64 {
        loop {
            match deps.backups.wished(id) {
                Some(number) => return number,
                None => tokio::task::yield_now().await,
            }
        }
    }

    #[tokio::test]
    async fn a_copy_is_kept_once_it_is_whole_and_sound() {
        let (host, dir) = (host(), tempfile::tempdir().unwrap());
        let deps = &host.deps;
        let id = host.add_client(1, 5001, TOKEN).await;
        let good = sound(dir.path());
        let sends = async {
            let number = wished(deps, id).await;
            let foreign = receive(deps, id, number ^ 1, chunks(&good)).await;
            assert!(matches!(foreign, Err(BackUpError::NotWished)), "{foreign:?}");
            let nonsense = receive(deps, id, number, chunks(&[7; 5000])).await;
            assert!(matches!(nonsense, Err(BackUpError::Unsound(_))), "{nonsense:?}");
            let half = receive(deps, id, number, chunks(&good[..good.len() / 2])).await;
            assert!(matches!(half, Err(BackUpError::Unsound(_))), "{half:?}");
            let broken = chunks(&good).take(2).chain(stream::iter([Err(io::Error::other("cut"))]));
            let broken = receive(deps, id, number, broken).await;
            assert!(matches!(broken, Err(BackUpError::BrokeOff)), "{broken:?}");
            assert!(kept(deps, id).is_empty(), "{:?}", kept(deps, id));
            receive(deps, id, number, chunks(&good)).await.unwrap();
        };
        let (backed_up, ()) = tokio::join!(back_up(deps, id), sends);
        backed_up.unwrap();
        let kept = kept(deps, id);
        assert!(kept.len() == 1 && kept[0].ends_with("Z.redb"), "{kept:?}");
        let late = receive(deps, id, 7, chunks(&good)).await;
        assert!(matches!(late, Err(BackUpError::NotWished)), "{late:?}");
    }

    #[tokio::test]
    async fn the_newest_copies_are_kept() {
        let dir = tempfile::tempdir().unwrap();
        let names = ["20261130T100000Z.redb", "20251130T100000Z.redb", "20261201T090000Z.redb"];
        for name in names.iter().chain(&["coming.part"]) {
            std::fs::write(dir.path().join(name), "").unwrap();
        }
        let left = async |keep| {
            prune(dir.path().to_owned(), keep).await.unwrap();
            let entries = std::fs::read_dir(dir.path()).unwrap();
            let mut left: Vec<_> = entries.map(|it| it.unwrap().file_name()).collect();
            left.sort_unstable();
            left
        };
        assert_eq!(left(4).await.len(), 4);
        assert_eq!(left(2).await, [names[0], names[2], "coming.part"]);
        assert_eq!(left(1).await, [names[2], "coming.part"]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_bot_that_sends_nothing_is_not_waited_for_for_ever() {
        let host = host();
        let id = host.add_client(1, 5001, TOKEN).await;
        let answered = back_up(&host.deps, id).await;
        assert!(matches!(answered, Err(BackUpError::NoAnswer)), "{answered:?}");
        assert_eq!(host.deps.backups.wished(id), None);
        let unknown = back_up(&host.deps, ClientId::from_bits(9)).await;
        assert!(matches!(unknown, Err(BackUpError::UnknownClient)), "{unknown:?}");
    }
}
