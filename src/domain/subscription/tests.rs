//! The machine under all events in any order and any clock; and its picture, held to the code.

mod picture;

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

const DAY: SignedDuration = SignedDuration::from_hours(24);

pub(super) fn at(day: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + day * 86_400).unwrap()
}

pub(super) fn terms() -> Terms {
    let warn_days = [7, 3, 1].map(|days| Days::new(days).unwrap()).to_vec();
    Terms { grace: DAY * 3, retention: DAY * 90, warn_days }
}

fn after(state: Subscription, event: Event, day: i64) -> Subscription {
    turn(Some(state), Told::default(), event, at(day), &terms()).unwrap().after.unwrap()
}

fn effects(state: Subscription, event: Event, day: i64) -> Vec<Effect> {
    turn(Some(state), Told::default(), event, at(day), &terms()).unwrap().effects
}

fn refused(state: Subscription, event: Event, day: i64) -> Refusal {
    turn(Some(state), Told::default(), event, at(day), &terms()).unwrap_err()
}

#[test]
fn a_life_from_trial_to_archive_and_back() {
    let born = turn(None, Told::default(), Event::TrialBegins(DAY * 7), at(0), &terms()).unwrap();
    assert_eq!(born.effects, [Effect::StartBot]);
    let trial = born.after.unwrap();
    assert_eq!(trial, Subscription::Trial { until: at(7) });
    let paused = after(trial, Event::TimePasses, 8);
    assert_eq!(effects(trial, Event::TimePasses, 8), [Effect::PauseBot, Effect::TellOwner]);
    let active = after(paused, Event::Paid(DAY * 30), 10);
    assert_eq!(active, Subscription::Active { paid_until: at(40) });
    assert_eq!(after(active, Event::TimePasses, 40).name(), "grace");
    assert_eq!(after(active, Event::TimePasses, 42).service(), Service::Full);
    let paused = after(active, Event::TimePasses, 43);
    assert_eq!(paused.service(), Service::Paused);
    assert_eq!(after(paused, Event::TimePasses, 132).name(), "suspended");
    let archived = after(paused, Event::TimePasses, 133);
    assert_eq!(archived.name(), "archived");
    assert_eq!(effects(paused, Event::TimePasses, 133), [Effect::StopBot, Effect::Archive]);
    assert_eq!(effects(archived, Event::Paid(DAY), 200), [Effect::StartBot]);
    assert_eq!(after(archived, Event::Paid(DAY), 200).granted_until(), Some(at(201)));
}

/// D-023: a cancelled client became active on any extension, by accident. Here each way out of a
/// cancellation is a rule: a payment, an operator's word, or taking it back.
#[test]
fn d_023_a_cancellation_ends_only_by_rule() {
    let active = Subscription::Active { paid_until: at(100) };
    let cancelled = after(active, Event::Cancelled, 10);
    assert_eq!(effects(active, Event::Cancelled, 10), [Effect::StopBot, Effect::TellOwner]);
    assert_eq!(after(cancelled, Event::TimePasses, 99), cancelled);
    assert_eq!(refused(cancelled, Event::Paused, 11), Refusal::NothingToRun);
    assert_eq!(after(cancelled, Event::CancellationUndone, 50), active);
    assert_eq!(refused(cancelled, Event::CancellationUndone, 104), Refusal::NothingToRun);
    assert_eq!(after(cancelled, Event::Paid(DAY * 30), 50).granted_until(), Some(at(130)));
    assert_eq!(after(cancelled, Event::TimePasses, 100).name(), "archived");
    let expired = Subscription::Active { paid_until: at(5) };
    let cancelled = after(expired, Event::Cancelled, 10);
    assert_eq!(refused(cancelled, Event::CancellationUndone, 11), Refusal::NothingPaid);
}

/// An owner cannot lift an operator's pause by giving up and thinking better of it.
#[test]
fn an_operators_pause_outlives_a_cancellation() {
    let paused = after(Subscription::Active { paid_until: at(50) }, Event::Paused, 10);
    let cancelled = after(paused, Event::Cancelled, 20);
    assert_eq!(after(cancelled, Event::CancellationUndone, 21), paused);
    assert_eq!(after(cancelled, Event::Resumed, 21).name(), "active");
}

#[test]
fn a_removal_waits_for_nobody_but_a_payment() {
    let active = Subscription::Active { paid_until: at(100) };
    assert_eq!(refused(active, Event::RemovalAsked(Force::No), 10), Refusal::StillServes);
    let doomed = after(active, Event::RemovalAsked(Force::Yes), 10);
    assert_eq!(doomed.granted_until(), None);
    assert_eq!(after(doomed, Event::TimePasses, 1000), doomed);
    let gone = turn(Some(doomed), Told::default(), Event::Removed, at(11), &terms()).unwrap();
    assert_eq!((gone.after, gone.effects), (None, vec![Effect::Forget]));
    let back = after(doomed, Event::Paid(DAY * 30), 11);
    assert_eq!(back.granted_until(), Some(at(130)));
    assert_eq!(refused(back, Event::Removed, 12), Refusal::CameBack);
}

