//! The loop against the simulated Telegram.

use std::sync::Mutex;
use std::time::Instant;

use teloxide::dispatching::UpdateFilterExt;
use teloxide::dptree;
use teloxide::requests::Requester;
use teloxide::types::{CallbackQuery, Message};

use super::*;
use crate::bots::talk::{Cause, Talk, Toast};
use crate::clock::Clock;
use crate::domain::token::BotToken;
use crate::external::telegram::{RawUpdate, Telegram, get_updates};
use crate::sandbox::telegram::{Chat, Fault, TelegramSim, UpdateFault};
use crate::store::{Options, StoreError, dialogues};

const SOON: Duration = Duration::from_secs(5);
const LATER: Duration = Duration::from_secs(15);
const NAME: &str = "test_bot";

/// A world with one bot, whose loop can be ended and begun again on the same database.
struct Rig {
    sim: TelegramSim,
    telegram: Telegram,
    token: BotToken,
    dir: tempfile::TempDir,
    store: Store,
    seen: Seen,
}

/// What handlers saw: who said what, under which cause.
type Seen = Arc<Mutex<Vec<(i64, String, Cause)>>>;

struct Running {
    health: watch::Receiver<Health>,
    stop: CancellationToken,
    end: tokio::task::JoinHandle<Result<LoopEnd, StoreError>>,
}

impl Rig {
    async fn new() -> Self {
        let sim = TelegramSim::start(Clock::system()).await.unwrap();
        let token = sim.add_bot("Test", NAME).parse().unwrap();
        let telegram = Telegram::new(&sim.url(), None).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let store = open(&dir);
        Self { sim, telegram, token, dir, store, seen: Seen::default() }
    }

    fn chat(&self, name: &str) -> Chat {
        self.sim.chat(NAME, &self.sim.person(name))
    }

    fn start(&self) -> Running {
        let send = self.telegram.sender(&self.token);
        let parts = Parts {
            store: self.store.clone(),
            bot: self.token.bot(),
            send: send.clone(),
            sealer: None,
            deps: dptree::deps![send, Arc::clone(&self.seen)],
            apology: "sorry".to_owned(),
            meter: BotMeter::new(
                crate::metrics::Metrics::default(),
                crate::metrics::BotRole::Sales,
            ),
        };
        let source = Source::Asked(self.telegram.poller(&self.token));
        let work = Loop::<u32>::new(parts, source, tree());
        let (health, stop) = (work.health(), CancellationToken::new());
        let end = tokio::spawn(work.run(stop.clone()));
        Running { health, stop, end }
    }

    /// Closes the database as a crash would, and opens it again.
    fn reopen(&mut self) {
        self.store.clone().close();
        self.store = open(&self.dir);
    }

