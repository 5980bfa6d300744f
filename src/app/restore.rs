//! Brings a backup back: it is taken out beside the data, looked through, and only then put in
//! place, so that one that breaks off has changed nothing that cannot be gone on from.

mod key_of;
mod origin;
mod put;
mod settings;

use std::fs::{self, DirBuilder, File, TryLockError};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use jiff::Timestamp;

use self::key_of::KeyPlan;
use self::origin::{Bond, origin};
use self::put::Owner;
use crate::config::Sources;
use crate::domain::ids::ClientId;
use crate::external::vault::{
    BackupId, Books, CLIENTS, DATABASE, HostId, Identity, Proof, Restored, RestoredFile,
    SEALING_KEY, Summary,
};
use crate::random;
use crate::store::{Options, Read as _, Store, StoreError, backup, clients};

pub use key_of::KeyFate;
pub use origin::{Origin, insist};
pub use settings::settings_of;

/// Where a backup is taken out, in the data directory.
const STAGING: &str = "restoring";
/// The folder of archived clients' sealed tokens in a backup.
const ARCHIVE: &str = "archive";
const OPTIONS: Options = Options { cache_bytes: 16 << 20 };

/// What is to be brought back, and where to.
pub struct Restore {
    /// Where the backup is.
    pub books: Books,
    /// Which one.
    pub id: BackupId,
    /// What opens it, if it is encrypted.
    pub identity: Option<Identity>,
    /// The host that must have made it, if that matters.
    pub host: Option<HostId>,
    /// Where the data is to be.
    pub data_dir: PathBuf,
    /// Where the settings came from; the sealing key lies beside them.
    pub sources: Sources,
    /// What happens to a database that is there.
    pub present: Present,
    /// The time.
    pub now: Timestamp,
}

/// What happens to data that is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Present {
    /// Nothing, and nothing is brought back.
    Spare,
    /// It is moved aside.
    MoveAside,
}

/// What was brought back.
#[derive(Debug)]
pub struct Report {
    /// The backup.
    pub summary: Summary,
    /// What is known of who made it.
    pub origin: Origin,
    /// How many clients there are now.
    pub clients: u64,
    /// How many orders.
    pub orders: u64,
    /// How many payments.
    pub payments: u64,
    /// The clients whose bots' data was brought back, and of which instant it is if it was taken
    /// over from an older backup.
    pub data: Vec<(ClientId, Option<Timestamp>)>,
    /// What became of the sealing key.
    pub key: KeyFate,
    /// Where what was there before is now.
    pub aside: Option<PathBuf>,
}

/// What was taken out and found sound.
struct Sound {
    staging: PathBuf,
    origin: Origin,
    clients: u64,
    orders: u64,
    payments: u64,
    data: Vec<(ClientId, Option<Timestamp>)>,
    key: KeyPlan,
}

/// Brings the backup back.
///
/// # Errors
///
/// Returns what is wrong and how it is mended; what was there is as it was, or has been moved
/// aside whole. It can be tried again.
pub async fn restore(what: Restore) -> anyhow::Result<Report> {
    let owner = Owner::of(&what.data_dir)?;
    make(&what.data_dir).with_context(|| format!("cannot make {}", what.data_dir.display()))?;
    let held = hold(&what.data_dir.join(DATABASE), what.present)?;
    let staging = what.data_dir.join(STAGING);
    let done = bring_back(&what, &staging, &owner).await;
    fs::remove_dir_all(&staging).ok(); // What is left of it goes before the next try at the latest.
    drop(held);
    done
}

/// Tells whether data may be brought back there: nobody uses what is there, and it may be replaced.
///
/// # Errors
///
/// Returns why not.
pub fn may_restore(data_dir: &Path, present: Present) -> anyhow::Result<()> {
    hold(&data_dir.join(DATABASE), present).map(drop)
}

/// Takes a backup out below `scratch` and looks through every database of it, and leaves nothing,
/// also if it is dropped before it ends. Tells who made it, by the sealing key in it or else this host's.
///
/// # Errors
///
/// Returns what is wrong with it.
pub async fn rehearse(
    books: &Books,
    id: BackupId,
    identity: Option<&Identity>,
    scratch: &Path,
    sources: &Sources,
) -> anyhow::Result<(Restored, Origin)> {
    let number = u64::from_be_bytes(random::bytes()?);
    let staging = Scratch(scratch.join(format!("slotbox-verify-{number:016x}")));
    begin(&staging.0)?;
    let restored = books.restore(id, identity, &staging.0).await?;
    let files = restored.files.clone();
    tokio::task::spawn_blocking(move || check(&files)).await??;
    let origin = match held_key(&restored.files)? {
        Some(key) => origin(&restored.proof, Some((&key, Bond::Its)))?,
        None => recognize(&restored.proof, sources)?,
    };
    Ok((restored, origin))
}