#[test]
fn a_refund_takes_back_no_more_than_is_left() {
    let active = Subscription::Active { paid_until: at(20) };
    assert_eq!(after(active, Event::Refunded(DAY * 5), 1).granted_until(), Some(at(15)));
    assert_eq!(
        after(active, Event::Refunded(DAY * 30), 1),
        Subscription::Grace { paid_until: at(1) }
    );
    assert_eq!(after(active, Event::Refunded(DAY * 30), 25).granted_until(), Some(at(20)));
    let trial = Subscription::Trial { until: at(7) };
    assert_eq!(after(trial, Event::Refunded(DAY * 5), 1), trial);
}

/// D-142: warnings were repeated on each hourly round.
#[test]
fn d_142_each_threshold_is_told_once_and_only_the_nearest() {
    let (state, mut told) = (Subscription::Active { paid_until: at(30) }, Told::default());
    let mut heard = Vec::new();
    for hour in 0..(40 * 24) {
        let now = at(0) + SignedDuration::from_hours(hour);
        let turn = turn(Some(state), told, Event::TimePasses, now, &terms()).unwrap();
        told = turn.told;
        if turn.effects.contains(&Effect::TellOwner) {
            heard.push(hour / 24);
        }
    }
    assert_eq!(heard, [23, 27, 29, 30, 33]);
    // The process was down from day 5 to day 29: one warning, and it is the nearest.
    let after_sleep =
        turn(Some(state), Told::default(), Event::TimePasses, at(29), &terms()).unwrap();
    assert_eq!(after_sleep.effects, [Effect::TellOwner]);
    let nearest = Mark { at: at(30), stage: Stage::Before(Days::new(1).unwrap()) };
    assert_eq!(after_sleep.told.end, Some(nearest));
    // The clock goes back: what was said stays said.
    let back = turn(Some(state), after_sleep.told, Event::TimePasses, at(24), &terms()).unwrap();
    assert_eq!(back.effects, []);
}

#[test]
fn a_new_period_is_warned_of_anew_and_a_short_one_is_known() {
    let active = Subscription::Active { paid_until: at(30) };
    let told =
        turn(Some(active), Told::default(), Event::TimePasses, at(29), &terms()).unwrap().told;
    let paid = turn(Some(active), told, Event::Paid(DAY * 30), at(29), &terms()).unwrap();
    let warned = turn(paid.after, paid.told, Event::TimePasses, at(59), &terms()).unwrap();
    assert_eq!(warned.effects, [Effect::TellOwner]);
    // Who buys two days knows that they are two; of the last one he is told.
    let short = turn(None, Told::default(), Event::Paid(DAY * 2), at(0), &terms()).unwrap();
    let soon = turn(short.after, short.told, Event::TimePasses, at(0), &terms()).unwrap();
    assert_eq!(soon.effects, []);
    let last = turn(soon.after, soon.told, Event::TimePasses, at(1), &terms()).unwrap();
    assert_eq!(last.effects, [Effect::TellOwner]);
    // A refund moves the end nearer: that is another end.
    let cut = turn(warned.after, warned.told, Event::Refunded(DAY * 20), at(36), &terms()).unwrap();
    let warned = turn(cut.after, cut.told, Event::TimePasses, at(37), &terms()).unwrap();
    assert_eq!(warned.effects, [Effect::TellOwner]);
}

#[test]
fn the_owner_is_warned_before_the_data_leaves_its_place() {
    let (state, mut told) = (Subscription::Active { paid_until: at(0) }, Told::default());
    let mut heard = Vec::new();
    for day in 0..100 {
        let turn = turn(Some(state), told, Event::TimePasses, at(day), &terms()).unwrap();
        told = turn.told;
        heard.extend(turn.effects.contains(&Effect::WarnOfArchive).then_some(day));
    }
    assert_eq!(heard, [86, 92]);
    assert!(told.hear_of_archive(at(93)));
    assert!(!told.hear_of_archive(at(93)));
}

/// A clock that was a year ahead does no lasting harm to who has paid.
#[test]
fn who_has_time_left_comes_back_when_a_wrong_clock_is_set_right() {
    let active = Subscription::Active { paid_until: at(20) };
    let archived = after(active, Event::TimePasses, 365);
    assert_eq!(archived.name(), "archived");
    assert_eq!(after(archived, Event::TimePasses, 1), active);
    assert_eq!(effects(archived, Event::TimePasses, 1), [Effect::StartBot]);
    assert_eq!(after(archived, Event::TimePasses, 60), archived);
}

