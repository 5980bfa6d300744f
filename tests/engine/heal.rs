//! A client's bot that stands still is started anew by the real engine, and at last handed over.

use bollard::query_parameters::LogsOptions;
use futures::TryStreamExt as _;
use jiff::SignedDuration;
use slotbox::actions::deploy::Chance;
use slotbox::actions::heal::Healer;
use slotbox::actions::read_log::read_log;
use slotbox::actions::restart::restart;
use slotbox::clock::Clock;
use slotbox::deps::Deps;
use slotbox::domain::client::RuntimeState;
use slotbox::domain::ids::ClientId;

use crate::host::Host;
use crate::run::Run;
use crate::story::talk;
use crate::world::World;

/// Has the client stand still as a whole, as a bot does that hangs.
async fn freeze(run: &Run, host: &Host, id: ClientId) {
    run.docker.pause_container(&format!("{}-{id}", run.instance)).await.unwrap();
    host.deps.health.forget(id);
}

#[tokio::test]
async fn a_frozen_client_is_started_anew_and_one_that_stays_so_is_handed_over() {
    let Some(run) = Run::begin().await else { return };
    let world = World::begin().await;
    let host = Host::start(&world, &run).await;
    let id = host.deploy(&world).await;
    let (clock, hand) = Clock::stopped(host.deps.clock.now());
    let deps = Deps { clock, ..host.deps.clone() };
    let mut healer = Healer::default();
    let anna = world.telegram.chat("salon_bot", &world.telegram.person("Anna"));
    talk(&anna).await;

    // Seen silent twice, it is started anew, and answers.
    let mut pid = host.pid(id).await;
    freeze(&run, &host, id).await;
    for expected in [true, false] {
        hand.advance(SignedDuration::from_mins(1));
        healer.look(&deps).await.unwrap();
        assert_eq!(host.pid(id).await == pid, expected);
    }
    talk(&anna).await;
    assert_eq!(world.client(id).unwrap().runtime, RuntimeState::Running);

    // It is frozen again each time that it was started: no more than four times in all.
    let mut starts = 1;
    for _ in 0..8 {
        pid = host.pid(id).await;
        freeze(&run, &host, id).await;
        hand.advance(SignedDuration::from_mins(20));
        healer.look(&deps).await.unwrap();
        if host.pid(id).await == pid {
            break;
        }
        starts += 1;
    }
    assert_eq!(starts, 4);
    assert_eq!(world.client(id).unwrap().runtime, RuntimeState::Failed);
    hand.advance(SignedDuration::from_mins(20));
    healer.look(&deps).await.unwrap();
    assert_eq!(host.pid(id).await, pid, "it is left as it is");

    // Its last words can still be read, and are the engine's.
    let read = read_log(&deps, id, 5).await.unwrap();
    let options =
        LogsOptions { stdout: true, stderr: true, tail: "5".into(), ..Default::default() };
    let name = format!("{}-{id}", run.instance);
    let told: Vec<_> = run.docker.logs(&name, Some(options)).try_collect().await.unwrap();
    assert_eq!(read.len(), told.len());
    assert!(!read.is_empty());

    // An operator starts it again.
    restart(&deps, id, Chance::More).await.unwrap();
    assert_eq!(world.client(id).unwrap().runtime, RuntimeState::Running);
    talk(&anna).await;
    host.end().await;
}
