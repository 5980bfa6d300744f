//! Which calls go on to Telegram, and what comes back.

use tokio::time::Instant;

use super::*;
use crate::sandbox::telegram::Fault;

#[tokio::test]
async fn a_call_goes_on_under_the_clients_token() {
    let bench = Bench::new().await;
    let (status, me) = bench.call("GetMe", json!({})).await;
    assert_eq!((status, &me["result"]["username"]), (200, &json!("salon_bot")));
    assert_eq!(bench.say(OWNER, "hello").await, 200);
    let chat = bench.sim.chat("salon_bot", &bench.sim.person_with_id(OWNER, "Olga"));
    assert!(chat.messages().iter().any(|message| message.text == "hello"));
    let (status, failed) = bench.call("SendMessage", json!({"chat_id": 404, "text": "x"})).await;
    assert_eq!((status, &failed["ok"]), (400, &json!(false)));
    assert_eq!(failed["description"], "Bad Request: chat not found");
}

#[tokio::test]
async fn only_methods_in_the_list_reach_telegram() {
    let bench = Bench::new().await;
    for method in ["setWebhook", "deleteWebhook", "logOut", "close", "getWebhookInfo", "nonsense"] {
        let (status, answer) = bench.call(method, json!({"url": "https://evil.example"})).await;
        assert_eq!(status, 403, "{method}");
        assert_eq!(answer["error_code"], 403);
        assert_eq!(answer["description"], "Forbidden: method is not allowed");
    }
    assert_eq!(bench.sim.calls().len(), 0);
}

#[tokio::test]
async fn forged_requests_reach_no_other_bot_and_no_other_host() {
    let bench = Bench::new().await;
    let other = "700002:AAother5YkoiEuPk8-FZa32hStHTqXiLPtA";
    bench.sim.add_bot_with_token(other, "Other", "other_bot");
    for target in [
        format!("/bot{other}/getMe"),
        format!("http://api.telegram.org/bot{other}/getMe"),
        format!("/bot0:gateway/getMe/../../bot{other}/getMe"),
        format!("/bot0:gateway/../bot{other}/getMe"),
        format!("/bot0:gateway%2f..%2fbot{other}/getMe"),
        format!("/bot0:gateway/getMe%2f..%2f..%2fbot{other}%2fgetMe"),
        format!("//bot{other}/getMe"),
        format!("/bot0:gateway/getMe?x=/../bot{other}/getMe"),
        "/bot0:gateway/getMe\u{0}".to_owned(),
    ] {
        let request = format!(
            "POST {target} HTTP/1.1\r\nHost: other_bot\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        );
        let answer = bench.raw(&request).await;
        assert!(!answer.contains("other_bot\"") && !answer.contains(SECRET), "{target}: {answer}");
        assert!(
            answer.starts_with("HTTP/1.1 4") || answer.contains("salon_bot"),
            "{target}: {answer}"
        );
    }
    assert!(bench.sim.calls().iter().all(|call| call.bot.as_deref() == Some("salon_bot")));
}

#[tokio::test]
async fn files_go_both_ways_and_only_plain_paths_are_asked_for() {
    let bench = Bench::new().await;
    let bytes: Vec<u8> = (0..3_000_000_u32).map(|n| n.to_le_bytes()[1]).collect();
    let part = reqwest::multipart::Part::bytes(bytes.clone()).file_name("price.pdf");
    let form = reqwest::multipart::Form::new().text("chat_id", OWNER.to_string());
    let request = bench.http.post("http://gateway/bot0:gateway/SendDocument");
    let sent = request.multipart(form.part("document", part)).send().await.unwrap();
    assert_eq!(sent.status(), 200);
    let sent: Value = sent.json().await.unwrap();
    let file_id = sent["result"]["document"]["file_id"].as_str().unwrap();

    let (_, file) = bench.call("GetFile", json!({"file_id": file_id})).await;
    let path = file["result"]["file_path"].as_str().unwrap();
    let url = format!("http://gateway/file/bot0:gateway/{path}");
    let fetched = bench.http.get(url).send().await.unwrap();
    assert_eq!(fetched.status(), 200);
    assert!(fetched.bytes().await.unwrap() == bytes);

    for path in ["../bot700001/x", "%2e%2e/x", "documents/no_such_file.pdf", "a//b", ""] {
        let answer = bench
            .raw(&format!(
                "GET /file/bot0:gateway/{path} HTTP/1.1\r\nHost: g\r\nConnection: close\r\n\r\n"
            ))
            .await;
        assert!(answer.starts_with("HTTP/1.1 404"), "{path}: {answer}");
        assert!(!answer.contains(SECRET));
    }
}

#[tokio::test]
async fn telegrams_own_limit_is_kept_afterwards() {
    let bench = Bench::new().await;
    bench.sim.faults().once("sendMessage", Fault::RetryAfter(600));
    assert_eq!(bench.say(OWNER, "hello").await, 429);
    let before = bench.calls_of("sendMessage");
    let (status, answer) = bench.call("sendMessage", json!({"chat_id": OWNER, "text": "x"})).await;
    assert_eq!((status, &answer["ok"]), (429, &json!(false)));
    let wait = answer["parameters"]["retry_after"].as_u64().unwrap();
    assert!((598..=601).contains(&wait), "{wait}");
    assert_eq!(bench.calls_of("sendMessage"), before);
    let anna = bench.sim.chat("salon_bot", &bench.sim.person("Anna"));
    anna.send("/start");
    assert_eq!(bench.say(anna.id(), "hello").await, 200);
}

#[tokio::test]
async fn a_flood_is_spread_out() {
    let bench = Bench::new().await;
    let begun = Instant::now();
    let calls =
        (0..7).map(|n| bench.call("sendMessage", json!({"chat_id": OWNER, "text": n.to_string()})));
    let answers = futures::future::join_all(calls).await;
    assert!(answers.iter().all(|(status, _)| *status == 200));
    assert!(begun.elapsed() >= Duration::from_secs(2), "five at once, then one a second");
}

#[tokio::test]
async fn without_telegram_the_answer_has_its_form() {
    let bench = Bench::new().await;
    for fault in [Fault::CutBefore, Fault::Status(502)] {
        bench.sim.faults().once("sendMessage", fault);
        let (status, answer) =
            bench.call("sendMessage", json!({"chat_id": OWNER, "text": "x"})).await;
        assert_eq!((status, &answer["error_code"]), (502, &json!(502)), "{fault:?}");
    }
    bench.sim.shutdown().await;
    assert_eq!(bench.say(OWNER, "hello").await, 502);
    assert_eq!(bench.problem(), None);
}
