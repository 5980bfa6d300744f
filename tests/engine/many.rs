//! Sixty clients at once, in containers.

use futures::stream::{self, StreamExt as _};
use slotbox::actions::deploy::{Chance, deploy};
use slotbox::actions::remove::{self, Force, ask_removal};
use slotbox::domain::actor::Actor;

use crate::host::Host;
use crate::run::Run;
use crate::story::{book, visits};
use crate::world::World;

const CLIENTS: usize = 60;
/// As many as the queue deploys side by side.
const AT_ONCE: usize = 8;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_clients_book_side_by_side_and_leave_nothing() {
    let Some(run) = Run::begin().await else { return };
    let world = World::begin().await;
    let host = Host::start(&world, &run).await;
    let mut clients = Vec::new();
    for number in 0..CLIENTS {
        let bot = format!("salon_{number}_bot");
        clients.push((host.add_as(&world, &bot).await, bot));
    }
    let (host_ref, world_ref) = (&host, &world);
    stream::iter(&clients)
        .for_each_concurrent(AT_ONCE, |(id, _)| async move {
            deploy(&host_ref.deps, *id, Chance::More).await.unwrap();
        })
        .await;
    let standing = host.deps.runtime.list().await.unwrap();
    assert_eq!(standing.len(), CLIENTS);
    stream::iter(&clients)
        .for_each_concurrent(CLIENTS, |(_, bot)| async move {
            let person = world_ref.telegram.person("Anna");
            let chat = world_ref.telegram.chat(bot, &person);
            book(&chat).await;
            assert_eq!(visits(&chat).await, 1);
        })
        .await;
    stream::iter(&clients)
        .for_each_concurrent(AT_ONCE, |(id, _)| async move {
            let cause = world_ref.cause();
            ask_removal(&host_ref.deps, cause, *id, Force::Yes, Actor::Api).await.unwrap();
            remove::remove(&host_ref.deps, *id).await.unwrap();
        })
        .await;
    assert!(host.deps.runtime.list().await.unwrap().is_empty());
    assert_eq!(run.left().await, Vec::<String>::new());
    for (id, _) in &clients {
        assert!(!host.layout.socket_dir(*id).exists());
    }
    host.end().await;
}
