//! Reminders come once each, whatever happens to the process.

use jiff::SignedDuration;
use slotbox::sandbox::telegram::{Chat, Fault};

use crate::salon::{MONDAY, SOON, Salon, book, press, say};

/// Returns the first time that is still free on Monday.
async fn first_time_today(chat: &Chat) -> String {
    say(chat, "/start", "Здравствуйте").await;
    press(chat, "📅 Записаться", "Выберите день").await;
    let times = press(chat, "Пн, 23 ноября", "Выберите время").await;
    times.buttons[0][0].text.clone()
}

fn reminders(chat: &Chat) -> Vec<String> {
    let messages = chat.messages().into_iter().map(|message| message.text);
    messages.filter(|text| text.contains("Напоминаем")).collect()
}

#[tokio::test]
async fn two_reminders_survive_restarts_and_crashes() {
    let mut salon = Salon::open().await;
    let anna = salon.customer("anna");
    book(&anna, "Ср, 25 ноября", "10:00").await;
    salon.set_time("2026-11-24T06:59:59Z");
    salon.background_done().await;
    assert!(reminders(&anna).is_empty());

    salon.set_time("2026-11-24T07:00:00Z");
    anna.wait_for("Напоминаем: завтра в 10:00 ждём вас в «Салон»", SOON).await.unwrap();
    salon.stop().await;
    salon.start();
    salon.background_done().await;
    assert_eq!(reminders(&anna).len(), 1);

    salon.crash().await;
    salon.start();
    salon.set_time("2026-11-25T05:00:00Z");
    anna.wait_for("Напоминаем: сегодня в 10:00 ждём вас в «Салон»", SOON).await.unwrap();
    salon.background_done().await;
    salon.crash().await;
    salon.start();
    salon.set_time("2026-11-25T12:00:00Z");
    salon.background_done().await;
    assert_eq!(reminders(&anna).len(), 2);
}

#[tokio::test]
async fn a_reminder_missed_while_the_process_was_down_comes_late() {
    let mut salon = Salon::open().await;
    let (anna, boris) = (salon.customer("anna"), salon.customer("boris"));
    book(&anna, "Ср, 25 ноября", "10:00").await;
    book(&boris, "Ср, 25 ноября", "17:00").await;
    salon.stop().await;
    salon.set_time("2026-11-25T05:30:00Z"); // Half past eight.
    salon.start();
    anna.wait_for("Напоминаем: сегодня в 10:00", SOON).await.unwrap();
    boris.wait_for("Напоминаем: сегодня в 17:00", SOON).await.unwrap();
    salon.background_done().await;
    // Both of Anna's reminders were due, and one is enough.
    assert_eq!((reminders(&anna).len(), reminders(&boris).len()), (1, 1));
    salon.stop().await;
    salon.set_time("2026-11-25T14:30:00Z"); // Boris has come and gone.
    salon.start();
    salon.background_done().await;
    assert_eq!((reminders(&anna).len(), reminders(&boris).len()), (1, 1));
}

#[tokio::test]
async fn a_visit_booked_late_is_reminded_of_once() {
    let salon = Salon::open().await;
    let anna = salon.customer("anna");
    book(&anna, "Пн, 23 ноября", "16:00").await;
    salon.background_done().await;
    assert!(reminders(&anna).is_empty());
    salon.set_time("2026-11-23T11:00:00Z");
    anna.wait_for("Напоминаем: сегодня в 16:00", SOON).await.unwrap();
    let boris = salon.customer("boris");
    book(&boris, "Пн, 23 ноября", "15:00").await; // In an hour: nothing to remind of.
    salon.set_time("2026-11-23T11:59:00Z");
    salon.background_done().await;
    assert_eq!((reminders(&anna).len(), reminders(&boris).len()), (1, 0));
}

#[tokio::test]
async fn a_cancelled_visit_is_not_reminded_of() {
    let salon = Salon::open().await;
    let anna = salon.customer("anna");
    book(&anna, "Ср, 25 ноября", "10:00").await;
    press(&anna, "📋 Мои записи", "Ваши записи").await;
    press(&anna, "❌ Отменить 1", "Отменить эту запись?").await;
    press(&anna, "❌ Да, отменить", "Запись отменена").await;
    for time in ["2026-11-24T07:00:00Z", "2026-11-25T05:00:00Z"] {
        salon.set_time(time);
        salon.background_done().await;
        assert!(reminders(&anna).is_empty());
    }
}

#[tokio::test]
async fn a_reminder_that_telegram_refused_is_sent_again() {
    let salon = Salon::open().await;
    let anna = salon.customer("anna");
    book(&anna, "Ср, 25 ноября", "10:00").await;
    salon.background_done().await;
    salon.sim.faults().once("sendMessage", Fault::RetryAfter(1));
    salon.set_time("2026-11-24T07:00:00Z");
    let deadline = tokio::time::Instant::now() + SOON;
    while reminders(&anna).is_empty() {
        assert!(tokio::time::Instant::now() < deadline, "{}", anna.transcript());
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        salon.pass(SignedDuration::from_secs(1));
    }
    salon.background_done().await;
    assert_eq!(reminders(&anna).len(), 1);
}

#[tokio::test]
async fn who_has_blocked_the_bot_is_left_in_peace() {
    let salon = Salon::open().await;
    let anna = salon.customer("anna");
    book(&anna, "Ср, 25 ноября", "10:00").await;
    anna.block();
    let sent = || {
        let calls = salon.sim.calls().into_iter();
        calls.filter(|call| call.chat == Some(anna.id()) && call.status == 403).count()
    };
    salon.set_time("2026-11-24T07:00:00Z");
    salon.background_done().await;
    salon.pass(SignedDuration::from_hours(1));
    salon.background_done().await;
    assert_eq!(sent(), 1);
    anna.unblock();
    say(&anna, "📋 Мои записи", "Ваши записи").await;
    assert!(reminders(&anna).is_empty());
}

/// D-160: the zone that was set moved no clock. Each client has its own: at one instant, the free
/// times are those of two wall clocks, and ten o'clock is reminded of at two instants.
#[tokio::test]
async fn d_160_two_clients_in_two_zones_live_by_their_own_wall_clocks() {
    let moscow = Salon::open_in("Europe/Moscow", MONDAY).await;
    let vladivostok = Salon::open_in("Asia/Vladivostok", MONDAY).await;
    let (anna, boris) = (moscow.customer("anna"), vladivostok.customer("boris"));
    // Nine in the morning here is four in the afternoon there.
    assert_eq!(first_time_today(&anna).await, "09:30");
    assert_eq!(first_time_today(&boris).await, "16:30");
    book(&anna, "Ср, 25 ноября", "10:00").await;
    book(&boris, "Ср, 25 ноября", "10:00").await;

    let at = async |time: &str| {
        for salon in [&moscow, &vladivostok] {
            salon.set_time(time);
            salon.background_done().await;
        }
        (reminders(&anna).len(), reminders(&boris).len())
    };
    assert_eq!(at("2026-11-23T23:59:59Z").await, (0, 0));
    assert_eq!(at("2026-11-24T00:00:00Z").await, (0, 1)); // Ten in the morning in Vladivostok.
    assert_eq!(at("2026-11-24T06:59:59Z").await, (0, 1));
    assert_eq!(at("2026-11-24T07:00:00Z").await, (1, 1)); // Ten in the morning in Moscow.
    assert!(reminders(&boris)[0].contains("завтра в 10:00"), "{:?}", reminders(&boris));
    assert!(reminders(&anna)[0].contains("завтра в 10:00"), "{:?}", reminders(&anna));
}
