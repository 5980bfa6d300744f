//! The engine is stopped and started under bots that run: no booking is lost, it is told, and what
//! does not come back by itself is repaired.

use bollard::query_parameters::RemoveContainerOptions;
use slotbox::actions::tend::Tender;
use slotbox::sandbox::telegram::Chat;
use tokio::time::{Instant, sleep};

use crate::events::Events;
use crate::host::{Host, SOON};
use crate::own::{Meanwhile, OwnEngine};
use crate::run::Run;
use crate::story::{book, talk, visits};
use crate::world::World;

async fn lose_and_find_the_engine(meanwhile: Meanwhile) {
    let Some(mut engine) = OwnEngine::start(meanwhile).await else { return };
    let run = Run::within(engine.socket()).await;
    let world = World::begin().await;
    let host = Host::start(&world, &run).await;
    let events = Events::listen();
    let mut tender = Tender::default();
    let mut chats: Vec<(_, Chat)> = Vec::new();
    for bot in ["salon_bot", "other_bot"] {
        let id = host.deploy_as(&world, bot).await;
        let chat = world.telegram.chat(bot, &world.telegram.person("Anna"));
        book(&chat).await;
        chats.push((id, chat));
    }
    tender.look(&host.deps).await.unwrap();
    assert!(host.deps.health.is_seen());
    let pid = host.pid(chats[0].0).await;

    engine.stop().await;
    tender.look(&host.deps).await.unwrap_err();
    assert!(!host.deps.health.is_seen(), "status tells it");
    assert_eq!((events.count("runtime.unseen"), events.count("deployer.failed")), (1, 1));
    let runs_on = std::path::Path::new("/proc").join(pid.to_string()).exists();
    assert_eq!(runs_on, meanwhile == Meanwhile::Running);
    if runs_on {
        book(&chats[0].1).await;
    }
    // Who writes meanwhile to a bot that stands still is answered later.
    let heard = chats[1].1.messages().len();
    chats[1].1.send("📋 Мои записи");

    engine.begin_again().await;
    tender.look(&host.deps).await.unwrap();
    assert!(host.deps.health.is_seen());
    assert_eq!(events.count("runtime.seen"), 1);
    for (id, _) in &chats {
        host.pid(*id).await; // The engine has started it by itself, or it has never ended.
    }
    assert_eq!(host.pid(chats[0].0).await == pid, runs_on);
    let deadline = Instant::now() + SOON;
    while chats[1].1.messages().len() < heard + 2 {
        assert!(Instant::now() < deadline, "the question is not answered");
        sleep(std::time::Duration::from_millis(20)).await;
    }
    let booked = if runs_on { 2 } else { 1 };
    assert_eq!(visits(&chats[0].1).await, booked);
    assert_eq!(visits(&chats[1].1).await, 1);

    // A container that the engine has lost is made again, with its bookings.
    let force = RemoveContainerOptions { force: true, ..Default::default() };
    run.docker.remove_container(&run.name(chats[0].0), Some(force)).await.unwrap();
    tender.look(&host.deps).await.unwrap();
    tender.look(&host.deps).await.unwrap();
    assert_eq!(events.count("runtime.repaired"), 1);
    host.pid(chats[0].0).await;
    talk(&chats[0].1).await;
    assert_eq!(visits(&chats[0].1).await, booked);
    host.end().await;
}

#[tokio::test]
async fn an_engine_that_stops_its_containers_brings_them_back() {
    lose_and_find_the_engine(Meanwhile::Stopped).await;
}

#[tokio::test]
async fn under_an_engine_that_lets_containers_run_customers_notice_nothing() {
    lose_and_find_the_engine(Meanwhile::Running).await;
}
