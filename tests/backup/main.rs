//! Backups, from the wish to the file: of one client by its own bot, and of the whole host, which comes
//! back from one with all that its clients and their money were.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed and says where"
)]
#![expect(clippy::print_stderr, reason = "a test that cannot run says why")]

mod client;
mod cut;
mod faults;
mod house;
mod kept;
mod processes;
mod settings;
mod whole;

#[path = "../running/host.rs"]
mod host;
#[path = "../chaos/person.rs"]
#[expect(dead_code, reason = "people of other tests pay by themselves")]
mod person;
