//! Names that people choose, however hostile, are shown as they are and break nothing.

use proptest::prelude::*;

use crate::bots::rig::Rig;
use crate::domain::client::CompanyName;

/// Every message within Telegram's 4096 characters, with the longest name that there can be.
#[tokio::test]
async fn hostile_names_are_shown_as_they_are() {
    let names = [
        "{ $company } { -brand }",
        "<b>Салон</b> & [ссылка](tg://user?id=1)",
        "*_`~| \\ ~_*`",
        "; rm -rf / #",
        "𒐫".repeat(64).leak(),
        "/start",
    ];
    for name in names {
        let mut rig = Rig::master(&[]).await;
        rig.play(&format!(
            "olga > ➕ Добавить клиента
             olga > {{salon_bot}}
             olga > 200
             olga > {}
             olga > [30 дней]
             olga > [✅ Подтвердить]
             olga > /find salon_bot",
            if name == "/start" { "Салон" } else { name }
        ))
        .await;
        if name == "/start" {
            rig.play("olga > [✏️ Название]\n olga > / start").await;
            continue;
        }
        let talk = rig.transcript();
        assert!(talk.contains(&format!("🏢 {name}\n")), "{talk}");
        rig.play("olga > [🗑 Удалить]\n olga > [🗑 Всё равно]\n olga > [⬅️ Оставить]").await;
        rig.play("olga > [📜 Журнал]\n olga > /clients\n olga > 💰 Принять оплату").await;
        rig.play("olga > salon_bot\n olga > [30 дней]\n olga > [299 ₽]\n olga > [✅]").await;
        let talk = rig.transcript();
        assert!(!talk.contains("😔") && talk.contains("✅ Оплата принята"), "{talk}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// D-055: a name goes into a message as it is, whatever it holds, and buttons have room.
    #[test]
    fn a_name_goes_into_a_message_as_it_is(text in "\\PC{1,64}|[{}$<>&*_`\"\\[\\]-]{1,64}") {
        use crate::domain::locale::Locale;
        use crate::texts::{Words, master};
        let Ok(company) = text.parse::<CompanyName>() else { return Ok(()) };
        for locale in Locale::ALL {
            let words = Words::new(locale);
            let bot = "salon_bot".parse().unwrap();
            let owner = crate::domain::ids::UserId::new(200).unwrap();
            let days = crate::domain::plan::Days::new(30).unwrap();
            let said = master::confirm_client(words, &company, &bot, owner, days);
            prop_assert!(said.contains(company.as_str()), "{}", said);
            prop_assert!(said.encode_utf16().count() <= 4096);
        }
    }
}
