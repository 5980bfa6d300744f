//! Webhooks are seen to at a simulated Telegram, which brings updates to nobody here.

use std::path::Path;
use std::sync::Arc;

use teloxide::requests::Requester as _;

use super::*;
use crate::actions::arrivals::Standing;
use crate::actions::cover::Cover;
use crate::actions::take_update::{TakeError, is_telegrams, take_update};
use crate::clock::Clock;
use crate::domain::client::BotProblem;
use crate::domain::ids::ClientId;
use crate::domain::subscription::{Before, Fate, GrantKind, Granted, Subscription};
use crate::domain::token::BotToken;
use crate::external::telegram::{HookInfo, webhook_info};
use crate::sandbox::telegram::{Chat, Fault, TelegramSim};
use crate::store::{clients, queue, secrets, updates};
use crate::testing::Host;

/// Nothing listens there.
const BASE: &str = "https://localhost";

struct Bench {
    sim: TelegramSim,
    host: Host,
    client: ClientId,
    token: BotToken,
    keeper: Keeper,
}

impl Bench {
    /// A host with one client, whose updates come so.
    async fn new(updates: Updates) -> Self {
        let sim = TelegramSim::start(Clock::system()).await.unwrap();
        let host = Host::new(&sim.url(), Path::new("/no/such"), Duration::from_secs(5));
        let token = sim.add_bot("Salon", "salon_bot");
        let client = host.add_client(1, 200, &token).await;
        let keeper = keeper(&host, updates);
        Self { sim, host, client, token: token.parse().unwrap(), keeper }
    }

    fn deps(&self) -> &Deps {
        &self.keeper.deps
    }

    /// Starts the host again with updates that come so.
    fn restart(&mut self, updates: Updates) {
        self.keeper = keeper(&self.host, updates);
    }

    /// Sees to all that is due once all rests are over.
    async fn look(&mut self) {
        for known in self.keeper.known.values_mut() {
            known.next = Instant::now();
        }
        self.keeper.look().await.unwrap();
    }

    async fn info(&self, token: &BotToken) -> HookInfo {
        webhook_info(&self.deps().telegram.sender(token)).await.unwrap()
    }

    fn url(&self) -> String {
        format!("{BASE}/telegram/webhook/{}", self.token.bot())
    }

    fn chat(&self, name: &str) -> Chat {
        self.sim.chat("salon_bot", &self.sim.person(name))
    }

    fn standing(&self) -> Standing {
        *self.deps().arrivals.standing(self.token.bot()).borrow()
    }

    fn on_record(&self, bot: BotId) -> Option<webhooks::Kept> {
        self.deps().store.read(|snap| webhooks::get(snap, bot)).unwrap()
    }

    fn jobs(&self) -> usize {
        let now = self.deps().clock.now();
        self.deps().store.read(|snap| queue::list(snap, None, 100, now)).unwrap().len()
    }

    fn kept(&self) -> Vec<String> {
        let (bot, cover) = (self.token.bot(), Cover::of(self.deps(), self.token.bot()));
        let kept = self.deps().store.read(|snap| updates::oldest(snap, bot, 100)).unwrap();
        let text = |it| String::from_utf8(cover.take_off(it).unwrap()).unwrap();
        let read = |it| serde_json::from_str::<serde_json::Value>(&text(it)).unwrap();
        kept.into_iter()
            .map(|it| read(it)["message"]["text"].as_str().unwrap().to_owned())
            .collect()
    }

    fn asked(&self, method: &str) -> usize {
        self.sim.calls().iter().filter(|call| call.method.eq_ignore_ascii_case(method)).count()
    }

    async fn give_up(&self) {
        let now = self.deps().clock.now();
        let granted = Granted { kind: GrantKind::Paid, until: now };
        let before = Before::Free;
        let gone = Subscription::Cancelled { granted, since: now, before, data: Fate::Kept };
        self.host.change(self.client, move |client| client.subscription = gone).await;
    }
}

fn keeper(host: &Host, updates: Updates) -> Keeper {
    let mut config = (*host.deps.config).clone();
    config.telegram.updates = updates;
    config.server.domain = Some("localhost".to_owned());
    let arrivals = crate::actions::arrivals::Arrivals::default();
    let deps = Deps { config: Arc::new(config), arrivals, ..host.deps.clone() };
    Keeper { deps, known: BTreeMap::new() }
}

