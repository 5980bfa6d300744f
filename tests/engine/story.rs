//! A salon whose bot lives in a container: it books, heals, restarts, and goes.

use std::time::Duration;

use slotbox::actions::boot::boot;
use slotbox::actions::remove::{self, Force, ask_removal};
use slotbox::domain::actor::Actor;
use slotbox::domain::client::RuntimeState;
use slotbox::sandbox::telegram::{Chat, ChatMessage};
use tokio::time::{Instant, sleep};

use crate::host::{Host, SOON, kill};
use crate::run::Run;
use crate::world::World;

async fn say(chat: &Chat, text: &str, answer: &str) -> ChatMessage {
    chat.send(text);
    chat.wait_for(answer, SOON).await.unwrap()
}

async fn press(chat: &Chat, label: &str, answer: &str) -> ChatMessage {
    chat.press(label).unwrap();
    chat.wait_for(answer, SOON).await.unwrap()
}

/// Returns the data of the last button of this kind.
fn last_button(message: &ChatMessage, kind: &str) -> String {
    let mut data = message.buttons.iter().flatten().filter_map(|button| button.data.as_ref());
    data.rfind(|data| data.starts_with(kind)).unwrap().clone()
}

async fn book(chat: &Chat) {
    say(chat, "/start", "Salon").await;
    let days = say(chat, "📅 Записаться", "Выберите день").await;
    let times = press(chat, &last_button(&days, "d:"), "Выберите время").await;
    press(chat, &last_button(&times, "t:"), "Проверьте").await;
    press(chat, "✅ Подтвердить", "Вы записаны").await;
}

/// Writes to the bot and waits for an answer.
async fn talk(chat: &Chat) {
    let before = chat.messages().len();
    chat.send("/start");
    let deadline = Instant::now() + SOON;
    while chat.messages().len() < before + 2 {
        assert!(Instant::now() < deadline, "the bot does not answer");
        sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_salon_in_a_container_books_heals_restarts_and_goes() {
    let Some(run) = Run::begin().await else { return };
    let world = World::begin().await;
    let host = Host::start(&world, &run).await;
    let id = host.deploy(&world).await;
    assert_eq!(world.client(id).unwrap().runtime, RuntimeState::Running);
    let anna = world.telegram.chat("salon_bot", &world.telegram.person("Anna"));
    book(&anna).await;

    // Its process is killed: the engine starts it again, and nothing is forgotten.
    let killed = host.pid(id).await;
    kill(killed);
    let deadline = Instant::now() + SOON;
    while host.pid(id).await == killed {
        assert!(Instant::now() < deadline, "it does not come back");
        sleep(Duration::from_millis(20)).await;
    }
    say(&anna, "📋 Мои записи", "Ваши записи").await;

    // serve is started again: the container runs on as it did, and finds the new socket.
    let before = host.pid(id).await;
    host.end().await;
    let host = Host::start(&world, &run).await;
    boot(&host.deps).await.unwrap();
    assert_eq!(host.pid(id).await, before, "the container was not restarted");
    talk(&anna).await;

    // Stopped and started, its data is still there.
    host.deps.runtime.stop(id).await.unwrap();
    host.deps.runtime.ensure_running(id).await.unwrap();
    say(&anna, "📋 Мои записи", "Ваши записи").await;

    ask_removal(&host.deps, id, Force::Yes, Actor::Api).await.unwrap();
    remove::remove(&host.deps, id).await.unwrap();
    assert_eq!(run.left().await, Vec::<String>::new());
    assert!(!host.layout.socket_dir(id).exists());
    host.end().await;
}
