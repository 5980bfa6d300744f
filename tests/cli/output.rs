//! What a client's bot has written last, and how it is, as an operator asks for it.

use std::time::{Duration, Instant};

use serde_json::Value;
use slotbox::sandbox::telegram::Fault;

use super::host::Host;

const WITHIN: Duration = Duration::from_mins(1);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_lines_of_a_bot_are_read_at_the_command_line_and_in_the_master_bot() {
    let host = Host::start().await;
    let token = {
        host.add("Салон", "salon_bot").await;
        std::fs::read_to_string(host.dir.path().join("salon_bot.token")).unwrap()
    };
    let shown = host.ok(&["clients", "show", "@salon_bot"]).await;
    assert!(shown.contains("health   well\n"), "{shown}");
    let customer = host.telegram.chat("salon_bot", &host.telegram.person("Анна"));
    customer.send("/start");
    customer.wait_for("Чем могу помочь", WITHIN).await.unwrap();
    reads(&host, &["clients", "show", "@salon_bot"], "1 handled, the last at ").await;

    // What the bot has to tell is that Telegram has failed.
    host.telegram.faults().once("sendMessage", Fault::Status(502));
    customer.send("/start");
    let told = reads(&host, &["clients", "logs", "@salon_bot"], " warn ").await;
    assert!(told.lines().all(|line| line.starts_with("20")), "{told}");
    let last = host.ok(&["clients", "logs", "@salon_bot", "--lines", "1"]).await;
    assert_eq!(last.lines().count(), 1, "{last}");
    let raw = host.ok(&["clients", "logs", "@salon_bot", "--json"]).await;
    let raw: Value = serde_json::from_str(&raw).unwrap();
    assert!(!raw["lines"].as_array().unwrap().is_empty(), "{raw}");
    assert!(!format!("{told}{raw}").contains(token.trim()), "{told}");

    let operator = host
        .telegram
        .chat("slotbox_master_bot", &host.telegram.person_with_id(111_111_111, "Olga"));
    operator.send("/find salon_bot");
    operator.wait_for_button("🖥 Вывод", WITHIN).await.unwrap();
    operator.press("🖥 Вывод").unwrap();
    let message = operator.wait_for("Последний вывод @salon_bot", WITHIN).await.unwrap();
    assert!(message.text.contains(" warn "), "{}", message.text);

    let wrong = host.fails(2, &["clients", "logs", "@salon_bot", "--lines", "0"]).await;
    assert!(wrong.contains("0 is not in 1..=1000"), "{wrong}");
    let unknown = host.fails(1, &["clients", "logs", "@nobody_bot"]).await;
    assert!(unknown.contains("no client is named"), "{unknown}");
}

/// Runs a command until it prints `needle`, and returns what it printed.
async fn reads(host: &Host, arguments: &[&str], needle: &str) -> String {
    let deadline = Instant::now() + WITHIN;
    loop {
        let told = host.ok(arguments).await;
        if told.contains(needle) {
            return told;
        }
        assert!(Instant::now() < deadline, "{told}");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}
