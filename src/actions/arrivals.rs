//! News of updates: who waits for a bot's updates hears when some are kept, and how they come.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{mpsc, watch};

use crate::domain::ids::BotId;

/// How a bot's updates come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Standing {
    /// It is being seen to.
    #[default]
    Unknown,
    /// They may be asked for: no webhook of ours is set.
    Asked,
    /// Telegram brings them.
    Brought,
    /// Telegram was to bring them, and cannot be reached or refuses to.
    Troubled,
    /// The token is not valid.
    Refused,
}

/// New updates of a bot, by number and chat.
pub type Fresh = mpsc::UnboundedReceiver<Vec<(i64, i64)>>;

/// Tells of updates that have been kept; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Arrivals(Arc<Mutex<HashMap<BotId, Post>>>);

/// What is known of one bot.
#[derive(Debug, Default)]
struct Post {
    listeners: Vec<mpsc::UnboundedSender<Vec<(i64, i64)>>>,
    standing: watch::Sender<Standing>,
}

impl Arrivals {
    /// Hears of each update of this bot that is kept from now on.
    pub fn listen(&self, bot: BotId) -> Fresh {
        let (sender, receiver) = mpsc::unbounded_channel();
        let mut posts = self.lock();
        let post = posts.entry(bot).or_default();
        post.listeners.retain(|listener| !listener.is_closed());
        post.listeners.push(sender);
        receiver
    }

    /// Tells of updates that have just been kept; of none, to have whoever waits look again.
    pub fn tell(&self, bot: BotId, fresh: &[(i64, i64)]) {
        if let Some(post) = self.lock().get_mut(&bot) {
            post.listeners.retain(|listener| listener.send(fresh.to_vec()).is_ok());
        }
    }

    /// Returns how the bot's updates come, now and later.
    pub fn standing(&self, bot: BotId) -> watch::Receiver<Standing> {
        self.lock().entry(bot).or_default().standing.subscribe()
    }

    /// Says how the bot's updates come; a change is heard once.
    pub fn stand(&self, bot: BotId, standing: Standing) {
        let mut posts = self.lock();
        let change = |now: &mut Standing| std::mem::replace(now, standing) != standing;
        posts.entry(bot).or_default().standing.send_if_modified(change);
    }

    /// Forgets a bot that is nobody's any more.
    pub fn forget(&self, bot: BotId) {
        self.lock().remove(&bot);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<BotId, Post>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
