//! The whole host, from its backup to its life after the loss of everything.

use jiff::Timestamp;
use serde_json::{Value, json};
use slotbox::domain::client::RuntimeState;
use slotbox::domain::job::Job;
use slotbox::domain::subscription::{ArchivedBy, Subscription};
use slotbox::external::vault::Identity;
use slotbox::store::{Options, Store, StoreError, clients, jobs};

use crate::house::{House, files, until};
use crate::processes::{Still, bot};

/// What opens the backups; it lies apart from the machine.
pub const IDENTITY: &str =
    "AGE-SECRET-KEY-1CYL72SPRHVJ0MEMXS5UZ5REJUM5CVG0CC73CG9GX3TR5F07EQG4SK3VJQE";

#[tokio::test(flavor = "multi_thread")]
async fn a_host_comes_back_with_all_that_it_was() {
    let recipients = Identity::parse(IDENTITY).unwrap().recipients();
    let mut house =
        House::open(&[("BACKUP__RECIPIENTS", &format!("[\"{}\"]", recipients[0]))]).await;
    let mut clients = Vec::new();
    for (bot, customer) in [("salon_bot", 301), ("clinic_bot", 302), ("studio_bot", 303)] {
        let client = house.add_salon(bot, customer).await;
        house.extend(&client).await;
        clients.push((client, bot, customer));
    }
    let paused = &clients[1].0;
    house.api.post(&format!("/clients/{paused}/suspend"), json!({})).await;
    let later = clients[2].0.clone();

    let made = house.back_up().await;
    assert_eq!(made["clients"], json!(3), "{made}");
    assert_eq!((&made["clients_carried"], &made["clients_missing"]), (&json!(0), &json!(0)));
    assert!(files(&house.path("data/backups/passing")).is_empty());
    let shown = house.backups().await;
    assert_eq!((&shown["last"], &shown["trouble"]), (&made, &json!(null)));
    let before = house.books().await;
    assert_eq!(before["payments"].as_array().unwrap().len(), 6);

    // What was written since is lost with the machine, and no more.
    house.extend(&later).await;
    house.end().await;
    std::fs::remove_dir_all(house.path("data")).unwrap();
    std::fs::remove_dir_all(house.path("run")).unwrap();
    std::fs::remove_file(house.path("sealing.key")).unwrap();
    let identity = house.path("identity");
    std::fs::write(&identity, IDENTITY).unwrap();
    let identity = identity.to_str().unwrap();
    let told = house.cli(&["backup", "restore", "--identity", identity]).await;
    assert_eq!(told.code, Some(0), "{}", told.err);
    assert!(told.out.contains("clients:  3, 3 with their bots' data"), "{}", told.out);
    house.begin().await;

    let after = house.books().await;
    for list in ["orders", "payments", "audit"] {
        assert_eq!(of_then(&after[list], &before[list]), before[list], "{list}");
    }
    assert_eq!(subscriptions(&after), subscriptions(&before));
    for (client, bot, customer) in &clients {
        until(&house.api, &format!("/clients/{client}"), "runtime", "running").await;
        let customer = house.person(bot, *customer);
        if client != paused {
            customer.say("📋 Мои записи", "Ваши записи").await.unwrap();
        }
    }
    house.api.post(&format!("/clients/{paused}/resume"), json!({})).await;
    let customer = house.person("clinic_bot", 302);
    customer.say("📋 Мои записи", "Ваши записи").await.unwrap();

    // The next backup goes on where the last one was, and stores little.
    let next = house.back_up().await;
    assert_eq!(next["clients_carried"], json!(0), "{next}");
    let bytes = |made: &Value, of: &str| made[of].as_u64().unwrap();
    assert!(bytes(&next, "stored_bytes") < bytes(&next, "bytes") / 2, "{next}");
    house.shut().await;
}

/// Leaves out what has come since.
fn of_then(now: &Value, then: &Value) -> Value {
    let (now, then) = (now.as_array().unwrap(), then.as_array().unwrap());
    let since = now.len().saturating_sub(then.len());
    now[since..].to_vec().into()
}

