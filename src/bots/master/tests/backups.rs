//! The host's backups in an operator's hands.

use expect_test::expect;

use crate::bots::rig::Rig;

#[tokio::test]
async fn an_operator_sees_the_backups_and_makes_one() {
    let rig = Rig::master(&[("BACKUP__DESTINATION", "/mnt/backups")]).await;
    rig.check(expect![[r"
        olga > /backups
        bot  > 💾 Резервные копии

               Хранятся в /mnt/backups; последние 14.
               На 23.11.2026 13:00:
               Ни одной пока нет.
               [💾 Сделать сейчас] [🔄 Обновить]
        olga > [💾 Сделать сейчас]
        bot  ~ 💾 Резервные копии

               Хранятся в /mnt/backups; последние 14.
               На 23.11.2026 13:00:
               Ни одной пока нет.
               ⏳ Копия делается.
               [🔄 Обновить]
        olga > [🔄 Обновить]
    "]])
        .await;
}