/// Tells whether a backup is of this host, by its sealing key, if this user may read that.
///
/// # Errors
///
/// Returns that the backup is forged.
pub fn recognize(proof: &Proof, sources: &Sources) -> anyhow::Result<Origin> {
    let key = KeyPlan::here(sources).ok().flatten();
    origin(proof, key.as_deref().map(|key| (key, Bond::Perhaps)))
}

/// A directory that goes with the work in it.
struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

async fn bring_back(what: &Restore, staging: &Path, owner: &Owner) -> anyhow::Result<Report> {
    begin(staging)?;
    let files = staging.join("files");
    let restored = what.books.restore(what.id, what.identity.as_ref(), &files).await?;
    let (summary, sources) = (restored.summary.clone(), what.sources.clone());
    let (data_dir, now, owner) = (what.data_dir.clone(), what.now, *owner);
    let (staging, wanted) = (staging.to_owned(), what.host.clone());
    let work = tokio::task::spawn_blocking(move || {
        let sound = look_through(staging, &restored, &sources)?;
        insist(&restored.proof, sound.origin, wanted.as_ref())?;
        put::put(sound, &data_dir, &sources, owner, now)
    });
    let put = work.await??;
    let put::Placed { sound, key, aside } = put;
    let Sound { origin, clients, orders, payments, data, .. } = sound;
    Ok(Report { summary, origin, clients, orders, payments, data, key, aside })
}

/// Makes sure that nobody has the database open, for as long as what is returned is held.
fn hold(database: &Path, present: Present) -> anyhow::Result<Option<File>> {
    let file = match File::options().read(true).write(true).open(database) {
        Ok(file) => file,
        Err(err) if err.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(err) => return Err(err).context(format!("cannot open {}", database.display())),
    };
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => {
            bail!("slotbox serve runs with this database; stop it first: systemctl stop slotbox")
        }
        Err(TryLockError::Error(err)) => Err(err).context("cannot lock the database"),
        Ok(()) if present == Present::Spare => bail!(
            "there is a database already: {}; to put what is there aside and go on, give --replace",
            database.display()
        ),
        Ok(()) => Ok(Some(file)),
    }
}

/// Makes an empty directory for what is taken out.
fn begin(staging: &Path) -> anyhow::Result<()> {
    match fs::remove_dir_all(staging) {
        Err(err) if err.kind() != io::ErrorKind::NotFound => Err(err),
        // Not one that somebody else has made meanwhile.
        _ => DirBuilder::new().mode(0o700).create(staging),
    }
    .with_context(|| format!("cannot take the backup out into {}", staging.display()))
}

fn make(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Looks through every database, and at what is needed for the rest.
fn look_through(staging: PathBuf, restored: &Restored, sources: &Sources) -> anyhow::Result<Sound> {
    let files = &restored.files;
    let Some(database) = files.iter().find(|file| file.name == DATABASE) else {
        bail!("the backup holds no {DATABASE}")
    };
    check(files)?;
    let store = Store::open(&database.path, OPTIONS)?;
    let counts = store.read(|snap| {
        let payments = snap.payments().count()?;
        Ok::<_, StoreError>((clients::count(snap)?, snap.orders().count()?, payments))
    });
    let key = held_key(files).and_then(|held| KeyPlan::make(sources, held, &store));
    store.close();
    let ((clients, orders, payments), key) = (counts?, key?);
    let origin = origin(&restored.proof, key.signer())?;
    let data = files.iter().filter_map(|file| Some((client(&file.name, CLIENTS)?, file.from)));
    let data = data.collect();
    Ok(Sound { staging, origin, clients, orders, payments, data, key })
}

/// Reads the sealing key of a backup that holds one.
fn held_key(files: &[RestoredFile]) -> anyhow::Result<Option<Vec<u8>>> {
    let file = files.iter().find(|file| file.name == SEALING_KEY);
    let held = file.map(|file| fs::read(&file.path)).transpose();
    held.context("cannot read the backup's sealing key")
}

fn check(files: &[RestoredFile]) -> anyhow::Result<()> {
    let is_database = |file: &&RestoredFile| file.name.strip_suffix(".redb").is_some();
    for file in files.iter().filter(is_database) {
        backup::check(&file.path).with_context(|| {
            format!("{} of this backup is no sound database; use another backup", file.name)
        })?;
    }
    Ok(())
}

/// Returns the client that a file of a backup is of.
fn client(name: &str, folder: &str) -> Option<ClientId> {
    let name = name.strip_prefix(folder)?.strip_prefix('/')?;
    name.strip_suffix(".redb").unwrap_or(name).parse().ok()
}

#[cfg(test)]
mod tests;
