//! The owner sets the business up, and hears of its customers.

use expect_test::expect;

use crate::salon::{SOON, Salon, book, check, press, say};

#[tokio::test]
async fn a_new_owner_is_led_through_the_set_up() {
    let salon = Salon::open().await;
    check(
        &salon.owner(),
        expect![[r#"
            olga > /start
            bot  > Здравствуйте! Это бот записи «Салон», и он уже принимает клиентов. Настроим его за минуту.

                   Шаг 1 из 2. Рабочие дни и часы: Пн Вт Ср Чт Пт, 09:00–18:00.
                   Часовой пояс: Europe/Moscow.

                   Нажмите на день, чтобы сделать его рабочим или выходным. Уже сделанные записи не изменятся.
            olga > [✅ Пн]
            bot  ~ Здравствуйте! Это бот записи «Салон», и он уже принимает клиентов. Настроим его за минуту.

                   Шаг 1 из 2. Рабочие дни и часы: Вт Ср Чт Пт, 09:00–18:00.
                   Часовой пояс: Europe/Moscow.

                   Нажмите на день, чтобы сделать его рабочим или выходным. Уже сделанные записи не изменятся.
            olga > [▫️ Сб]
            bot  ~ Здравствуйте! Это бот записи «Салон», и он уже принимает клиентов. Настроим его за минуту.

                   Шаг 1 из 2. Рабочие дни и часы: Вт Ср Чт Пт Сб, 09:00–18:00.
                   Часовой пояс: Europe/Moscow.

                   Нажмите на день, чтобы сделать его рабочим или выходным. Уже сделанные записи не изменятся.
            olga > [▶️]
            bot  ~ Здравствуйте! Это бот записи «Салон», и он уже принимает клиентов. Настроим его за минуту.

                   Шаг 1 из 2. Рабочие дни и часы: Вт Ср Чт Пт Сб, 09:30–18:00.
                   Часовой пояс: Europe/Moscow.

                   Нажмите на день, чтобы сделать его рабочим или выходным. Уже сделанные записи не изменятся.
            olga > [▶️]
            bot  ~ Здравствуйте! Это бот записи «Салон», и он уже принимает клиентов. Настроим его за минуту.

                   Шаг 1 из 2. Рабочие дни и часы: Вт Ср Чт Пт Сб, 10:00–18:00.
                   Часовой пояс: Europe/Moscow.

                   Нажмите на день, чтобы сделать его рабочим или выходным. Уже сделанные записи не изменятся.
            olga > [Дальше ▶️]
            bot  ~ Шаг 2 из 2. Услуги. Сейчас клиенты могут записаться так:

                   • Консультация — 1 ч

                   Добавьте свою первую услугу — она заменит эту — или оставьте как есть.
            olga > [➕ Добавить услугу]
            bot  ~ Как называется услуга? Напишите название, до 64 символов. Отменить: /cancel
            olga > Стрижка
            bot  > Сколько минут она длится? Выберите или напишите число от 5 до 720.
            olga > [45 мин]
            bot  ~ Сколько она стоит в рублях? Напишите число, например 1500.
            olga > 1500
            bot  > 🎉 Готово! Бот принимает записи.

                   • Стрижка — 45 мин, 1500 ₽
                   Вт Ср Чт Пт Сб, 10:00–18:00

                   Ссылка для клиентов: https://t.me/salon_bot
                   О каждой записи и отмене вы узнаете здесь.
            olga > /start
            bot  > «Салон»: управление записью.

                   Ссылка для клиентов: https://t.me/salon_bot
                   🌐 Language: /language
            olga > 💼 Услуги
            bot  > Ваши услуги:

                   • Стрижка — 45 мин, 1500 ₽
        "#]],
    )
    .await;
    let anna = salon.customer("anna");
    say(&anna, "/start", "Здравствуйте").await;
    press(&anna, "📅 Записаться", "Стрижка — 45 мин, 1500 ₽").await;
    press(&anna, "Сб, 28 ноября", "Выберите время").await;
    press(&anna, "10:00", "Стоимость: 1500 ₽").await;
}

#[tokio::test]
async fn every_step_of_the_set_up_can_be_skipped() {
    let salon = Salon::open().await;
    let olga = salon.owner();
    say(&olga, "/start", "Шаг 1 из 2").await;
    press(&olga, "Дальше ▶️", "Шаг 2 из 2").await;
    press(&olga, "Оставить как есть", "Готово! Бот принимает записи").await;
    say(&olga, "/start", "управление записью").await;
}

#[tokio::test]
async fn a_service_with_all_defaults_is_the_usual_one() {
    let salon = Salon::open().await;
    let olga = salon.owner();
    say(&olga, "/start", "Шаг 1 из 2").await;
    press(&olga, "Дальше ▶️", "Шаг 2 из 2").await;
    press(&olga, "➕ Добавить услугу", "Как называется").await;
    press(&olga, "Назвать «Консультация»", "Сколько минут").await;
    press(&olga, "60 мин", "Сколько она стоит").await;
    press(&olga, "Без цены", "Готово!").await;
    let listed = say(&olga, "💼 Услуги", "Ваши услуги").await;
    assert_eq!(listed.text, "Ваши услуги:\n\n• Консультация — 1 ч");
}

#[tokio::test]
async fn nonsense_at_any_question_is_asked_again() {
    let salon = Salon::open().await;
    let olga = salon.owner();
    say(&olga, "/start", "Шаг 1 из 2").await;
    press(&olga, "Дальше ▶️", "Шаг 2 из 2").await;
    press(&olga, "➕ Добавить услугу", "Как называется").await;
    olga.send_photo(vec![1]);
    olga.wait_for("от 1 до 64 символов", SOON).await.unwrap();
    say(&olga, &"Ы".repeat(65), "от 1 до 64 символов").await;
    say(&olga, "Массаж", "Сколько минут").await;
    for nonsense in ["час", "0", "-5", "100000"] {
        say(&olga, nonsense, "от 5 до 720").await;
    }
    say(&olga, "75", "Сколько она стоит").await;
    for nonsense in ["даром", "-1", "1e5", "99999999999999"] {
        say(&olga, nonsense, "Цена — это число").await;
    }
    olga.send_document("price.pdf", vec![1]);
    olga.wait_for("Цена — это число", SOON).await.unwrap();
    say(&olga, "990,50", "Готово!").await;
    let listed = say(&olga, "💼 Услуги", "Ваши услуги").await;
    assert_eq!(
        listed.text.replace('\u{a0}', " "),
        "Ваши услуги:\n\n• Массаж — 1 ч 15 мин, 990,50 ₽"
    );
    // A question that is no longer open leaves its buttons behind.
    olga.press("Без цены").unwrap();
    while olga.pressed_answer(SOON).await.unwrap().is_none() {}
    assert_eq!(say(&olga, "💼 Услуги", "Ваши услуги").await.text, listed.text);
}

#[tokio::test]
async fn a_half_made_service_survives_a_crash_and_ends_with_cancel() {
    let mut salon = Salon::open().await;
    let olga = salon.owner();
    say(&olga, "/start", "Шаг 1 из 2").await;
    press(&olga, "Дальше ▶️", "Шаг 2 из 2").await;
    press(&olga, "➕ Добавить услугу", "Как называется").await;
    say(&olga, "Массаж", "Сколько минут").await;
    salon.stop().await;
    salon.start();
    say(&olga, "30", "Сколько она стоит").await;
    say(&olga, "/cancel", "остановились").await;
    say(&olga, "1500", "Не понял").await;
}

#[tokio::test]
async fn services_come_and_go() {
    let salon = Salon::open().await;
    let (olga, anna) = (salon.owner(), salon.customer("anna"));
    say(&olga, "💼 Услуги", "Ваши услуги").await;
    press(&olga, "🗑 Убрать «Консультация»", "Убрать «Консультация").await;
    press(&olga, "🗑 Да, убрать", "единственная услуга").await;
    say(&olga, "/start", "Шаг 1").await;
    press(&olga, "Дальше ▶️", "Шаг 2 из 2").await;
    press(&olga, "Оставить как есть", "Готово!").await;
    for name in ["Стрижка", "Укладка"] {
        say(&olga, "💼 Услуги", "Ваши услуги").await;
        press(&olga, "➕ Добавить услугу", "Как называется").await;
        say(&olga, name, "Сколько минут").await;
        say(&olga, "30", "Сколько она стоит").await;
        press(&olga, "Без цены", &format!("Добавлено: {name} — 30 мин")).await;
    }
    say(&anna, "/start", "Здравствуйте").await;
    let services = press(&anna, "📅 Записаться", "Выберите услугу").await;
    assert_eq!(services.buttons.len(), 4);
    press(&anna, "Стрижка — 30 мин", "Выберите день").await;
    press(&anna, "💼 Другая услуга", "Выберите услугу").await;
    press(&anna, "Стрижка — 30 мин", "Выберите день").await;
    press(&anna, "Ср, 25 ноября", "Выберите время").await;
    say(&olga, "💼 Услуги", "Ваши услуги").await;
    press(&olga, "🗑 Убрать «Стрижка»", "Убрать «Стрижка").await;
    press(&olga, "🗑 Да, убрать", "Убрано: «Стрижка»").await;
    press(&anna, "10:00", "Эта услуга больше не предлагается").await;
    press(&anna, "Укладка — 30 мин", "Выберите день").await;
}

#[tokio::test]
async fn the_owner_hears_of_customers() {
    let salon = Salon::open().await;
    let (olga, anna) = (salon.owner(), salon.customer("anna"));
    say(&olga, "/start", "Шаг 1 из 2").await;
    press(&olga, "Дальше ▶️", "Шаг 2 из 2").await;
    press(&olga, "Оставить как есть", "Готово!").await;
    say(&olga, "📆 Сегодня", "На сегодня записей больше нет").await;
    say(&olga, "🗓 Ближайшие записи", "Предстоящих записей нет").await;
    book(&anna, "Пн, 23 ноября", "10:00").await;
    let notice = olga.wait_for("Новая запись", SOON).await.unwrap();
    assert!(notice.text.contains("понедельник, 23 ноября, 10:00"), "{}", notice.text);
    assert!(notice.text.contains("Клиент: anna"), "{}", notice.text);
    book(&anna, "Ср, 25 ноября", "12:30").await;
    olga.wait_for("Новая запись", SOON).await.unwrap();
    let today = say(&olga, "📆 Сегодня", "10:00–11:00").await;
    expect![[r#"
        📆 Сегодня

        понедельник, 23 ноября
        10:00–11:00  Консультация, anna"#]]
    .assert_eq(&today.text);
    let next = say(&olga, "🗓 Ближайшие записи", "12:30–13:30").await;
    assert!(next.text.contains("среда, 25 ноября"), "{}", next.text);
    press(&anna, "📋 Мои записи", "Ваши записи").await;
    press(&anna, "❌ Отменить 2", "Отменить эту запись?").await;
    press(&anna, "❌ Да, отменить", "Запись отменена").await;
    let notice = olga.wait_for("Клиент отменил запись", SOON).await.unwrap();
    assert!(notice.text.contains("среда, 25 ноября, 12:30"), "{}", notice.text);
}

#[tokio::test]
async fn a_week_without_working_days_offers_nothing() {
    let salon = Salon::open().await;
    let (olga, anna) = (salon.owner(), salon.customer("anna"));
    say(&olga, "🕘 Часы работы", "Пн Вт Ср Чт Пт, 09:00–18:00").await;
    for (day, left) in [
        ("✅ Пн", "Вт Ср Чт Пт, "),
        ("✅ Вт", "Ср Чт Пт, "),
        ("✅ Ср", ": Чт Пт, "),
        ("✅ Чт", ": Пт, "),
        ("✅ Пт", "рабочих дней нет"),
    ] {
        press(&olga, day, left).await;
    }
    say(&anna, "/start", "Здравствуйте").await;
    let days = press(&anna, "📅 Записаться", "Выберите день").await;
    assert!(days.buttons[..7].iter().all(|row| row[0].text.ends_with("выходной")));
    anna.press("Ср, 25 ноября · выходной").unwrap();
    let said = anna.pressed_answer(SOON).await;
    assert!(said.is_ok());
}
