//! A bot that is to rest where nobody can read its data sends a last copy of it.

use std::collections::BTreeMap;

use futures::future::BoxFuture;
use futures::stream;

use super::*;
use crate::actions::archive::archive;
use crate::actions::back_up::back_up_host;
use crate::actions::back_up_client::{parting_copy, receive};
use crate::actions::cancel::cancel;
use crate::actions::undo::{undo, undoable};
use crate::domain::backup::Coverage;
use crate::domain::home::Place;
use crate::domain::subscription::ArchivedBy;
use crate::external::containers::process::{ProcessSettings, Processes};
use crate::external::containers::{Layout, Renewal, Runtime, Standing};
use crate::external::vault::directory::Directory;
use crate::external::vault::{Books, Which};
use crate::store::{Options, Store, host_backups};

/// Processes whose data nobody reads but they themselves, as it is with containers.
struct Closed(Processes);

impl Runtime for Closed {
    fn ensure_running(&self, client: ClientId) -> BoxFuture<'_, Result<(), RuntimeError>> {
        self.0.ensure_running(client)
    }
    fn stop(&self, client: ClientId) -> BoxFuture<'_, Result<(), RuntimeError>> {
        self.0.stop(client)
    }
    fn restart(&self, client: ClientId) -> BoxFuture<'_, Result<(), RuntimeError>> {
        self.0.restart(client)
    }
    fn archive(&self, client: ClientId) -> BoxFuture<'_, Result<(), RuntimeError>> {
        self.0.stop(client) // The volume stays as it is.
    }
    fn remove(&self, client: ClientId) -> BoxFuture<'_, Result<(), RuntimeError>> {
        self.0.remove(client)
    }
    fn renew(&self, client: ClientId) -> BoxFuture<'_, Result<Renewal, RuntimeError>> {
        self.0.renew(client)
    }
    fn restore(&self, client: ClientId) -> BoxFuture<'_, Result<(), RuntimeError>> {
        self.0.restore(client)
    }
    fn inspect(&self, client: ClientId) -> BoxFuture<'_, Result<RuntimeStatus, RuntimeError>> {
        self.0.inspect(client)
    }
    fn log(
        &self,
        client: ClientId,
        lines: u16,
    ) -> BoxFuture<'_, Result<Vec<String>, RuntimeError>> {
        self.0.log(client, lines)
    }
    fn list(&self) -> BoxFuture<'_, Result<BTreeMap<ClientId, Standing>, RuntimeError>> {
        self.0.list()
    }
    fn place(&self) -> Place {
        Place::Container
    }
    fn shutdown(&self) -> BoxFuture<'_, ()> {
        self.0.shutdown()
    }
}

/// A bench whose bot runs, and cannot be looked into.
async fn closed() -> (Bench, tempfile::TempDir) {
    let mut bench = Bench::new(OBEDIENT, patient()).await;
    let volumes = tempfile::tempdir().unwrap();
    let layout = Layout::new(volumes.path(), volumes.path());
    fs::create_dir_all(layout.data_dir(bench.id)).unwrap();
    let script = bench.host.layout.data_dir(bench.id);
    fs::copy(script.join("client"), layout.data_dir(bench.id).join("client")).unwrap();
    fs::remove_dir_all(&script).unwrap();
    let mut settings = ProcessSettings::new("/bin/sh".into(), layout);
    settings.stop_within = Duration::from_secs(2);
    bench.host.deps.runtime = Arc::new(Closed(Processes::new(settings)));
    start(&bench).await;
    (bench, volumes)
}

/// Deploys, and reports for the bot as soon as it runs.
async fn start(bench: &Bench) {
    let reporting = async {
        until("it runs", || bench.runs()).await;
        bench.deps().health.report(bench.id);
    };
    let (deployed, ()) = tokio::join!(deploy(bench.deps(), bench.id, Chance::More), reporting);
    deployed.unwrap();
}

/// Returns a sound database in which so many things were done.
async fn data(things: u64) -> Vec<u8> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("client.redb");
    let store = Store::open(&path, Options { cache_bytes: 1 << 20 }).unwrap();
    let write = store.write::<_, StoreError>(move |txn| {
        for _ in 0..things {
            let (at, client) = (jiff::Timestamp::UNIX_EPOCH, None);
            let (actor, action, detail) = ("a".to_owned(), "b".to_owned(), "c".to_owned());
            audit::append(txn, &audit::Entry { at, actor, action, client, detail })?;
        }
        Ok(())
    });
    write.await.unwrap();
    store.close();
    fs::read(path).unwrap()
}

