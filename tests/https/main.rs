//! The public side of a running `serve`, asked as strangers ask: by curl and openssl.
//!
//! Where they are missing the tests are passed over and say so; under CI they fail.
#![expect(clippy::panic, clippy::unwrap_used, reason = "helpers of tests are tests")]
#![expect(clippy::print_stderr, reason = "a test that cannot run says why")]

mod acme;
mod files;
mod host;
mod pebble;
mod sockets;
