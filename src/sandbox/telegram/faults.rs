//! Ways to make the service fail, by script or at random.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How one call goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The connection is cut and nothing is done.
    CutBefore,
    /// The call takes effect, and the connection is cut in place of the answer.
    CutAfter,
    /// Nothing is done, and this status is the answer, in the form of any refusal.
    Status(u16),
    /// Nothing is done, and the answer is a proxy's page with this status, which is not JSON.
    Page(u16),
    /// The call is handled after this long.
    Slow(Duration),
    /// Nothing is done: too many requests, to be repeated after so many seconds.
    RetryAfter(u32),
}

/// How the delivery of one update goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UpdateFault {
    /// It comes again after it has been confirmed.
    Twice,
    /// It, and all after it, come this much later, in real time.
    Late(Duration),
}

/// The faults that a test or a chaos run has ordered; none at first.
#[derive(Debug, Default)]
pub struct Faults(Mutex<Orders>);

#[derive(Debug, Default)]
struct Orders {
    once: VecDeque<(String, Fault)>,
    always: Vec<(String, Fault)>,
    outage: Option<Fault>,
    random: Vec<Random>,
    update_once: VecDeque<UpdateFault>,
    update_random: Option<Random>,
}

/// Faults of a few kinds that strike some methods by chance.
#[derive(Debug)]
struct Random {
    pattern: String,
    probability: f64,
    mix: Vec<Fault>,
    dice: Dice,
}

impl Faults {
    /// The mix of [`Faults::random`].
    pub const MIX: [Fault; 7] = [
        Fault::CutBefore,
        Fault::CutAfter,
        Fault::Status(500),
        Fault::Status(502),
        Fault::Page(502),
        Fault::Slow(Duration::from_millis(50)),
        Fault::RetryAfter(1),
    ];

    /// How late an update may come that is late by chance.
    pub const LATE: Duration = Duration::from_millis(200);

    /// Makes the next call of `method` fail; calls in a row consume the orders in turn.
    ///
    /// `method` may end in `*`, and case does not matter.
    pub fn once(&self, method: &str, fault: Fault) {
        self.orders().once.push_back((method.to_owned(), fault));
    }

    /// Makes every call of `method` fail until [`Faults::clear`].
    pub fn always(&self, method: &str, fault: Fault) {
        self.orders().always.push((method.to_owned(), fault));
    }

    /// Makes every call of any method fail until `None` is set; other orders stay.
    pub fn outage(&self, fault: Option<Fault>) {
        self.orders().outage = fault;
    }

    /// Makes calls of all methods fail with `probability`, in all ways of [`Faults::MIX`].
    ///
    /// The same seed and the same order of calls give the same faults.
    pub fn random(&self, seed: u64, probability: f64) {
        self.random_of("*", &Self::MIX, seed, probability);
    }

    /// Makes calls of `method` fail with `probability`, in the ways of `mix`.
    ///
    /// A [`Fault::Slow`] is then at most as slow as it says.
    pub fn random_of(&self, method: &str, mix: &[Fault], seed: u64, probability: f64) {
        let random = Random::new(method, mix, seed, probability);
        self.orders().random.push(random);
    }

    /// Makes the next update to any bot go wrong.
    pub fn once_update(&self, fault: UpdateFault) {
        self.orders().update_once.push_back(fault);
    }

    /// Makes updates come twice, or up to [`Faults::LATE`] late, with `probability`.
    pub fn random_updates(&self, seed: u64, probability: f64) {
        self.orders().update_random = Some(Random::new("*", &[], seed, probability));
    }

    /// Takes all orders back.
    pub fn clear(&self) {
        *self.orders() = Orders::default();
    }

    /// Returns what goes wrong with a call of `method` that begins now.
    pub(super) fn strike(&self, method: &str) -> Option<Fault> {
        let mut orders = self.orders();
        if let Some(at) = orders.once.iter().position(|(pattern, _)| matches(pattern, method)) {
            return orders.once.remove(at).map(|(_, fault)| fault);
        }
        if orders.outage.is_some() {
            return orders.outage;
        }
        let always = orders.always.iter().find(|(pattern, _)| matches(pattern, method));
        if let Some((_, fault)) = always {
            return Some(*fault);
        }
        let mut random = orders.random.iter_mut().filter(|rule| matches(&rule.pattern, method));
        random.find_map(Random::roll)
    }

