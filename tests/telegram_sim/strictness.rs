//! What Telegram refuses, the simulator refuses, in the same words.

use serde_json::{Value, json};

use crate::Stage;

/// A method, its parameters, and what it answers after `Bad Request: `.
type Row = (&'static str, Value, &'static str);

fn texts(chat: i64) -> Vec<Row> {
    let send = |text: &str, mode: &str, why| {
        ("sendMessage", json!({"chat_id": chat, "text": text, "parse_mode": mode}), why)
    };
    let unclosed = "can't parse entities: Can't find end tag corresponding to start tag \"b\"";
    let reserved = "can't parse entities: Character '.' is reserved and must be escaped with the \
                    preceding '\\'";
    vec![
        ("sendMessage", json!({"text": "x"}), "chat_id is empty"),
        ("sendMessage", json!({"chat_id": 42, "text": "x"}), "chat not found"),
        ("sendMessage", json!({"chat_id": "@nobody", "text": "x"}), "chat not found"),
        ("sendMessage", json!({"chat_id": chat}), "message text is empty"),
        send(" \n ", "", "message text is empty"),
        send("<b> </b>", "HTML", "message text is empty"),
        send(&"ж".repeat(4097), "", "message is too long"),
        send(&"😀".repeat(2049), "", "message is too long"),
        send("<b>x", "HTML", unclosed),
        send("1.", "MarkdownV2", reserved),
        send("x", "Word", "unsupported parse_mode"),
    ]
}

fn buttons(chat: i64) -> Vec<Row> {
    let send = |rows: Value, why| ("sendMessage", keyboard(chat, &rows), why);
    let many = vec![json!([{"text": "x", "callback_data": "x"}]); 101];
    let nothing = "can't parse inline keyboard button: Text buttons are unallowed in the inline \
                   keyboard";
    let address = "inline keyboard button URL 'localhost' is invalid: Wrong HTTP URL";
    let long = "ж".repeat(33);
    vec![
        send(json!([[{"text": "x", "callback_data": long}]]), "BUTTON_DATA_INVALID"),
        send(json!([[{"text": "x", "callback_data": ""}]]), "BUTTON_DATA_INVALID"),
        send(many.into(), "reply markup is too long"),
        send(json!([[{"text": "x"}]]), nothing),
        send(json!([[{"text": "x", "url": "localhost"}]]), address),
    ]
}

fn messages(chat: i64) -> Vec<Row> {
    let unknown = json!({"chat_id": chat, "message_id": 999, "text": "x"});
    let others = json!({"chat_id": chat, "message_id": 1, "text": "x"});
    let forward = json!({"chat_id": chat, "from_chat_id": chat, "message_id": 999});
    let reply = json!({"chat_id": chat, "text": "x", "reply_parameters": {"message_id": 999}});
    vec![
        ("sendMessage", reply, "message to be replied not found"),
        ("editMessageText", unknown.clone(), "message to edit not found"),
        ("editMessageText", others, "message can't be edited"),
        ("deleteMessage", unknown.clone(), "message to delete not found"),
        ("pinChatMessage", unknown, "message to pin not found"),
        ("forwardMessage", forward.clone(), "message to forward not found"),
        ("copyMessage", forward, "message to copy not found"),
    ]
}

fn others(chat: i64) -> Vec<Row> {
    let old = "query is too old and response timeout expired or query ID is invalid";
    let secret = json!({"url": "https://e.ru", "secret_token": "a b"});
    let commands = json!({"commands": [{"command": "Book", "description": "x"}]});
    let photo = json!({"chat_id": chat, "photo": "x"});
    let action = json!({"chat_id": chat, "action": "dance"});
    let file = json!({"file_id": "x"});
    vec![
        ("answerCallbackQuery", json!({"callback_query_id": "1"}), old),
        ("sendChatAction", action, "wrong parameter action in request"),
        ("getFile", file, "wrong file_id or the file is temporarily unavailable"),
        ("setMyCommands", commands, "BOT_COMMAND_INVALID"),
        ("sendPhoto", photo, "wrong file identifier/HTTP URL specified"),
        ("setWebhook", secret, "secret token contains unallowed characters"),
    ]
}

fn keyboard(chat: i64, rows: &Value) -> Value {
    json!({"chat_id": chat, "text": "x", "reply_markup": {"inline_keyboard": rows}})
}

#[tokio::test]
async fn what_telegram_refuses_is_refused_in_its_words() {
    let stage = Stage::begun().await;
    let chat = stage.chat.id();
    let table = [texts(chat), buttons(chat), messages(chat), others(chat)].concat();
    for (method, params, why) in table {
        let (status, answer) = stage.call(method, &params).await;
        let description = format!("Bad Request: {why}");
        let expected = json!({"ok": false, "error_code": 400, "description": description});
        assert_eq!((status, answer), (400, expected), "{method} {params}");
    }
    assert_eq!(stage.chat.messages().len(), 1, "a refused call leaves nothing behind");
    let (status, answer) = stage.call("noSuchMethod", &json!({})).await;
    let expected = json!({"ok": false, "error_code": 404, "description": "Not Found"});
    assert_eq!((status, answer), (404, expected));
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
