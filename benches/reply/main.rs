//! How long the Master and the Sales Bot take from an update to their reply.
//!
//! Run with `cargo bench --bench reply`, which builds the binary as a release is built. A person
//! in the simulated Telegram writes, and the time is taken until the bot's message is there. On the
//! way lie two HTTP exchanges on loopback and the simulator's own work; an [echo](echo) that
//! does nothing else goes the same way in the same run, and what it takes is subtracted.

#![expect(clippy::print_stdout, reason = "the table is the result")]
#![expect(clippy::panic, reason = "a benchmark that fails has no result")]
#![expect(clippy::unwrap_used, reason = "a benchmark that fails has no result")]

#[path = "../binary/serve.rs"]
mod binary;
mod echo;

use std::time::{Duration, Instant};

use slotbox::clock::Clock;
use slotbox::sandbox::telegram::{Chat, FloodLimits, Speaker, TelegramSim, What};
use slotbox::sandbox::yookassa::YooKassaSim;
use tokio::process::Command;
use tokio::task::JoinSet;

use crate::binary::{OPERATOR, free_address, start_serve};

/// Updates for each line of the table, each from a person of its own: Telegram lets a bot say one
/// thing a second to each person, and the bots keep to that.
const COUNT: i64 = 300;
/// Between a reply and the next update, at rest.
const PAUSE: Duration = Duration::from_millis(50);
/// Between two updates to each of the two bots under load: 50 a second in all. A bot may say no more than 30
/// things a second.
const EVERY: Duration = Duration::from_millis(40);
/// How long a reply is waited for.
const PATIENCE: Duration = Duration::from_secs(20);

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let telegram = TelegramSim::start(Clock::system()).await.unwrap();
        telegram.quiet();
        telegram.set_flood_limits(FloodLimits::OFF);
        let shop = YooKassaSim::start(Clock::system()).await.unwrap();
        let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let address = free_address().await;
        let mut serve = start_serve(dir.path(), &address, &telegram, &shop, COUNT);
        let echo = tokio::spawn(echo::run(telegram.url(), telegram.add_bot("Echo", "echo_bot")));
        table(&telegram).await;
        echo.abort();
        let pid = serve.id().unwrap().to_string();
        Command::new("kill").arg(pid).status().await.unwrap();
        serve.wait().await.unwrap();
    });
}

async fn table(telegram: &TelegramSim) {
    println!("ms                      p50     p99   p50 less echo   p99 less echo");
    let bots = [("Sales", "sales_bot"), ("Master", "master_bot")];
    let echo = at_rest(telegram, "echo_bot").await;
    print("echo, at rest", &echo, None);
    for (name, bot) in bots {
        print(&format!("{name}, at rest"), &at_rest(telegram, bot).await, Some(&echo));
    }
    let echo = under_load(telegram, "echo_bot", EVERY / 2).await;
    print("echo, 50/s", &echo, None);
    let pairs = bots.map(|(_, bot)| under_load(telegram, bot, EVERY));
    let taken = futures::future::join_all(pairs).await;
    for ((name, _), taken) in bots.into_iter().zip(taken) {
        print(&format!("{name}, 25 of 50/s"), &taken, Some(&echo));
    }
}

/// Writes to a bot one time after the other; returns what each reply took, the shortest first.
async fn at_rest(telegram: &TelegramSim, bot: &'static str) -> Vec<Duration> {
    let mut taken = Vec::new();
    for chat in chats(telegram, bot).await {
        tokio::time::sleep(PAUSE).await;
        taken.push(reply(telegram.clone(), bot, chat).await);
    }
    taken.sort_unstable();
    taken
}

/// Writes to a bot every so often, whether it has replied or not.
async fn under_load(telegram: &TelegramSim, bot: &'static str, every: Duration) -> Vec<Duration> {
    let mut waiting = JoinSet::new();
    let chats = chats(telegram, bot).await;
    // Not before the chats are there: what an interval has missed, it makes up for at once.
    let mut tick = tokio::time::interval(every);
    for chat in chats {
        tick.tick().await;
        waiting.spawn(reply(telegram.clone(), bot, chat));
    }
    let mut taken = waiting.join_all().await;
    taken.sort_unstable();
    taken
}

/// Returns the chats with a bot, which has answered in each of the first few.
async fn chats(telegram: &TelegramSim, bot: &'static str) -> Vec<Chat> {
    let chats: Vec<_> = (0..COUNT).map(|number| chat(telegram, bot, number)).collect();
    for chat in chats.iter().take(10) {
        reply(telegram.clone(), bot, chat.clone()).await;
    }
    tokio::time::sleep(Duration::from_millis(1500)).await;
    chats
}

/// The Master Bot speaks with its operators alone, so all of these people are operators.
fn chat(telegram: &TelegramSim, bot: &str, number: i64) -> Chat {
    let id = OPERATOR + number;
    let person = telegram.person_with_id(id, &format!("Person {id}"));
    telegram.chat(bot, &person)
}

/// Writes, and returns how long the bot's next message took.
async fn reply(telegram: TelegramSim, bot: &'static str, chat: Chat) -> Duration {
    let mut events = telegram.events();
    let began = Instant::now();
    chat.send("/help");
    let answered = async {
        loop {
            let event = events.recv().await.unwrap();
            let said = matches!(&event.what, What::Said { by: Speaker::Bot, .. });
            if said && event.person == chat.id() && event.bot == bot {
                return began.elapsed();
            }
        }
    };
    tokio::time::timeout(PATIENCE, answered).await.unwrap_or_else(|_| panic!("no reply came"))
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds of a reply are few")]
fn print(name: &str, taken: &[Duration], echo: Option<&[Duration]>) {
    let at = |taken: &[Duration], percent: usize| {
        let index = (taken.len() * percent / 100).min(taken.len() - 1);
        taken[index].as_micros() as f64 / 1000.0
    };
    let (p50, p99) = (at(taken, 50), at(taken, 99));
    print!("{name:20}  {p50:5.2}  {p99:5.2}");
    match echo {
        Some(echo) => println!("   {:13.2}   {:13.2}", p50 - at(echo, 50), p99 - at(echo, 99)),
        None => println!(),
    }
}
