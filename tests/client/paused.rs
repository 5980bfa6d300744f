//! A bot that is paused: everybody gets a polite answer, and nothing is lost.

use serde_json::json;

use crate::salon::{SOON, Salon, book, press, say, say_until, wait_for_toast};

#[tokio::test]
async fn a_paused_bot_says_so_to_everything_and_keeps_its_data() {
    let salon = Salon::open().await;
    let anna = salon.customer("anna");
    book(&anna, "Ср, 25 ноября", "10:00").await;
    salon.gateway.tell("service", json!("paused"));
    say_until(&anna, "/start", "приостановлен").await;
    anna.press("📋 Мои записи").unwrap();
    wait_for_toast(&anna, "приостановлен").await;
    say(&anna, "📅 Записаться", "приостановлен").await;
    say(&anna, "hello", "приостановлен").await;
    anna.send_photo(vec![1, 2, 3]);
    anna.wait_for("приостановлен", SOON).await.unwrap();
    anna.send_document("a.txt", vec![1, 2, 3]);
    anna.wait_for("приостановлен", SOON).await.unwrap();
    anna.send_contact("+79000000000");
    anna.wait_for("приостановлен", SOON).await.unwrap();
    // A question that was open is answered in the same way, and is still open afterwards.
    salon.gateway.tell("service", json!("full"));
    say_until(&anna, "📋 Мои записи", "Ваши записи").await;
    press(&anna, "❌ Отменить 1", "Отменить эту запись?").await;
}

/// Customers who have booked are expected, whether the business has paid or not.
#[tokio::test]
async fn whoever_has_booked_is_reminded_all_the_same() {
    let salon = Salon::open().await;
    let anna = salon.customer("anna");
    book(&anna, "Ср, 25 ноября", "10:00").await;
    salon.gateway.tell("service", json!("paused"));
    say_until(&anna, "/start", "приостановлен").await;
    salon.set_time("2026-11-24T07:00:00Z");
    anna.wait_for("Напоминаем: завтра в 10:00 ждём вас в «Салон»", SOON).await.unwrap();
}

#[tokio::test]
async fn the_owner_hears_why_and_where_to_pay() {
    let salon = Salon::open().await;
    let olga = salon.owner();
    salon.gateway.tell("service", json!("paused"));
    let told = say_until(&olga, "/start", "оплаченное время закончилось").await;
    assert!(told.text.contains("в боте, где вы её покупали"), "{}", told.text);
    say(&olga, "anything", "Вопросы: @help").await;

    salon.gateway.tell("sales_bot", json!("slotbox_sales_bot"));
    let told = say_until(&olga, "/start", "https://t.me/slotbox_sales_bot").await;
    let button = &told.buttons[0][0];
    assert_eq!(button.text, "💳 Продлить подписку");
    assert_eq!(button.url.as_deref(), Some("https://t.me/slotbox_sales_bot"));

    salon.gateway.tell("paused_by", json!("operator"));
    let told = say_until(&olga, "/start", "приостановлен оператором").await;
    assert!(told.buttons.is_empty() && !told.text.contains("Продлите"), "{}", told.text);
}

/// What is said while the switch is thrown is answered in one way or the other: no update is lost.
#[tokio::test]
async fn no_update_is_lost_while_the_switch_is_thrown() {
    let salon = Salon::open().await;
    let anna = salon.customer("anna");
    say(&anna, "/start", "Здравствуйте").await;
    let answers = || anna.messages().iter().filter(|message| message.from_bot).count();
    let before = answers();
    for round in 0..20 {
        salon.gateway.tell("service", json!(if round % 2 == 0 { "paused" } else { "full" }));
        anna.send("📋 Мои записи");
        anna.send("/start");
    }
    let deadline = tokio::time::Instant::now() + SOON;
    while answers() < before + 40 {
        assert!(tokio::time::Instant::now() < deadline, "{}", anna.transcript());
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}
