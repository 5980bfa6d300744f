//! The bot speaks English, or what its owner has chosen.

use expect_test::expect;

use crate::salon::{SOON, Salon, check, press, say};

#[tokio::test]
async fn a_customer_books_and_cancels_in_english() {
    let salon = Salon::open_in_english().await;
    check(
        &salon.customer("anna"),
        expect![[r#"
            anna > /start
            bot  > x
            anna > 📅 Book
            bot  > x
            anna > [Wed, 25 November]
            bot  ~ x
            anna > [10:00]
            bot  ~ x
            anna > [✅ Confirm]
            bot  ~ x
            anna > [📋 My bookings]
            bot  ~ x
            anna > [❌ Cancel 1: 25 November, 10:00]
            bot  ~ x
            anna > [❌ Yes, cancel]
            bot  ~ x
            anna > 📋 My bookings
            bot  > x
            anna > ℹ️ About
            bot  > x
            anna > hello
            bot  > x
        "#]],
    )
    .await;
}

#[tokio::test]
async fn an_owner_sets_the_bot_up_in_english() {
    let salon = Salon::open_in_english().await;
    check(
        &salon.owner(),
        expect![[r#"
            olga > /start
            bot  > x
            olga > [On ▶️]
            bot  ~ x
            olga > [➕ Add a service]
            bot  ~ x
            olga > Haircut
            bot  > x
            olga > [45 min]
            bot  ~ x
            olga > 990.50
            bot  > x
            olga > 💼 Services
            bot  > x
            olga > 🗓 Next bookings
            bot  > x
        "#]],
    )
    .await;
}

#[tokio::test]
async fn the_owner_chooses_the_language_and_old_keyboards_still_work() {
    let salon = Salon::open().await;
    let (olga, anna) = (salon.owner(), salon.customer("anna"));
    say(&olga, "/start", "Здравствуйте").await;
    say(&anna, "/start", "Здравствуйте").await;
    say(&anna, "/language", "Не понял").await;
    say(&olga, "/language", "На каком языке").await;
    press(&olga, "English", "Done: the bot speaks English").await;
    // The keyboard that Anna sees is still the Russian one.
    let days = press(&anna, "📅 Записаться", "Choose a day").await;
    assert!(days.buttons[0][0].text.starts_with("Mon, 23 November"), "{:?}", days.buttons);
    say(&anna, "/start", "Hello!").await;
    press(&anna, "ℹ️ About", "We remind you").await;
    assert!(olga.keyboard().concat().contains(&"🕘 Opening hours".to_owned()));
    say(&olga, "/language", "Which language").await;
    press(&olga, "Русский", "бот говорит по-русски").await;
    anna.send("ℹ️ About");
    anna.wait_for("Напомним о визите", SOON).await.unwrap();
}

#[tokio::test]
async fn reminders_and_notices_come_in_english() {
    let salon = Salon::open_in_english().await;
    let (olga, anna) = (salon.owner(), salon.customer("anna"));
    say(&olga, "/start", "Hello!").await;
    say(&anna, "/start", "Hello!").await;
    press(&anna, "📅 Book", "Choose a day").await;
    press(&anna, "Wed, 25 November", "Choose a time").await;
    press(&anna, "10:00", "Please check").await;
    press(&anna, "✅ Confirm", "You are booked").await;
    let notice = olga.wait_for("A new booking", SOON).await.unwrap();
    assert!(notice.text.contains("When: Wednesday, 25 November, 10:00"), "{}", notice.text);
    salon.set_time("2026-11-24T10:00:00Z");
    anna.wait_for("A reminder: tomorrow at 10:00 we expect you at “Salon”", SOON).await.unwrap();
}
