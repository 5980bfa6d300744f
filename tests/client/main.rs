//! One client's bot, as its customers and its owner meet it: the whole process runs, behind a
//! small gateway, against a simulated Telegram.
#![expect(clippy::unwrap_used, reason = "a test ends at what it did not expect")]
#![expect(clippy::needless_raw_string_hashes, reason = "expect-test writes them so")]

mod booking;
mod buttons;
mod gateway;
mod language;
mod owner;
mod paused;
mod races;
mod reminders;
mod salon;
