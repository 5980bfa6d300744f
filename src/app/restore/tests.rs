use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;

use jiff::SignedDuration;

use super::*;
use crate::app::key;
use crate::domain::client::{Bot, Client, RuntimeState};
use crate::domain::ids::UserId;
use crate::domain::subscription::Subscription;
use crate::domain::token::BotToken;
use crate::external::vault::Vault;
use crate::external::vault::directory::Directory;
use crate::store::secrets::{self, Sealer};

const IDENTITY: &str = "AGE-SECRET-KEY-1CYL72SPRHVJ0MEMXS5UZ5REJUM5CVG0CC73CG9GX3TR5F07EQG4SK3VJQE";
const TOKEN: &str = "123456:AAH5YkoiEuPk8-FZa32hStHTqXiLPtAEhx8";
const KEY: [u8; 32] = [7; 32];

/// A host that was lost, its backups, and a fresh one.
struct World {
    dir: tempfile::TempDir,
    fresh: PathBuf,
}

fn now() -> Timestamp {
    "2026-11-30T08:00:00Z".parse().unwrap()
}

fn id(number: u128) -> ClientId {
    ClientId::from_bits(number)
}

/// Makes a database with as many clients, their tokens sealed by `KEY`.
async fn database(path: &Path, count: u128) {
    let store = Store::open(path, OPTIONS).unwrap();
    let sealer = Sealer::new(&KEY).unwrap();
    let token: BotToken = TOKEN.parse().unwrap();
    for number in 1..=count {
        let secret = sealer.seal(id(number), &token).unwrap();
        let client = Client {
            id: id(number),
            company: "Salon".parse().unwrap(),
            owner: UserId::new(5000).unwrap(),
            bot: Bot { id: token.bot(), username: format!("bot_{number}").parse().unwrap() },
            plan: None,
            subscription: Subscription::Active {
                paid_until: now() + SignedDuration::from_hours(24),
            },
            runtime: RuntimeState::Starting,
            problem: None,
            created_at: now(),
        };
        let write = store.write::<_, StoreError>(move |txn| {
            secrets::put(txn, client.id, &secret)?;
            if number == 1 { clients::put(txn, &client) } else { Ok(()) }
        });
        write.await.unwrap();
    }
    store.close();
}

impl World {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let fresh = dir.path().join("fresh");
        fs::create_dir_all(dir.path().join("etc")).unwrap();
        Self { dir, fresh }
    }

    fn books(&self) -> Books {
        Books::new(Arc::new(Directory::ours(self.dir.path().join("vault"))))
    }

    fn sources(&self) -> Sources {
        let file = Some(self.dir.path().join("etc/slotbox.toml"));
        Sources { file, environment: BTreeMap::new(), credentials: None }
    }

    fn key(&self) -> PathBuf {
        key::place(&self.sources()).unwrap()
    }

    /// Makes a backup of a host with a client; with its key, if it is encrypted.
    async fn back_up(&self, encrypted: bool) -> BackupId {
        self.back_up_as(&KEY, encrypted).await
    }

    /// As [`World::back_up`], of a host whose sealing key, after all, is `signer`.
    async fn back_up_as(&self, signer: &[u8], encrypted: bool) -> BackupId {
        let recipients =
            if encrypted { Identity::parse(IDENTITY).unwrap().recipients() } else { Vec::new() };
        let place = Arc::new(Directory::ours(self.dir.path().join("vault")));
        let keys = crate::app::vault::keys(&Sealer::new(signer).unwrap(), recipients);
        let vault = Vault::new(place, keys);
        let file = |name: &str| self.dir.path().join(name);
        fs::remove_file(file("lost.redb")).ok();
        database(&file("lost.redb"), 3).await;
        fs::write(file("key"), KEY).unwrap();
        fs::write(file("token"), b"sealed").unwrap();
        let mut draft = vault.begin(now()).await.unwrap();
        draft.add(DATABASE, &file("lost.redb")).await.unwrap();
        for number in [1, 2] {
            let name = format!("{CLIENTS}/{}.redb", id(number));
            draft.add(&name, &file("lost.redb")).await.unwrap();
        }
        draft.add(&format!("{ARCHIVE}/{}", id(3)), &file("token")).await.unwrap();
        if encrypted {
            draft.add(SEALING_KEY, &file("key")).await.unwrap();
        }
        draft.finish().await.unwrap().id
    }

    async fn restore(&self, id: BackupId, present: Present) -> anyhow::Result<Report> {
        self.restore_of(id, None, present).await
    }

    async fn restore_of(
        &self,
        id: BackupId,
        host: Option<HostId>,
        present: Present,
    ) -> anyhow::Result<Report> {
        let identity = Some(Identity::parse(IDENTITY).unwrap());
        let (data_dir, sources) = (self.fresh.clone(), self.sources());
        let (books, now) = (self.books(), now());
        let what = Restore { books, id, identity, host, data_dir, sources, present, now };
        restore(what).await
    }

    fn entries(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.fresh).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

