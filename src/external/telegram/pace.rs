//! Telegram's limits, kept on this side so that Telegram need not refuse: for the host's own bots
//! and, in the gateway, for the clients'.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep};

/// No call waits longer for its turn; then it is told when to come again.
pub const LONGEST_WAIT: Duration = Duration::from_secs(10);
/// Chats beyond this number are looked through for those that need no memory any more.
const CHATS_KEPT: usize = 512;

/// How long to wait before the call may be repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ComeAgainIn(pub Duration);

/// So many at once, and then one in each span of time.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    /// The span of time.
    pub every: Duration,
    /// How many at once; at least 1.
    pub burst: u32,
}

/// Names a chat.
pub trait PacedChat: Clone + Eq + Hash {
    /// Whether it is a private chat with one person, as far as one can tell.
    fn is_person(&self) -> bool;
}

impl PacedChat for i64 {
    fn is_person(&self) -> bool {
        *self > 0
    }
}

/// Telegram's numbers; short bursts pass.
const CHAT: Rate = Rate { every: Duration::from_secs(1), burst: 5 };
const GROUP: Rate = Rate { every: Duration::from_secs(3), burst: 20 };
const BOT: Rate = Rate { every: Duration::from_millis(33), burst: 30 };

/// A bucket of turns, told by the instant at which it is full again.
#[derive(Clone, Copy, Debug)]
pub struct Bucket {
    rate: Rate,
    full_at: Instant,
}

impl Bucket {
    /// Returns a bucket from which nothing was taken.
    pub const fn full(rate: Rate, now: Instant) -> Self {
        Self { rate, full_at: now }
    }

    /// Returns how long it is until there is a turn.
    fn wait(&self, now: Instant) -> Duration {
        self.full_at.saturating_duration_since(now + self.slack())
    }

    /// Takes the turn that there is at `at`.
    fn take(&mut self, at: Instant) {
        self.full_at = self.full_at.max(at) + self.rate.every;
    }

    /// Leaves no turn before `until`.
    fn pause(&mut self, until: Instant) {
        self.full_at = self.full_at.max(until + self.slack());
    }

    fn slack(&self) -> Duration {
        self.rate.every * self.rate.burst.saturating_sub(1)
    }
}

/// Takes one turn of all the buckets, and returns how long it is until that turn.
///
/// # Errors
///
/// Returns [`ComeAgainIn`] if that is longer than `longest`; no turn is taken then.
pub fn reserve(
    buckets: &mut [Bucket],
    now: Instant,
    longest: Duration,
) -> Result<Duration, ComeAgainIn> {
    let wait = buckets.iter().map(|bucket| bucket.wait(now)).max().unwrap_or_default();
    if wait > longest {
        return Err(ComeAgainIn(wait));
    }
    for bucket in buckets {
        bucket.take(now + wait);
    }
    Ok(wait)
}

/// The limits of one bot.
#[derive(Debug)]
pub struct BotPace<C> {
    turns: Mutex<Turns<C>>,
}

#[derive(Debug)]
struct Turns<C> {
    bot: [Bucket; 1],
    /// One bucket for a person, two for a group.
    chats: HashMap<C, Vec<Bucket>>,
    /// How fast one chat may be told things.
    chat: Rate,
    /// Telegram wants no `getUpdates` before this.
    polls_from: Instant,
}

impl<C: PacedChat> Default for BotPace<C> {
    fn default() -> Self {
        Self::new()
    }
}

impl<C: PacedChat> BotPace<C> {
    /// Returns the limits of a bot that has said nothing yet.
    pub fn new() -> Self {
        Self::with(BOT, CHAT)
    }

    /// Returns the limits of a bot in a test, which has no time to wait.
    #[cfg(test)]
    pub fn hurried() -> Self {
        let rate = Rate { every: Duration::from_millis(1), burst: 100 };
        Self::with(rate, rate)
    }

    fn with(bot: Rate, chat: Rate) -> Self {
        let now = Instant::now();
        let (bot, chats) = ([Bucket::full(bot, now)], HashMap::new());
        Self { turns: Mutex::new(Turns { bot, chats, chat, polls_from: now }) }
    }

    /// Waits until a poll may be made.
    ///
    /// # Errors
    ///
    /// Returns [`ComeAgainIn`] if that is longer than [`LONGEST_WAIT`].
    pub async fn poll(&self) -> Result<(), ComeAgainIn> {
        let wait = self.lock().polls_from.saturating_duration_since(Instant::now());
        if wait > LONGEST_WAIT {
            return Err(ComeAgainIn(wait));
        }
        sleep(wait).await;
        Ok(())
    }

    /// Waits until a call may be made.
    ///
    /// # Errors
    ///
    /// Returns [`ComeAgainIn`] if that is longer than [`LONGEST_WAIT`].
    pub async fn call(&self) -> Result<(), ComeAgainIn> {
        self.call_within(LONGEST_WAIT).await
    }

    /// Waits until a message may be sent to `chat`.
    ///
    /// The chat's turn comes first and the bot's is taken only then, so that one busy chat does
    /// not hold back the others.
    ///
    /// # Errors
    ///
    /// Returns [`ComeAgainIn`] if its turn is further off than [`LONGEST_WAIT`].
    pub async fn message(&self, chat: &C) -> Result<(), ComeAgainIn> {
        let begun = Instant::now();
        let wait = reserve(self.lock().chat(chat, begun), begun, LONGEST_WAIT)?;
        sleep(wait).await;
        self.call_within(LONGEST_WAIT.saturating_sub(wait)).await
    }

