//! Every button that the bot ever shows does something: a walk through all of them, in both
//! languages.

use std::collections::{BTreeMap, BTreeSet};

use slotbox::sandbox::telegram::Chat;

use crate::salon::{SOON, Salon, press};

/// The kinds of buttons that the owner is shown, as `src/bots/client/button.rs` writes them.
const OWNERS: [&str; 13] =
    ["-", "o:a", "o:d", "o:g", "o:h", "o:k", "o:l", "o:n", "o:p", "o:r", "o:s", "o:u", "o:x"];
/// Those that customers are shown.
const CUSTOMERS: [&str; 10] = ["-", "b", "c", "d", "m", "q", "s", "t", "w", "x"];

/// How often all roots are gone through, and how far from each, at most.
const ROUNDS: u32 = 30;
const PRESSES: u32 = 8;

#[tokio::test]
async fn every_button_has_a_handler_in_russian() {
    let salon = Salon::open().await;
    let (owner, customer) = (salon.owner(), salon.customer("anna"));
    let roots = ["/start", "💼 Услуги", "🕘 Часы работы", "📆 Сегодня", "/language"];
    walk(&owner, &roots, &OWNERS).await;
    press(&owner, "Русский", "по-русски").await;
    owner.pressed_answer(SOON).await.unwrap();
    two_services(&owner, "💼 Услуги").await;
    walk(&customer, &["/start", "📅 Записаться", "📋 Мои записи", "ℹ️ О сервисе"], &CUSTOMERS)
        .await;
}

#[tokio::test]
async fn every_button_has_a_handler_in_english() {
    let salon = Salon::open_in_english().await;
    let (owner, customer) = (salon.owner(), salon.customer("anna"));
    let roots = ["/start", "💼 Services", "🕘 Opening hours", "📆 Today", "/language"];
    walk(&owner, &roots, &OWNERS).await;
    press(&owner, "English", "speaks English").await;
    owner.pressed_answer(SOON).await.unwrap();
    two_services(&owner, "💼 Services").await;
    walk(&customer, &["/start", "📅 Book", "📋 My bookings", "ℹ️ About"], &CUSTOMERS).await;
}

/// Makes sure that there is something to choose from, and a week to choose in.
async fn two_services(owner: &Chat, services: &str) {
    for length in ["o:l:30", "o:l:90"] {
        answered(owner, || owner.send(services)).await;
        for button in ["o:a", "o:n", length, "o:p"] {
            owner.press(button).unwrap();
            owner.pressed_answer(SOON).await.unwrap();
        }
    }
}

/// Says each of `roots` and presses its way on from there, always the kind of button that was pressed
/// least, until each was pressed.
async fn walk(chat: &Chat, roots: &[&str], all: &[&str]) {
    let mut pressed: BTreeMap<String, u32> = BTreeMap::new();
    for _ in 0..ROUNDS {
        for root in roots {
            let answer = answered(chat, || chat.send(root)).await;
            assert!(
                !answer.contains("Не понял") && !answer.contains("did not understand"),
                "{root}"
            );
            for _ in 0..PRESSES {
                let Some((label, kind)) = next_button(chat, &pressed) else { break };
                chat.press(&label).unwrap();
                let toast = chat.pressed_answer(SOON).await.unwrap().unwrap_or_default();
                let is_stale = toast.contains("устарела") || toast.contains("no longer works");
                assert!(!is_stale, "{kind} is shown and has no handler: {}", chat.transcript());
                *pressed.entry(kind).or_default() += 1;
            }
        }
        if pressed.len() == all.len() {
            break;
        }
    }
    let kinds: BTreeSet<_> = pressed.into_keys().collect();
    let all: BTreeSet<_> = all.iter().map(|kind| (*kind).to_owned()).collect();
    assert_eq!(kinds, all, "{}", chat.transcript());
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

/// Returns a button of the newest message whose kind was pressed least; of several, the last.
fn next_button(chat: &Chat, pressed: &BTreeMap<String, u32>) -> Option<(String, String)> {
    let newest = chat.messages().into_iter().rfind(|message| message.from_bot)?;
    let buttons: Vec<_> = newest.buttons.into_iter().flatten().collect();
    let data = buttons.into_iter().rev().filter_map(|button| button.data);
    data.map(|data| (data.clone(), kind(&data)))
        .min_by_key(|(_, kind)| pressed.get(kind).copied().unwrap_or(0))
}

fn kind(data: &str) -> String {
    let mut parts = data.split(':');
    match (parts.next().unwrap_or_default(), parts.next()) {
        ("o", Some(kind)) => format!("o:{kind}"),
        (kind, _) => kind.to_owned(),
    }
}
