//! A whole Debian host, from the installation of the package to its purge: systemd, an engine, a
//! certificate of an authority, bots in containers, power cuts, upgrades.
//!
//! The host is a guest in a container of this machine's engine (`scripts/guest.sh`). Telegram and YooKassa
//! are simulated outside of it, so that they live through its power cuts; sockets in a shared
//! directory lead there, since the guest has no network. Where it cannot run, the tests say so and
//! pass; where `CI` is set, they fail.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::print_stderr, reason = "a test that cannot run says why")]

mod begin;
mod guest;
mod look;
mod outside;
#[path = "../chaos/person.rs"]
mod person;
mod story;
mod upgrade;
