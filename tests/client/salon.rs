//! The stage: a salon in some time zone, its bot, and people who write to it.

use std::cell::Cell;
use std::time::Duration;

use expect_test::Expect;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use slotbox::app::client::{ClientOptions, run};
use slotbox::clock::{Clock, ClockHand};
use slotbox::sandbox::telegram::{Chat, ChatMessage, FloodLimits, TelegramSim};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::gateway::TestGateway;

/// How long a test waits for what must come.
pub const SOON: Duration = Duration::from_secs(10);
/// The owner's Telegram id.
const OWNER: i64 = 111;
/// Monday, 23 November 2026, nine in the morning in Moscow.
pub const MONDAY: &str = "2026-11-23T06:00:00Z";

/// One salon with its bot.
pub struct Salon {
    pub sim: TelegramSim,
    pub gateway: TestGateway,
    hand: ClockHand,
    clock: Clock,
    dir: TempDir,
    olga: Chat,
    witnesses: Cell<u32>,
    process: Option<(CancellationToken, JoinHandle<anyhow::Result<()>>)>,
}

impl Salon {
    /// Opens a salon in Moscow on a Monday at nine.
    pub async fn open() -> Self {
        Self::open_in("Europe/Moscow", MONDAY).await
    }

    /// Opens a salon in London, whose bot speaks English.
    pub async fn open_in_english() -> Self {
        Self::open_with(profile("Europe/London", "en"), "2026-11-23T09:00:00Z").await
    }

    /// Opens a salon whose wall clock hangs in `zone`.
    pub async fn open_in(zone: &str, now: &str) -> Self {
        Self::open_with(profile(zone, "ru"), now).await
    }

    async fn open_with(profile: Value, now: &str) -> Self {
        let (clock, hand) = Clock::stopped(now.parse().unwrap());
        let sim = TelegramSim::start(clock.clone()).await.unwrap();
        sim.set_flood_limits(FloodLimits::OFF);
        let token = sim.add_bot("Salon", "salon_bot");
        let dir = tempfile::tempdir().unwrap();
        let socket = dir.path().join("gateway.sock");
        let gateway = TestGateway::open(&socket, sim.url(), token, profile);
        let olga = sim.chat("salon_bot", &sim.person_with_id(OWNER, "olga"));
        let witnesses = Cell::new(0);
        let mut salon = Self { sim, gateway, hand, clock, dir, olga, witnesses, process: None };
        salon.start();
        salon.gateway.healthy().await;
        salon
    }

    /// Starts the bot's process.
    pub fn start(&mut self) {
        let options = ClientOptions {
            socket: self.dir.path().join("gateway.sock"),
            data: self.dir.path().to_owned(),
            alive_file: None,
        };
        let stop = CancellationToken::new();
        let process = tokio::spawn(run(options, self.clock.clone(), stop.clone()));
        self.process = Some((stop, process));
    }

    /// Tells the process to stop and waits until it has.
    pub async fn stop(&mut self) {
        let (stop, process) = self.process.take().unwrap();
        stop.cancel();
        tokio::time::timeout(SOON, process).await.unwrap().unwrap().unwrap();
    }

    /// Ends the process as a crash does: nothing in hand is finished.
    pub async fn crash(&mut self) {
        let (_, process) = self.process.take().unwrap();
        process.abort();
        assert!(process.await.unwrap_err().is_cancelled());
    }

    /// Waits until the work in the background that was due has been done: the notice of a new
    /// booking comes after it.
    pub async fn background_done(&self) {
        say(&self.olga, "/start", "Салон").await;
        self.witnesses.set(self.witnesses.get() + 1);
        let name = format!("witness{}.", self.witnesses.get());
        book_and_cancel(&self.customer(&name)).await;
        self.olga.wait_for(&name, SOON).await.unwrap();
    }

    /// Lets time pass.
    pub fn pass(&self, time: SignedDuration) {
        self.hand.advance(time);
    }

    /// Sets the time.
    pub fn set_time(&self, at: &str) {
        self.hand.set(at.parse::<Timestamp>().unwrap());
    }

    /// Returns a customer's chat.
    pub fn customer(&self, name: &str) -> Chat {
        self.sim.chat("salon_bot", &self.sim.person(name))
    }

    /// Returns the owner's chat.
    pub fn owner(&self) -> Chat {
        self.olga.clone()
    }
}

