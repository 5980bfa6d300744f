//! What people see of it: nothing, whatever happens.

use std::time::Duration;

use rustix::process::Signal;
use serde_json::json;
use slotbox::sandbox::telegram::{Fault, UpdateFault};
use tokio::time::sleep;

use super::host::{Host, NAME, SALON, WITHIN, until};
use super::tls::Pair;

const BOTS: [(&str, &str); 3] =
    [("master_bot", "operator"), ("sales_bot", "anna"), (SALON, "boris")];

#[tokio::test]
async fn all_three_bots_are_brought_their_updates_and_strangers_bring_none() {
    let host = Host::start("webhook").await;
    host.webhooks_are(true).await;
    for (bot, person) in BOTS {
        let chat = host.chat(bot, person);
        chat.send("/start");
        until("it answers", || host.greetings(bot) == 1).await;
    }
    // The second coming of an update has no effect.
    for (bot, person) in BOTS {
        host.sim.faults().once_update(UpdateFault::Twice);
        host.chat(bot, person).send("/start");
    }
    for token in &host.tokens {
        host.all_brought(token).await;
    }
    for (bot, _) in BOTS {
        until("it answers", || host.greetings(bot) >= 2).await;
    }
    // Strangers, with the right bot and without, with a secret and without.
    let update = json!({"update_id": 900_000_001, "message": {"message_id": 1, "date": 0,
        "chat": {"id": 100, "type": "private"}, "from": {"id": 100, "is_bot": false,
        "first_name": "x"}, "text": "/start"}});
    for token in &host.tokens {
        let bot = token.split(':').next().unwrap();
        assert_eq!(host.post(bot, None, &update).await, 401);
        assert_eq!(host.post(bot, Some("wrong"), &update).await, 401);
        assert_eq!(host.post(bot, Some(&"0".repeat(64)), &update).await, 401);
    }
    assert_eq!(host.post("1", Some(&"0".repeat(64)), &update).await, 401);
    assert_eq!(host.post("nonsense", None, &update).await, 401);
    sleep(Duration::from_millis(300)).await;
    assert_eq!(BOTS.map(|(bot, _)| host.greetings(bot)), [2; 3], "{}", host.sim.transcript());
    assert_eq!(host.calls("getUpdates"), 0, "nothing is asked for");
    // Neither tokens nor secrets are told.
    let log = host.log();
    for token in &host.tokens {
        assert!(!log.contains(token.split(':').nth(1).unwrap()), "a token is in the log");
        let url = host.info(token).await["url"].as_str().unwrap().to_owned();
        assert!(!url.contains(token.split(':').nth(1).unwrap()) && url.starts_with("https://"));
    }
    let hex = |word: &str| word.len() == 64 && word.bytes().all(|it| it.is_ascii_hexdigit());
    let found = log.split(|c: char| !c.is_ascii_alphanumeric()).find(|word| hex(word));
    assert_eq!(found, None, "this may be a secret");
}

#[tokio::test]
async fn from_polling_to_webhooks_and_back_nothing_is_lost_and_nothing_comes_twice() {
    let mut host = Host::start("polling").await;
    let mut sent = 0;
    let everyone = |host: &Host| {
        for (bot, person) in BOTS {
            host.chat(bot, person).send("/start");
        }
        for name in ["vera", "gleb"] {
            host.chat("sales_bot", name).send("/start");
            host.chat(SALON, name).send("/start");
        }
    };
    for updates in ["webhook", "polling", "webhook", "polling"] {
        everyone(&host); // Those are in hand, or not yet asked for.
        host.down().await;
        everyone(&host);
        host.up(updates).await;
        everyone(&host);
        sent += 3;
        host.webhooks_are(updates == "webhook").await;
        until("all are answered", || {
            [("master_bot", 1), ("sales_bot", 3), (SALON, 3)]
                .iter()
                .all(|(bot, people)| host.greetings(bot) >= people * sent)
        })
        .await;
    }
    sleep(Duration::from_millis(500)).await;
    let said = BOTS.map(|(bot, _)| host.greetings(bot));
    assert_eq!(said, [sent, 3 * sent, 3 * sent], "{}", host.sim.transcript());
}

#[tokio::test]
async fn what_was_answered_with_200_survives_a_kill() {
    let mut host = Host::start("webhook").await;
    host.webhooks_are(true).await;
    // Nobody can answer, and the client's process is not even there to ask.
    host.sim.faults().always("sendMessage", Fault::CutBefore);
    host.hold_client(Signal::STOP);
    for (bot, person) in BOTS {
        host.chat(bot, person).send("/start");
    }
    for token in &host.tokens {
        host.all_brought(token).await;
    }
    host.kill().await;
    host.hold_client(Signal::KILL);
    assert_eq!(BOTS.map(|(bot, _)| host.greetings(bot)), [0; 3]);
    host.sim.faults().clear();
    // It comes up without the webhooks, and still what they have brought is handled.
    host.up("polling").await;
    for (bot, person) in BOTS {
        let chat = host.chat(bot, person);
        tokio::time::timeout(WITHIN, async {
            while chat.messages().len() < 2 {
                sleep(Duration::from_millis(20)).await;
            }
        })
        .await
        .unwrap();
    }
    sleep(Duration::from_millis(300)).await;
    assert_eq!(BOTS.map(|(bot, _)| host.greetings(bot)), [1; 3], "{}", host.sim.transcript());
}

#[tokio::test]
async fn the_owner_and_the_operator_hear_who_has_taken_a_bot_over() {
    let host = Host::start("polling").await;
    let owner = host.sim.chat("sales_bot", &host.sim.person_with_id(111, "olga"));
    let (operator, boris) = (host.chat("master_bot", "operator"), host.chat(SALON, "boris"));
    for chat in [&owner, &operator, &boris] {
        chat.send("/start");
    }
    until("it answers", || host.greetings(SALON) == 1).await;
    for times in 2..4 {
        let set = format!("{}/bot{}/setWebhook", host.sim.url(), host.tokens[2]);
        let theirs = json!({"url": "https://127.0.0.1/theirs"});
        assert_eq!(host.http.post(set).json(&theirs).send().await.unwrap().status(), 200);
        boris.send("/start");
        until("it answers again", || host.greetings(SALON) == times).await;
    }
    let told = "Another program had taken the bot";
    let heard = operator.wait_for(told, WITHIN).await.unwrap();
    assert!(heard.text.contains("over. It is taken back") && heard.text.contains("@salon_bot"));
    let heard = owner.wait_for(told, WITHIN).await.unwrap();
    assert!(heard.text.contains("@salon_bot over") && heard.text.contains("@BotFather"));
    sleep(Duration::from_millis(300)).await;
    for chat in [owner, operator] {
        let times = chat.messages().iter().filter(|it| it.text.contains(told)).count();
        assert_eq!(times, 1, "once a day");
    }
}

/// Another server speaks TLS and passes on to the local listener.
#[tokio::test]
async fn webhooks_come_through_a_server_in_front() {
    let pair = Pair::of(&[NAME]);
    let mut host = Host::at_rest(&pair).await;
    let front = pair.before(host.local()).await;
    host.sim.reach(NAME, front, pair.pem.as_bytes()).unwrap();
    host.set([("TLS__MODE", "off".to_owned())]);
    host.up("webhook").await;
    host.chat("sales_bot", "anna").send("/start");
    until("it answers", || host.greetings("sales_bot") == 1).await;
    let url = host.info(&host.tokens[1]).await["url"].as_str().unwrap().to_owned();
    assert!(url.starts_with(&format!("https://{NAME}/")), "{url}");
}
