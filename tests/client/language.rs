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
            bot  > Hello! This is the booking bot of “Salon”.

                   Here you can choose a time and book it, look at your bookings and cancel them. How can I help?
            anna > 📅 Book
            bot  > Consultation — 1 h

                   Choose a day:
            anna > [Wed, 25 November]
            bot  ~ Consultation — 1 h
                   Wednesday, 25 November

                   Choose a time:
            anna > [10:00]
            bot  ~ Please check that all is right:

                   Service: Consultation
                   When: Wednesday, 25 November, 10:00
                   Length: 1 h
            anna > [✅ Confirm]
            bot  ~ ✅ You are booked!

                   Service: Consultation
                   When: Wednesday, 25 November, 10:00
                   Length: 1 h

                   You can cancel up to 24 hours before the visit.
            anna > [📋 My bookings]
            bot  ~ Your bookings:

                   1. Consultation — 1 h
                       Wednesday, 25 November, 10:00 (in 2 days)
            anna > [❌ Cancel 1: 25 November, 10:00]
            bot  ~ Cancel this booking?

                   Service: Consultation
                   When: Wednesday, 25 November, 10:00
                   Length: 1 h
            anna > [❌ Yes, cancel]
            bot  ~ The booking is cancelled.

                   Service: Consultation
                   When: Wednesday, 25 November, 10:00
                   Length: 1 h
            anna > 📋 My bookings
            bot  > You have no bookings ahead. To book, press “📅 Book”.
            anna > ℹ️ About
            bot  > “Salon”

                   • Consultation — 1 h

                   • We remind you of a visit 24 hours and 2 hours before.
                   • A booking can be cancelled up to 24 hours before.
                   • You can have 3 bookings at a time.
            anna > hello
            bot  > I did not understand that. Please choose from the menu below.
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
            bot  > Hello! This is the booking bot of “Salon”, and it takes bookings already. Let us set it up in a minute.

                   Step 1 of 2. Working days and hours: Mon Tue Wed Thu Fri, 09:00–18:00.
                   Time zone: Europe/London.

                   Press a day to make it a working day or a day off. Existing bookings do not change.
            olga > [On ▶️]
            bot  ~ Step 2 of 2. Services. Customers can now book this:

                   • Consultation — 1 h

                   Add your first service, which takes its place, or leave it as it is.
            olga > [➕ Add a service]
            bot  ~ What is the service called? Write its name, up to 64 characters. To stop: /cancel
            olga > Haircut
            bot  > How many minutes does it take? Choose, or write a number from 5 to 720.
            olga > [45 min]
            bot  ~ What does it cost in roubles? Write a number, such as 1500.
            olga > 990.50
            bot  > 🎉 Done! The bot takes bookings.

                   • Haircut — 45 min, 990.50 ₽
                   Mon Tue Wed Thu Fri, 09:00–18:00

                   The link for customers: https://t.me/salon_bot
                   You will hear here of each booking and cancellation.
            olga > 💼 Services
            bot  > Your services:

                   • Haircut — 45 min, 990.50 ₽
            olga > 🗓 Next bookings
            bot  > No bookings ahead.
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
