//! Slotbox: a booking-bot business in one binary. See `ARCHITECTURE.md` for the rooms.

pub mod actions;
pub mod app;
pub mod bots;
pub mod cli;
pub mod clock;
pub mod config;
pub mod deployer;
pub mod deps;
pub mod domain;
pub mod external;
pub mod gateway;
pub mod http;
pub mod jobs;
pub mod metrics;
pub mod random;
pub mod sandbox;
pub mod store;
pub mod telemetry;
#[cfg(test)]
mod testing;
pub mod texts;
