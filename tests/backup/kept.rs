//! Data that earlier releases have written opens in this one, with all that it says.
//!
//! `SLOTBOX_KEEP=1 cargo test --test backup kept` keeps what this release writes, once it is one.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde_json::{Value, json};
use slotbox::domain::booking::Booking;
use slotbox::store::{Options, Store, bookings, services};

use crate::house::{House, files, until};

const KEPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/kept");
const CACHE: Options = Options { cache_bytes: 1 << 20 };

#[tokio::test(flavor = "multi_thread")]
async fn what_each_release_has_kept_opens_in_this_one() {
    if std::env::var_os("SLOTBOX_KEEP").is_some() {
        keep(&Path::new(KEPT).join(env!("CARGO_PKG_VERSION"))).await;
    }
    let releases = files(Path::new(KEPT));
    assert!(!releases.is_empty(), "nothing is kept in {KEPT}");
    for release in releases {
        opens(&release).await;
    }
}

async fn opens(release: &Path) {
    let mut house = House::build(&[]).await;
    let told: Value =
        serde_json::from_slice(&fs::read(release.join("told.json")).unwrap()).unwrap();
    unpack(&release.join("sealing.key.zst"), &house.path("sealing.key"));
    unpack(&release.join("slotbox.redb.zst"), &house.path("data/slotbox.redb"));
    let client = told["clients"][0]["client_id"].as_str().unwrap();
    let database = house.path("data/clients").join(client).join("client.redb");
    unpack(&release.join("client.redb.zst"), &database);
    let store = Store::open(&database, CACHE).unwrap();
    assert_eq!(booked(&store), told["booked"], "{}", release.display());
    store.close();

    house.begin().await;
    let books = house.books().await;
    for list in ["orders", "payments", "audit", "clients"] {
        let (now, then) = (lasting(&books[list]), lasting(&told[list]));
        let lost: Vec<_> = then.iter().filter(|it| !now.contains(it)).collect();
        assert!(!then.is_empty() && lost.is_empty(), "{}: {list}: {lost:?}", release.display());
    }
    let checked = house.cli(&["backup", "create"]).await;
    assert_eq!(checked.code, Some(0), "{}", checked.err);
    house.shut().await;
}

/// Leaves out what time changes by itself.
fn lasting(list: &Value) -> Vec<Value> {
    let mut list = list.as_array().unwrap().clone();
    for row in list.iter_mut().filter_map(Value::as_object_mut) {
        if row.contains_key("runtime") {
            row.retain(|key, _| !matches!(key.as_str(), "runtime" | "state"));
        }
    }
    list
}

/// Tells when each visit ends and whose it is, and how many services there are.
fn booked(store: &Store) -> Value {
    let all = store.read(|snap| bookings::between(snap, Timestamp::MIN, Timestamp::MAX)).unwrap();
    let offered = store.read(|snap| services::list(snap)).unwrap().len();
    let visit = |it: &Booking| json!([it.slot.end().to_string(), it.customer.id.get()]);
    json!({"visits": all.iter().map(visit).collect::<Vec<_>>(), "services": offered})
}

/// Writes what this release keeps: a client with a visit, paid by the shop and by hand, and a refund.
async fn keep(release: &Path) {
    let mut house = House::open(&[]).await;
    let client = house.add_salon("salon_bot", 301).await;
    house.extend(&client).await;
    let payment = house.extend(&client).await;
    house.api.post(&format!("/payments/{payment}/refund"), json!({})).await;
    until(&house.api, &format!("/payments/{payment}"), "state", "refunded").await;
    let mut told = house.books().await;
    house.end().await;
    let database = house.path("data/clients").join(&client).join("client.redb");
    let store = Store::open(&database, CACHE).unwrap();
    told["booked"] = booked(&store);
    store.close();
    fs::create_dir_all(release).unwrap();
    fs::write(release.join("told.json"), serde_json::to_vec_pretty(&told).unwrap()).unwrap();
    pack(&house.path("sealing.key"), &release.join("sealing.key.zst"));
    pack(&house.path("data/slotbox.redb"), &release.join("slotbox.redb.zst"));
    pack(&database, &release.join("client.redb.zst"));
    house.shut().await;
}

fn pack(from: &Path, to: &PathBuf) {
    let packed = zstd::encode_all(fs::read(from).unwrap().as_slice(), 19).unwrap();
    fs::write(to, packed).unwrap();
}

fn unpack(from: &Path, to: &Path) {
    use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};

    fs::DirBuilder::new().recursive(true).mode(0o700).create(to.parent().unwrap()).unwrap();
    let mut file =
        fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(to).unwrap();
    let packed = fs::File::open(from).unwrap();
    std::io::copy(&mut zstd::Decoder::new(packed).unwrap(), &mut file).unwrap();
}
