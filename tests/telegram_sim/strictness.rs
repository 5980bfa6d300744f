//! What Telegram refuses, the simulator refuses, in the same words.

use serde_json::{Value, json};

use crate::Stage;

/// Each row: a method, its parameters, and the code and description of the refusal.
fn table(chat: i64) -> Vec<(&'static str, Value, u16, String)> {
    let many = vec![json!([{"text": "x", "callback_data": "x"}]); 101];
    let bad = |what: &str| format!("Bad Request: {what}");
    vec![
        ("noSuchMethod", json!({}), 404, "Not Found".to_owned()),
        ("sendMessage", json!({"text": "x"}), 400, bad("chat_id is empty")),
        ("sendMessage", json!({"chat_id": 42, "text": "x"}), 400, bad("chat not found")),
        ("sendMessage", json!({"chat_id": chat}), 400, bad("message text is empty")),
        (
            "sendMessage",
            json!({"chat_id": chat, "text": " \n "}),
            400,
            bad("message text is empty"),
        ),
        (
            "sendMessage",
            json!({"chat_id": chat, "text": "ж".repeat(4097)}),
            400,
            bad("message is too long"),
        ),
        (
            "sendMessage",
            json!({"chat_id": chat, "text": "😀".repeat(2049)}),
            400,
            bad("message is too long"),
        ),
        (
            "sendMessage",
            json!({"chat_id": chat, "text": "<b>x", "parse_mode": "HTML"}),
            400,
            bad("can't parse entities: Can't find end tag corresponding to start tag \"b\""),
        ),
        (
            "sendMessage",
            json!({"chat_id": chat, "text": "1.", "parse_mode": "MarkdownV2"}),
            400,
            bad(
                "can't parse entities: Character '.' is reserved and must be escaped with the preceding '\\'",
            ),
        ),
        (
            "sendMessage",
            json!({"chat_id": chat, "text": "x", "parse_mode": "x"}),
            400,
            bad("unsupported parse_mode"),
        ),
        (
            "sendMessage",
            keyboard(chat, &json!([[{"text": "x", "callback_data": "ж".repeat(33)}]])),
            400,
            bad("BUTTON_DATA_INVALID"),
        ),
        ("sendMessage", keyboard(chat, &many.into()), 400, bad("REPLY_MARKUP_TOO_LONG")),
        (
            "sendMessage",
            keyboard(chat, &json!([[{"text": "x"}]])),
            400,
            bad(
                "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
            ),
        ),
        (
            "sendMessage",
            keyboard(chat, &json!([[{"text": "x", "url": "localhost"}]])),
            400,
            bad("inline keyboard button URL 'localhost' is invalid: Wrong HTTP URL"),
        ),
        (
            "sendMessage",
            json!({"chat_id": chat, "text": "x", "reply_parameters": {"message_id": 999}}),
            400,
            bad("message to be replied not found"),
        ),
        (
            "editMessageText",
            json!({"chat_id": chat, "message_id": 999, "text": "x"}),
            400,
            bad("message to edit not found"),
        ),
        (
            "editMessageText",
            json!({"chat_id": chat, "message_id": 1, "text": "x"}),
            400,
            bad("message can't be edited"),
        ),
        (
            "deleteMessage",
            json!({"chat_id": chat, "message_id": 999}),
            400,
            bad("message to delete not found"),
        ),
        (
            "forwardMessage",
            json!({"chat_id": chat, "from_chat_id": chat, "message_id": 999}),
            400,
            bad("message to forward not found"),
        ),
        (
            "answerCallbackQuery",
            json!({"callback_query_id": "1"}),
            400,
            bad("query is too old and response timeout expired or query ID is invalid"),
        ),
        (
            "sendChatAction",
            json!({"chat_id": chat, "action": "dance"}),
            400,
            bad("wrong parameter action in request"),
        ),
        (
            "getFile",
            json!({"file_id": "x"}),
            400,
            bad("wrong file_id or the file is temporarily unavailable"),
        ),
        (
            "setMyCommands",
            json!({"commands": [{"command": "Book", "description": "x"}]}),
            400,
            bad("BOT_COMMAND_INVALID"),
        ),
        (
            "sendPhoto",
            json!({"chat_id": chat, "photo": "x"}),
            400,
            bad("wrong file identifier/HTTP URL specified"),
        ),
        (
            "setWebhook",
            json!({"url": "https://e.ru", "secret_token": "a b"}),
            400,
            bad("secret token contains unallowed characters"),
        ),
    ]
}

fn keyboard(chat: i64, rows: &Value) -> Value {
    json!({"chat_id": chat, "text": "x", "reply_markup": {"inline_keyboard": rows}})
}

#[tokio::test]
async fn what_telegram_refuses_is_refused_in_its_words() {
    let stage = Stage::begun().await;
    for (method, params, code, description) in table(stage.chat.id()) {
        let (status, answer) = stage.call(method, &params).await;
        let expected = json!({"ok": false, "error_code": code, "description": description});
        assert_eq!((status, answer), (code, expected), "{method} {params}");
    }
    assert_eq!(stage.chat.messages().len(), 1, "a refused call leaves nothing behind");
}

#[tokio::test]
async fn the_longest_of_everything_passes() {
    let stage = Stage::begun().await;
    let chat = stage.chat.id();
    let rows = vec![json!([{"text": "x", "callback_data": "ж".repeat(32)}]); 100];
    stage.ok("sendMessage", &keyboard(chat, &rows.into())).await;
    let bold = format!("<b>{}</b>", "ж".repeat(4096));
    stage.ok("sendMessage", &json!({"chat_id": chat, "text": bold, "parse_mode": "HTML"})).await;
}

