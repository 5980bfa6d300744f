//! The queue in an operator's hands.

use expect_test::expect;

use crate::bots::rig::Rig;

/// O-23, D-074, D-166: a task has a state, a reason in plain words, and a way on.
#[tokio::test]
async fn what_was_given_up_is_tried_again_or_dropped() {
    let mut rig = Rig::master(&[]).await;
    rig.play(
        "olga > /start
         * the queue: three notices are queued
         * the queue: jobs are taken up
         * the queue: all is given up",
    )
    .await;
    rig.check_on(expect![[r"
        olga > /queue
        olga > [⚠️ Не удались]
        olga > [🗑 Убрать j_2]
        olga > [🔄 Повторить все]
        olga > [⬅️ К очереди]
        olga > [📋 В очереди]
    "]])
        .await;
}

/// O-23, D-144: the queue is looked at each time.
#[tokio::test]
async fn what_waits_says_when_it_is_tried_next() {
    let mut rig = Rig::master(&[]).await;
    rig.play(
        "olga > ➕ Добавить клиента
         olga > {salon_bot}
         olga > 200
         olga > Салон «Анна»
         olga > [30 дней]
         olga > [✅ Подтвердить]
         * the queue: jobs are taken up
         * the queue: a job fails",
    )
    .await;
    rig.check_on(expect![[r#"
        olga > /queue
        bot  > ✅ Очередь активна
               📋 Задач в очереди: 0
               ⏳ Ждёт своего часа или повтора: 2

               💡 Все задачи выполнены.
               [⏳ Ждут: 2]
        olga > [⏳ Ждут: 2]
        bot  ~ ⏳ Ждут своего часа или повтора

               • j_1 — запуск бота, Салон «Анна»
                 попытка 1 из 5, создана 23.11.2026 13:00
                 следующая попытка 23.11.2026 13:01
                 причина: бот не сообщил, что работает, за отведённое время
               • j_2 — ход запуска, Салон «Анна»
                 попытка 1 из 5, создана 23.11.2026 13:00
                 следующая попытка 23.11.2026 13:01
                 причина: бот не сообщил, что работает, за отведённое время
               [⬅️ К очереди]
        olga > [⬅️ К очереди]
        bot  ~ ✅ Очередь активна
               📋 Задач в очереди: 0
               ⏳ Ждёт своего часа или повтора: 2

               💡 Все задачи выполнены.
               [⏳ Ждут: 2]
    "#]])
        .await;
}
