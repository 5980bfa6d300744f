//! The Telegram Bot API, simulated.
