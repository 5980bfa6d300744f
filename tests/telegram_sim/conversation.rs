//! A conversation with a real client, and how it reads.

use std::time::Duration;

use expect_test::expect;
use serde_json::json;
use teloxide::prelude::*;
use teloxide::types::{
    ChatId, InlineKeyboardButton, InlineKeyboardMarkup, KeyboardButton, KeyboardMarkup, ParseMode,
    UpdateKind,
};

use crate::{SOON, Stage};

/// Answers as a small booking bot does, one update after the other.
async fn small_bot(bot: Bot) {
    let mut offset = 0;
    loop {
        let updates = bot.get_updates().offset(offset).timeout(10).await.unwrap();
        for update in updates {
            offset = update.id.as_offset();
            answer(&bot, update.kind).await;
        }
    }
}

async fn answer(bot: &Bot, update: UpdateKind) {
    match update {
        UpdateKind::Message(message) if message.text() == Some("/start") => {
            let hours = ["10:00", "11:00"]
                .map(|hour| InlineKeyboardButton::callback(hour, format!("hour:{hour}")));
            let keyboard = InlineKeyboardMarkup::new([hours]);
            bot.send_message(message.chat.id, "Choose an hour.")
                .reply_markup(keyboard)
                .await
                .unwrap();
        }
        UpdateKind::Message(message) => {
            let text = format!("You said <b>{}</b>.\nThank you.", message.text().unwrap());
            bot.send_message(message.chat.id, text).parse_mode(ParseMode::Html).await.unwrap();
        }
        UpdateKind::CallbackQuery(query) => {
            bot.answer_callback_query(query.id.clone()).text("Noted").await.unwrap();
            let message = query.regular_message().unwrap();
            bot.edit_message_text(
                message.chat.id,
                message.id,
                format!("Booked: {}.", query.data.as_ref().unwrap()),
            )
            .await
            .unwrap();
        }
        other => unreachable!("{other:?}"),
    }
}

#[tokio::test]
async fn a_talk_reads_as_it_was() {
    let stage = Stage::new().await;
    let bot = tokio::spawn(small_bot(stage.bot()));
    let chat = &stage.chat;
    chat.send("/start");
    let offer = chat.wait_for("hour", SOON).await.unwrap();
    assert_eq!(offer.buttons[0][1].text, "11:00");
    chat.press("11:00").unwrap();
    let booked = chat.wait_for("Booked", SOON).await.unwrap();
    assert_eq!((booked.id, booked.edited, booked.buttons.len()), (offer.id, true, 0));
    chat.send("ann");
    let said = chat.wait_for("You said", SOON).await.unwrap();
    assert_eq!(said.text, "You said ann.\nThank you.");
    bot.abort();
    let transcript = chat.transcript().with_buttons().to_string();
    expect![[r"
        anna > /start
        bot  > Choose an hour.
               [10:00] [11:00]
        anna > [11:00]
        bot  ! Noted
        bot  ~ Booked: hour:11:00.
        anna > ann
        bot  > You said ann.
               Thank you.
    "]]
    .assert_eq(&transcript);
}

#[tokio::test]
async fn a_wait_that_fails_shows_the_chat() {
    let stage = Stage::begun().await;
    stage.ok("sendMessage", &json!({"chat_id": stage.chat.id(), "text": "Hello."})).await;
    let timeout = stage.chat.wait_for("Bye", Duration::from_millis(10)).await.unwrap_err();
    expect![[r#"
        "Bye" did not come within 10ms; the chat:
        anna > /start
        bot  > Hello.
    "#]]
    .assert_eq(&timeout.to_string());
}

#[tokio::test]
async fn a_wait_reads_on_and_takes_changes_for_news() {
    let stage = Stage::begun().await;
    let chat = stage.chat.id();
    let sent = stage.ok("sendMessage", &json!({"chat_id": chat, "text": "one"})).await;
    let edit = json!({"chat_id": chat, "message_id": sent["message_id"], "text": "two"});
    stage.ok("editMessageText", &edit).await;
    stage.chat.wait_for("one", SOON).await.unwrap(); // It was there, though it has changed since.
    stage.chat.wait_for("two", SOON).await.unwrap();
    stage.chat.wait_for("two", Duration::from_millis(10)).await.unwrap_err();
}

#[tokio::test]
async fn a_keyboard_sends_its_text_or_the_contact() {
    let stage = Stage::begun().await;
    let chat = ChatId(stage.chat.id());
    let buttons = [
        KeyboardButton::new("Hours"),
        KeyboardButton::new("Phone").request(teloxide::types::ButtonRequest::Contact),
    ];
    let keyboard = KeyboardMarkup::new([buttons]);
    stage.bot().send_message(chat, "Menu").reply_markup(keyboard).await.unwrap();
    stage.chat.wait_for_button("Phone", SOON).await.unwrap();
    assert_eq!(stage.chat.keyboard(), [["Hours", "Phone"]]);
    stage.chat.press("Hours").unwrap();
    stage.chat.press("Phone").unwrap();
    let updates = stage.ok("getUpdates", &json!({})).await;
    assert_eq!(updates[0]["message"]["text"], "Hours");
    assert_eq!(updates[1]["message"]["contact"]["user_id"], stage.chat.id());
}

#[tokio::test]
async fn several_bots_stand_under_their_names() {
    let stage = Stage::begun().await;
    let mut events = stage.sim.events();
    stage.ok("sendMessage", &json!({"chat_id": stage.chat.id(), "text": "Hello."})).await;
    let boris = stage.sim.chat("sales_bot", &stage.sim.person("boris"));
    boris.send("hi");
    boris.block();
    expect![[r"
        anna      > /start
        salon_bot > Hello.
        boris     > hi
        boris     > (blocks the bot)
    "]]
    .assert_eq(&stage.sim.transcript().to_string());
    let log = stage.sim.log();
    assert_eq!(events.recv().await.unwrap(), log[1]);
    assert_eq!(log.iter().map(|event| event.number).collect::<Vec<_>>(), [0, 1, 2, 3]);
}
