//! The roles: each builds its parts in order, runs them, and closes them.

mod bots;
pub mod client;
pub mod demo;
pub mod deployer;
mod https;
mod keeper;
pub mod key;
pub mod manager;
pub mod parts;
pub mod refused;
pub mod restore;
pub mod serve;
pub mod sockets;
pub mod vault;
