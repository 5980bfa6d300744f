//! The public side of a running `serve`, asked as strangers ask: by curl and openssl.
//!
//! Where they are missing the tests are passed over, except under CI.
#![expect(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod acme;
mod files;
mod host;
mod pebble;
mod sockets;
