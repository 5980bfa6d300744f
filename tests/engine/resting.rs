//! A client's bot rests in its container, and what it knew last is in backups all the same.

use std::path::Path;
use std::sync::Arc;

use slotbox::actions::back_up::back_up_host;
use slotbox::actions::cancel::cancel;
use slotbox::actions::deploy::{Chance, deploy};
use slotbox::actions::undo::{undo, undoable};
use slotbox::domain::actor::Actor;
use slotbox::external::containers::{DATABASE, RuntimeStatus};
use slotbox::external::vault::directory::Directory;
use slotbox::external::vault::{Books, Which};
use slotbox::store::{StoreError, clients, host_backups};

use crate::host::Host;
use crate::moving::{content, of_deployer, visits};
use crate::run::Run;
use crate::story::book;
use crate::world::World;

/// Nobody but its bot reads a volume, and a bot that rests reads it no more.
#[tokio::test]
async fn what_a_bot_knew_when_it_was_stopped_is_in_backups() {
    let Some(run) = Run::begin().await else { return };
    let world = World::begin().await;
    let host = Host::start(&world, &run).await;
    let id = host.deploy(&world).await;
    let anna = world.telegram.chat("salon_bot", &world.telegram.person("Anna"));
    book(&anna).await;
    cancel(&host.deps, world.cause(), id, Actor::Api).await.unwrap();
    deploy(&host.deps, id, Chance::More).await.unwrap();
    assert_eq!(of_deployer(&host, id).await, RuntimeStatus::Stopped);
    let now = host.deps.clock.now();
    back_up_host(&host.deps, now, Chance::More).await.unwrap();
    let record = host.deps.store.read::<_, StoreError>(|snap| host_backups::get(snap)).unwrap();
    let covered = record.made.unwrap().clients;
    assert_eq!((covered.all, covered.carried, covered.missing), (1, 0, 0));

    let data = &world.deps.config.server.data_dir;
    let books = Books::new(Arc::new(Directory::ours(data.join("backups/vault"))));
    let (backup, taken) = (books.find(Which::Latest).await.unwrap(), tempfile::tempdir().unwrap());
    books.restore(backup, None, taken.path()).await.unwrap();
    let kept = content(&taken.path().join(format!("clients/{id}.redb")));
    let volume = run.docker.inspect_volume(&format!("{}-{id}", run.instance)).await.unwrap();
    assert_eq!(kept, content(&Path::new(&volume.mountpoint).join(DATABASE)));
    assert!(kept.iter().any(|row| row.0 == "bookings"), "{kept:?}");

    // It comes back, and sends what it knows now.
    let last = host.deps.store.read(|snap| {
        let client = clients::get(snap, id)?.unwrap();
        undoable(snap, &client, host.deps.clock.now())
    });
    let at = last.unwrap().unwrap().at;
    undo(&host.deps, world.cause(), id, at, Actor::Api).await.unwrap();
    deploy(&host.deps, id, Chance::More).await.unwrap();
    assert!(!data.join("parting").join(id.to_string()).exists());
    visits(&anna).await;
    host.end().await;
}
