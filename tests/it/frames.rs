//! The short run of `fuzz/`: conversations with the deployer, damaged in a few places each. The long
//! one is `scripts/fuzz.sh`.

use std::path::Path;

use proptest::prelude::*;
use proptest::sample::Index;
use slotbox::deployer::protocol::{Data, MOST_LINES, Verb};
use slotbox::domain::ids::ClientId;

use self::body::{check, frames};

#[path = "../../fuzz/frames.rs"]
mod body;

/// Conversations in the short run.
const CASES: u32 = 4000;

/// Every verb, about one client.
fn verbs(bits: u128, lines: u16) -> Vec<Verb> {
    let name = ClientId::from_bits(bits).into();
    vec![
        Verb::EnsureImage,
        Verb::Ensure(name),
        Verb::Renew(name),
        Verb::Restore(name),
        Verb::Start(name),
        Verb::Stop(name),
        Verb::Restart(name),
        Verb::Remove(name, Data::Keep),
        Verb::Remove(name, Data::Delete),
        Verb::Inspect(name),
        Verb::List(None),
        Verb::List(Some(name)),
        Verb::Log(name, lines),
        Verb::Stats(name),
    ]
}

/// What happens to bytes on their way.
#[derive(Clone, Debug)]
enum Damage {
    Flip(Index, u8),
    Set(Index, u8),
    Insert(Index, Vec<u8>),
    Cut(Index),
    Repeat(Index, Index),
    Drop(Index, usize),
}

impl Damage {
    fn happen(&self, bytes: &mut Vec<u8>) {
        if bytes.is_empty() {
            return;
        }
        let length = bytes.len();
        match self {
            Self::Flip(at, bit) => bytes[at.index(length)] ^= 1 << bit,
            Self::Set(at, byte) => bytes[at.index(length)] = *byte,
            Self::Insert(at, more) => {
                let at = at.index(length);
                bytes.splice(at..at, more.iter().copied());
            }
            Self::Cut(at) => bytes.truncate(at.index(length)),
            Self::Repeat(one, other) => {
                let (one, other) = (one.index(length), other.index(length));
                bytes.extend_from_within(one.min(other)..one.max(other));
            }
            Self::Drop(at, some) => {
                let at = at.index(length);
                bytes.drain(at..(at + some).min(length));
            }
        }
    }
}

fn damage() -> impl Strategy<Value = Damage> {
    let at = any::<Index>;
    prop_oneof![
        (at(), 0_u8..8).prop_map(|(at, bit)| Damage::Flip(at, bit)),
        (at(), any::<u8>()).prop_map(|(at, byte)| Damage::Set(at, byte)),
        (at(), prop::collection::vec(any::<u8>(), 1..5))
            .prop_map(|(at, it)| Damage::Insert(at, it)),
        at().prop_map(Damage::Cut),
        (at(), at()).prop_map(|(one, other)| Damage::Repeat(one, other)),
        (at(), 1_usize..40).prop_map(|(at, some)| Damage::Drop(at, some)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(CASES))]

    #[test]
    fn whatever_comes_to_the_deployer_only_requests_are_performed(
        bits in any::<u128>(),
        lines in 0..=MOST_LINES + 1,
        spoken in prop::collection::vec(0_usize..14, 0..5),
        damages in prop::collection::vec(damage(), 0..4),
    ) {
        let all = verbs(bits, lines);
        let spoken: Vec<_> = spoken.into_iter().map(|verb| all[verb]).collect();
        let mut bytes = frames(&spoken);
        for damage in damages {
            damage.happen(&mut bytes);
        }
        check(&bytes);
    }
}

/// What the fuzzer begins with holds every verb; `UPDATE_EXPECT=1` writes it.
#[test]
fn what_was_found_once_is_not_found_again() {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds/frames");
    let whole = frames(&verbs(7, MOST_LINES));
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(seeds.join("every-verb"), &whole).unwrap();
    }
    assert_eq!(std::fs::read(seeds.join("every-verb")).unwrap(), whole);
    for seed in std::fs::read_dir(seeds).unwrap() {
        check(&std::fs::read(seed.unwrap().path()).unwrap());
    }
}