fn any_day() -> impl Strategy<Value = i64> {
    0i64..300
}

fn any_length() -> impl Strategy<Value = SignedDuration> {
    (1i32..400).prop_map(|days| DAY * days)
}

fn any_granted() -> impl Strategy<Value = Granted> {
    (any_day(), any::<bool>()).prop_map(|(day, trial)| {
        let kind = if trial { GrantKind::Trial } else { GrantKind::Paid };
        Granted { until: at(day), kind }
    })
}

fn any_event() -> impl Strategy<Value = Event> {
    prop_oneof![
        any_length().prop_map(Event::TrialBegins),
        any_length().prop_map(Event::Paid),
        any_length().prop_map(Event::Refunded),
        any_granted().prop_map(Event::GiftUndone),
        Just(Event::TimePasses),
        Just(Event::Paused),
        Just(Event::Resumed),
        Just(Event::Cancelled),
        Just(Event::CancellationUndone),
        Just(Event::RemovalAsked(Force::No)),
        Just(Event::RemovalAsked(Force::Yes)),
        Just(Event::Removed),
    ]
}

/// Any state that can be, also ones that a clock in disorder has left.
fn any_state() -> impl Strategy<Value = Subscription> {
    (any_day(), any_day(), any::<bool>(), any::<bool>(), 0..6).prop_map(
        |(a, b, trial, hand, kind)| {
            let grant = if trial { GrantKind::Trial } else { GrantKind::Paid };
            let granted = Granted { until: at(a), kind: grant };
            let before = if hand { Before::PausedSince(at(0)) } else { Before::Free };
            match kind {
                0 => Subscription::Trial { until: at(a) },
                1 => Subscription::Active { paid_until: at(a) },
                2 => Subscription::Grace { paid_until: at(a) },
                3 => {
                    let by = if hand { SuspendedBy::Operator } else { SuspendedBy::Expiry };
                    Subscription::Suspended { granted, since: at(b), by }
                }
                4 => {
                    let data = if trial { Fate::Kept } else { Fate::Doomed };
                    Subscription::Cancelled { granted, since: at(b), before, data }
                }
                _ => {
                    let by = if hand { ArchivedBy::Person } else { ArchivedBy::Time };
                    Subscription::Archived { granted, since: at(a) + DAY * 93, by }
                }
            }
        },
    )
}

