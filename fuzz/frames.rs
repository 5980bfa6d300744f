//! What must hold whatever bytes come to a session of the deployer: the body of the fuzzer's target,
//! and of the short run in `tests/it`.

use std::future::ready;

use slotbox::deployer::protocol::{Answer, Greeting, MOST_LINES, Request, VERSION, Verb};
use slotbox::deployer::{converse, frame};
use tokio::runtime::{Builder, Runtime};

/// The session of every conversation here.
pub const SESSION: [u8; 16] = [7; 16];

thread_local! {
    static RUNTIME: Runtime = Builder::new_current_thread().enable_time().build().unwrap();
}

/// Plays one connection on which `bytes` come, and then no more.
///
/// # Panics
///
/// Panics if something was performed that does not stand there, in its one form and its place; if
/// bytes that are no request did not end the connection; or if there was not one answer for each.
pub fn check(bytes: &[u8]) {
    let (mut performed, mut said) = (Vec::new(), Vec::new());
    let end = RUNTIME.with(|runtime| {
        runtime.block_on(converse(tokio::io::join(bytes, &mut said), SESSION, |verb| {
            performed.push(verb);
            ready(answer(verb))
        }))
    });
    let heard = frames(&performed);
    assert!(bytes.starts_with(&heard), "something else was performed: {performed:?}");
    assert_eq!(end.is_ok(), bytes == heard, "{end:?}");
    answers_are(&performed, &said);
}

/// Returns the requests of one session, as they are sent.
pub fn frames(verbs: &[Verb]) -> Vec<u8> {
    let numbered = verbs.iter().zip(0..);
    let requests = numbered.map(|(verb, number)| Request {
        version: VERSION,
        session: SESSION,
        number,
        verb: *verb,
    });
    requests.flat_map(|request| frame::encoded(&request).unwrap()).collect()
}

/// A log longer than a frame, so that it has to be cut; and else little.
fn answer(verb: Verb) -> Answer {
    match verb {
        Verb::Log(_, lines) => Answer::Log(vec!["x".repeat(4096); usize::from(lines.min(20))]),
        _ => Answer::Done,
    }
}

fn answers_are(performed: &[Verb], mut said: &[u8]) {
    let mut next = || {
        let (length, rest) = said.split_first_chunk().unwrap();
        let (body, rest) = rest.split_at(u32::from_be_bytes(*length) as usize);
        assert!(!body.is_empty() && body.len() <= frame::LARGEST_BYTES);
        said = rest;
        body.to_vec()
    };
    let greeting: Greeting = frame::decoded(&next()).unwrap();
    assert_eq!((greeting.version, greeting.session), (VERSION, SESSION));
    for verb in performed {
        let told: Answer = frame::decoded(&next()).unwrap();
        match (verb, told) {
            (Verb::Log(_, asked), Answer::Log(_)) => assert!(*asked <= MOST_LINES),
            (_, told) => assert_eq!(told, Answer::Done),
        }
    }
    assert!(said.is_empty());
}
