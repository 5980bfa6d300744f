//! `serve` is ended and started again under its clients' containers.

use std::time::{Duration, Instant};

use futures::future::join_all;
use slotbox::sandbox::telegram::{Chat, ChatMessage, Speaker, TelegramSim, What};

use crate::engine::states;
use crate::host::{Host, PATIENCE};
use crate::run::Run;

/// How long `serve` is down.
const DOWN: Duration = Duration::from_secs(5);
const DAY: Duration = Duration::from_hours(24);
/// The people, by number: who has booked, who is about to, and who only writes.
const BOOKED: usize = 2;
const BOOKING: usize = 3;
const WRITER: usize = 4;

/// What came of it.
pub struct Restarted {
    /// Containers that were the same before and after.
    pub kept: usize,
    /// Bookings that were confirmed while `serve` was down, and came to be.
    pub booked: usize,
    /// Reminders that fell due while `serve` was down, and came.
    pub reminded: usize,
    /// From the start until each bot has answered again, the quickest first.
    pub answers: Vec<Duration>,
}

/// Ends `serve` and starts it again. Meanwhile each client has a reminder that falls due, a customer
/// who confirms a booking, and one who writes.
pub async fn restart(host: &mut Host, run: &Run, clients: usize) -> Restarted {
    let numbers = 1..=clients;
    let booked: Vec<_> = numbers.clone().map(|client| host.chat(client, BOOKED)).collect();
    let booking: Vec<_> = numbers.clone().map(|client| host.chat(client, BOOKING)).collect();
    let writers: Vec<_> = numbers.map(|client| host.chat(client, WRITER)).collect();
    let mut start = 0;
    for (booked, booking) in booked.iter().zip(&booking) {
        start = to_confirm(booked, 0).await;
        booked.press("✅ Подтвердить").unwrap();
        booked.wait_for("Вы записаны", PATIENCE).await.unwrap();
        to_confirm(booking, 1).await;
    }
    let before = states(run).await;
    host.end_serve().await;
    for (booking, writer) in booking.iter().zip(&writers) {
        booking.press("✅ Подтвердить").unwrap();
        writer.send("/start");
    }
    let now = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap();
    let ahead = Duration::from_secs(start).checked_sub(DAY + now).unwrap();
    host.deployer.as_ref().unwrap().put_ahead(ahead);
    tokio::time::sleep(DOWN).await;
    let answered = tokio::spawn(answered(host.telegram.clone(), writers));
    let began = Instant::now();
    host.start_again();
    let mut answers: Vec<_> = answered.await.unwrap().into_iter().map(|at| at - began).collect();
    answers.sort_unstable();
    let count = |came: Vec<Result<_, _>>| came.into_iter().flatten().count();
    let confirmed = booking.iter().map(|chat| chat.wait_for("Вы записаны", PATIENCE));
    let reminders = booked.iter().map(|chat| chat.wait_for("Напоминаем", PATIENCE));
    let (confirmed, reminders) = tokio::join!(join_all(confirmed), join_all(reminders));
    let after = states(run).await;
    Restarted {
        kept: before.iter().filter(|state| after.contains(state)).count(),
        booked: count(confirmed),
        reminded: count(reminders),
        answers,
    }
}

/// Chooses a time of the last day, counted from its end; returns it, in seconds since 1970.
async fn to_confirm(chat: &Chat, from_end: usize) -> u64 {
    chat.send("/start");
    chat.wait_for("Salon", PATIENCE).await.unwrap();
    chat.send("📅 Записаться");
    let days = chat.wait_for("Выберите день", PATIENCE).await.unwrap();
    chat.press(&button(&days, "d:", 0)).unwrap();
    let times = chat.wait_for("Выберите время", PATIENCE).await.unwrap();
    let time = button(&times, "t:", from_end);
    chat.press(&time).unwrap();
    chat.wait_for("Проверьте", PATIENCE).await.unwrap();
    time.rsplit(':').next().unwrap().parse().unwrap()
}

/// Returns the data of a button of this kind, counted from the last.
fn button(message: &ChatMessage, kind: &str, from_end: usize) -> String {
    let data = message.buttons.iter().flatten().filter_map(|button| button.data.as_ref());
    let of_kind: Vec<_> = data.filter(|data| data.starts_with(kind)).collect();
    of_kind[of_kind.len() - 1 - from_end].clone()
}

/// Returns when each of them was answered.
async fn answered(telegram: TelegramSim, mut waiting: Vec<Chat>) -> Vec<Instant> {
    let mut events = telegram.events();
    let mut answers = Vec::new();
    while !waiting.is_empty() {
        let event = tokio::time::timeout(PATIENCE, events.recv()).await;
        let event = event.unwrap_or_else(|_| panic!("{} bots are silent", waiting.len())).unwrap();
        let before = waiting.len();
        if matches!(&event.what, What::Said { by: Speaker::Bot, .. }) {
            waiting.retain(|chat| chat.id() != event.person);
        }
        answers.extend((waiting.len() < before).then(Instant::now));
    }
    answers
}
