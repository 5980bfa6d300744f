//! Tokens are changed against a simulated Telegram.

use std::path::Path;
use std::time::Duration;

use super::*;
use crate::clock::Clock;
use crate::domain::ids::UserId;
use crate::domain::subscription::{Before, Fate, GrantKind, Granted, SuspendedBy};
use crate::sandbox::telegram::{Fault, TelegramSim};
use crate::store::queue;
use crate::testing::Host;

struct Bench {
    sim: TelegramSim,
    host: Host,
    client: ClientId,
    token: String,
    next_cause: std::cell::Cell<u32>,
}

impl Bench {
    /// One client whose bot runs.
    async fn new() -> Self {
        let sim = TelegramSim::start(Clock::system()).await.unwrap();
        let host = Host::new(&sim.url(), Path::new("/no/such"), Duration::from_secs(5));
        let token = sim.add_bot("Salon", "salon_bot");
        let client = host.add_client(1, 200, &token).await;
        host.change(client, |client| {
            client.runtime = RuntimeState::Running;
            client.bot.username = "salon_bot".parse().unwrap();
        })
        .await;
        Self { sim, host, client, token, next_cause: 0.into() }
    }

    async fn bring(
        &self,
        token: &str,
        another_bot: AnotherBot,
    ) -> Result<TokenChanged, ChangeTokenError> {
        self.next_cause.set(self.next_cause.get() + 1);
        let cause = Cause::new(format!("test:{}", self.next_cause.get()));
        self.bring_as(cause, token, another_bot).await
    }

    async fn bring_as(
        &self,
        cause: Cause,
        token: &str,
        another_bot: AnotherBot,
    ) -> Result<TokenChanged, ChangeTokenError> {
        let by = Actor::Owner(UserId::new(200).unwrap());
        let token = token.parse().unwrap();
        let new = NewToken { client: self.client, token, another_bot, by };
        change_token(&self.host.deps, cause, new).await
    }

    /// Returns the token that the gateway would use.
    fn kept(&self) -> String {
        let sealed = self.host.deps.store.read(|snap| secrets::get(snap, self.client));
        let sealed = sealed.unwrap().unwrap();
        self.host.deps.sealer.open(self.client, &sealed).unwrap().expose().to_owned()
    }

    fn jobs(&self) -> Vec<String> {
        let now = self.host.deps.clock.now();
        let jobs = self.host.deps.store.read(|snap| queue::list(snap, None, 100, now)).unwrap();
        jobs.into_iter().map(|job| job.kind).collect()
    }

    fn audit(&self) -> Vec<String> {
        let entries = self.host.deps.store.read(|snap| audit::list(snap, None, 100)).unwrap();
        let line = |it: audit::Entry| format!("{} {} {}", it.actor, it.action, it.detail);
        entries.into_iter().map(|(_, entry)| line(entry)).collect()
    }
}

#[tokio::test]
async fn a_running_bot_gets_a_new_token_and_is_not_disturbed() {
    let bench = Bench::new().await;
    let fresh = bench.sim.revoke_token(&bench.token);
    let changed = bench.bring(&fresh, AnotherBot::Refuse).await.unwrap();
    assert_eq!(changed.job, None);
    assert_eq!(bench.kept(), fresh);
    assert_eq!(bench.audit(), ["owner:200 client.token_changed @salon_bot"]);
    assert!(bench.jobs().is_empty());
}

#[tokio::test]
async fn a_bot_whose_token_was_revoked_is_started_again() {
    let bench = Bench::new().await;
    let fresh = bench.sim.revoke_token(&bench.token);
    bench.host.change(bench.client, |it| it.problem = Some(BotProblem::TokenRevoked)).await;
    let changed = bench.bring(&fresh, AnotherBot::Refuse).await.unwrap();
    assert_eq!(changed.client.problem, None);
    assert_eq!(changed.client.runtime, RuntimeState::Starting);
    assert_eq!(bench.jobs(), ["restart_client"]);
    assert_eq!(bench.host.client(bench.client), changed.client);
}

