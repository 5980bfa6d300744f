//! The roles: each builds its parts in order, runs them, and closes them.

pub mod client;
pub mod key;
pub mod parts;
