//! What Telegram's answers tell of a bot comes to light, and its token does not.

use std::sync::Mutex;

use tokio::time::Instant;
use tracing_subscriber::layer::{self, Layer, SubscriberExt as _};

use super::*;
use crate::sandbox::telegram::Fault;

#[tokio::test]
async fn a_revoked_token_is_shown_and_not_used_until_there_is_another() {
    let bench = Bench::new().await;
    let fresh = bench.sim.revoke_token(TOKEN);
    assert_eq!(bench.say(OWNER, "hello").await, 401);
    until("the problem is on record", || bench.problem() == Some(BotProblem::TokenRevoked)).await;
    assert_eq!(bench.notices(), 2); // One for the operator, one for the owner.
    let before = bench.sim.calls().len();
    for _ in 0..5 {
        assert_eq!(bench.say(OWNER, "hello").await, 401);
    }
    assert_eq!(bench.sim.calls().len(), before);
    assert_eq!(bench.notices(), 2);

    bench.host.change_token(bench.client, &fresh).await;
    let deadline = Instant::now() + Duration::from_secs(10);
    while bench.say(OWNER, "hello").await != 200 {
        assert!(Instant::now() < deadline, "the new token is not used");
    }
    until("the problem is gone", || bench.problem().is_none()).await;
    assert_eq!(bench.notices(), 2);
}

#[tokio::test]
async fn an_owner_who_blocks_the_bot_is_shown() {
    let bench = Bench::new().await;
    let chat = bench.sim.chat("salon_bot", &bench.sim.person_with_id(OWNER, "Olga"));
    chat.block();
    assert_eq!(bench.say(OWNER, "hello").await, 403);
    until("the problem is on record", || bench.problem() == Some(BotProblem::OwnerUnreachable))
        .await;
    chat.unblock();
    assert_eq!(bench.say(OWNER, "hello").await, 200);
    until("the problem is gone", || bench.problem().is_none()).await;
}

#[tokio::test]
async fn a_customer_who_blocks_the_bot_is_no_problem() {
    let bench = Bench::new().await;
    let chat = bench.sim.chat("salon_bot", &bench.sim.person("Anna"));
    chat.send("/start");
    chat.block();
    assert_eq!(bench.say(chat.id(), "hello").await, 403);
    assert_eq!(bench.say(OWNER, "hello").await, 200);
    assert_eq!(bench.problem(), None);
}

/// What every part of the program says, down to the smallest detail.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<String>>);

impl<S: tracing::Subscriber> Layer<S> for Heard {
    fn on_event(&self, event: &tracing::Event<'_>, _: layer::Context<'_, S>) {
        self.0.lock().unwrap().push_str(&format!("{event:?}\n"));
    }
}

#[tokio::test]
async fn the_token_is_in_no_log() {
    // With one listener alone, tracing asks whichever thread comes first whether a record is wanted.
    let _second = tracing::Dispatch::new(tracing_subscriber::registry());
    let heard = Heard::default();
    let own = tracing_subscriber::registry().with(heard.clone());
    let _listening = tracing::subscriber::set_default(own);
    let bench = Bench::new().await;
    bench.say(OWNER, "hello").await;
    bench.sim.faults().once("sendMessage", Fault::CutBefore);
    bench.say(OWNER, "hello").await;
    bench.sim.faults().once("sendMessage", Fault::Status(502));
    bench.say(OWNER, "hello").await;
    bench.call("setWebhook", json!({})).await;
    bench.sim.revoke_token(TOKEN);
    bench.say(OWNER, "hello").await;
    until("the problem is told", || heard.0.lock().unwrap().contains("client.problem")).await;
    bench.sim.shutdown().await;
    let text = heard.0.lock().unwrap().clone();
    assert!(text.contains("gateway.no_answer"), "{text}");
    assert!(!text.contains(SECRET), "{text}");
}