proptest! {
    /// D-001, D-003: time is granted once and exactly; nothing but a refund, or the undoing of a
    /// gift, takes it away.
    #[test]
    fn time_is_never_lost_and_never_counted_twice(
        start in any_state(),
        steps in prop::collection::vec((any_event(), any_day()), 1..30),
    ) {
        let (mut state, mut told) = (start, Told::default());
        for (event, day) in steps {
            let (before, now) = (state.granted().until, at(day));
            let Ok(turn) = turn(Some(state), told, event, now, &terms()) else { continue };
            let Some(after) = turn.after else { break };
            let until = after.granted().until;
            match event {
                Event::Paid(length) => prop_assert_eq!(until, before.max(now) + length),
                Event::Refunded(length) => {
                    prop_assert!(until <= before && until >= before - length);
                    prop_assert!(until >= now.min(before));
                }
                Event::GiftUndone(granted) => prop_assert_eq!(until, before.min(granted.until)),
                Event::TrialBegins(_) | Event::TimePasses | Event::Paused | Event::Resumed
                | Event::Cancelled | Event::CancellationUndone | Event::RemovalAsked(_)
                | Event::Removed => prop_assert_eq!(until, before),
            }
            (state, told) = (after, turn.told);
        }
    }

    /// D-022: the renewal of a suspended client did not bring its bot back.
    #[test]
    fn d_022_a_payment_brings_the_bot_back_from_every_state(
        state in any_state(), length in any_length(), day in any_day(),
    ) {
        let paid = turn(Some(state), Told::default(), Event::Paid(length), at(day), &terms()).unwrap();
        let after = paid.after.unwrap();
        prop_assert_eq!(after.service(), Service::Full);
        prop_assert!(after.granted_until().unwrap() >= at(day) + length);
        prop_assert!(paid.effects.contains(&Effect::StartBot));
    }

    /// A trial is a trial again, days of grace are not given anew, and what was over is over.
    #[test]
    fn a_gift_that_is_taken_back_has_never_been(
        state in any_state(), length in any_length(), day in any_day(), later in 0i64..2,
    ) {
        let hands_off = matches!(state, Subscription::Trial { .. } | Subscription::Active { .. }
            | Subscription::Grace { .. } | Subscription::Suspended { by: SuspendedBy::Expiry, .. });
        prop_assume!(hands_off);
        let given = after(state, Event::Paid(length), day);
        let undone = after(given, Event::GiftUndone(state.granted()), day + later);
        prop_assert_eq!(undone, state.at(at(day + later), &terms()));
    }

    #[test]
    fn time_passes_the_same_in_one_step_or_many(
        state in any_state(), mut days in prop::collection::vec(any_day(), 1..8),
    ) {
        days.sort_unstable();
        if let Subscription::Archived { since, by: ArchivedBy::Time, .. } = state {
            prop_assume!(at(days[0]) >= since); // Else the clock has gone back.
        }
        let stepped = days.iter().fold(state, |state, day| state.at(at(*day), &terms()));
        prop_assert_eq!(stepped, state.at(at(*days.last().unwrap()), &terms()));
    }

    /// However the clock wandered, what no person has touched follows from the time that is left.
    #[test]
    fn a_clock_that_goes_back_takes_nothing(
        until in any_day(), trial in any::<bool>(), days in prop::collection::vec(any_day(), 1..8),
    ) {
        let born = if trial {
            Subscription::Trial { until: at(until) }
        } else {
            Subscription::Active { paid_until: at(until) }
        };
        let wandered = days.iter().fold(born, |state, day| state.at(at(*day), &terms()));
        let direct = born.at(at(*days.last().unwrap()), &terms());
        prop_assert_eq!(wandered.service() == Service::Full, direct.service() == Service::Full);
        if wandered.service() == Service::Full {
            prop_assert_eq!(wandered, direct);
        }
    }

    #[test]
    fn nothing_is_archived_before_its_time(
        start in any_state(), steps in prop::collection::vec((any_event(), any_day()), 1..30),
    ) {
        let (mut state, mut told) = (start, Told::default());
        for (event, day) in steps {
            let Ok(turn) = turn(Some(state), told, event, at(day), &terms()) else { continue };
            let Some(after) = turn.after else { break };
            if let Subscription::Archived { granted, since, by } = after
                && !matches!(state, Subscription::Archived { .. })
            {
                prop_assert!(turn.effects.contains(&Effect::Archive));
                prop_assert!(since <= at(day));
                if by == ArchivedBy::Time {
                    prop_assert!(since >= granted.until + terms().retention);
                }
            }
            (state, told) = (after, turn.told);
        }
    }

    #[test]
    fn an_operators_pause_is_not_lifted_by_time(
        until in any_day(), since in any_day(), days in prop::collection::vec(any_day(), 1..8),
    ) {
        let granted = Granted { until: at(until), kind: GrantKind::Paid };
        let by = SuspendedBy::Operator;
        let paused = Subscription::Suspended { granted, since: at(since), by };
        let mut state = paused;
        for day in days {
            state = state.at(at(day), &terms());
            let archived = matches!(state, Subscription::Archived { by: ArchivedBy::Person, .. });
            prop_assert!(state == paused || archived);
        }
    }

    /// D-142, however the clock runs and whatever else happens: nothing is told twice.
    #[test]
    fn each_warning_comes_once(
        until in any_day(),
        steps in prop::collection::vec((any_event(), any_day()), 1..60),
    ) {
        let (mut state, mut told) = (Subscription::Active { paid_until: at(until) }, Told::default());
        let (mut ends, mut archives) = (BTreeSet::new(), BTreeSet::new());
        for (event, day) in steps {
            // Another end is told of anew; that is another test.
            if matches!(event, Event::Paid(_) | Event::Refunded(_) | Event::GiftUndone(_)) {
                continue;
            }
            let Ok(turn) = turn(Some(state), told, event, at(day), &terms()) else { continue };
            let Some(after) = turn.after else { break };
            if turn.told.end != told.end {
                let mark = turn.told.end.unwrap();
                prop_assert!(ends.insert((mark.at, mark.stage.rank())));
            }
            if turn.told.archive != told.archive {
                let mark = turn.told.archive.unwrap();
                let again = archives.iter().any(|known| *known == (mark.at, mark.stage.rank()));
                let moved = told.archive.is_some_and(|known| known.at != mark.at);
                prop_assert!(!again || moved);
                archives.insert((mark.at, mark.stage.rank()));
            }
            if event == Event::TimePasses {
                let said = turn.effects.iter().filter(|effect| {
                    matches!(effect, Effect::TellOwner | Effect::WarnOfArchive)
                });
                prop_assert!(said.count() <= 1);
                if turn.told == told {
                    prop_assert!(!turn.effects.contains(&Effect::TellOwner));
                    prop_assert!(!turn.effects.contains(&Effect::WarnOfArchive));
                }
            }
            (state, told) = (after, turn.told);
        }
    }
}
