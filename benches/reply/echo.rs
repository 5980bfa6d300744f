//! A bot that answers at once and keeps nothing: what it takes is the wire and the simulator.

use std::time::Duration;

use serde_json::{Value, json};

/// Answers every message, side by side, until it is aborted.
pub async fn run(url: String, token: String) {
    let http = reqwest::Client::builder().tcp_nodelay(true).build().unwrap();
    let mut offset = 0;
    loop {
        let poll = json!({"offset": offset, "timeout": 10});
        let answer: Value = call(&http, &url, &token, "getUpdates", &poll).await;
        for update in answer["result"].as_array().into_iter().flatten() {
            offset = update["update_id"].as_i64().unwrap() + 1;
            let said = json!({"chat_id": update["message"]["chat"]["id"], "text": "echo"});
            let (http, url, token) = (http.clone(), url.clone(), token.clone());
            tokio::spawn(async move { call(&http, &url, &token, "sendMessage", &said).await });
        }
    }
}

async fn call(http: &reqwest::Client, url: &str, token: &str, method: &str, body: &Value) -> Value {
    let request = http.post(format!("{url}/bot{token}/{method}")).json(body);
    let answer = request.timeout(Duration::from_secs(30)).send().await.unwrap();
    answer.json().await.unwrap()
}