#[tokio::test]
async fn a_suspended_client_is_started_and_a_cancelled_one_is_not() {
    let bench = Bench::new().await;
    bench
        .host
        .change(bench.client, |client| {
            let granted = Granted { until: client.created_at, kind: GrantKind::Paid };
            client.subscription = Subscription::Cancelled {
                granted,
                since: client.created_at,
                before: Before::Free,
                data: Fate::Kept,
            };
            client.runtime = RuntimeState::Stopped;
        })
        .await;
    let fresh = bench.sim.revoke_token(&bench.token);
    let changed = bench.bring(&fresh, AnotherBot::Refuse).await.unwrap();
    assert_eq!((changed.job, changed.client.runtime), (None, RuntimeState::Stopped));
    bench
        .host
        .change(bench.client, |client| {
            let granted = Granted { until: client.created_at, kind: GrantKind::Paid };
            let (since, by) = (client.created_at, SuspendedBy::Expiry);
            client.subscription = Subscription::Suspended { granted, since, by };
        })
        .await;
    assert!(bench.bring(&fresh, AnotherBot::Refuse).await.unwrap().job.is_some());
}

#[tokio::test]
async fn another_bot_is_taken_only_if_the_owner_says_so() {
    let bench = Bench::new().await;
    let other = bench.sim.add_bot("Beauty", "beauty_bot");
    let refused = bench.bring(&other, AnotherBot::Refuse).await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "this is the token of @beauty_bot, and the client's bot is @salon_bot"
    );
    assert_eq!(bench.kept(), bench.token);
    bench.host.change(bench.client, |it| it.problem = Some(BotProblem::OwnerUnreachable)).await;

    let changed = bench.bring(&other, AnotherBot::Take).await.unwrap();
    assert_eq!(changed.client.bot.username.as_str(), "beauty_bot");
    assert_eq!(changed.client.problem, None);
    assert_eq!(bench.jobs(), ["restart_client"]);
    let log = ["owner:200 client.token_changed @beauty_bot in place of @salon_bot"];
    assert_eq!(bench.audit(), log);
    let by_bot = |bot| bench.host.deps.store.read(|snap| clients::by_bot(snap, bot)).unwrap();
    assert_eq!(by_bot(changed.client.bot.id), Some(bench.client));
    let left: BotToken = bench.token.parse().unwrap();
    assert_eq!(by_bot(left.bot()), None, "the bot before is free again");
}

#[tokio::test]
async fn a_bot_cannot_have_a_second_trial_by_way_of_a_change() {
    let bench = Bench::new().await;
    bench
        .host
        .change(bench.client, |it| it.subscription = Subscription::Trial { until: it.created_at })
        .await;
    let other = bench.sim.add_bot("Beauty", "beauty_bot");
    let changed = bench.bring(&other, AnotherBot::Take).await.unwrap();
    let (stranger, bot) = (UserId::new(999).unwrap(), changed.client.bot.id);
    assert!(bench.host.deps.store.read(|snap| trials::had(snap, stranger, bot)).unwrap());
}

#[tokio::test]
async fn a_token_of_no_use_changes_nothing() {
    let bench = Bench::new().await;
    let theirs = bench.sim.add_bot("Barber", "barber_bot");
    bench.host.add_client(2, 201, &theirs).await;
    let dead = bench.sim.add_bot("Old", "old_bot");
    bench.sim.revoke_token(&dead);
    let take = AnotherBot::Take;
    let refused = bench.bring(&theirs, take).await.unwrap_err();
    assert!(matches!(refused, ChangeTokenError::BotTaken), "{refused:?}");
    let refused = bench.bring(&dead, take).await.unwrap_err();
    assert!(matches!(refused, ChangeTokenError::BadToken), "{refused:?}");
    bench.sim.faults().always("getMe", Fault::CutBefore);
    let refused = bench.bring(&bench.token, take).await.unwrap_err();
    assert!(matches!(refused, ChangeTokenError::Unchecked(_)), "{refused:?}");
    assert_eq!(bench.kept(), bench.token);
    assert!(bench.audit().is_empty() && bench.jobs().is_empty());
}

#[tokio::test]
async fn the_same_request_changes_the_token_once() {
    let bench = Bench::new().await;
    let other = bench.sim.add_bot("Beauty", "beauty_bot");
    let cause = || Cause::new("tg:1:1".to_owned());
    bench.bring_as(cause(), &other, AnotherBot::Take).await.unwrap();
    let again = bench.bring_as(cause(), &other, AnotherBot::Take).await.unwrap();
    assert_eq!(again.client, bench.host.client(bench.client));
    assert_eq!((bench.audit().len(), bench.jobs().len()), (1, 1));
}