/// Returns who may run until when, to the millisecond.
fn subscriptions(books: &Value) -> Vec<Value> {
    let clients = books["clients"].as_array().unwrap().iter();
    let mut all: Vec<_> = clients
        .map(|it| json!([it["client_id"], it["state"], it["subscription_expires_at"]]))
        .collect();
    all.sort_by_key(ToString::to_string);
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_does_not_answer_is_carried_over_and_told() {
    let mut house = House::open(&[]).await;
    let client = house.add_salon("salon_bot", 301).await;
    house.back_up().await;
    let still = Still::stop(bot(&house, &client).await);
    let made = house.back_up().await;
    drop(still);
    assert_eq!((&made["clients"], &made["clients_carried"]), (&json!(1), &json!(1)), "{made}");
    assert!(made["oldest_copy_at"].is_string(), "{made}");
    let status = house.cli(&["status"]).await;
    assert!(status.out.contains("1 with an earlier copy"), "{}", status.out);
    assert!(house.log().contains("backup.client_carried"));
    house.end().await;
    house.shut().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_for_a_backup_waits_no_longer_than_they_say() {
    let house = House::open(&[]).await;
    let client = house.add_salon("salon_bot", 301).await;
    let still = Still::stop(bot(&house, &client).await);
    let told = house.cli(&["backup", "create", "--timeout", "1s"]).await;
    assert_eq!((told.code, told.out.as_str()), (Some(1), ""), "{}", told.err);
    let says = |words: &str| assert!(told.err.contains(words), "{}", told.err);
    says("not made within 1 s, and goes on");
    says("slotbox backup list");
    assert_eq!(house.backups().await["last"], json!(null));
    drop(still);
    let begun = std::time::Instant::now();
    let made = loop {
        let last = house.backups().await["last"].clone();
        if last.is_object() {
            break last;
        }
        assert!(begun.elapsed() < crate::house::SOON, "{}", house.log());
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    };
    assert_eq!((&made["clients"], &made["clients_carried"]), (&json!(1), &json!(0)), "{made}");
    for wrong in ["0s", "-1h", "soon"] {
        let told = house.cli(&["backup", "create", &format!("--timeout={wrong}")]).await;
        assert!(told.code == Some(2) && told.err.contains("90m"), "{wrong}: {}", told.err);
    }
    house.shut().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_timetable_makes_one_backup_a_turn() {
    let house = House::open(&[("BACKUP__EVERY", "1m"), ("BACKUP__KEEP", "2")]).await;
    house.add_salon("salon_bot", 301).await;
    let begun = std::time::Instant::now();
    let first = loop {
        let last = house.backups().await["last"].clone();
        if last.is_object() {
            break last;
        }
        assert!(begun.elapsed() < crate::house::SOON, "{}", house.log());
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    };
    assert_eq!(first["clients"], json!(1), "{first}");
    for _ in 0..3 {
        house.back_up().await;
    }
    let listed = house.cli(&["backup", "list", "--json"]).await;
    let listed: Value = serde_json::from_str(&listed.out).unwrap();
    assert_eq!(listed["items"].as_array().unwrap().len(), 2, "{listed}");
    let made = house.log().matches("event=backup.made").count();
    assert_eq!(made, 4, "{}", house.log());
    house.shut().await;
}

/// An archived client's token lies beside the database, still sealed, and is as needed as its data.
#[tokio::test(flavor = "multi_thread")]
async fn an_archived_client_is_brought_back_on_another_host_with_its_token() {
    let recipients = Identity::parse(IDENTITY).unwrap().recipients();
    let mut house =
        House::open(&[("BACKUP__RECIPIENTS", &format!("[\"{}\"]", recipients[0]))]).await;
    let client = house.add_salon("salon_bot", 301).await;
    house.end().await;
    archive(&house, &client).await;
    house.begin().await;
    let path = format!("/clients/{client}");
    let token = house.path("data/archive").join(&client).join("token");
    let archived = async {
        while !token.exists() || house.path("data/clients").join(&client).exists() {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(crate::house::SOON, archived).await.unwrap();
    let made = house.back_up().await;
    assert_eq!((&made["clients"], &made["clients_carried"]), (&json!(1), &json!(0)), "{made}");

    house.end().await;
    for lost in ["data", "run"] {
        std::fs::remove_dir_all(house.path(lost)).unwrap();
    }
    std::fs::remove_file(house.path("sealing.key")).unwrap();
    let identity = house.path("identity");
    std::fs::write(&identity, IDENTITY).unwrap();
    let restored =
        house.cli(&["backup", "restore", "--identity", identity.to_str().unwrap()]).await;
    assert_eq!(restored.code, Some(0), "{}", restored.err);
    assert!(token.exists());
    house.begin().await;
    assert_eq!(house.api.get(&path).await["state"], json!("archived"));

    house.api.post(&format!("{path}/extend"), json!({"days": 30, "amount": "299.00"})).await;
    until(&house.api, &path, "runtime", "running").await;
    // Telegram answers nobody without the bot's own token.
    let customer = house.person("salon_bot", 301);
    customer.say("📋 Мои записи", "Ваши записи").await.unwrap();
    assert!(!token.exists());
    house.shut().await;
}

/// Ends the retention of a client whose host does not run just now.
async fn archive(house: &House, client: &str) {
    let id = client.parse().unwrap();
    let path = house.path("data/slotbox.redb");
    let store = Store::open(&path, Options { cache_bytes: 1 << 20 }).unwrap();
    let write = store.write::<_, StoreError>(move |txn| {
        let mut client = clients::get(txn, id)?.unwrap();
        let (granted, since) = (client.subscription.granted(), Timestamp::UNIX_EPOCH);
        client.subscription = Subscription::Archived { granted, since, by: ArchivedBy::Person };
        client.runtime = RuntimeState::None;
        clients::put(txn, &client)?;
        jobs::push(txn, Timestamp::UNIX_EPOCH, &Job::Archive(id)).map(drop)
    });
    write.await.unwrap();
    store.close();
}