fn refused(told: anyhow::Result<Report>) -> String {
    format!("{:#}", told.unwrap_err())
}

#[tokio::test]
async fn a_lost_host_comes_back_with_its_key() {
    let world = World::new();
    let backup = world.back_up(true).await;
    let report = world.restore(backup, Present::Spare).await.unwrap();
    assert_eq!((report.clients, report.orders, report.payments), (1, 0, 0));
    assert_eq!(report.data, [(id(1), None), (id(2), None)]);
    assert_eq!(report.key, KeyFate::Restored(world.key()));
    assert_eq!(fs::read(world.key()).unwrap(), KEY);
    assert_eq!(world.entries(), ["archive", "seeds", "slotbox.redb"]);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let seed = world.fresh.join(format!("seeds/{}.redb", id(1)));
    assert!(backup::check(&seed).is_ok());
    assert_eq!((mode(&seed), mode(&world.fresh.join("seeds"))), (0o600, 0o700));
    assert_eq!(mode(&world.fresh.join(DATABASE)), 0o600);
    let token = world.fresh.join(format!("archive/{}/token", id(3)));
    assert_eq!(fs::read(token).unwrap(), b"sealed");

    // What is there stays, unless it is to be put aside; and it is never deleted.
    let told = refused(world.restore(backup, Present::Spare).await);
    assert!(told.contains("--replace"), "{told}");
    let report = world.restore(backup, Present::MoveAside).await.unwrap();
    let aside = report.aside.unwrap();
    assert_eq!(aside, world.fresh.join("replaced-20261130T080000Z"));
    assert!(aside.join(DATABASE).exists() && aside.join("seeds").exists());
    assert_eq!(report.key, KeyFate::Kept);
}

#[tokio::test]
async fn a_running_serve_is_not_disturbed() {
    let world = World::new();
    let backup = world.back_up(true).await;
    fs::create_dir(&world.fresh).unwrap();
    let store = Store::open(&world.fresh.join(DATABASE), OPTIONS).unwrap();
    let told = refused(world.restore(backup, Present::MoveAside).await);
    assert!(told.contains("systemctl stop slotbox"), "{told}");
    assert_eq!(world.entries(), [DATABASE]);
    store.close();
}

#[tokio::test]
async fn the_key_must_be_the_one_that_opens_what_is_sealed() {
    let world = World::new();
    let backup = world.back_up(false).await;
    let told = refused(world.restore(backup, Present::Spare).await);
    assert!(told.contains("put it to"), "{told}");
    assert!(world.entries().is_empty());

    key::write(&world.key(), &[8; 32]).unwrap();
    let told = refused(world.restore(backup, Present::Spare).await);
    assert!(told.contains("does not open"), "{told}");
    assert_eq!(fs::read(world.key()).unwrap(), [8; 32]);

    key::write(&world.key(), &KEY).unwrap();
    let report = world.restore(backup, Present::Spare).await.unwrap();
    assert_eq!(report.key, KeyFate::Kept);
}

/// A package that was just installed has made a key of its own.
#[tokio::test]
async fn a_fresh_hosts_key_makes_room_for_the_one_of_the_backup() {
    let world = World::new();
    let backup = world.back_up(true).await;
    key::write(&world.key(), &[8; 32]).unwrap();
    let report = world.restore(backup, Present::Spare).await.unwrap();
    let KeyFate::Replaced(place, aside) = report.key else { panic!("{:?}", report.key) };
    assert_eq!((fs::read(place).unwrap(), fs::read(aside).unwrap()), (KEY.into(), [8; 32].into()));
}