#[tokio::test]
async fn a_bot_that_comes_is_brought_its_updates_and_one_that_goes_is_not() {
    let mut bench = Bench::new(Updates::Webhook).await;
    bench.look().await;
    let info = bench.info(&bench.token).await;
    assert_eq!(info.url, bench.url());
    assert!(!info.url.contains(bench.token.expose().split(':').nth(1).unwrap()));
    assert_eq!(bench.standing(), Standing::Brought);
    bench.look().await;
    assert_eq!(bench.asked("setWebhook"), 1, "what is set is looked at");
    bench.chat("anna").send("/start");
    bench.give_up().await;
    bench.look().await;
    let info = bench.info(&bench.token).await;
    assert_eq!((info.url.as_str(), info.pending_update_count), ("", 1), "nothing is dropped");
    assert_eq!(bench.on_record(bench.token.bot()), None);
}

#[tokio::test]
async fn a_removed_client_leaves_neither_a_webhook_nor_updates() {
    let mut bench = Bench::new(Updates::Webhook).await;
    bench.look().await;
    let bot = bench.token.bot();
    take_update(bench.deps(), bot, br#"{"update_id":5}"#).await.unwrap();
    // Telegram is away while the client goes.
    bench.sim.faults().outage(Some(Fault::CutBefore));
    let (client, id) = (bench.host.client(bench.client), bench.client);
    let forget = bench.deps().store.write::<_, StoreError>(move |txn| {
        secrets::remove(txn, id)?;
        clients::remove(txn, &client)
    });
    forget.await.unwrap();
    bench.look().await;
    assert!(bench.on_record(bot).is_some(), "it is tried again");
    bench.sim.faults().clear();
    bench.look().await;
    assert_eq!(bench.info(&bench.token).await.url, "");
    assert_eq!(bench.on_record(bot), None);
    let left = bench.deps().store.read(|snap| updates::waiting(snap, bot)).unwrap();
    assert_eq!(left, []);
    let refused = take_update(bench.deps(), bot, br#"{"update_id":6}"#).await;
    assert!(matches!(refused, Err(TakeError::NotHere)), "{refused:?}");
}

#[tokio::test]
async fn a_new_token_and_another_bot_take_the_webhook_over() {
    let mut bench = Bench::new(Updates::Webhook).await;
    bench.look().await;
    let fresh = bench.sim.revoke_token(bench.token.expose());
    bench.host.change_token(bench.client, &fresh).await;
    // It does not wait for its turn to be looked at, but it does after a failure.
    bench.sim.faults().once("setWebhook", Fault::CutBefore);
    bench.keeper.look().await.unwrap();
    bench.keeper.look().await.unwrap();
    assert_eq!(bench.asked("setWebhook"), 2);
    bench.look().await;
    let fresh: BotToken = fresh.parse().unwrap();
    assert_eq!(bench.info(&fresh).await.url, bench.url());

    let other: BotToken = bench.sim.add_bot("Other", "other_bot").parse().unwrap();
    bench.host.change_token(bench.client, other.expose()).await;
    let bot = other.bot();
    bench.host.change(bench.client, move |client| client.bot.id = bot).await;
    bench.look().await;
    assert_eq!(bench.info(&fresh).await.url, "");
    assert!(bench.info(&other).await.url.ends_with(&other.bot().to_string()));
}

#[tokio::test]
async fn a_webhook_set_elsewhere_is_taken_back() {
    let mut bench = Bench::new(Updates::Webhook).await;
    bench.look().await;
    // After a restart, what was set before is looked at and not set again.
    bench.restart(Updates::Webhook);
    bench.look().await;
    assert_eq!((bench.asked("setWebhook"), bench.standing()), (1, Standing::Brought));
    let bot = bench.deps().telegram.sender(&bench.token);
    for _ in 0..2 {
        bot.set_webhook("https://other.example.com/x".parse().unwrap()).await.unwrap();
        bench.look().await;
        bench.look().await;
        assert_eq!(bench.info(&bench.token).await.url, bench.url());
        assert_eq!(bench.jobs(), 2, "the owner and the operator are told once a day");
    }
    bot.delete_webhook().await.unwrap();
    bench.look().await;
    bench.look().await;
    assert_eq!((bench.info(&bench.token).await.url, bench.jobs()), (bench.url(), 2));
}

#[tokio::test]
async fn lasting_trouble_is_told_once_a_day_until_it_is_over() {
    let mut bench = Bench::new(Updates::Webhook).await;
    bench.sim.faults().always("setWebhook", Fault::Status(500));
    for _ in 1..LASTING {
        bench.look().await;
    }
    assert_eq!((bench.jobs(), bench.standing()), (0, Standing::Troubled));
    bench.look().await;
    bench.look().await;
    assert_eq!(bench.jobs(), 1);
    let words = bench.on_record(bench.token.bot()).unwrap().trouble.unwrap();
    assert!(!words.contains(bench.token.expose()), "{words}");
    bench.sim.faults().clear();
    bench.look().await;
    assert_eq!(bench.on_record(bench.token.bot()).unwrap().trouble, None);
    assert_eq!(bench.standing(), Standing::Brought);
}

#[tokio::test]
async fn what_telegram_cannot_deliver_is_told_in_its_words() {
    let mut bench = Bench::new(Updates::Webhook).await;
    bench.look().await;
    bench.chat("anna").send("/start");
    let deadline = Instant::now() + Duration::from_secs(10);
    while bench.info(&bench.token).await.last_error_message.is_none() {
        assert!(Instant::now() < deadline);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    bench.look().await;
    let trouble = bench.on_record(bench.token.bot()).unwrap().trouble;
    assert_eq!((trouble.as_deref(), bench.jobs()), (Some("Connection refused"), 1));
}

#[tokio::test]
async fn a_token_that_is_not_valid_any_more_is_noticed_though_nothing_is_asked_for() {
    let mut bench = Bench::new(Updates::Webhook).await;
    bench.look().await;
    bench.sim.revoke_token(bench.token.expose());
    bench.look().await;
    assert_eq!(bench.host.client(bench.client).problem, Some(BotProblem::TokenRevoked));
    assert_eq!(bench.standing(), Standing::Refused);
}

#[tokio::test]
async fn back_to_polling_all_that_waits_is_kept_before_any_is_confirmed() {
    let mut bench = Bench::new(Updates::Webhook).await;
    bench.look().await;
    let (anna, boris) = (bench.chat("anna"), bench.chat("boris"));
    anna.send("first");
    boris.send("second");
    // The second was brought, and the first, which has the lower number, was not.
    let second = br#"{"update_id":100000002,"message":{"chat":{"id":2},"text":"second"}}"#;
    take_update(bench.deps(), bench.token.bot(), second).await.unwrap();
    bench.restart(Updates::Polling);
    let refused = take_update(bench.deps(), bench.token.bot(), second).await;
    assert!(matches!(refused, Err(TakeError::NotHere)), "{refused:?}");
    let mut fresh = bench.deps().arrivals.listen(bench.token.bot());
    bench.sim.faults().once("getUpdates", Fault::CutAfter);
    bench.look().await;
    assert!(bench.on_record(bench.token.bot()).is_some(), "it comes again after a failure");
    bench.look().await;
    assert_eq!(bench.kept(), ["first", "second"]);
    assert_eq!(bench.standing(), Standing::Asked);
    assert!(fresh.try_recv().is_ok(), "whoever waits looks again");
    let info = bench.info(&bench.token).await;
    assert_eq!((info.url.as_str(), info.pending_update_count), ("", 0));
}

#[tokio::test]
async fn only_who_has_the_bots_secret_is_telegram() {
    let bench = Bench::new(Updates::Webhook).await;
    let (deps, bot) = (bench.deps(), bench.token.bot());
    let secret = deps.sealer.proof(&purpose(bot));
    let secret = secrecy::ExposeSecret::expose_secret(&secret).to_owned();
    assert!(secret.len() <= 256 && secret.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    assert!(is_telegrams(deps, bot, secret.as_bytes()));
    assert!(!is_telegrams(deps, BotId(bot.0 + 1), secret.as_bytes()));
    assert!(
        !is_telegrams(deps, bot, b"") && !is_telegrams(deps, bot, bench.token.expose().as_bytes())
    );
    let nonsense = take_update(deps, bot, br#"{"message":{}}"#).await;
    assert!(matches!(nonsense, Err(TakeError::NotAnUpdate(_))), "{nonsense:?}");
}

#[tokio::test]
async fn a_bot_that_does_not_keep_up_is_brought_no_more_for_a_while() {
    let bench = Bench::new(Updates::Webhook).await;
    let (deps, bot) = (bench.deps(), bench.token.bot());
    let many: Vec<_> =
        (0..1_000).map(|id| updates::Kept { id, chat: 1, json: b"{}".to_vec() }).collect();
    let keep = deps.store.write::<_, StoreError>(move |txn| updates::keep(txn, bot, &many));
    assert_eq!(keep.await.unwrap().len(), 1_000);
    let refused = take_update(deps, bot, br#"{"update_id":5000}"#).await;
    assert!(matches!(refused, Err(TakeError::TooMany)), "{refused:?}");
}