    /// Waits until `wanted` messages were seen.
    async fn seen(&self, wanted: usize) -> Vec<(i64, String, Cause)> {
        let deadline = Instant::now() + LATER;
        loop {
            let seen = self.seen.lock().unwrap().clone();
            if seen.len() >= wanted || Instant::now() > deadline {
                return seen;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    fn waiting(&self) -> usize {
        self.store.read(|snap| updates::waiting(snap, self.token.bot())).unwrap().len()
    }

    async fn nothing_waits(&self) {
        let deadline = Instant::now() + SOON;
        while self.waiting() > 0 {
            assert!(Instant::now() < deadline, "an update is left");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    fn step(&self, chat: &Chat) -> Option<u32> {
        let read =
            |snap: &crate::store::Snapshot<'_>| dialogues::get(snap, self.token.bot(), chat.id());
        self.store.read::<_, StoreError>(read).unwrap()
    }
}

impl Running {
    async fn reaches(&mut self, wanted: Health) {
        let reached = self.health.wait_for(|now| *now == wanted);
        tokio::time::timeout(LATER, reached).await.expect("in time").expect("a loop");
    }

    async fn stop(self) -> LoopEnd {
        self.stop.cancel();
        tokio::time::timeout(LATER, self.end).await.expect("in time").unwrap().unwrap()
    }
}

fn open(dir: &tempfile::TempDir) -> Store {
    Store::open(&dir.path().join("store.redb"), Options { cache_bytes: 1 << 20 }).unwrap()
}

/// Counts in the step, and does as it is told.
fn tree() -> UpdateHandler<BotError> {
    dptree::entry()
        .branch(teloxide::types::Update::filter_message().endpoint(hear))
        .branch(teloxide::types::Update::filter_callback_query().endpoint(press))
}

async fn hear(
    bot: teloxide::Bot,
    seen: Seen,
    talk: Talk<u32>,
    message: Message,
    cause: Cause,
) -> Result<(), BotError> {
    let text = message.text().unwrap_or("").to_owned();
    seen.lock().unwrap().push((message.chat.id.0, text.clone(), cause));
    talk.set(talk.get() + 1);
    match text.as_str() {
        "hang" => std::future::pending().await,
        "slow" => tokio::time::sleep(Duration::from_millis(300)).await,
        "panic" => panic!("as the test wants"),
        "buttons" => {
            let keyboard =
                serde_json::json!({"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]});
            let keyboard: teloxide::types::InlineKeyboardMarkup =
                serde_json::from_value(keyboard).unwrap();
            let mut sent = bot.send_message(message.chat.id, "press");
            teloxide::requests::HasPayload::payload_mut(&mut sent).reply_markup =
                Some(keyboard.into());
            sent.await?;
            return Ok(());
        }
        _ => {}
    }
    bot.send_message(message.chat.id, format!("{} {text}", talk.get())).await?;
    Ok(())
}

async fn press(query: CallbackQuery, toast: Toast) -> Result<(), BotError> {
    toast.say(format!("pressed {}", query.data.unwrap_or_default()));
    Ok(())
}

#[tokio::test]
async fn each_chat_is_answered_in_order_and_no_chat_waits_for_another() {
    let rig = Rig::new().await;
    let running = rig.start();
    let (anna, boris) = (rig.chat("anna"), rig.chat("boris"));
    anna.send("slow");
    for number in 0..5 {
        anna.send(&format!("a{number}"));
        boris.send(&format!("b{number}"));
    }
    boris.wait_for("5 b4", SOON).await.unwrap();
    assert!(anna.wait_for("1 slow", Duration::ZERO).await.is_err(), "boris waited for anna");
    anna.wait_for("6 a4", SOON).await.unwrap();
    let said = |chat: &Chat| chat.messages().into_iter().filter(|it| it.from_bot).map(|it| it.text);
    let expected = ["1 slow", "2 a0", "3 a1", "4 a2", "5 a3", "6 a4"];
    assert_eq!(said(&anna).collect::<Vec<_>>(), expected);
    rig.nothing_waits().await;
    assert_eq!(rig.step(&anna), Some(6));
    assert_eq!(running.stop().await, LoopEnd::Stopped);
}

#[tokio::test]
async fn an_update_that_a_crash_cut_off_is_handled_with_the_step_it_met() {
    let mut rig = Rig::new().await;
    let anna = rig.chat("anna");
    let running = rig.start();
    anna.send("one");
    anna.wait_for("1 one", SOON).await.unwrap();
    anna.send("hang");
    anna.send("two");
    let before = rig.seen(2).await;
    running.end.abort();
    assert!(running.end.await.unwrap_err().is_cancelled());
    rig.reopen();
    assert_eq!(rig.step(&anna), Some(1), "the step that hung was not kept");

    // The bot is another today: it does not hang. The loop sees the same cause again.
    rig.seen.lock().unwrap().clear();
    let again = rig.start();
    let after = rig.seen(1).await;
    assert_eq!(after.first(), before.last());
    again.end.abort();
}

/// D-034: a start dropped what had been sent meanwhile.
#[tokio::test]
async fn what_was_kept_before_a_crash_is_handled_without_telegram() {
    let rig = Rig::new().await;
    rig.sim.faults().always("getUpdates", Fault::CutBefore);
    let json = serde_json::json!({
        "update_id": 7,
        "message": {
            "message_id": 1, "date": 0, "text": "kept", "chat": {"id": 5, "type": "private"},
            "from": {"id": 5, "is_bot": false, "first_name": "A"},
        }
    });
    let kept = updates::Kept { id: 7, chat: 5, json: json.to_string().into_bytes() };
    let bot = rig.token.bot();
    rig.store.write(move |txn| updates::keep(txn, bot, std::slice::from_ref(&kept))).await.unwrap();
    let mut running = rig.start();
    assert_eq!(rig.seen(1).await, [(5, "kept".to_owned(), Cause { bot, update: 7 })]);
    running.reaches(Health::Unreachable).await;
    rig.sim.faults().clear();
    running.reaches(Health::Polling).await;
    running.stop().await;
}

#[tokio::test]
async fn an_update_that_comes_twice_is_handled_once() {
    let rig = Rig::new().await;
    let running = rig.start();
    let anna = rig.chat("anna");
    for number in 0..5 {
        rig.sim.faults().once_update(UpdateFault::Twice);
        anna.send(&format!("a{number}"));
        anna.wait_for(&format!("a{number}"), SOON).await.unwrap();
    }
    anna.send("end");
    anna.wait_for("6 end", SOON).await.unwrap();
    assert_eq!(rig.seen(6).await.len(), 6);
    running.stop().await;
}

#[tokio::test]
async fn a_revoked_token_ends_the_loop() {
    let rig = Rig::new().await;
    let mut running = rig.start();
    running.reaches(Health::Polling).await;
    rig.sim.revoke_token(rig.token.expose());
    let end = tokio::time::timeout(LATER, &mut running.end).await.unwrap();
    assert_eq!(end.unwrap().unwrap(), LoopEnd::TokenRevoked);
    assert_eq!(*running.health.borrow(), Health::Unauthorized);
}

#[tokio::test]
async fn another_reader_is_reported_and_so_is_its_end() {
    let rig = Rig::new().await;
    let mut running = rig.start();
    running.reaches(Health::Polling).await;
    let other = rig.telegram.poller(&rig.token);
    // The other program takes the turn whenever it asks; the loop notices, and asks again later.
    let taken: Vec<RawUpdate> = get_updates(&other, None, Duration::ZERO).await.unwrap();
    assert!(taken.is_empty());
    running.reaches(Health::Conflict).await;
    running.reaches(Health::Polling).await;
    let anna = rig.chat("anna");
    anna.send("hello");
    anna.wait_for("1 hello", SOON).await.unwrap();
    running.stop().await;
}

#[tokio::test]
async fn a_webhook_set_elsewhere_is_taken_back_and_nothing_is_dropped() {
    let rig = Rig::new().await;
    let bot = rig.telegram.sender(&rig.token);
    bot.set_webhook("https://127.0.0.1/nobody".parse().unwrap()).await.unwrap();
    let anna = rig.chat("anna");
    anna.send("hello");
    let running = rig.start();
    anna.wait_for("1 hello", LATER).await.unwrap();
    running.stop().await;
}

#[tokio::test]
async fn an_answer_that_telegram_did_not_take_is_given_later() {
    let rig = Rig::new().await;
    let running = rig.start();
    let (anna, boris) = (rig.chat("anna"), rig.chat("boris"));
    rig.sim.faults().once("sendMessage", Fault::RetryAfter(2));
    anna.send("one");
    anna.send("two");
    let first = rig.seen(1).await;
    assert_eq!(first.len(), 1, "the second update waits behind the first");
    boris.send("meanwhile");
    boris.wait_for("1 meanwhile", SOON).await.unwrap();
    rig.sim.faults().once("sendMessage", Fault::CutBefore);
    anna.wait_for("1 one", LATER).await.unwrap();
    anna.wait_for("2 two", LATER).await.unwrap();
    rig.nothing_waits().await;
    assert_eq!(rig.step(&anna), Some(2), "a step that was tried again counts once");
    running.stop().await;
}

#[tokio::test]
async fn a_panic_costs_its_update_and_nothing_else() {
    let rig = Rig::new().await;
    let running = rig.start();
    let anna = rig.chat("anna");
    anna.send("panic");
    anna.wait_for("sorry", SOON).await.unwrap();
    anna.send("on");
    anna.wait_for("1 on", SOON).await.unwrap();
    running.stop().await;
}

#[tokio::test]
async fn every_press_is_answered() {
    let rig = Rig::new().await;
    let running = rig.start();
    let anna = rig.chat("anna");
    anna.send("buttons");
    anna.wait_for_button("Go", SOON).await.unwrap();
    anna.press("Go").unwrap();
    assert_eq!(anna.pressed_answer(SOON).await.unwrap().as_deref(), Some("pressed go"));
    running.stop().await;
}

#[tokio::test]
async fn a_person_who_left_costs_nothing() {
    let rig = Rig::new().await;
    let running = rig.start();
    let anna = rig.chat("anna");
    anna.send("slow");
    rig.seen(1).await;
    anna.block();
    rig.nothing_waits().await;
    assert_eq!(rig.step(&anna), Some(1), "what was done stays done");
    running.stop().await;
}

#[tokio::test]
async fn a_step_of_another_version_is_the_beginning() {
    let rig = Rig::new().await;
    let anna = rig.chat("anna");
    let (bot, chat) = (rig.token.bot(), anna.id());
    let older = "a step of another form".to_owned();
    rig.store.write(move |txn| dialogues::put(txn, bot, chat, &older)).await.unwrap();
    let running = rig.start();
    anna.send("hello");
    anna.wait_for("1 hello", SOON).await.unwrap();
    running.stop().await;
}

#[tokio::test]
async fn a_flaky_way_loses_nothing_and_keeps_the_order() {
    let rig = Rig::new().await;
    let mix = [Fault::CutBefore, Fault::CutAfter, Fault::Slow(Duration::from_millis(20))];
    rig.sim.faults().random_of("getUpdates", &mix, 7, 0.5);
    rig.sim.faults().random_updates(11, 0.3);
    let running = rig.start();
    let chats: Vec<_> = (0..10).map(|number| rig.chat(&format!("person{number}"))).collect();
    for number in 0..5 {
        for chat in &chats {
            chat.send(&format!("n{number}"));
        }
    }
    for chat in &chats {
        chat.wait_for("5 n4", Duration::from_secs(30)).await.unwrap();
        let said: Vec<_> =
            chat.messages().into_iter().filter(|it| it.from_bot).map(|it| it.text).collect();
        assert_eq!(said, ["1 n0", "2 n1", "3 n2", "4 n3", "5 n4"]);
    }
    running.stop().await;
}
