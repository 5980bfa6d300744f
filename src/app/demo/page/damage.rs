//! What a visitor has broken, and whether it has healed.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::processes::Running;
use crate::sandbox::telegram::{Fault as TelegramFault, FloodLimits, Rate, TelegramSim};
use crate::sandbox::yookassa::{Fault as ShopFault, NoticeFault, YooKassaSim};

/// So few messages pass that everything has to wait its turn.
const STRICT: FloodLimits = FloodLimits {
    per_chat: Some(Rate { per_second: 0.5, burst: 1 }),
    per_bot: Some(Rate { per_second: 1.0, burst: 2 }),
};

/// Breaks the world outside, and remembers what is broken.
pub(super) struct Damage {
    telegram: TelegramSim,
    shop: YooKassaSim,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    outside: Outside,
    kills: BTreeMap<String, Kill>,
    ever: bool,
}

/// What is wrong outside, for as long as it is not put right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Outside {
    pub(super) telegram_down: bool,
    pub(super) shop_down: bool,
    /// Telegram's limits are very strict.
    pub(super) strict: bool,
}

/// A process that was killed, and the one that has come in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kill {
    pub(super) was: i32,
    pub(super) now: Option<i32>,
}

/// What is broken at the moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Broken {
    pub(super) outside: Outside,
    /// How many of the next notifications will be lost.
    pub(super) notices_ahead: usize,
    pub(super) kills: BTreeMap<String, Kill>,
    /// Whether anything was ever broken.
    pub(super) ever: bool,
}

impl Broken {
    /// Tells whether something was broken and all of it works again.
    pub(super) fn healed(&self) -> bool {
        let outside = self.outside == Outside::default();
        let processes = self.kills.values().all(|kill| kill.now.is_some());
        self.ever && outside && self.notices_ahead == 0 && processes
    }
}

impl Damage {
    pub(super) fn new(telegram: &TelegramSim, shop: &YooKassaSim) -> Self {
        Self { telegram: telegram.clone(), shop: shop.clone(), state: Mutex::default() }
    }

    /// Cuts every call to Telegram, or none any more.
    pub(super) fn telegram(&self, down: bool) {
        self.telegram.faults().outage(down.then_some(TelegramFault::CutBefore));
        let mut state = self.lock();
        (state.outside.telegram_down, state.ever) = (down, true);
    }

    /// Cuts every call to the shop, or none any more.
    pub(super) fn shop(&self, down: bool) {
        self.shop.faults().outage(down.then_some(ShopFault::CutBefore));
        let mut state = self.lock();
        (state.outside.shop_down, state.ever) = (down, true);
    }

    /// Makes Telegram's limits very strict, or usual again.
    pub(super) fn strict(&self, strict: bool) {
        self.telegram.set_flood_limits(if strict { STRICT } else { FloodLimits::default() });
        let mut state = self.lock();
        (state.outside.strict, state.ever) = (strict, true);
    }

    /// Has the shop's next notification lost on its way.
    pub(super) fn lose_a_notice(&self) {
        self.shop.faults().notice_once(NoticeFault::Lose);
        let mut state = self.lock();
        state.ever = true;
    }

    /// Remembers that a process was killed.
    pub(super) fn killed(&self, client: &str, pid: i32) {
        let mut state = self.lock();
        state.ever = true;
        state.kills.insert(client.to_owned(), Kill { was: pid, now: None });
    }

    /// Compares the processes that were killed with those that run.
    pub(super) fn compare(&self, running: &Running) {
        for (client, kill) in &mut self.lock().kills {
            kill.now = running.get(client).copied().filter(|pid| *pid != kill.was);
        }
    }

    /// Returns what is broken at the moment.
    pub(super) fn look(&self) -> Broken {
        let notices_ahead = self.shop.faults().notices_ordered();
        let state = self.lock();
        Broken {
            outside: state.outside,
            notices_ahead,
            kills: state.kills.clone(),
            ever: state.ever,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
