//! An owner's own bots.

use expect_test::expect;

use crate::bots::rig::Rig;

/// B-13, B-22: renewal and one's own payments were promised and not there.
#[tokio::test]
async fn an_owner_looks_after_several_bots() {
    let mut rig = Rig::sales(&[]).await;
    rig.have_clients(12).await;
    rig.play("anna > /start").await;
    rig.check_on(expect![[r"
        anna > /bots
        bot  > 🤖 Ваши боты

               🎁 Салон 12
                   @salon12_bot · пробный период до 05.12.2026

               🎁 Салон 11
                   @salon11_bot · пробный период до 04.12.2026

               🎁 Салон 10
                   @salon10_bot · пробный период до 03.12.2026

               🎁 Салон 9
                   @salon9_bot · пробный период до 02.12.2026

               🎁 Салон 8
                   @salon8_bot · пробный период до 01.12.2026

               🎁 Салон 7
                   @salon7_bot · пробный период до 30.11.2026

               🎁 Салон 6
                   @salon6_bot · пробный период до 29.11.2026

               🎁 Салон 5
                   @salon5_bot · пробный период до 28.11.2026

               🎁 Салон 4
                   @salon4_bot · пробный период до 27.11.2026

               🎁 Салон 3
                   @salon3_bot · пробный период до 26.11.2026
               [⚙️ Салон 12]
               [⚙️ Салон 11]
               [⚙️ Салон 10]
               [⚙️ Салон 9]
               [⚙️ Салон 8]
               [⚙️ Салон 7]
               [⚙️ Салон 6]
               [⚙️ Салон 5]
               [⚙️ Салон 4]
               [⚙️ Салон 3]
               [Раньше ▶️]
        anna > [Раньше ▶️]
        bot  ~ 🤖 Ваши боты

               🎁 Салон 2
                   @salon2_bot · пробный период до 25.11.2026

               🎁 Салон 1
                   @salon1_bot · пробный период до 24.11.2026
               [⚙️ Салон 2]
               [⚙️ Салон 1]
               [◀️ Новее]
        anna > [⚙️ Салон 2]
        bot  ~ 🏢 Салон 2
               🤖 @salon2_bot
               🎁 Пробный период до 25.11.2026 13:00 (осталось 2 дня)
               [🔄 Продлить] [🧾 Платежи]
               [🔑 Сменить токен]
               [🤖 Открыть бота]
               [‹ Все боты]
        anna > [🧾 Платежи]
        bot  ~ 🧾 Платежи: Салон 2

               Платежей ещё не было.
               [‹ Назад]
        anna > [‹ Назад]
        bot  ~ 🏢 Салон 2
               🤖 @salon2_bot
               🎁 Пробный период до 25.11.2026 13:00 (осталось 2 дня)
               [🔄 Продлить] [🧾 Платежи]
               [🔑 Сменить токен]
               [🤖 Открыть бота]
               [‹ Все боты]
        anna > [🔄 Продлить]
        bot  ~ 🔄 Продление

               🏢 Салон 2
               🤖 @salon2_bot
               🎁 Пробный период до 25.11.2026 13:00 (осталось 2 дня)

               Оплаченное время прибавится к оставшемуся. Выберите срок 👇
               [30 дней — 299 ₽]
               [90 дней — 799 ₽]
               [180 дней — 1499 ₽]
               [365 дней — 2499 ₽]
        anna > [30 дней — 299 ₽]
        bot  > 💳 Заказ готов

               🔄 Салон 2, продление бота @salon2_bot
               📋 Тариф: Starter, 30 дней
               💰 К оплате: 299 ₽
               ⏰ Оплатите до 23.11.2026 14:00
               🆔 o_..

               Нажмите «Оплатить»: откроется страница ЮKassa. После оплаты всё произойдёт само, а сообщение придёт сюда.
               [💳 Оплатить]
               [🔄 Проверить оплату]
        * the last order is paid
        anna > [🔄 Проверить оплату]
        bot  > ✅ Оплата получена! Время добавлено: 🤖 Мои боты.

               🆔 o_..
    "]])
        .await;
}

#[tokio::test]
async fn a_card_leads_back_to_the_list() {
    let mut rig = Rig::sales(&[]).await;
    rig.have_clients(2).await;
    rig.play("anna > /start").await;
    rig.check_on(expect![[r"
        anna > /bots
        bot  > 🤖 Ваши боты

               🎁 Салон 2
                   @salon2_bot · пробный период до 25.11.2026

               🎁 Салон 1
                   @salon1_bot · пробный период до 24.11.2026
               [⚙️ Салон 2]
               [⚙️ Салон 1]
        anna > [⚙️ Салон 1]
        bot  ~ 🏢 Салон 1
               🤖 @salon1_bot
               🎁 Пробный период до 24.11.2026 13:00 (осталось 1 день)
               [🔄 Продлить] [🧾 Платежи]
               [🔑 Сменить токен]
               [🤖 Открыть бота]
               [‹ Все боты]
        anna > [‹ Все боты]
        bot  ~ 🤖 Ваши боты

               🎁 Салон 2
                   @salon2_bot · пробный период до 25.11.2026

               🎁 Салон 1
                   @salon1_bot · пробный период до 24.11.2026
               [⚙️ Салон 2]
               [⚙️ Салон 1]
    "]])
        .await;
}

#[tokio::test]
async fn a_button_of_another_person_or_version_does_nothing() {
    let mut rig = Rig::sales(&[]).await;
    rig.play(
        "anna > 💳 Купить подписку
         anna > [30 дней — 299 ₽]
         anna > Салон «Анна»
         anna > {salon_bot}
         * the last order is paid
         anna > [🔄 Проверить оплату]",
    )
    .await;
    let theirs = rig.newest_client();
    rig.play("boris > /start").await;
    let nobodys = "o_00000000000000000000000000";
    let order: Vec<_> =
        ["order", "check", "again", "connect"].map(|kind| format!("{kind}:{nobodys}")).into();
    let (renew, extend) = (format!("renew:{theirs}"), format!("extend:{theirs}:1m"));
    let nonsense =
        [("a", "nonsense"), ("b", "renew:c_nonsense"), ("c", "extend:"), ("c2", "tour:9")];
    rig.offer(201, &nonsense).await;
    let (token, paid) = (format!("token:{theirs}"), format!("payments:{theirs}:0"));
    rig.offer(201, &[("d", &renew), ("e", &extend), ("g", &token), ("h", &paid)]).await;
    rig.offer(201, &[("i", &order[0]), ("j", &order[1]), ("k", &order[2]), ("l", &order[3])]).await;
    rig.offer(201, &[("f", "buy:no_such_plan")]).await;
    rig.check_on(expect![[r"
        boris > [a]
        bot   ! Эта кнопка уже не действует. Откройте меню: /start
        boris > [b]
        bot   ! Эта кнопка уже не действует. Откройте меню: /start
        boris > [c]
        bot   ! Эта кнопка уже не действует. Откройте меню: /start
        boris > [c2]
        bot   ! Эта кнопка уже не действует. Откройте меню: /start
        boris > [d]
        bot   > Такого бота среди ваших нет: 🤖 Мои боты.
        boris > [e]
        bot   > Такого бота среди ваших нет: 🤖 Мои боты.
        boris > [g]
        bot   > Такого бота среди ваших нет: 🤖 Мои боты.
        boris > [h]
        bot   > Такого бота среди ваших нет: 🤖 Мои боты.
        boris > [i]
        bot   > Такого заказа среди ваших нет. Выберите действие в меню 👇
        boris > [j]
        bot   > Такого заказа среди ваших нет. Выберите действие в меню 👇
        boris > [k]
        bot   > Такого заказа среди ваших нет. Выберите действие в меню 👇
        boris > [l]
        bot   > Такого заказа среди ваших нет. Выберите действие в меню 👇
        boris > [f]
        bot   ~ Такого тарифа больше нет. Вот что есть сейчас:
                [30 дней — 299 ₽]
                [90 дней — 799 ₽]
                [180 дней — 1499 ₽]
                [365 дней — 2499 ₽]
    "]])
        .await;
}