/// Sends this copy as soon as one is wished for.
async fn send(bench: &Bench, copy: &[u8]) {
    let mut wish = None;
    until("a copy is wished for", || {
        wish = bench.deps().backups.wished(bench.id);
        wish.is_some()
    })
    .await;
    assert!(bench.runs(), "it is stopped before it has sent its copy");
    let chunks = stream::iter([Ok::<_, io::Error>(copy.to_vec())]);
    receive(bench.deps(), bench.id, wish.unwrap(), chunks).await.unwrap();
}

/// Backs the host up, and tells of how many clients it has data.
async fn back_up(bench: &Bench) -> Coverage {
    let due = bench.deps().clock.now();
    back_up_host(bench.deps(), due, Chance::More).await.unwrap();
    let record = bench.deps().store.read(|snap| host_backups::get(snap)).unwrap();
    record.made.unwrap().clients
}

/// Tells how many things were done in the client's data as the newest backup has it.
async fn backed_up(bench: &Bench) -> usize {
    let place = bench.deps().config.server.data_dir.join("backups/vault");
    let books = Books::new(Arc::new(Directory::ours(place)));
    let dir = tempfile::tempdir().unwrap();
    let id = books.find(Which::Latest).await.unwrap();
    books.restore(id, None, dir.path()).await.unwrap();
    let path = dir.path().join(format!("clients/{}.redb", bench.id));
    let store = Store::open(&path, Options { cache_bytes: 1 << 20 }).unwrap();
    let things = store.read(|snap| audit::list(snap, None, 99)).unwrap().len();
    store.close();
    things
}

const WHOLE: Coverage = Coverage { all: 1, carried: 0, oldest: None, missing: 0 };

#[tokio::test]
async fn what_a_stopped_bot_knew_last_is_in_every_backup_from_then_on() {
    let (bench, _volumes) = closed().await;
    let (early, late, later) = (data(1).await, data(2).await, data(3).await);
    let (covered, ()) = tokio::join!(back_up(&bench), send(&bench, &early));
    assert_eq!(covered, WHOLE);
    assert_eq!(backed_up(&bench).await, 1);

    cancel(bench.deps(), cause(), bench.id, operator()).await.unwrap();
    let resting = deploy(bench.deps(), bench.id, Chance::More);
    let (rested, ()) = tokio::join!(resting, send(&bench, &late));
    rested.unwrap();
    assert!(!bench.runs());
    // It is done once more, as after a crash: nothing runs that could be asked, and the copy stays.
    deploy(bench.deps(), bench.id, Chance::More).await.unwrap();
    for _ in 0..2 {
        assert_eq!(back_up(&bench).await, WHOLE);
        assert_eq!(backed_up(&bench).await, 2);
    }

    // It comes back: what it has now counts, and no old copy passes for it.
    let (deps, known) = (bench.deps(), bench.host.client(bench.id));
    let last = deps.store.read(|snap| undoable(snap, &known, deps.clock.now())).unwrap().unwrap();
    undo(deps, cause(), bench.id, last.at, operator()).await.unwrap();
    start(&bench).await;
    let parting = parting_copy(&bench.deps().config.server.data_dir, bench.id);
    assert!(!parting.exists());
    let now = bench.deps().clock.now();
    let end = move |client: &mut Client| {
        let (granted, by) = (client.subscription.granted(), ArchivedBy::Time);
        client.subscription = Subscription::Archived { granted, since: now, by };
    };
    bench.host.change(bench.id, end).await;
    let (archived, ()) = tokio::join!(archive(bench.deps(), bench.id), send(&bench, &later));
    archived.unwrap();
    assert_eq!(back_up(&bench).await, WHOLE);
    assert_eq!(backed_up(&bench).await, 3);

    ask_removal(bench.deps(), cause(), bench.id, Force::Yes, operator()).await.unwrap();
    remove::remove(bench.deps(), bench.id).await.unwrap();
    assert!(!parting.exists());
}

#[tokio::test]
async fn a_bot_that_sends_no_last_copy_is_stopped_all_the_same_and_told_as_carried_over() {
    let (bench, _volumes) = closed().await;
    let early = data(1).await;
    tokio::join!(back_up(&bench), send(&bench, &early));
    cancel(bench.deps(), cause(), bench.id, operator()).await.unwrap();
    tokio::time::pause();
    deploy(bench.deps(), bench.id, Chance::More).await.unwrap();
    tokio::time::resume();
    assert!(!bench.runs());
    let covered = back_up(&bench).await;
    assert_eq!((covered.all, covered.carried, covered.missing), (1, 1, 0));
    assert!(covered.oldest.is_some());
    assert_eq!(backed_up(&bench).await, 1);
}
