//! Backups in a bucket of a real S3 service: Garage, on loopback.
#![expect(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod garage;

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use slotbox::external::vault::s3::{S3, S3Settings};
use slotbox::external::vault::{Place, PlaceError, Vault, VaultKeys};
use slotbox::external::way::Way;
use slotbox::store::{Options, Store};

use crate::garage::{ACCESS_KEY, BUCKET, Garage, REGION, SECRET_KEY};

fn settings(url: &str) -> S3Settings {
    S3Settings {
        endpoint: url.parse().unwrap(),
        region: REGION.to_owned(),
        bucket: BUCKET.to_owned(),
        prefix: "host/one".to_owned(),
        access_key: ACCESS_KEY.to_owned(),
        secret_key: SECRET_KEY.into(),
    }
}

/// Opens the bucket; nothing is tried for longer than three seconds.
fn open(settings: S3Settings) -> S3 {
    S3::new(settings, &Way::default()).unwrap().with_patience(Duration::from_secs(3))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bucket_keeps_what_is_put_and_lists_more_than_one_page() {
    let Some(program) = garage::program() else { return };
    let garage = Garage::start(program);
    let place = open(settings(&garage.url()));
    assert!(place.list("objects").await.unwrap().is_empty());
    assert!(matches!(place.get("objects/none").await, Err(PlaceError::Missing)));
    place.delete("objects/none").await.unwrap();

    place.put("backups/a", Bytes::from_static(b"first")).await.unwrap();
    place.put("backups/a", Bytes::from_static(b"second")).await.unwrap();
    assert_eq!(place.get("backups/a").await.unwrap(), "second");
    let large = Bytes::from(vec![7; 3 << 20]);
    place.put("backups/b", large.clone()).await.unwrap();
    assert!(place.get("backups/b").await.unwrap() == large);

    // A page of a list has a thousand names.
    for from in (0..1_050).step_by(50) {
        let puts = (from..from + 50).map(|n| place.put_named(n));
        for put in futures::future::join_all(puts).await {
            put.unwrap();
        }
    }
    let mut listed = place.list("objects").await.unwrap();
    listed.sort_by(|a, b| a.name.cmp(&b.name));
    assert_eq!(listed.len(), 1_050);
    assert!(listed.iter().enumerate().all(|(n, it)| it.name == name(n) && it.bytes == 2));
    let listed = place.list("backups").await.unwrap();
    assert_eq!(listed.iter().map(|it| it.bytes).sum::<u64>(), 6 + (3 << 20));
    place.delete("backups/a").await.unwrap();
    assert!(matches!(place.get("backups/a").await, Err(PlaceError::Missing)));

    let other = open(S3Settings { prefix: "host/two".to_owned(), ..settings(&garage.url()) });
    assert!(
        other.list("objects").await.unwrap().is_empty(),
        "another host's prefix is another place"
    );
}

fn name(n: usize) -> String {
    format!("objects/{n:04}")
}

trait PutNamed {
    fn put_named(&self, n: usize) -> futures::future::BoxFuture<'_, Result<(), PlaceError>>;
}

impl PutNamed for S3 {
    fn put_named(&self, n: usize) -> futures::future::BoxFuture<'_, Result<(), PlaceError>> {
        Box::pin(async move { self.put(&name(n), Bytes::from_static(b"ok")).await })
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_reason_why_a_bucket_is_closed_is_told_without_a_secret() {
    let Some(program) = garage::program() else { return };
    let mut garage = Garage::start(program);
    let url = garage.url();
    let wrong = "f".repeat(64);
    let said = async |settings: S3Settings| {
        let place = open(settings);
        let refused = place.list("backups").await.unwrap_err();
        let put = place.put("backups/x", Bytes::new()).await.unwrap_err();
        let told = format!("{refused} | {put} | {refused:?}");
        assert!(!told.contains(SECRET_KEY) && !told.contains("X-Amz"), "{told}");
        told
    };
    let told = said(S3Settings { secret_key: wrong.into(), ..settings(&url) }).await;
    assert!(told.contains("the service refuses the key"), "{told}");
    let told = said(S3Settings { bucket: "nowhere".to_owned(), ..settings(&url) }).await;
    assert!(told.contains("no such bucket") || told.contains("refuses the key"), "{told}");
    let told = said(S3Settings { region: "elsewhere".to_owned(), ..settings(&url) }).await;
    assert!(told.contains("backup.s3_region"), "{told}");
    garage.run(&["bucket", "deny", "--write", BUCKET, "--key", "slotbox"]);
    let place = open(settings(&url));
    let read_only = place.put("backups/x", Bytes::new()).await.unwrap_err();
    assert!(read_only.to_string().contains("list, read, write and delete"), "{read_only}");
    garage.run(&["bucket", "allow", "--write", BUCKET, "--key", "slotbox"]);
    garage.run(&["bucket", "set-quotas", BUCKET, "--max-size", "1MiB"]);
    // Garage says no more of it than that it is forbidden.
    let full = place.put("backups/x", vec![1; 2 << 20].into()).await.unwrap_err();
    assert!(full.to_string().contains("quota"), "{full}");
    garage.kill();
    let gone = place.get("backups/x").await.unwrap_err();
    assert!(matches!(&gone, PlaceError::Unreachable(_)), "{gone:?}");
    garage.start_again();
    place.put("backups/x", Bytes::new()).await.unwrap();
}

/// What fails for a moment is made again by itself, and a body that breaks off is no answer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_that_stumbles_is_asked_again() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let served = thread::spawn(move || {
        let slow = "HTTP/1.1 503 Slow Down\r\nContent-Length: 59\r\nConnection: close\r\n\r\n\
                    <?xml version=\"1.0\"?><Error><Code>SlowDown</Code></Error>....";
        let cut = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\nConnection: close\r\n\r\nhalf";
        let whole = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nwhole";
        for answer in [slow, cut, whole] {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 8192];
            assert!(stream.read(&mut request).unwrap() > 0);
            stream.write_all(answer.as_bytes()).unwrap();
        }
    });
    let place = open(settings(&url));
    assert_eq!(place.get("objects/x").await.unwrap(), "whole");
    served.join().unwrap();
}

