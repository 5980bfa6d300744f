//! Every frame that is not the next request of its session is refused without effect.

use std::future::ready;

use proptest::prelude::*;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

use super::super::protocol::{Data, Name};
use super::*;
use crate::domain::ids::ClientId;

const SESSION: [u8; 16] = [7; 16];

fn name(bits: u128) -> Name {
    ClientId::from_bits(bits).into()
}

fn request(number: u32, verb: Verb) -> Request {
    Request { version: VERSION, session: SESSION, number, verb }
}

/// Sends the bytes to a fresh connection and closes it; returns the verbs that were performed and
/// how the connection ended.
async fn send(bytes: &[u8]) -> (Vec<Verb>, Result<(), End>) {
    let (mut ours, theirs) = duplex(1 << 20);
    ours.write_all(bytes).await.unwrap();
    ours.shutdown().await.unwrap();
    let mut performed = Vec::new();
    let end = converse(theirs, SESSION, |verb| {
        performed.push(verb);
        ready(Answer::Done)
    })
    .await;
    (performed, end)
}

fn sent(bytes: &[u8]) -> (Vec<Verb>, Result<(), End>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(send(bytes))
}

fn any_verb() -> impl Strategy<Value = Verb> {
    (0..12, any::<u128>(), 0..=MOST_LINES).prop_map(|(kind, bits, lines)| {
        let name = name(bits);
        match kind {
            0 => Verb::EnsureImage,
            1 => Verb::Ensure(name),
            2 => Verb::Start(name),
            3 => Verb::Stop(name),
            4 => Verb::Restart(name),
            5 => Verb::Remove(name, Data::Delete),
            6 => Verb::Inspect(name),
            7 => Verb::List((bits > 9).then_some(name)),
            8 => Verb::Log(name, lines),
            9 => Verb::Renew(name),
            10 => Verb::Restore(name),
            _ => Verb::Stats(name),
        }
    })
}

fn frames(verbs: &[Verb]) -> Vec<u8> {
    let numbered = verbs.iter().zip(0..).map(|(verb, number)| request(number, *verb));
    numbered.flat_map(|request| frame::encoded(&request).unwrap()).collect()
}

proptest! {
    #[test]
    fn requests_in_their_order_are_performed(verbs in prop::collection::vec(any_verb(), 0..6)) {
        let (performed, end) = sent(&frames(&verbs));
        prop_assert!(end.is_ok());
        prop_assert_eq!(performed, verbs);
    }

    #[test]
    fn any_bytes_do_nothing(bytes in prop::collection::vec(any::<u8>(), 1..300)) {
        let (performed, end) = sent(&bytes);
        prop_assert_eq!(performed, []);
        prop_assert!(end.is_err());
    }

    #[test]
    fn a_truncated_frame_does_nothing(verb in any_verb(), cut in any::<prop::sample::Index>()) {
        let whole = frames(&[verb]);
        let part = &whole[..=cut.index(whole.len() - 1)];
        let (performed, end) = sent(part);
        prop_assert_eq!(performed.len(), usize::from(part.len() == whole.len()));
        prop_assert_eq!(end.is_ok(), part.len() == whole.len());
    }

    #[test]
    fn a_frame_with_more_behind_it_does_nothing(verb in any_verb(), extra in 1_u8..9) {
        let mut whole = frames(&[verb]);
        whole.extend(vec![0; usize::from(extra)]);
        let length = u32::try_from(whole.len() - 4).unwrap().to_be_bytes();
        whole[..4].copy_from_slice(&length);
        let (performed, end) = sent(&whole);
        prop_assert_eq!(performed, []);
        prop_assert!(matches!(end, Err(End::Frame(FrameError::Malformed))));
    }

    #[test]
    fn a_changed_bit_never_does_something_else_in_this_session(
        verb in any_verb(),
        place in any::<prop::sample::Index>(),
        bit in 0_u8..8,
    ) {
        let mut bytes = frames(&[verb]);
        let place = 4 + place.index(1 + 16 + 1); // Version, session and number.
        bytes[place] ^= 1_u8 << bit;
        let (performed, end) = sent(&bytes);
        prop_assert_eq!(performed, []);
        prop_assert!(end.is_err());
    }

    #[test]
    fn an_oversized_frame_is_not_even_read(over in 1_u32..=u32::MAX - 65_536) {
        let (performed, end) = sent(&(65_536 + over).to_be_bytes());
        prop_assert_eq!(performed, []);
        prop_assert!(matches!(end, Err(End::Frame(FrameError::Size(_)))));
    }

    #[test]
    fn a_request_heard_once_is_worth_nothing_again(verbs in prop::collection::vec(any_verb(), 1..4), again in any::<prop::sample::Index>()) {
        let repeated = again.index(verbs.len());
        let mut bytes = frames(&verbs);
        let number = u32::try_from(repeated).unwrap();
        bytes.extend(frame::encoded(&request(number, verbs[repeated])).unwrap());
        let (performed, end) = sent(&bytes);
        prop_assert_eq!(performed, verbs.clone());
        prop_assert!(matches!(end, Err(End::Replayed)));

        let other = Request { session: [8; 16], ..request(0, verbs[0]) };
        let (performed, end) = sent(&frame::encoded(&other).unwrap());
        prop_assert_eq!(performed, []);
        prop_assert!(matches!(end, Err(End::Replayed)));
    }
}

