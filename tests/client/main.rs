//! One client's bot, as its customers and its owner meet it: the whole process runs, behind a
//! small gateway, against a simulated Telegram.
#![expect(clippy::unwrap_used, reason = "a test ends at what it did not expect")]

mod booking;
mod gateway;
mod owner;
mod races;
mod reminders;
mod salon;
