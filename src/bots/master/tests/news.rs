//! News to all owners.

use expect_test::expect;

use crate::bots::rig::Rig;

#[tokio::test]
async fn nobody_is_told_where_there_is_nobody() {
    let rig = Rig::master(&[]).await;
    rig.check(expect![[r"
        olga > /broadcast
        bot  > 📣 Рассказать некому: владельцев с работающими ботами, которые хотят новостей, сейчас нет.
    "]])
        .await;
}

/// O-28: owners could not be told anything. Nothing goes out before it was seen and confirmed, and
/// it goes out once.
#[tokio::test]
async fn owners_are_told_news_that_were_confirmed() {
    let mut rig = Rig::master(&[]).await;
    rig.have_clients(3).await;
    rig.play("olga > /cancel").await;
    rig.check_on(expect![[r"
        olga > /broadcast
        bot  > 📣 Что рассказать владельцам? Получателей: 1; кто отказался от новостей, не в счёт.

               Напишите о работе сервиса: перерывах, новых возможностях, ценах. Рекламу можно присылать только тем, кто согласился её получать.

               Отменить: /cancel
        olga > [photo]
        bot  > ⚠️ Новость — это текст от 1 до 3500 символов. Попробуйте ещё раз.

               Отменить: /cancel
        olga > Сегодня ночью, с 2 до 3, боты не отвечают: переезжаем.
        bot  > 📣 Получателей: 1. Новость будет выглядеть так:

               ——————

               Сегодня ночью, с 2 до 3, боты не отвечают: переезжаем.

               ——————

               Отправить? Отозвать будет нельзя.
               [✅ Подтвердить]
               [❌ Отмена]
        olga > да
        bot  > 👆 Нажмите кнопку под сообщением выше. Отменить: /cancel
        olga > [✅ Подтвердить]
        bot  ~ 📣 Новость отправляется, получателей: 1
        olga > /queue
        bot  > ✅ Очередь активна
               📋 Задач в очереди: 1

               💡 Задачи выполняются по порядку.
               [📋 В очереди: 1]
        olga > /audit
        bot  > 📜 Журнал действий

               • 23.11.2026 13:00 — новость владельцам
                 оператор 100
                 recipients: 1
    "]])
        .await;
}
