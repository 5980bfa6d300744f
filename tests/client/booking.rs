//! A customer books, looks, and cancels.

use expect_test::expect;
use jiff::SignedDuration;
use slotbox::sandbox::telegram::Fault;

use crate::salon::{SOON, Salon, book, check, choose, press, say, wait_for_toast};

#[tokio::test]
async fn a_customer_books_and_cancels() {
    let salon = Salon::open().await;
    check(
        &salon.customer("anna"),
        expect![[r#"
            anna > /start
            bot  > Здравствуйте! Это бот записи «Салон».

                   Здесь можно выбрать удобное время и записаться, посмотреть свои записи и отменить их. Чем могу помочь?
            anna > 📅 Записаться
            bot  > Консультация — 1 ч

                   Выберите день:
            anna > [Ср, 25 ноября]
            bot  ~ Консультация — 1 ч
                   Среда, 25 ноября

                   Выберите время:
            anna > [10:00]
            bot  ~ Проверьте, всё ли верно:

                   Услуга: Консультация
                   Когда: среда, 25 ноября, 10:00
                   Длительность: 1 ч
            anna > [✅ Подтвердить]
            bot  ~ ✅ Вы записаны!

                   Услуга: Консультация
                   Когда: среда, 25 ноября, 10:00
                   Длительность: 1 ч

                   Отменить запись можно не позднее чем за 24 часа.
            anna > [📋 Мои записи]
            bot  ~ Ваши записи:

                   1. Консультация — 1 ч
                       Среда, 25 ноября, 10:00 (через 2 дня)
            anna > [❌ Отменить 1: 25 ноября, 10:00]
            bot  ~ Отменить эту запись?

                   Услуга: Консультация
                   Когда: среда, 25 ноября, 10:00
                   Длительность: 1 ч
            anna > [❌ Да, отменить]
            bot  ~ Запись отменена.

                   Услуга: Консультация
                   Когда: среда, 25 ноября, 10:00
                   Длительность: 1 ч
            anna > 📋 Мои записи
            bot  > У вас нет предстоящих записей. Чтобы записаться, нажмите «📅 Записаться».
            anna > ℹ️ О сервисе
            bot  > «Салон»

                   • Консультация — 1 ч

                   • Напомним о визите за 24 часа и за 2 часа.
                   • Отменить запись можно не позднее чем за 24 часа.
                   • Одновременно можно иметь 3 записи.
            anna > 📅 Записаться
            bot  > Консультация — 1 ч

                   Выберите день:
            anna > [✖️ Не записываться]
            bot  ~ Хорошо, ничего не записываем. Захотите записаться — нажмите «📅 Записаться».
        "#]],
    )
    .await;
}

#[tokio::test]
async fn the_days_show_what_is_free() {
    let salon = Salon::open().await;
    salon.set_time("2026-11-23T12:10:00Z"); // Ten past three in Moscow: three starts are left.
    let anna = salon.customer("anna");
    say(&anna, "/start", "Здравствуйте").await;
    let days = press(&anna, "📅 Записаться", "Выберите день").await;
    let labels: Vec<_> = days.buttons.iter().map(|row| row[0].text.as_str()).collect();
    expect![[r#"
        [
            "Пн, 23 ноября",
            "Вт, 24 ноября",
            "Ср, 25 ноября",
            "Чт, 26 ноября",
            "Пт, 27 ноября",
            "Сб, 28 ноября · выходной",
            "Вс, 29 ноября · выходной",
            "Позже ▶\u{fe0f}",
            "✖\u{fe0f} Не записываться",
        ]
    "#]]
    .assert_debug_eq(&labels);
    press(&anna, "Пн, 23 ноября", "Выберите время").await;
    let times = anna.messages().pop().unwrap().buttons;
    let times: Vec<_> = times.iter().flatten().map(|button| button.text.as_str()).collect();
    assert_eq!(times, ["15:30", "16:00", "16:30", "17:00", "📅 Другой день", "✖️ Не записываться"]);
}

#[tokio::test]
async fn nonsense_gets_a_kind_answer() {
    let salon = Salon::open().await;
    let anna = salon.customer("anna");
    say(&anna, "hello", "Не понял").await;
    anna.send_photo(vec![1, 2, 3]);
    anna.wait_for("Не понял", SOON).await.unwrap();
    say(&anna, "/help", "Не понял").await;
    say(&anna, "💼 Услуги", "Не понял").await;
    say(&anna, "/cancel", "остановились").await;
}

/// Each kind of button, forged or out of date, changes nothing and is answered.
/// D-052: what a button carried was believed.
#[tokio::test]
async fn forged_buttons_do_nothing() {
    let salon = Salon::open().await;
    let anna = salon.customer("anna");
    let boris = salon.customer("boris");
    book(&boris, "Ср, 25 ноября", "10:00").await;
    let boris_booking = boris
        .messages()
        .iter()
        .flat_map(|message| message.buttons.iter().flatten())
        .find_map(|button| button.data.clone());
    assert_eq!(boris_booking.as_deref(), Some("m"));
    press(&boris, "📋 Мои записи", "Ваши записи").await;
    let his = boris.messages().pop().unwrap().buttons[0][0].data.clone().unwrap();

    say(&anna, "/start", "Здравствуйте").await;
    let answers = [
        ("t:1:1795590001", "На это время записи нет"), // A second past the grid.
        ("t:1:1795244400", "Это время уже прошло"),    // Saturday.
        ("b:1:1795244400", "Это время уже прошло"),
        ("b:1:1795550400", "На это время записи нет"), // At eleven at night.
        ("b:1:1795590000", "только что заняли"),       // It is Boris's hour.
        ("b:1:1895590000", "На это время записи нет"), // In three years.
        ("b:99:1795593600", "больше не предлагается"),
        ("d:1:2020-01-01", "Свободного времени нет"),
        ("d:99:2026-11-25", "больше не предлагается"),
        ("w:1:200", "больше не предлагается"),
        (his.as_str(), "Такой записи у вас нет"),
        (&his.replace("c:", "x:"), "Такой записи у вас нет"),
        ("x:0-0", "Такой записи у вас нет"),
    ];
    for (data, answer) in answers {
        say(&anna, "📅 Записаться", "Выберите день").await;
        salon.gateway.forge(data);
        press(&anna, "✖️ Не записываться", answer).await;
    }
    for data in ["", "nonsense", "b:1", "b:1:x", "o:zz", "d:1:2026-02-31", "d:-1:2026-11-25"] {
        say(&anna, "📅 Записаться", "Выберите день").await;
        salon.gateway.forge(data);
        anna.press("✖️ Не записываться").unwrap();
        wait_for_toast(&anna, "Эта кнопка устарела").await;
    }
    for data in ["o:a", "o:u", "o:k", "o:d:1:0", "o:h:0:60", "o:r:1", "o:x:1", "o:n", "o:p"] {
        say(&anna, "📅 Записаться", "Выберите день").await;
        salon.gateway.forge(data);
        anna.press("✖️ Не записываться").unwrap();
        wait_for_toast(&anna, "только для владельца").await;
    }
    say(&anna, "📋 Мои записи", "нет предстоящих записей").await;
    say(&boris, "📋 Мои записи", "Ваши записи").await;
}

#[tokio::test]
async fn three_visits_are_enough() {
    let salon = Salon::open().await;
    let anna = salon.customer("anna");
    for time in ["10:00", "11:00", "12:00"] {
        book(&anna, "Ср, 25 ноября", time).await;
    }
    say(&anna, "📅 Записаться", "Выберите день").await;
    press(&anna, "Чт, 26 ноября", "Выберите время").await;
    press(&anna, "10:00", "У вас уже 3 предстоящие записи").await;
    press(&anna, "📋 Мои записи", "Ваши записи").await;
    press(&anna, "❌ Отменить 2: 25 ноября, 11:00", "Отменить эту запись?").await;
    press(&anna, "❌ Да, отменить", "Запись отменена").await;
    book(&anna, "Чт, 26 ноября", "10:00").await;
}

#[tokio::test]
async fn a_visit_that_is_near_is_not_cancelled() {
    let salon = Salon::open().await;
    let anna = salon.customer("anna");
    book(&anna, "Вт, 24 ноября", "10:00").await;
    press(&anna, "📋 Мои записи", "Ваши записи").await;
    press(&anna, "❌ Отменить 1", "Отменить эту запись?").await;
    // The question was asked in time; the answer comes too late.
    salon.pass(SignedDuration::from_mins(61));
    press(&anna, "❌ Да, отменить", "Свяжитесь, пожалуйста, с администратором").await;
    press(&anna, "📋 Мои записи", "Ваши записи").await;
    press(&anna, "❌ Отменить 1", "Свяжитесь, пожалуйста, с администратором").await;
    salon.set_time("2026-11-24T07:00:00Z");
    press(&anna, "📋 Мои записи", "нет предстоящих записей").await;
    say(&anna, "/start", "Здравствуйте").await;
}

#[tokio::test]
async fn a_card_that_has_waited_too_long_is_checked_again() {
    let salon = Salon::open().await;
    let anna = salon.customer("anna");
    choose(&anna, "Пн, 23 ноября", "09:30").await;
    salon.pass(SignedDuration::from_mins(30));
    press(&anna, "✅ Подтвердить", "Это время уже прошло").await;
    press(&anna, "10:00", "Проверьте").await;
    press(&anna, "✅ Подтвердить", "Вы записаны").await;
}

#[tokio::test]
async fn times_are_those_of_the_salon() {
    // Sunday, 1 November 2026, is 25 hours long in New York; the shop opens at nine as ever.
    let salon = Salon::open_in("America/New_York", "2026-10-30T12:00:00Z").await;
    let anna = salon.customer("anna");
    choose(&anna, "Пт, 30 октября", "09:00").await;
    let button = anna.messages().pop().unwrap().buttons[0][0].data.clone().unwrap();
    assert_eq!(button, "b:1:1793365200"); // 13:00 UTC, daylight saving time
    choose(&anna, "Пн, 2 ноября", "09:00").await;
    let button = anna.messages().pop().unwrap().buttons[0][0].data.clone().unwrap();
    assert_eq!(button, "b:1:1793628000"); // 14:00 UTC, standard time
    press(&anna, "✅ Подтвердить", "понедельник, 2 ноября, 09:00").await;
}

#[tokio::test]
async fn an_answer_that_was_lost_is_given_again_for_the_same_booking() {
    let salon = Salon::open().await;
    let anna = salon.customer("anna");
    choose(&anna, "Вт, 24 ноября", "09:00").await;
    salon.sim.faults().once("editMessageText", Fault::RetryAfter(1));
    let booked = press(&anna, "✅ Подтвердить", "Вы записаны").await;
    assert!(booked.text.contains("Отменить запись можно"), "{}", booked.text);
    let visits = press(&anna, "📋 Мои записи", "Ваши записи").await;
    assert_eq!(visits.buttons.len(), 1);
    let near = book(&anna, "Пн, 23 ноября", "17:00").await;
    assert!(near.text.contains("свяжитесь, пожалуйста, с администратором"), "{}", near.text);
}

#[tokio::test]
async fn the_pages_of_days_lead_there_and_back() {
    let salon = Salon::open().await;
    let anna = salon.customer("anna");
    say(&anna, "/start", "Здравствуйте").await;
    press(&anna, "📅 Записаться", "Выберите день").await;
    for first in ["Пн, 30 ноября", "Пн, 7 декабря", "Пн, 14 декабря"] {
        let page = press(&anna, "Позже ▶️", "Выберите день").await;
        assert_eq!(page.buttons[0][0].text, first);
    }
    let last = anna.messages().pop().unwrap();
    assert!(!last.buttons.iter().flatten().any(|button| button.text == "Позже ▶️"));
    let page = press(&anna, "◀️ Раньше", "Выберите день").await;
    assert_eq!(page.buttons[0][0].text, "Пн, 7 декабря");
    press(&anna, "Пн, 7 декабря", "Выберите время").await;
    let page = press(&anna, "📅 Другой день", "Выберите день").await;
    assert_eq!(page.buttons[0][0].text, "Пн, 7 декабря");
    press(&anna, "Ср, 9 декабря", "Выберите время").await;
    press(&anna, "12:00", "Проверьте").await;
    press(&anna, "🕘 Другое время", "Выберите время").await;
    press(&anna, "✖️ Не записываться", "ничего не записываем").await;
}
