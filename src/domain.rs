//! Types and rules: no I/O, no async, no serde. Every value here is right because it exists.

pub mod booking;
pub mod client;
pub mod ids;
pub mod job;
pub mod money;
pub mod network;
pub mod order;
pub mod payment;
pub mod plan;
pub mod schedule;
pub mod service;
pub mod slots;
pub mod subscription;
pub mod token;
