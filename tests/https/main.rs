//! The public side of a running `serve`, asked as strangers ask: by curl and openssl.
//!
//! Where they are missing the tests are passed over and say so; under CI they fail.
#![expect(clippy::panic, clippy::unwrap_used, reason = "helpers of tests are tests")]
#![expect(clippy::print_stderr, reason = "a test that cannot run says why")]
#![expect(clippy::print_stdout, reason = "a test under load says what it saw")]

mod acme;
mod files;
mod floods;
mod host;
mod pebble;
#[path = "../running/host.rs"]
#[expect(dead_code, reason = "this host has a public side, and is started by its own means")]
mod running;
mod sockets;
