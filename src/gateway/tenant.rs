//! One client as its gateway knows it.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, sleep_until};

use super::answer::Refusal;
use super::body::Chat;
use super::problems::Problems;
use super::starts::Starts;
use crate::domain::client::{Client, RuntimeState};
use crate::domain::ids::{BotId, ClientId, UserId};
use crate::domain::seed::SeedRefusal;
use crate::domain::token::BotToken;
use crate::external::telegram::pace::{BotPace, ComeAgainIn, LONGEST_WAIT};

/// Calls of one client that may be on their way at the same time, besides its polls.
const CALLS_AT_ONCE: usize = 24;
/// One poll, and the next one while the first is being given up.
const POLLS_AT_ONCE: usize = 2;

/// How long until the same refusal of a seed is told again.
const TOLD_AGAIN_AFTER: Duration = Duration::from_mins(5);

/// What the gateway keeps for one client while its socket is open.
#[derive(Debug)]
pub(super) struct Tenant {
    pub(super) client: ClientId,
    pub(super) pace: BotPace<Chat>,
    pub(super) problems: Problems,
    known: Mutex<Known>,
    /// The updates of the last answer from what is held, and whose they are.
    handed_out: Mutex<Option<(BotId, BTreeSet<i64>)>>,
    /// The seed that the bot refused last, why, and when that was told.
    refused_seed: Mutex<Option<(u64, SeedRefusal, Instant)>>,
    /// Room for one download of the seed.
    pub(super) seeds: Arc<Semaphore>,
    calls: Semaphore,
    polls: Semaphore,
}

/// What is on record, and how the token fares.
#[derive(Debug)]
struct Known {
    owner: UserId,
    token: Option<Arc<BotToken>>,
    /// Telegram has refused this very token.
    refused: bool,
    /// Whether this bot's updates were asked for here before: whoever sets a webhook from then on
    /// takes them away, and does not merely have them still.
    is_ours: bool,
    /// When Telegram may see the token's first call; set when there was a call.
    starts_at: Option<Instant>,
}

impl Tenant {
    pub(super) fn new(client: &Client) -> Self {
        let is_ours = client.runtime == RuntimeState::Running;
        let owner = client.owner;
        Self {
            client: client.id,
            pace: BotPace::new(),
            problems: Problems::known(client.problem),
            known: Mutex::new(Known {
                owner,
                token: None,
                refused: false,
                is_ours,
                starts_at: None,
            }),
            handed_out: Mutex::default(),
            refused_seed: Mutex::default(),
            seeds: Arc::new(Semaphore::new(1)),
            calls: Semaphore::new(CALLS_AT_ONCE),
            polls: Semaphore::new(POLLS_AT_ONCE),
        }
    }

    /// Takes the token that is now on record; another one than before gets a fresh start.
    pub(super) fn know_token(&self, token: Option<BotToken>) {
        let mut known = self.lock();
        if known.token.as_deref() == token.as_ref() {
            return;
        }
        let before = known.token.take();
        let token = token.map(Arc::new);
        let mut is_ours = known.is_ours;
        if let (Some(before), Some(token)) = (&before, &token) {
            let same_bot = before.bot() == token.bot();
            self.problems.token_replaced(same_bot);
            is_ours &= same_bot;
        }
        *known = Known { owner: known.owner, token, refused: false, is_ours, starts_at: None };
    }

    /// Takes the owner that is now on record.
    pub(super) fn know_owner(&self, owner: UserId) {
        self.lock().owner = owner;
    }

    /// Tells whether the chat is the owner's.
    pub(super) fn is_owner(&self, chat: &Chat) -> bool {
        *chat == Chat::Id(self.lock().owner.get())
    }

    /// Returns the token, unless Telegram has refused it.
    pub(super) fn token(&self) -> Result<Arc<BotToken>, Refusal> {
        let known = self.lock();
        if known.refused {
            return Err(Refusal::TokenRevoked);
        }
        known.token.clone().ok_or(Refusal::NoToken)
    }

    /// Telegram has refused `token`: nothing more is sent under it.
    pub(super) fn refuse(&self, token: &BotToken) {
        let mut known = self.lock();
        if known.token.as_deref() != Some(token) {
            return; // A late answer to a call under the token before.
        }
        known.refused = true;
        drop(known);
        self.problems.token_refused();
    }

    /// Telegram has answered a poll: the bot's updates come here.
    pub(super) fn polled(&self) {
        self.lock().is_ours = true;
        self.problems.poll_answered();
    }

    /// Tells whether the bot's updates came here before.
    pub(super) fn is_ours(&self) -> bool {
        self.lock().is_ours
    }

    /// Waits until Telegram may see this bot for the first time.
    pub(super) async fn start(&self, starts: &Starts) -> Result<(), ComeAgainIn> {
        let at = *self.lock().starts_at.get_or_insert_with(|| starts.next());
        let wait = at.saturating_duration_since(Instant::now());
        if wait > LONGEST_WAIT {
            return Err(ComeAgainIn(wait));
        }
        sleep_until(at).await;
        Ok(())
    }

    /// Returns room for one call, if there is any.
    pub(super) fn room_for_call(&self) -> Result<SemaphorePermit<'_>, ComeAgainIn> {
        self.calls.try_acquire().map_err(|_| ComeAgainIn(Duration::from_secs(1)))
    }

    /// Returns room for one long poll, if there is any.
    pub(super) fn room_for_poll(&self) -> Result<SemaphorePermit<'_>, ComeAgainIn> {
        self.polls.try_acquire().map_err(|_| ComeAgainIn(Duration::from_secs(1)))
    }

    /// Notes that these updates are on their way.
    pub(super) fn hand_out(&self, bot: BotId, updates: BTreeSet<i64>) {
        *self.handed() = Some((bot, updates));
    }

    /// Returns which updates have arrived for certain at a bot that asks for this one next.
    ///
    /// That is the one before, with which its last answer ended. It is the whole answer, if that was
    /// the last one from here. Any other that lies before has come late: the bot may not have it.
    pub(super) fn arrived(&self, bot: BotId, offset: i64) -> BTreeSet<i64> {
        let before = offset.saturating_sub(1);
        let handed = self.handed();
        let answer = handed.as_ref().filter(|(whose, _)| *whose == bot).map(|(_, answer)| answer);
        let whole = answer.filter(|answer| answer.last() == Some(&before));
        whole.cloned().unwrap_or_else(|| BTreeSet::from([before]))
    }

    /// Tells whether people must hear that the bot refuses this seed: the same is told now and then.
    pub(super) fn refuses_seed(&self, number: u64, why: SeedRefusal) -> bool {
        let mut refused = self.refused_seed.lock().unwrap_or_else(PoisonError::into_inner);
        let is_known = refused.is_some_and(|(seed, reason, told)| {
            (seed, reason) == (number, why) && told.elapsed() < TOLD_AGAIN_AFTER
        });
        if !is_known {
            *refused = Some((number, why, Instant::now()));
        }
        !is_known
    }

    fn handed(&self) -> MutexGuard<'_, Option<(BotId, BTreeSet<i64>)>> {
        self.handed_out.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