/// The whole way: a backup into the bucket, a loss of the network in between, and out of it with the
/// command line on a host that has nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_goes_into_a_bucket_and_comes_back_on_another_host() {
    let Some(program) = garage::program() else { return };
    let mut garage = Garage::start(program);
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("host.redb");
    Store::open(&file, Options { cache_bytes: 1 << 20 }).unwrap().close();
    let vault =
        || Vault::new(Arc::new(open(settings(&garage.url()))), VaultKeys::new(&[7; 32], vec![]));
    let mut ids = Vec::new();
    for hour in 0..3 {
        let now: Timestamp = format!("2026-11-30T{hour:02}:00:00Z").parse().unwrap();
        let mut draft = vault().begin(now).await.unwrap();
        let added = draft.add("slotbox.redb", &file).await.unwrap();
        assert_eq!(added.stored_bytes > 0, hour == 0, "what has not changed is kept once");
        ids.push(draft.finish().await.unwrap().id);
    }
    let pruned = vault().prune(2, "2026-11-30T03:00:00Z".parse().unwrap()).await.unwrap();
    assert_eq!(pruned.backups.len(), 1);
    let kept: Vec<_> = vault().list().await.unwrap().backups.iter().map(|it| it.id).collect();
    assert_eq!(kept, [ids[2], ids[1]]);

    // The network goes while a backup is made: those before it are as they were.
    let failing = vault();
    let mut draft = failing.begin("2026-11-30T04:00:00Z".parse().unwrap()).await.unwrap();
    garage.kill();
    fs::write(dir.path().join("other"), vec![9; 100_000]).unwrap();
    let lost =
        draft.add("clients/c_01kb0000000000000000000000.redb", &dir.path().join("other")).await;
    assert!(lost.is_err(), "{lost:?}");
    drop(draft);
    garage.start_again();

    let told = slotbox(dir.path(), &garage, &["backup", "list", "--json"]);
    assert_eq!(told.status.code(), Some(0), "{told:?}");
    let text = String::from_utf8_lossy(&told.stdout).into_owned();
    assert_eq!(text.matches("\"id\":").count(), 2, "{text}");
    for command in [["backup", "verify", "latest"], ["backup", "restore", "latest"]] {
        let told = slotbox(dir.path(), &garage, &command);
        assert_eq!(told.status.code(), Some(0), "{told:?}");
    }
    let restored = dir.path().join("data/slotbox.redb");
    Store::open(&restored, Options { cache_bytes: 1 << 20 }).unwrap().close();
}

fn slotbox(dir: &Path, garage: &Garage, arguments: &[&str]) -> Output {
    let shown = dir.display();
    let text = format!(
        "[server]\ndata_dir = '{shown}/data'\nruntime_dir = '{shown}/run'\n[tls]\nmode = 'off'\n\
         [backup]\ndestination = 's3://{BUCKET}/host/one'\ns3_endpoint = '{}'\n\
         s3_region = '{REGION}'\ns3_access_key = '{ACCESS_KEY}'\ns3_secret_key = '{SECRET_KEY}'\n",
        garage.url()
    );
    fs::write(dir.join("slotbox.toml"), text).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_slotbox"));
    command.arg("--config").arg(dir.join("slotbox.toml")).args(arguments).env_clear();
    command.output().unwrap()
}
