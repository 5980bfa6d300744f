//! Types and rules: no I/O, no async, no serde. Every value here is right because it exists.

pub mod actor;
pub mod answered;
pub mod booking;
pub mod client;
pub mod client_job;
pub mod ids;
pub mod job;
pub mod ladder;
pub mod locale;
pub mod money;
pub mod network;
pub mod order;
pub mod overview;
pub mod payment;
pub mod plan;
pub mod profile;
pub mod refund;
pub mod schedule;
pub mod scrub;
pub mod service;
pub mod settings;
pub mod slots;
pub mod subscription;
pub mod token;
pub mod undo;
