//! Conversations with the whole: the actions over a real store, against the simulated outside.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod ahead;
mod backups;
mod borders;
mod deploy;
mod frames;
mod money;
mod news;
mod origin;
mod words;
mod world;
