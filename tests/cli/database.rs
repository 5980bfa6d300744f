//! A database of another release: what `serve` says of it, and what the file tells.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;
use slotbox::store::{Options, Store, StoreError};

use super::host::{Host, err, out};

const OPTIONS: Options = Options { cache_bytes: 1 << 20 };
const OWN: &str = env!("CARGO_PKG_VERSION");

/// Has the database of a host that does not run say that it has this schema and was last written by
/// this release.
async fn mark(host: &Host, schema: u64, release: &'static str) -> PathBuf {
    let path = host.dir.path().join("new/data/slotbox.redb");
    let store = Store::open(&path, OPTIONS).unwrap();
    let marked = store.write::<_, StoreError>(move |txn| {
        txn.writers().insert("last", release.as_bytes())?;
        txn.meta().insert("schema", schema).map(drop)
    });
    marked.await.unwrap();
    store.close();
    path
}

async fn shown(host: &Host) -> Value {
    serde_json::from_str(&host.ok(&["database", "show", "--json"]).await).unwrap()
}

/// Neither a start nor a look changes a byte, and both name the release that can go on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn data_of_a_newer_release_are_left_alone_and_its_package_is_named() {
    let mut host = Host::start().await;
    let running = shown(&host).await;
    assert_eq!((&running["schema"], &running["release"]), (&1.into(), &OWN.into()), "{running}");
    assert!(running["bytes"].as_u64().is_some_and(|bytes| bytes > 0), "{running}");
    host.kill();
    // What a kill leaves is looked at as well.
    let killed = shown(&host).await;
    assert_eq!((&killed["schema"], &killed["release"]), (&1.into(), &OWN.into()), "{killed}");
    assert_eq!(killed["path"], running["path"]);

    let path = mark(&host, 99, "0.9.0-rc.1").await;
    let before = fs::read(&path).unwrap();
    let refused = host.run(&["serve"]).await;
    assert_eq!(refused.status.code(), Some(78), "{}", err(&refused));
    let told = err(&refused);
    assert!(told.contains("has schema 99, newer than 1, which release"), "{told}");
    assert!(told.contains("release 0.9.0-rc.1 wrote it last"), "{told}");
    assert!(told.contains("nothing was changed in it; install 0.9.0-rc.1, which can"), "{told}");
    assert!(told.contains("apt install ./slotbox_0.9.0~rc.1_"), "{told}");
    let logged = out(&refused) + &told;
    let event = logged.lines().find(|line| line.contains("\"serve.refused\"")).unwrap();
    let event: Value = serde_json::from_str(event).unwrap();
    assert!(event["cure"].as_str().unwrap().contains("slotbox_0.9.0~rc.1_"), "{event}");
    assert!(fs::read(&path).unwrap() == before, "the database was written to");

    let told = host.ok(&["database", "show"]).await;
    assert!(told.contains("schema    99\nrelease   0.9.0-rc.1\n"), "{told}");
    assert!(fs::read(&path).unwrap() == before, "the database was written to");
}

/// The one that wrote it last is who opens it to write, also if the schema is the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_release_that_serves_is_noted() {
    let mut host = Host::start().await;
    host.kill();
    mark(&host, 1, "0.0.9").await;
    assert_eq!(shown(&host).await["release"], "0.0.9");
    host.start_again().await;
    assert_eq!(shown(&host).await["release"], OWN);
    host.kill();
    mark(&host, 1, "rm -rf").await;
    let told = host.ok(&["database", "show"]).await;
    assert!(told.contains("release   not noted: an early one\n"), "{told}");
    fs::remove_file(host.dir.path().join("new/data/slotbox.redb")).unwrap();
    let none = shown(&host).await;
    assert_eq!((&none["bytes"], &none["release"]), (&Value::Null, &Value::Null), "{none}");
    let told = host.ok(&["database", "show"]).await;
    assert!(told.starts_with("there is no database yet: "), "{told}");
}
