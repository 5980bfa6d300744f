//! Slotbox: a booking-bot business in one binary. See `ARCHITECTURE.md` for the rooms.

pub mod cli;
pub mod clock;
pub mod config;
pub mod domain;
pub mod external;
pub mod sandbox;
pub mod store;
pub mod telemetry;
