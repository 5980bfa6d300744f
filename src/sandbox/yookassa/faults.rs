//! How the shop fails: on demand, or at random from a seed.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::SignedDuration;

/// A call of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CallKind {
    /// `POST /payments`.
    CreatePayment,
    /// `GET /payments/{id}`.
    ReadPayment,
    /// `GET /payments`.
    ListPayments,
    /// `POST /payments/{id}/capture`.
    CapturePayment,
    /// `POST /payments/{id}/cancel`.
    CancelPayment,
    /// `POST /refunds`.
    CreateRefund,
    /// `GET /refunds/{id}`.
    ReadRefund,
    /// `GET /refunds`.
    ListRefunds,
    /// `GET /me`.
    Me,
}

/// How a call fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The connection is cut and nothing has happened.
    CutBefore,
    /// What was asked for has happened, and the connection is cut before the answer.
    CutAfter,
    /// The answer is 500 and nothing has happened.
    FailBefore,
    /// What was asked for has happened, and the answer is 500.
    FailAfter,
    /// The answer is right and comes after this real time.
    Slow(Duration),
    /// The answer is 202: it may be asked for again after so many milliseconds.
    Processing {
        /// The answer's `retry_after`.
        retry_after_ms: Option<u64>,
    },
    /// The answer is 429: it may be asked for again after so many milliseconds.
    TooMany {
        /// The answer's `retry_after`.
        retry_after_ms: Option<u64>,
    },
}

/// How a notification fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeFault {
    /// It is never sent.
    Lose,
    /// It is sent twice.
    Duplicate,
    /// It is sent so much later by the shop's clock.
    Late(SignedDuration),
    /// It is sent after the next one.
    AfterNext,
    /// A `payment.waiting_for_capture` of the same payment follows it.
    Stale,
}

/// How often things fail at random, in thousandths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rates {
    /// [`Fault::CutBefore`].
    pub cut_before: u16,
    /// [`Fault::CutAfter`].
    pub cut_after: u16,
    /// [`Fault::FailBefore`].
    pub fail_before: u16,
    /// [`Fault::FailAfter`].
    pub fail_after: u16,
    /// [`Fault::Slow`], 100 ms.
    pub slow: u16,
    /// [`Fault::Processing`], 10 ms.
    pub processing: u16,
    /// [`Fault::TooMany`], 10 ms.
    pub too_many: u16,
    /// [`NoticeFault::Lose`].
    pub notice_lost: u16,
    /// [`NoticeFault::Duplicate`].
    pub notice_twice: u16,
    /// [`NoticeFault::Late`], a minute.
    pub notice_late: u16,
    /// [`NoticeFault::AfterNext`].
    pub notice_after_next: u16,
    /// [`NoticeFault::Stale`].
    pub notice_stale: u16,
}

/// What will fail, and how.
#[derive(Debug, Default)]
pub struct Faults(Mutex<Plan>);

#[derive(Debug, Default)]
struct Plan {
    once: VecDeque<(CallKind, Fault)>,
    outage: Option<Fault>,
    notices: VecDeque<NoticeFault>,
    random: Option<(Random, Rates)>,
}

impl Faults {
    /// Makes the next call of this kind fail, after those that were already told to.
    pub fn once(&self, call: CallKind, fault: Fault) {
        self.plan(|plan| plan.once.push_back((call, fault)));
    }

    /// Makes every call fail until `None` is set.
    pub fn outage(&self, fault: Option<Fault>) {
        self.plan(|plan| plan.outage = fault);
    }

    /// Makes the next notification fail, after those that were already told to.
    pub fn notice_once(&self, fault: NoticeFault) {
        self.plan(|plan| plan.notices.push_back(fault));
    }

    /// Returns how many notifications are still to fail as they were told to.
    pub fn notices_ordered(&self) -> usize {
        self.plan(|plan| plan.notices.len())
    }

    /// Makes things fail at random; equal seeds and equal calls fail equally.
    pub fn random(&self, seed: u64, rates: Rates) {
        self.plan(|plan| plan.random = Some((Random(seed), rates)));
    }

    /// Ends all failing.
    pub fn clear(&self) {
        self.plan(|plan| *plan = Plan::default());
    }

    /// Returns how the call that arrives now fails.
    pub(super) fn of_call(&self, call: CallKind) -> Option<Fault> {
        self.plan(|plan| {
            if let Some(place) = plan.once.iter().position(|(kind, _)| *kind == call) {
                return plan.once.remove(place).map(|(_, fault)| fault);
            }
            plan.outage
                .or_else(|| plan.random.as_mut().and_then(|(random, rates)| random.call(rates)))
        })
    }

    /// Returns how the notification that is sent now fails.
    pub(super) fn of_notice(&self) -> Option<NoticeFault> {
        self.plan(|plan| {
            plan.notices
                .pop_front()
                .or_else(|| plan.random.as_mut().and_then(|(random, rates)| random.notice(rates)))
        })
    }

    fn plan<T>(&self, work: impl FnOnce(&mut Plan) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// splitmix64: small, and the same on every machine.
#[derive(Debug)]
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn one_of<T: Copy>(&mut self, choices: &[(u16, T)]) -> Option<T> {
        let mut left = self.next() % 1_000;
        for (rate, choice) in choices {
            match left.checked_sub(u64::from(*rate)) {
                Some(rest) => left = rest,
                None => return Some(*choice),
            }
        }
        None
    }

    fn call(&mut self, rates: &Rates) -> Option<Fault> {
        self.one_of(&[
            (rates.cut_before, Fault::CutBefore),
            (rates.cut_after, Fault::CutAfter),
            (rates.fail_before, Fault::FailBefore),
            (rates.fail_after, Fault::FailAfter),
            (rates.slow, Fault::Slow(Duration::from_millis(100))),
            (rates.processing, Fault::Processing { retry_after_ms: Some(10) }),
            (rates.too_many, Fault::TooMany { retry_after_ms: Some(10) }),
        ])
    }

    fn notice(&mut self, rates: &Rates) -> Option<NoticeFault> {
        self.one_of(&[
            (rates.notice_lost, NoticeFault::Lose),
            (rates.notice_twice, NoticeFault::Duplicate),
            (rates.notice_late, NoticeFault::Late(SignedDuration::from_mins(1))),
            (rates.notice_after_next, NoticeFault::AfterNext),
            (rates.notice_stale, NoticeFault::Stale),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scripted_fault_strikes_its_call_once() {
        let faults = Faults::default();
        faults.once(CallKind::CreatePayment, Fault::CutAfter);
        faults.outage(Some(Fault::FailBefore));
        assert_eq!(faults.of_call(CallKind::Me), Some(Fault::FailBefore));
        assert_eq!(faults.of_call(CallKind::CreatePayment), Some(Fault::CutAfter));
        assert_eq!(faults.of_call(CallKind::CreatePayment), Some(Fault::FailBefore));
        faults.clear();
        assert_eq!(faults.of_call(CallKind::CreatePayment), None);
    }

    #[test]
    fn equal_seeds_fail_equally_and_about_as_often_as_told() {
        let play = || {
            let faults = Faults::default();
            faults.random(7, Rates { cut_after: 100, notice_lost: 500, ..Rates::default() });
            let calls: Vec<_> = (0..10_000).map(|_| faults.of_call(CallKind::Me)).collect();
            (calls, (0..100).map(|_| faults.of_notice()).collect::<Vec<_>>())
        };
        assert_eq!(play(), play());
        let struck = play().0.iter().flatten().count();
        assert!((800..1_200).contains(&struck), "{struck}");
    }
}
