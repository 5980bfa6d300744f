//! Every button that the bot ever shows does something: a walk through all of them, in both
//! languages.

use std::collections::BTreeSet;

use slotbox::sandbox::telegram::Chat;

use crate::salon::{SOON, Salon};

/// Every kind of button, as `src/bots/client/button.rs` writes them.
const ALL: [&str; 22] = [
    "-", "b", "c", "d", "m", "o:a", "o:d", "o:g", "o:h", "o:k", "o:l", "o:n", "o:p", "o:r", "o:s",
    "o:u", "o:x", "q", "s", "t", "w", "x",
];

#[tokio::test]
async fn every_button_has_a_handler_in_russian() {
    let roots = ["/start", "/language", "📅 Записаться", "📋 Мои записи", "💼 Услуги"];
    let others = ["🕘 Часы работы", "📆 Сегодня", "🗓 Ближайшие записи", "ℹ️ О сервисе"];
    walk(&Salon::open().await.owner(), &[roots.as_slice(), &others].concat()).await;
}

#[tokio::test]
async fn every_button_has_a_handler_in_english() {
    let roots = ["/start", "/language", "📅 Book", "📋 My bookings", "💼 Services"];
    let others = ["🕘 Opening hours", "📆 Today", "🗓 Next bookings", "ℹ️ About"];
    walk(&Salon::open_in_english().await.owner(), &[roots.as_slice(), &others].concat()).await;
}

/// Says each of `roots` and presses, from each screen on, a button of a kind that was not pressed
/// yet, until there is none left; the owner is a customer, too.
async fn walk(chat: &Chat, roots: &[&str]) {
    let mut pressed = BTreeSet::new();
    loop {
        let before = pressed.len();
        for root in roots {
            let answer = answered(chat, || chat.send(root)).await;
            assert!(
                !answer.contains("Не понял") && !answer.contains("did not understand"),
                "{root}"
            );
            while let Some((label, kind)) = new_button(chat, &pressed) {
                chat.press(&label).unwrap();
                let toast = chat.pressed_answer(SOON).await.unwrap().unwrap_or_default();
                let is_stale = toast.contains("устарела") || toast.contains("no longer works");
                assert!(!is_stale, "{kind} is shown and has no handler: {}", chat.transcript());
                pressed.insert(kind);
            }
        }
        if pressed.len() == before {
            break;
        }
    }
    let all: BTreeSet<_> = ALL.map(str::to_owned).into();
    assert_eq!(pressed, all, "{}", chat.transcript());
}

/// Does something, and returns the answer that came.
async fn answered(chat: &Chat, act: impl Fn()) -> String {
    let count = || chat.messages().iter().filter(|message| message.from_bot).count();
    let before = count();
    act();
    let deadline = tokio::time::Instant::now() + SOON;
    while count() == before {
        assert!(tokio::time::Instant::now() < deadline, "{}", chat.transcript());
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    chat.messages().pop().unwrap().text
}

/// Returns the last button of the newest message whose kind was not pressed yet.
fn new_button(chat: &Chat, pressed: &BTreeSet<String>) -> Option<(String, String)> {
    let newest = chat.messages().into_iter().rfind(|message| message.from_bot)?;
    let buttons = newest.buttons.into_iter().flatten().filter_map(|button| button.data);
    buttons
        .map(|data| (data.clone(), kind(&data)))
        .filter(|(_, kind)| !pressed.contains(kind))
        .last()
}

fn kind(data: &str) -> String {
    let mut parts = data.split(':');
    match (parts.next().unwrap_or_default(), parts.next()) {
        ("o", Some(kind)) => format!("o:{kind}"),
        (kind, _) => kind.to_owned(),
    }
}
