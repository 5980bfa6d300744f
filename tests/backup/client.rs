//! One client's copy: the bot of a running host copies its database and sends it through its gateway.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::json;
use slotbox::clock::Clock;
use slotbox::sandbox::telegram::TelegramSim;
use slotbox::sandbox::yookassa::YooKassaSim;
use slotbox::store::{Options, Read, Store, backup, settings};

use crate::host::{Api, free_port, serve, stop};
use crate::house::{files, until};

#[tokio::test(flavor = "multi_thread")]
async fn a_client_is_backed_up_by_its_own_bot() {
    let shop = YooKassaSim::start(Clock::system()).await.unwrap();
    let telegram = TelegramSim::start(Clock::system()).await.unwrap();
    let (dir, port) = (tempfile::tempdir().unwrap(), free_port().unwrap());
    let mut serving = serve(dir.path(), port, &shop, &telegram);
    let api = Api::at(port);
    api.is_up().await;
    let client = api.add_client(&telegram, "salon_bot").await;
    let path = format!("/clients/{client}");
    until(&api, &path, "runtime", "running").await;

    // A paused client has its data as well.
    api.post(&format!("{path}/suspend"), json!({})).await;
    let task = api.post(&format!("{path}/backup"), json!({})).await["task_id"].clone();
    until(&api, &format!("/tasks/{}", task.as_str().unwrap()), "state", "done").await;

    let kept = files(&dir.path().join("data/backups/clients").join(&client));
    let [copy] = &kept[..] else { panic!("{kept:?}") };
    assert_eq!(copy.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert!(backup::check(copy).is_ok());
    // Nothing of it is left with the bot, and what it is a copy of goes on.
    let left = files(&dir.path().join("data/clients").join(&client));
    assert!(left.iter().all(|file| !file.ends_with("backup.redb")), "{left:?}");
    assert_eq!(api.get(&path).await["runtime"], json!("running"));
    stop(&mut serving).await;

    let open = |path: &Path| Store::open(path, Options { cache_bytes: 1 << 20 }).unwrap();
    let read = |store: Store| {
        let settings = store.read(|snap| settings::get(snap)).unwrap();
        let audit = store.read(|snap| snap.services().count()).unwrap();
        store.close();
        (settings, audit)
    };
    let original = dir.path().join("data/clients").join(&client).join("client.redb");
    assert_eq!(read(open(copy)), read(open(&original)));
    shop.shutdown().await;
    telegram.shutdown().await;
}
