//! How the start of a bot is followed.

use expect_test::expect;

use crate::bots::rig::Rig;

/// O-08, D-143, D-166: whoever asked for it sees how it goes, in the same message.
#[tokio::test]
async fn the_message_follows_the_start() {
    let mut rig = Rig::master(&[]).await;
    rig.play(
        "olga > ➕ Добавить клиента
         olga > {salon_bot}
         olga > 200
         olga > Салон «Анна»
         olga > [30 дней]
         olga > [✅ Подтвердить]",
    )
    .await;
    rig.check_on(expect![[r"
        * the queue: the start is shown
        bot  ~ 🏢 Салон «Анна»
               🤖 @salon_bot
               📋 В очереди: j_1
               [👤 Карточка клиента]
        * the queue: jobs are taken up
        * the queue: the start is shown
        bot  ~ 🏢 Салон «Анна»
               🤖 @salon_bot
               ⚙️ Запускается, попытка 1 из 5
               [👤 Карточка клиента]
        * the queue: a job fails
        * the queue: the start is shown
        bot  ~ 🏢 Салон «Анна»
               🤖 @salon_bot
               ⏳ Попытка 1 из 5 не удалась, скоро будет следующая
               ⚠️ Причина: бот не сообщил, что работает, за отведённое время
               [👤 Карточка клиента]
        * the queue: the bot runs
        * the queue: the start is shown
        bot  ~ 🏢 Салон «Анна»
               🤖 @salon_bot
               ✅ Работает
               [👤 Карточка клиента]
        olga > [👤 Карточка клиента]
        bot  ~ 🏢 Салон «Анна»
               🤖 @salon_bot
               📌 Активен до 23.12.2026 13:00 (осталось 30 дней)
               ⚙️ Процесс: работает
               👤 Владелец: 200 (tg://user?id=200)
               📅 Добавлен: 23.11.2026 13:00
               🆔 c_..
               [💰 Принять оплату] [🎁 Подарить дни]
               [⏸ Приостановить] [🔁 Перезапустить]
               [🚫 Отключить] [🗑 Удалить]
               [🔑 Новый токен] [✏️ Название] [👤 Владелец]
               [🧾 Платежи] [📜 Журнал] [🖥 Вывод]
               [⬅️ К списку]
    "]])
        .await;
}

/// O-08, O-23: the reason and the next step stand in the message.
#[tokio::test]
async fn a_start_that_was_given_up_can_be_tried_again() {
    let mut rig = Rig::master(&[]).await;
    rig.play(
        "olga > ➕ Добавить клиента
         olga > {salon_bot}
         olga > 200
         olga > Салон «Анна»
         olga > [30 дней]
         olga > [✅ Подтвердить]
         * the queue: jobs are taken up
         * the queue: all is given up",
    )
    .await;
    rig.check_on(expect![[r"
        * the queue: the bot has failed
        * the queue: the start is shown
        bot  ~ 🏢 Салон «Анна»
               🤖 @salon_bot
               ❌ Не запустился
               ⚠️ Причина: Telegram не ответил
               [🔄 Запустить снова]
               [👤 Карточка клиента]
        olga > [🔄 Запустить снова]
        bot  ~ 🔁 Перезапускается

               🏢 Салон «Анна»
               🤖 @salon_bot
               📌 Активен до 23.12.2026 13:00 (осталось 30 дней)
               ⚙️ Процесс: не запустился: нажмите «🔁 Перезапустить»
               👤 Владелец: 200 (tg://user?id=200)
               📅 Добавлен: 23.11.2026 13:00
               🆔 c_..
               [💰 Принять оплату] [🎁 Подарить дни]
               [⏸ Приостановить] [🔁 Перезапустить]
               [🚫 Отключить] [🗑 Удалить]
               [🔑 Новый токен] [✏️ Название] [👤 Владелец]
               [🧾 Платежи] [📜 Журнал] [🖥 Вывод]
               [⬅️ К списку]
        * the queue: the bot runs
        * the queue: the start is shown
        bot  ~ 🏢 Салон «Анна»
               🤖 @salon_bot
               ✅ Работает
               [👤 Карточка клиента]
    "]])
        .await;
}