fn profile(zone: &str, locale: &str) -> Value {
    let company = if locale == "en" { "Salon" } else { "Салон" };
    json!({
        "version": 1, "client_id": "c_00000000000000000000000001", "company_name": company,
        "owner": OWNER, "bot_username": "salon_bot", "timezone": zone, "locale": locale,
        "service": "full", "support": "@help",
    })
}

/// Writes, and waits for an answer that contains `answer`.
pub async fn say(chat: &Chat, text: &str, answer: &str) -> ChatMessage {
    chat.send(text);
    chat.wait_for(answer, SOON).await.unwrap()
}

/// Presses, and waits for an answer that contains `answer`.
pub async fn press(chat: &Chat, button: &str, answer: &str) -> ChatMessage {
    chat.press(button).unwrap();
    chat.wait_for(answer, SOON).await.unwrap()
}

/// Waits for the words over the chat; presses without words are passed over.
pub async fn wait_for_toast(chat: &Chat, words: &str) {
    loop {
        match chat.pressed_answer(SOON).await.unwrap() {
            Some(said) if said.contains(words) => return,
            Some(_) | None => {}
        }
    }
}

/// Writes `text` again and again until an answer contains `answer`: what the gateway tells takes a
/// moment to arrive.
pub async fn say_until(chat: &Chat, text: &str, answer: &str) -> ChatMessage {
    let deadline = tokio::time::Instant::now() + SOON;
    loop {
        chat.send(text);
        match chat.wait_for(answer, Duration::from_millis(200)).await {
            Ok(message) => return message,
            Err(err) => assert!(tokio::time::Instant::now() < deadline, "{err:?}"),
        }
    }
}

/// Books the default service on `day` at `time`, as far as the confirmation.
pub async fn choose(chat: &Chat, day: &str, time: &str) -> ChatMessage {
    say(chat, "/start", "Здравствуйте").await;
    press(chat, "📅 Записаться", "Выберите день").await;
    press(chat, day, "Выберите время").await;
    press(chat, time, "Проверьте").await
}

/// Books the default service on `day` at `time`.
pub async fn book(chat: &Chat, day: &str, time: &str) -> ChatMessage {
    choose(chat, day, time).await;
    press(chat, "✅ Подтвердить", "Вы записаны").await
}

/// Books and cancels the first time that is free of the last page of days, where no test looks.
async fn book_and_cancel(chat: &Chat) {
    say(chat, "/start", "Здравствуйте").await;
    press(chat, "📅 Записаться", "Выберите день").await;
    for _ in 0..3 {
        press(chat, "Позже ▶️", "Выберите день").await;
    }
    let day = chat.messages().pop().unwrap().buttons[0][0].text.clone();
    press(chat, &day, "Выберите время").await;
    let time = chat.messages().pop().unwrap().buttons[0][0].text.clone();
    press(chat, &time, "Проверьте").await;
    press(chat, "✅ Подтвердить", "Вы записаны").await;
    press(chat, "📋 Мои записи", "Ваши записи").await;
    press(chat, "❌ Отменить 1", "Отменить эту запись?").await;
    press(chat, "❌ Да, отменить", "Запись отменена").await;
}

/// Plays the lines of `person` to the bot, and compares the talk that came of it; `[..]` presses a
/// button.
pub async fn check(chat: &Chat, expected: Expect) {
    let person = chat.person().name().to_owned();
    let (width, expected_text) = (person.chars().count().max(3), expected.data().to_owned());
    let mut lines = 0;
    for line in expected_text.lines().map(str::trim_start) {
        if let Some(said) = line.strip_prefix(&format!("{person:width$} > ")) {
            settle(chat, lines).await;
            match said.strip_prefix('[').and_then(|it| it.strip_suffix(']')) {
                Some(button) => chat.press(button).unwrap(),
                None => chat.send(said),
            }
        }
        lines += usize::from(!line.trim().is_empty());
    }
    settle(chat, lines).await;
    expected.assert_eq(&talk(chat));
}

/// Waits until the talk has as many lines as expected. What is too much or too little shows in
/// the comparison.
async fn settle(chat: &Chat, lines: usize) {
    let rewriting = std::env::var_os("UPDATE_EXPECT").is_some();
    let patience = Duration::from_secs(if rewriting { 1 } else { 5 });
    let deadline = tokio::time::Instant::now() + patience;
    let count = || talk(chat).lines().filter(|line| !line.trim().is_empty()).count();
    while (rewriting || count() < lines) && tokio::time::Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// The talk, with a plain space where prices keep their digits together.
fn talk(chat: &Chat) -> String {
    chat.transcript().to_string().replace('\u{a0}', " ")
}
