//! Tokens: wrong ones told apart, and changed ones.

use expect_test::expect;

use crate::bots::rig::Rig;

/// B-08, B-09: the token was never asked for, and never checked.
#[tokio::test]
async fn each_wrong_token_is_told_apart() {
    let mut rig = Rig::sales(&[]).await;
    rig.play(
        "boris > /try
         boris > Барбер
         boris > {barber_bot}
         anna  > /buy
         anna  > [30 дней — 299 ₽]
         anna  > Салон «Анна»",
    )
    .await;
    rig.check_on(expect![[r"
        anna  > мой токен
        bot   > ⚠️ Это не похоже на токен. Он выглядит так: цифры, двоеточие и ещё 35 символов. Скопируйте его целиком из сообщения @BotFather.

                Отменить: /cancel
        anna  > [photo]
        bot   > ✍️ Пожалуйста, отправьте ответ текстом. Отменить: /cancel
        anna  > 123456:AAH5YkoiEuPk8-FZa32hStHTqXiLPtAEhx8
        bot   x 123456:AAH5YkoiEuPk8-FZa32hStHTqXiLPtAEhx8
        bot   > 🔒 Сообщение с токеном удалено из чата.
        bot   > ⚠️ Telegram не принимает этот токен. Возможно, он был заменён. Откройте @BotFather → /mybots → API Token и пришлите новый.

                Отменить: /cancel
        anna  > {sales_bot}
        bot   x {sales_bot}
        bot   > 🔒 Сообщение с токеном удалено из чата.
        bot   > ⚠️ Это токен одного из наших собственных ботов. Пришлите токен своего.

                Отменить: /cancel
        anna  > {barber_bot}
        bot   x {barber_bot}
        bot   > 🔒 Сообщение с токеном удалено из чата.
        bot   > ⚠️ Этот бот уже подключён к другому клиенту. Пришлите токен другого бота.

                Отменить: /cancel
        * telegram does not know tokens
        anna  > {salon_bot}
        bot   x {salon_bot}
        bot   > 🔒 Сообщение с токеном удалено из чата.
        bot   > ⏳ Telegram сейчас не отвечает, и токен не удалось проверить. Пришлите его ещё раз через минуту.
        * telegram is back
        * old_bot sends its updates elsewhere
        anna  > {old_bot}
        bot   x {old_bot}
        bot   > 🔒 Сообщение с токеном удалено из чата.
        bot   > ℹ️ Сейчас @old_bot подключён к old.example.com. Когда он заработает у нас, сообщения туда приходить перестанут.
        bot   > 💳 Заказ готов

                🏢 Салон «Анна», новый бот @old_bot
                📋 Тариф: Starter, 30 дней
                💰 К оплате: 299 ₽
                ⏰ Оплатите до 23.11.2026 14:00
                🆔 o_..

                Нажмите «Оплатить»: откроется страница ЮKassa. После оплаты всё произойдёт само, а сообщение придёт сюда.
                [💳 Оплатить]
                [🔄 Проверить оплату]
        * the last order is paid
        anna  > [🔄 Проверить оплату]
        bot   > ✅ Оплата получена! Время добавлено: 🤖 Мои боты.

                🆔 o_..
        anna  > /buy
        bot   > 💎 Тарифы

                ⭐ Starter — 299 ₽ за 30 дней
                   9,97 ₽ в день

                ⭐ Standard — 799 ₽ за 90 дней
                   8,88 ₽ в день, экономия 98 ₽

                ⭐ Business — 1499 ₽ за 180 дней
                   8,33 ₽ в день, экономия 295 ₽

                ⭐ Premium — 2499 ₽ за 365 дней
                   6,85 ₽ в день, экономия 1089 ₽

                Во всех тарифах — все возможности бота. Выберите срок 👇
                [30 дней — 299 ₽]
                [90 дней — 799 ₽]
                [180 дней — 1499 ₽]
                [365 дней — 2499 ₽]
        anna  > [30 дней — 299 ₽]
        bot   > Вы выбрали: ⭐ Starter — 299 ₽ за 30 дней

                📝 Шаг 1 из 2. Как называется ваш бизнес? Это название увидят клиенты.

                Отменить: /cancel
        anna  > Второй салон
        bot   > 🏢 Второй салон

                🔑 Шаг 2 из 2. Пришлите токен вашего бота:

                1. Откройте @BotFather и отправьте /newbot
                2. Придумайте имя бота — его увидят клиенты
                3. Придумайте адрес, который заканчивается на «bot»
                4. Скопируйте токен из ответа и пришлите сюда

                Бот должен быть новым или свободным от других программ.

                Отменить: /cancel
                [⏳ Подключу бота после оплаты]
        anna  > {old_bot}
        bot   x {old_bot}
        bot   > 🔒 Сообщение с токеном удалено из чата.
        bot   > ⚠️ @old_bot у вас уже подключён. Продлить его: 🤖 Мои боты. Для нового бизнеса нужен другой бот — пришлите его токен.

                Отменить: /cancel
    "]])
        .await;
}

#[tokio::test]
async fn an_owner_changes_the_token_and_moves_to_another_bot() {
    let mut rig = Rig::sales(&[]).await;
    rig.play(
        "anna > /try
         anna > Салон «Анна»
         anna > {salon_bot}
         * the queue: the bot runs
         * the queue: the token is revoked",
    )
    .await;
    rig.check_on(expect![[r"
        anna > /bots
        bot  > 🏢 Салон «Анна»
               🤖 @salon_bot
               🎁 Пробный период до 30.11.2026 13:00 (осталось 7 дней)

               ⚠️ Telegram не принимает токен бота: он заменён или бот удалён. Пришлите новый токен, и бот сразу заработает.
               [🔑 Сменить токен]
               [🔄 Продлить] [🧾 Платежи]
               [🤖 Открыть бота]
        * salon_bot gets a new token
        anna > [🔑 Сменить токен]
        bot  > 🔑 Пришлите новый токен бота @salon_bot.

               Откройте @BotFather → /mybots → @salon_bot → API Token и скопируйте его.

               Отменить: /cancel
        anna > {salon_bot}
        bot  x {salon_bot}
        bot  > 🔒 Сообщение с токеном удалено из чата.
        bot  > ⚠️ Telegram не принимает этот токен. Возможно, он был заменён. Откройте @BotFather → /mybots → API Token и пришлите новый.

               Отменить: /cancel
        anna > {other_bot}
        bot  x {other_bot}
        bot  > 🔒 Сообщение с токеном удалено из чата.
        bot  > ⚠️ Это токен бота @other_bot, а здесь подключён @salon_bot.

               Пришлите токен @salon_bot. Если хотите перейти на другого бота, нажмите кнопку: услуги, часы и записи останутся, а клиентам понадобится новая ссылка.
               [🔁 Перейти на другого бота]
        anna > {new salon_bot}
        bot  x {new salon_bot}
        bot  > 🔒 Сообщение с токеном удалено из чата.
        bot  > ✅ Токен принят. Бот @salon_bot запускается — обычно это занимает минуту, и мы напишем, когда он будет готов.
        * the queue: the bot runs
        anna > /bots
        bot  > 🏢 Салон «Анна»
               🤖 @salon_bot
               🎁 Пробный период до 30.11.2026 13:00 (осталось 7 дней)
               [🔄 Продлить] [🧾 Платежи]
               [🔑 Сменить токен]
               [🤖 Открыть бота]
        anna > [🔑 Сменить токен]
        bot  > 🔑 Пришлите новый токен бота @salon_bot.

               Откройте @BotFather → /mybots → @salon_bot → API Token и скопируйте его.

               Отменить: /cancel
        anna > {new salon_bot}
        bot  x {new salon_bot}
        bot  > 🔒 Сообщение с токеном удалено из чата.
        bot  > ✅ Токен принят, бот @salon_bot работает с ним.
        anna > [🔑 Сменить токен]
        bot  > 🔑 Пришлите новый токен бота @salon_bot.

               Откройте @BotFather → /mybots → @salon_bot → API Token и скопируйте его.

               Отменить: /cancel
        anna > {other_bot}
        bot  x {other_bot}
        bot  > 🔒 Сообщение с токеном удалено из чата.
        bot  > ⚠️ Это токен бота @other_bot, а здесь подключён @salon_bot.

               Пришлите токен @salon_bot. Если хотите перейти на другого бота, нажмите кнопку: услуги, часы и записи останутся, а клиентам понадобится новая ссылка.
               [🔁 Перейти на другого бота]
        anna > [🔁 Перейти на другого бота]
        bot  > 🔁 Пришлите токен бота, который заменит @salon_bot. Услуги, часы и записи останутся.

               Отменить: /cancel
        anna > {sales_bot}
        bot  x {sales_bot}
        bot  > 🔒 Сообщение с токеном удалено из чата.
        bot  > ⚠️ Это токен одного из наших собственных ботов. Пришлите токен своего.

               Отменить: /cancel
        anna > {other_bot}
        bot  x {other_bot}
        bot  > 🔒 Сообщение с токеном удалено из чата.
        bot  > ✅ Токен принят. Бот @other_bot запускается — обычно это занимает минуту, и мы напишем, когда он будет готов.
    "]])
        .await;
}
