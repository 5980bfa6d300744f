//! A salon whose bot lives in a container: it books, heals, restarts, and goes.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use slotbox::actions::boot::boot;
use slotbox::actions::remove::{self, Force, ask_removal};
use slotbox::app::client::is_alive;
use slotbox::domain::actor::Actor;
use slotbox::domain::client::RuntimeState;
use slotbox::sandbox::telegram::{Chat, ChatMessage};
use tokio::time::{Instant, sleep};

use crate::host::{Host, SOON, kill};
use crate::program::static_program;
use crate::run::Run;
use crate::world::World;

pub async fn say(chat: &Chat, text: &str, answer: &str) -> ChatMessage {
    chat.send(text);
    chat.wait_for(answer, SOON).await.unwrap()
}

pub async fn press(chat: &Chat, label: &str, answer: &str) -> ChatMessage {
    chat.press(label).unwrap();
    chat.wait_for(answer, SOON).await.unwrap()
}

/// Returns how many visits the customer has booked, as the bot lists them.
pub async fn visits(chat: &Chat) -> usize {
    let listed = say(chat, "📋 Мои записи", "Ваши записи").await;
    let data = listed.buttons.iter().flatten().filter_map(|button| button.data.as_deref());
    data.filter(|data| data.starts_with("c:")).count()
}

pub async fn book(chat: &Chat) {
    say(chat, "/start", "Salon").await;
    say(chat, "📅 Записаться", "Выберите день").await;
    press(chat, &chat.last_button("d:").unwrap(), "Выберите время").await;
    press(chat, &chat.last_button("t:").unwrap(), "Проверьте").await;
    press(chat, "✅ Подтвердить", "Вы записаны").await;
}

/// Writes to the bot and waits for an answer.
pub async fn talk(chat: &Chat) {
    let before = chat.messages().len();
    chat.send("/start");
    let deadline = Instant::now() + SOON;
    while chat.messages().len() < before + 2 {
        assert!(Instant::now() < deadline, "the bot does not answer");
        sleep(Duration::from_millis(10)).await;
    }
}

#[test]
fn the_demo_plays_its_whole_story_through_containers() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let Some(run) = runtime.block_on(Run::begin()) else { return };
    let temp = tempfile::tempdir().unwrap();
    let mut demo = Command::new(env!("CARGO_BIN_EXE_slotbox"));
    demo.args(["demo", "--play", "--runtime", "docker", "--client-program"]).arg(static_program());
    let output = demo.env("TMPDIR", temp.path()).stdin(Stdio::null()).output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}\n{complaint}");
    assert!(told.contains("2 payments were settled"), "{told}");
    assert_eq!(std::fs::read_dir(temp.path()).unwrap().count(), 0);
    let left = runtime.block_on(run.named("slotbox-demo-"));
    assert_eq!(left, Vec::<String>::new());
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

    // It shows its container's check that it is well.
    let shown = format!("/proc/{}/root/tmp/alive", host.pid(id).await);
    assert!(is_alive(Path::new(&shown)));

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

    ask_removal(&host.deps, world.cause(), id, Force::Yes, Actor::Api).await.unwrap();
    remove::remove(&host.deps, id).await.unwrap();
    assert_eq!(run.left().await, Vec::<String>::new());
    assert!(!host.layout.socket_dir(id).exists());
    host.end().await;
}
