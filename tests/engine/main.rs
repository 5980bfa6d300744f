//! Clients' containers on a real engine, made by a real deployer: what both runtimes promise, a
//! salon that books through its container, strangers in the engine, and what a container cannot do.
//!
//! Everything that a test makes bears the name of its run, and goes when the test ends, also when
//! it fails. Where no engine answers, the tests say so and pass; where `CI` is set, they fail.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]
#![expect(clippy::print_stderr, reason = "a test that cannot run says why")]

mod bench;
mod ceiling;
mod contract;
mod events;
mod full;
mod heal;
mod host;
mod isolation;
mod many;
mod moving;
mod outage;
mod own;
mod podman;
mod program;
mod resting;
mod run;
#[path = "../running/host.rs"]
#[expect(dead_code, reason = "these tests start serve in their own way")]
mod running;
mod story;
mod strangers;
mod upkeep;
#[path = "../it/world.rs"]
#[expect(dead_code, reason = "these tests buy nothing")]
mod world;
