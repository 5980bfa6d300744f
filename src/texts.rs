//! All words that people read, in Russian. A leaf over `domain`: jobs, actions and bots use it.

pub mod calendar;
pub mod client;