    /// Returns what goes wrong with an update that is made now.
    pub(super) fn strike_update(&self) -> Option<UpdateFault> {
        let mut orders = self.orders();
        if let Some(fault) = orders.update_once.pop_front() {
            return Some(fault);
        }
        let random = orders.update_random.as_mut()?;
        if random.dice.fraction() >= random.probability {
            return None;
        }
        let late = Self::LATE.mul_f64(random.dice.fraction());
        Some(if random.dice.next() % 2 == 0 { UpdateFault::Twice } else { UpdateFault::Late(late) })
    }

    fn orders(&self) -> MutexGuard<'_, Orders> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Random {
    fn new(method: &str, mix: &[Fault], seed: u64, probability: f64) -> Self {
        Self { pattern: method.to_owned(), probability, mix: mix.to_vec(), dice: Dice(seed) }
    }

    fn roll(&mut self) -> Option<Fault> {
        if self.dice.fraction() >= self.probability || self.mix.is_empty() {
            return None;
        }
        let kinds = u64::try_from(self.mix.len()).unwrap_or(u64::MAX);
        let kind = usize::try_from(self.dice.next() % kinds).unwrap_or(0);
        match self.mix.get(kind).copied() {
            Some(Fault::Slow(most)) => Some(Fault::Slow(most.mul_f64(self.dice.fraction()))),
            other => other,
        }
    }
}

fn matches(pattern: &str, method: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => {
            method.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start))
        }
        None => method.eq_ignore_ascii_case(pattern),
    }
}

/// A small generator (`SplitMix64`) whose numbers follow from its seed.
#[derive(Debug)]
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    /// Returns a number from 0 to 1, without 1.
    fn fraction(&mut self) -> f64 {
        let top = u32::try_from(self.next() >> 32).unwrap_or(u32::MAX);
        f64::from(top) / (f64::from(u32::MAX) + 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_consumed_in_turn() {
        let faults = Faults::default();
        faults.once("sendMessage", Fault::CutBefore);
        faults.once("send*", Fault::Status(502));
        assert_eq!(faults.strike("GetMe"), None);
        assert_eq!(faults.strike("SendMessage"), Some(Fault::CutBefore));
        assert_eq!(faults.strike("sendMessage"), Some(Fault::Status(502)));
        assert_eq!(faults.strike("sendMessage"), None);
    }

    #[test]
    fn an_outage_strikes_all_and_leaves_the_rest() {
        let faults = Faults::default();
        faults.always("getMe", Fault::Status(500));
        faults.outage(Some(Fault::CutBefore));
        assert_eq!(faults.strike("sendMessage"), Some(Fault::CutBefore));
        faults.outage(None);
        assert_eq!(faults.strike("sendMessage"), None);
        assert_eq!(faults.strike("getMe"), Some(Fault::Status(500)));
    }

    #[test]
    fn a_seed_decides_all() {
        let run = || {
            let faults = Faults::default();
            faults.random(7, 0.3);
            (0..1000).map(|_| faults.strike("getMe")).collect::<Vec<_>>()
        };
        let first = run();
        let struck = first.iter().flatten().count();
        assert!((200..400).contains(&struck), "{struck} of 1000");
        assert_eq!(first, run());
    }

    #[test]
    fn updates_come_twice_or_late_by_chance() {
        let faults = Faults::default();
        faults.random_updates(7, 0.5);
        let struck: Vec<_> = (0..200).filter_map(|_| faults.strike_update()).collect();
        let twice = struck.iter().filter(|fault| **fault == UpdateFault::Twice).count();
        assert!((70..130).contains(&struck.len()), "{} of 200", struck.len());
        assert!((20..80).contains(&twice), "{twice} of {}", struck.len());
        faults.clear();
        assert_eq!(faults.strike_update(), None);
    }
}