#[tokio::test]
async fn a_damaged_backup_changes_nothing_and_a_broken_off_restore_is_gone_on_from() {
    let world = World::new();
    let backup = world.back_up(true).await;
    let objects = world.dir.path().join("vault/objects");
    let lost = fs::read_dir(&objects).unwrap().next().unwrap().unwrap().path();
    let bytes = fs::read(&lost).unwrap();
    fs::remove_file(&lost).unwrap();
    fs::create_dir(&world.fresh).unwrap();
    database(&world.fresh.join(DATABASE), 1).await;
    let before = fs::read(world.fresh.join(DATABASE)).unwrap();
    let told = refused(world.restore(backup, Present::MoveAside).await);
    assert!(told.contains("use another backup"), "{told}");
    assert_eq!(world.entries(), [DATABASE]);
    assert!(fs::read(world.fresh.join(DATABASE)).unwrap() == before);
    assert!(!world.key().exists());

    // As a restore that was killed leaves it: the old data aside, a part of the new in place.
    fs::write(&lost, bytes).unwrap();
    fs::create_dir_all(world.fresh.join(STAGING).join("files")).unwrap();
    fs::create_dir_all(world.fresh.join("seeds")).unwrap();
    fs::create_dir_all(world.fresh.join("replaced-1")).unwrap();
    fs::rename(world.fresh.join(DATABASE), world.fresh.join("replaced-1").join(DATABASE)).unwrap();
    let report = world.restore(backup, Present::Spare).await.unwrap();
    assert_eq!(report.clients, 1);
    let names = ["archive", "replaced-1", "replaced-20261130T080000Z", "seeds", "slotbox.redb"];
    assert_eq!(world.entries(), names);
}

#[tokio::test]
async fn a_rehearsal_leaves_nothing() {
    let world = World::new();
    let backup = world.back_up(false).await;
    let beside = world.dir.path().join("scratch");
    fs::create_dir(&beside).unwrap();
    let (books, sources) = (world.books(), world.sources());
    let (rehearsed, origin) = rehearse(&books, backup, None, &beside, &sources).await.unwrap();
    assert_eq!((rehearsed.files.len(), origin), (4, Origin::Unknown));
    key::write(&world.key(), &KEY).unwrap();
    let (_, origin) = rehearse(&books, backup, None, &beside, &sources).await.unwrap();
    assert_eq!(origin, Origin::Proven);
    assert_eq!(fs::read_dir(&beside).unwrap().count(), 0);
}

#[tokio::test]
async fn only_a_backup_of_the_host_that_is_wanted_comes_back() {
    let world = World::new();
    let host = |key: &[u8]| crate::app::vault::keys_of(key).unwrap().host().clone();
    let backup = world.back_up(true).await;
    let told = refused(world.restore_of(backup, Some(host(&[8; 32])), Present::Spare).await);
    assert!(told.contains(&host(&KEY).to_string()) && told.contains("and not of"), "{told}");
    let report = world.restore_of(backup, Some(host(&KEY)), Present::Spare).await.unwrap();
    assert_eq!((&report.summary.host, report.origin), (&host(&KEY), Origin::Proven));

    // It opens with the operator's key, as anybody can encrypt to it, but not with the host's.
    let forged = world.back_up_as(&[9; 32], true).await;
    let told = refused(world.restore_of(forged, None, Present::MoveAside).await);
    assert!(told.contains("is forged") && told.contains(&host(&[9; 32]).to_string()), "{told}");
    assert!(world.entries().contains(&DATABASE.to_owned()), "what was there is as it was");
}

#[tokio::test]
async fn a_backup_that_is_not_encrypted_is_known_by_the_key_of_its_host() {
    let world = World::new();
    let backup = world.back_up(false).await;
    let forged = world.back_up_as(&[9; 32], false).await;
    key::write(&world.key(), &KEY).unwrap();
    let told = refused(world.restore(forged, Present::Spare).await);
    assert!(told.contains("is forged"), "{told}");
    let report = world.restore(backup, Present::Spare).await.unwrap();
    assert_eq!(report.origin, Origin::Proven);
}
