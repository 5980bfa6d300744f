//! One client's volume is full: its customers lose nothing that they were told, and the neighbour's
//! notice nothing.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use slotbox::actions::deploy::{Chance, deploy};
use slotbox::deployer::protocol::{Answer, Verb};
use slotbox::sandbox::telegram::Chat;
use tokio::time::{Instant, sleep};

use crate::host::{Host, SOON, ask};
use crate::own::{Meanwhile, OwnEngine};
use crate::run::Run;
use crate::story::{book, visits};
use crate::world::World;

/// How many customers try to book with the full client.
const CUSTOMERS: usize = 40;

/// A file system of two MiB in place of a volume, until this ends.
struct Small(PathBuf);

impl Small {
    fn over(volume: PathBuf) -> Self {
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=2m,mode=1777", "tmpfs"]).arg(&volume);
        assert!(mount.status().unwrap().success());
        Self(volume)
    }

    fn ballast(&self) -> PathBuf {
        self.0.join("ballast")
    }

    /// Leaves no room in it.
    fn fill(&self) {
        let mut file = fs::File::options().create(true).append(true).open(self.ballast()).unwrap();
        while file.write_all(&[0; 4096]).is_ok() {}
    }

    fn has_no_room(&self) -> bool {
        fs::write(self.0.join("more"), [0; 4096]).is_err()
    }

    fn make_room(&self) {
        fs::remove_file(self.ballast()).unwrap();
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        Command::new("umount").arg("--lazy").arg(&self.0).status().ok();
    }
}

/// Tells whether the bot says this within the time.
async fn says(chat: &Chat, words: &str, within: Duration) -> bool {
    let deadline = Instant::now() + within;
    while !chat.messages().iter().any(|message| message.from_bot && message.text.contains(words)) {
        if Instant::now() > deadline {
            return false;
        }
        sleep(Duration::from_millis(20)).await;
    }
    true
}

#[tokio::test]
async fn a_full_client_loses_nothing_and_the_neighbour_books_on() {
    let Some(engine) = OwnEngine::start(Meanwhile::Stopped).await else { return };
    let run = Run::within(engine.socket()).await;
    let world = World::begin().await;
    let host = Host::start(&world, &run).await;
    let id = host.add_as(&world, "full_bot").await;
    host.deps.gateways.open(id).await.unwrap();
    let made = ask(&host.deployer.socket, Verb::Ensure(id.into())).await;
    assert!(matches!(made, Answer::Ensured(_)), "{made:?}");
    let volume = run.docker.inspect_volume(&run.name(id)).await.unwrap().mountpoint;
    let small = Small::over(Path::new(&volume).to_owned());
    deploy(&host.deps, id, Chance::More).await.unwrap();
    host.deploy_as(&world, "next_bot").await;
    let customer = |bot: &str, name: &str| world.telegram.chat(bot, &world.telegram.person(name));
    let first = customer("full_bot", "Anna");
    book(&first).await;

    // What is written now waits for room: at some customer, the bot falls silent.
    small.fill();
    let mut waiting = Vec::new();
    for number in 0..CUSTOMERS {
        let name = format!("Customer {number}");
        let chat = customer("full_bot", &name);
        chat.send("/start");
        let answered = says(&chat, "Salon", Duration::from_secs(2)).await;
        book(&customer("next_bot", &name)).await;
        waiting.push(chat);
        if !answered {
            break;
        }
    }
    assert!(waiting.len() < CUSTOMERS, "the volume is full, and it goes on as if it were not");
    host.pid(id).await;
    assert!(small.has_no_room());

    // With room again, everybody is answered, and books; what was told is still so.
    small.make_room();
    for chat in &waiting {
        assert!(says(chat, "Salon", SOON).await, "{:?}", chat.messages());
    }
    book(waiting.last().unwrap()).await;
    assert_eq!((visits(&first).await, visits(waiting.last().unwrap()).await), (1, 1));
    host.end().await;
}