    async fn call_within(&self, longest: Duration) -> Result<(), ComeAgainIn> {
        let wait = reserve(&mut self.lock().bot, Instant::now(), longest)?;
        sleep(wait).await;
        Ok(())
    }

    /// Remembers that Telegram wants no poll for so long.
    pub fn pause_polls(&self, length: Duration) {
        let mut turns = self.lock();
        turns.polls_from = turns.polls_from.max(Instant::now() + length);
    }

    /// Remembers that Telegram wants nothing for so long: in this chat, or if none is named, from
    /// this bot.
    pub fn pause(&self, chat: Option<&C>, length: Duration) {
        let now = Instant::now();
        let mut turns = self.lock();
        let paused = match chat {
            Some(chat) => turns.chat(chat, now),
            None => turns.bot.as_mut_slice(),
        };
        for bucket in paused {
            bucket.pause(now + length);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Turns<C>> {
        self.turns.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<C: PacedChat> Turns<C> {
    fn chat(&mut self, chat: &C, now: Instant) -> &mut [Bucket] {
        if self.chats.len() >= CHATS_KEPT {
            self.chats.retain(|_, buckets| buckets.iter().any(|bucket| bucket.full_at > now));
        }
        let own = self.chat;
        self.chats.entry(chat.clone()).or_insert_with(|| {
            let rates: &[Rate] = if chat.is_person() { &[own] } else { &[own, GROUP] };
            rates.iter().map(|rate| Bucket::full(*rate, now)).collect()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANNA: i64 = 1;
    const BORIS: i64 = 2;
    const GROUP_CHAT: i64 = -5;

    async fn sent_in(pace: &BotPace<i64>, chat: &i64, span: Duration) -> usize {
        let begun = Instant::now();
        let mut sent = 0;
        while begun.elapsed() < span {
            match pace.message(chat).await {
                Ok(()) => sent += 1,
                Err(ComeAgainIn(wait)) => sleep(wait).await,
            }
        }
        sent
    }

    #[tokio::test(start_paused = true)]
    async fn a_chat_gets_a_burst_and_then_one_a_second() {
        let pace = BotPace::new();
        let sent = sent_in(&pace, &ANNA, Duration::from_mins(1)).await;
        assert!((60..=66).contains(&sent), "{sent}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_group_gets_twenty_a_minute() {
        let pace = BotPace::new();
        let sent = sent_in(&pace, &GROUP_CHAT, Duration::from_mins(10)).await;
        assert!((200..=221).contains(&sent), "{sent}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_busy_chat_holds_no_other_back() {
        let pace = BotPace::new();
        let busy =
            async { futures::future::join_all((0..15).map(|_| pace.message(&ANNA))).await.len() };
        let other = async {
            let begun = Instant::now();
            pace.message(&BORIS).await.unwrap();
            begun.elapsed()
        };
        let (_, waited) = tokio::join!(busy, other);
        assert!(waited < Duration::from_secs(1), "{waited:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn who_would_wait_too_long_is_told_when_to_come() {
        let pace = BotPace::new();
        let turns = futures::future::join_all((0..40).map(|_| pace.message(&ANNA))).await;
        let refused: Vec<_> = turns.into_iter().filter_map(Result::err).collect();
        assert_eq!(refused.len(), 40 - 15);
        assert!(refused.iter().all(|ComeAgainIn(wait)| *wait > LONGEST_WAIT));
        assert!(refused.iter().all(|ComeAgainIn(wait)| *wait <= LONGEST_WAIT * 2));
    }

    #[tokio::test(start_paused = true)]
    async fn a_bot_sends_thirty_a_second() {
        let pace = BotPace::new();
        let chats: Vec<i64> = (1..=200).collect();
        let begun = Instant::now();
        let turns = futures::future::join_all(chats.iter().map(|chat| pace.message(chat))).await;
        assert!(turns.iter().all(Result::is_ok));
        let took = begun.elapsed();
        assert!((Duration::from_secs(5)..Duration::from_secs(7)).contains(&took), "{took:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_is_kept() {
        let pace = BotPace::new();
        pace.pause(Some(&ANNA), Duration::from_secs(30));
        assert_eq!(pace.message(&ANNA).await, Err(ComeAgainIn(Duration::from_secs(30))));
        assert_eq!(pace.message(&BORIS).await, Ok(()));
        pace.pause(None, Duration::from_secs(5));
        let begun = Instant::now();
        pace.message(&BORIS).await.unwrap();
        assert!(begun.elapsed() >= Duration::from_secs(5));
        pace.pause_polls(Duration::from_secs(11));
        assert_eq!(pace.poll().await, Err(ComeAgainIn(Duration::from_secs(11))));
    }

    #[tokio::test(start_paused = true)]
    async fn quiet_chats_are_forgotten() {
        let pace = BotPace::new();
        for id in 1..5000 {
            pace.message(&id).await.unwrap();
            assert!(pace.lock().chats.len() <= CHATS_KEPT);
        }
    }
}
