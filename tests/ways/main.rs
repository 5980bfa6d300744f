//! The ways between a running `serve` and the services outside: webhooks, and proxies.
#![expect(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod host;
mod proxies;
mod proxy;
mod tls;
mod webhooks;