#[test]
fn what_is_beyond_its_limits_is_refused() {
    let longer = request(0, Verb::Log(name(1), MOST_LINES + 1));
    let (performed, end) = sent(&frame::encoded(&longer).unwrap());
    assert_eq!(performed, []);
    assert!(matches!(end, Err(End::Excessive)));
    let newer = Request { version: VERSION + 1, ..request(0, Verb::EnsureImage) };
    let (performed, end) = sent(&frame::encoded(&newer).unwrap());
    assert_eq!(performed, []);
    assert!(matches!(end, Err(End::Version(newer)) if newer == VERSION + 1));
    let empty = sent(&[0, 0, 0, 0]);
    assert!(matches!(empty.1, Err(End::Frame(FrameError::Size(0)))));
}

#[test]
fn a_value_written_in_a_longer_way_is_refused() {
    let body = postcard::to_stdvec(&request(0, Verb::EnsureImage)).unwrap();
    assert_eq!(body[17], 0, "the number is where it is thought to be");
    let longer = [&body[..17], &[0x80, 0x00], &body[18..]].concat();
    assert!(postcard::from_bytes::<Request>(&longer).is_ok(), "postcard itself takes it");
    let length = u32::try_from(longer.len()).unwrap().to_be_bytes();
    let (performed, end) = sent(&[&length[..], &longer].concat());
    assert_eq!(performed, []);
    assert!(matches!(end, Err(End::Frame(FrameError::Malformed))));
}

#[tokio::test(start_paused = true)]
async fn a_silent_connection_is_closed() {
    let (mut ours, theirs) = duplex(1024);
    let ended = tokio::spawn(converse(theirs, SESSION, |_| ready(Answer::Done)));
    ours.write_all(&[0, 0]).await.unwrap(); // The beginning of a frame that never comes.
    assert!(matches!(ended.await.unwrap(), Err(End::Slow)));
}

#[tokio::test]
async fn a_log_longer_than_a_frame_keeps_its_last_lines() {
    let (mut ours, theirs) = duplex(1 << 20);
    ours.write_all(&frames(&[Verb::Log(name(1), 1000)])).await.unwrap();
    ours.shutdown().await.unwrap();
    let lines: Vec<_> = (0..1000).map(|number| format!("{number:0>200}")).collect();
    converse(theirs, SESSION, |_| ready(Answer::Log(lines.clone()))).await.unwrap();
    let mut told = Vec::new();
    ours.read_to_end(&mut told).await.unwrap();
    let mut told = &told[..];
    frame::read(&mut told).await.unwrap().unwrap();
    let answer = frame::read(&mut told).await.unwrap().unwrap();
    let Answer::Log(kept) = frame::decoded(&answer).unwrap() else { panic!("no log") };
    assert!(kept.len() > 300 && kept.last() == lines.last());
}
