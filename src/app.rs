//! The roles: each builds its parts in order, runs them, and closes them.

mod bots;
pub mod client;
pub mod demo;
mod https;
pub mod key;
pub mod parts;
pub mod serve;
pub mod sockets;
