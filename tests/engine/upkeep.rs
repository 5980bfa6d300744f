//! Containers move to a new release one after the other, go back from one that does not work, and are
//! kept as they should be.

use std::path::PathBuf;

use bollard::models::{ContainerInspectResponse, ContainerUpdateBody};
use bollard::query_parameters::{InspectContainerOptions, StopContainerOptions};
use slotbox::actions::boot::boot;
use slotbox::actions::remove::{self, Force, ask_removal};
use slotbox::actions::roll_out::{RollOut, roll_out};
use slotbox::actions::tend::Tender;
use slotbox::domain::actor::Actor;
use slotbox::domain::ids::ClientId;
use slotbox::external::containers::RuntimeStatus;

use crate::host::Host;
use crate::program::{probe, static_program};
use crate::run::Run;
use crate::story::{book, say, talk};
use crate::world::World;

/// The same program with a few bytes behind it, as another build would have.
fn next_release(dir: &std::path::Path) -> PathBuf {
    let mut program = std::fs::read(static_program()).unwrap();
    program.extend(b"next");
    let path = dir.join("next");
    std::fs::write(&path, program).unwrap();
    path
}

async fn container(run: &Run, id: ClientId) -> ContainerInspectResponse {
    let name = format!("{}-{id}", run.instance);
    run.docker.inspect_container(&name, None::<InspectContainerOptions>).await.unwrap()
}

#[tokio::test]
async fn a_new_release_is_rolled_out_and_a_broken_one_is_rolled_back() {
    let Some(run) = Run::begin().await else { return };
    let world = World::begin().await;
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start(&world, &run).await;
    let id = host.deploy(&world).await;
    let anna = world.telegram.chat("salon_bot", &world.telegram.person("Anna"));
    book(&anna).await;
    assert_eq!(roll_out(&host.deps).await.unwrap(), RollOut::Done(0), "it is of this release");
    let (first, pid) = (container(&run, id).await.image, host.pid(id).await);
    host.end().await;

    let host = Host::start_with(&world, &run, next_release(dir.path())).await;
    boot(&host.deps).await.unwrap();
    assert_eq!(host.pid(id).await, pid, "a start alone moves nobody");
    assert_eq!(roll_out(&host.deps).await.unwrap(), RollOut::Done(1));
    let second = container(&run, id).await.image;
    assert_ne!(second, first);
    say(&anna, "📋 Мои записи", "Ваши записи").await;
    assert_eq!(roll_out(&host.deps).await.unwrap(), RollOut::Done(0));
    host.end().await;

    // The probe does not do what a client must, and never gets healthy.
    let host = Host::start_with(&world, &run, probe()).await;
    boot(&host.deps).await.unwrap();
    assert_eq!(roll_out(&host.deps).await.unwrap(), RollOut::Stopped(id));
    assert_eq!(container(&run, id).await.image, second, "it is back");
    talk(&anna).await;
    say(&anna, "📋 Мои записи", "Ваши записи").await;

    ask_removal(&host.deps, world.cause(), id, Force::Yes, Actor::Api).await.unwrap();
    remove::remove(&host.deps, id).await.unwrap();
    assert_eq!(run.left().await, Vec::<String>::new());
    host.end().await;
}

#[tokio::test]
async fn what_runs_is_made_to_be_what_should() {
    let Some(run) = Run::begin().await else { return };
    let world = World::begin().await;
    let host = Host::start(&world, &run).await;
    let id = host.deploy(&world).await;
    let mut tender = Tender::default();
    tender.look(&host.deps).await.unwrap();

    // Somebody takes the ceiling away.
    let name = format!("{}-{id}", run.instance);
    let more = ContainerUpdateBody {
        memory: Some(1 << 30),
        memory_swap: Some(1 << 30),
        ..ContainerUpdateBody::default()
    };
    run.docker.update_container(&name, more).await.unwrap();
    tender.look(&host.deps).await.unwrap();
    let memory = container(&run, id).await.host_config.unwrap().memory;
    assert_eq!(memory, Some(64 << 20));

    // Somebody stops it: a stop that is seen twice was nobody's work in hand.
    run.docker.stop_container(&name, None::<StopContainerOptions>).await.unwrap();
    tender.look(&host.deps).await.unwrap();
    let status = host.deps.runtime.inspect(id).await.unwrap();
    assert_eq!(status, RuntimeStatus::Stopped);
    tender.look(&host.deps).await.unwrap();
    host.pid(id).await;
    let anna = world.telegram.chat("salon_bot", &world.telegram.person("Anna"));
    talk(&anna).await;

    // A container runs for a client that nobody knows.
    let nobody = ClientId::from_bits(7);
    host.layout.make_socket_dir(nobody).unwrap();
    host.deps.runtime.ensure_running(nobody).await.unwrap();
    tender.look(&host.deps).await.unwrap();
    tender.look(&host.deps).await.unwrap();
    let status = host.deps.runtime.inspect(nobody).await.unwrap();
    assert_eq!(status, RuntimeStatus::Stopped);
    host.pid(id).await;
    host.end().await;
}