#[tokio::test]
async fn a_bot_may_not_speak_first_nor_to_those_who_blocked_it() {
    let stage = Stage::new().await;
    let message = json!({"chat_id": stage.chat.id(), "text": "x"});
    let refused = async |description: &str| {
        let (status, answer) = stage.call("sendMessage", &message).await;
        assert_eq!((status, answer["description"].as_str()), (403, Some(description)));
    };
    refused("Forbidden: bot can't initiate conversation with a user").await;
    stage.chat.send("/start");
    stage.ok("sendMessage", &message).await;
    stage.chat.block();
    refused("Forbidden: bot was blocked by the user").await;
    let updates = stage.ok("getUpdates", &json!({})).await;
    let change = &updates[1]["my_chat_member"];
    assert_eq!(change["old_chat_member"]["status"], "member");
    assert_eq!(change["new_chat_member"]["status"], "kicked");
    stage.chat.send("again"); // Writing lets the bot in.
    stage.ok("sendMessage", &message).await;
    stage.sim.deactivate(stage.chat.person());
    refused("Forbidden: user is deactivated").await;
}

#[tokio::test]
async fn an_edit_must_change_something() {
    let stage = Stage::begun().await;
    let chat = stage.chat.id();
    let sent = stage.ok("sendMessage", &json!({"chat_id": chat, "text": "a"})).await;
    let edit = json!({"chat_id": chat, "message_id": sent["message_id"], "text": "b"});
    let edited = stage.ok("editMessageText", &edit).await;
    assert_eq!((&edited["text"], edited["edit_date"].is_i64()), (&json!("b"), true));
    let (status, answer) = stage.call("editMessageText", &edit).await;
    assert_eq!(status, 400);
    assert_eq!(
        answer["description"],
        "Bad Request: message is not modified: specified new message content and reply markup are \
         exactly the same as a current content and reply markup of the message"
    );
}

#[tokio::test]
async fn a_press_is_answered_in_time_or_never() {
    let stage = Stage::begun().await;
    let chat = stage.chat.id();
    stage.ok("sendMessage", &keyboard(chat, &json!([[{"text": "x", "callback_data": "d"}]]))).await;
    stage.chat.press("x").unwrap();
    stage.chat.press("d").unwrap();
    assert!(stage.chat.press("y").is_err());
    let updates = stage.ok("getUpdates", &json!({})).await;
    let query = |at: usize| updates[at]["callback_query"].clone();
    assert_eq!((&query(0)["data"], &query(0)["message"]["text"]), (&json!("d"), &json!("x")));
    let long = json!({"callback_query_id": query(0)["id"], "text": "x".repeat(201)});
    assert_eq!(stage.call("answerCallbackQuery", &long).await.0, 400);
    let answer = json!({"callback_query_id": query(0)["id"], "text": "done"});
    stage.ok("answerCallbackQuery", &answer).await;
    assert_eq!(stage.chat.pressed_answer(crate::SOON).await.unwrap().as_deref(), Some("done"));
    stage.hand.advance(jiff::SignedDuration::from_mins(5));
    let late = json!({"callback_query_id": query(1)["id"]});
    assert_eq!(stage.call("answerCallbackQuery", &late).await.0, 400);
}

#[tokio::test]
async fn parameters_come_in_every_form() {
    let stage = Stage::begun().await;
    let chat = stage.chat.id();
    let markup = r#"{"inline_keyboard":[[{"text":"b","callback_data":"d"}]]}"#;
    let query = [("chat_id", chat.to_string()), ("text", "query".to_owned())];
    let form = [
        ("chat_id", chat.to_string()),
        ("text", "form".to_owned()),
        ("reply_markup", markup.to_owned()),
    ];
    let sent = stage.http.get(stage.address("sendmessage")).query(&query).send().await.unwrap();
    assert_eq!(sent.status(), 200);
    let sent = stage.http.post(stage.address("SendMessage")).form(&form).send().await.unwrap();
    assert_eq!(sent.status(), 200);
    let seen: Vec<_> = stage.chat.messages().into_iter().map(|message| message.text).collect();
    assert_eq!(seen, ["/start", "query", "form"]);
    assert_eq!(stage.chat.messages()[2].buttons[0][0].data.as_deref(), Some("d"));
}

#[tokio::test]
async fn a_profile_is_kept() {
    let stage = Stage::new().await;
    let commands = json!([{"command": "book", "description": "Записаться"}]);
    stage.ok("setMyCommands", &json!({"commands": commands})).await;
    assert_eq!(stage.ok("getMyCommands", &json!({})).await, commands);
    assert_eq!(stage.ok("getMyCommands", &json!({"language_code": "ru"})).await, json!([]));
    stage.ok("deleteMyCommands", &json!({})).await;
    assert_eq!(stage.ok("getMyCommands", &json!({})).await, json!([]));
    stage.ok("setMyName", &json!({"name": "Салон"})).await;
    stage.ok("setMyDescription", &json!({"description": "О нас"})).await;
    assert_eq!(stage.ok("getMyName", &json!({})).await, json!({"name": "Салон"}));
    assert_eq!(stage.ok("getMyDescription", &json!({})).await, json!({"description": "О нас"}));
    assert_eq!(stage.ok("getMe", &json!({})).await["first_name"], "Салон");
    assert_eq!(stage.ok("getChatMenuButton", &json!({})).await, json!({"type": "commands"}));
}
