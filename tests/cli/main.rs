//! The binary as an operator meets it: what it prints and how it exits.
#![expect(clippy::panic, clippy::unwrap_used, reason = "helpers of tests are tests")]

mod backup;
mod clients;
mod database;
mod dialogue;
mod doctor;
mod doctor_table;
mod doctor_told;
mod fresh;
mod host;
mod output;
mod refusals;
mod settings;
mod setup;
mod starts;
mod status;
mod terminal;
mod tree;
