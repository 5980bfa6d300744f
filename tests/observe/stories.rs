//! One client's story is found by the client, one payment's by the payment, and so on.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::Value;
use slotbox::sandbox::telegram::Fault;

use crate::world::{PATIENCE, Recipe, World};

/// What one client went through.
pub struct Story {
    pub client: String,
    pub order: String,
    pub payment: String,
    /// The id of a request that was about the client.
    pub request: String,
}

/// What must be told of the client, by whatever part of the program saw it.
pub const OF_CLIENT: [&str; 14] = [
    "client.added",
    "deploy.started",
    "client.started",
    "bot.polling",      // Said by the client's own process.
    "deploy.succeeded", // Said by a job.
    "order.created",
    "webhook.received",
    "payment.settled",
    "subscription.extended",
    "gateway.flood",  // Said by the gateway.
    "update.failed",  // Said by the client's own process of an update.
    "http.request",   // Said by a request for the client.
    "client.crashed", // Said by whoever watches the processes.
    "client.stopped",
];

/// Lives a client's life: added, deployed, talked to while Telegram wants less, paid for, crashed,
/// suspended.
pub async fn live(world: &World) -> Story {
    let owner = world.telegram.person_with_id(222, "Ольга");
    let token = world.telegram.add_bot("Salon", "salon_bot");
    let own = world.telegram.chat("salon_bot", &owner);
    let client = world.add_client(&token, 222, "Salon").await;
    // Another one, of whom nothing must be heard in this story.
    let other = world.telegram.add_bot("Clinic", "clinic_bot");
    let other = world.add_client(&other, 333, "Clinic").await;
    world.until_running(&client).await;
    world.until_running(&other).await;
    world.rest().await;
    world.telegram.faults().once("sendMessage", Fault::RetryAfter(1));
    own.send("/start");
    own.wait_for("", PATIENCE).await.unwrap();
    let (order, payment) = world.sell(&client).await;
    world.rest().await;
    crash(world, &client).await;
    let path = format!("/api/clients/{client}");
    let shown = world.request(Method::GET, &path).send().await.unwrap();
    let request = shown.headers()["x-request-id"].to_str().unwrap().to_owned();
    Story { client, order, payment, request }
}

/// Kills the client's process, and waits until another one is up.
async fn crash(world: &World, client: &str) {
    let find = || {
        let running = world.processes();
        running.into_iter().find(|(_, line)| line.contains(client)).map(|(pid, _)| pid)
    };
    let before = find().unwrap();
    let pid = rustix::process::Pid::from_raw(i32::try_from(before).unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while find().is_none_or(|pid| pid == before) {
        assert!(tokio::time::Instant::now() < deadline, "the client does not come back");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_story_is_found_by_what_it_is_about() {
    let mut world = World::begin(Recipe::default()).await;
    let story = live(&world).await;
    world.stop().await;
    let records = world.records();
    check(&story, |field, value| {
        let records = records.iter();
        let field = field.to_lowercase();
        records.filter(|record| record[&field] == *value).cloned().collect()
    });
}

/// Looks at what is found for each thing that the story is about; `find` returns records whose
/// field of this name in the journal has this value, with names as in JSON lines.
pub fn check(story: &Story, find: impl Fn(&str, &str) -> Vec<Value>) {
    let events = |field: &str, value: &str| -> BTreeSet<String> {
        let records = find(field, value);
        let events = records.iter().filter_map(|it| it["slotbox_event"].as_str());
        events.map(ToOwned::to_owned).collect()
    };
    let told = events("SLOTBOX_CLIENT", &story.client);
    let missing: Vec<_> = OF_CLIENT.iter().filter(|event| !told.contains(**event)).collect();
    assert!(missing.is_empty(), "the client's story misses {missing:?}: {told:?}");
    for (field, value, expected) in [
        ("SLOTBOX_ORDER", &story.order, ["order.created", "webhook.received", "payment.settled"]),
        (
            "SLOTBOX_PAYMENT",
            &story.payment,
            ["webhook.received", "payment.settled", "subscription.extended"],
        ),
    ] {
        let told = events(field, value);
        assert!(expected.iter().all(|it| told.contains(*it)), "{field}={value}: {told:?}");
    }
    assert_eq!(events("SLOTBOX_REQUEST", &story.request), ["http.request".to_owned()].into());
    let settled = find("SLOTBOX_EVENT", "payment.settled");
    let job = settled[0]["slotbox_job"].as_str().expect("a job settled the payment");
    let told = events("SLOTBOX_JOB", job);
    assert!(told.contains("subscription.extended"), "{job}: {told:?}");
    for event in ["order.created", "webhook.received", "client.added"] {
        let records = find("SLOTBOX_EVENT", event);
        assert!(!records.is_empty(), "no {event}");
        for record in records {
            assert!(record["slotbox_request"].is_string(), "{event} was asked for: {record}");
        }
    }
    for record in find("SLOTBOX_CLIENT", &story.client) {
        assert!(record["message"].is_string() && !record["message"].as_str().unwrap().is_empty());
        let priority = record["priority"].to_string();
        assert!(["3", "4", "6", "7"].contains(&priority.trim_matches('"')), "{record}");
    }
}
