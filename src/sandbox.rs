//! Simulators of Telegram and YooKassa at the wire, for the demo and for the tests.

pub mod telegram;
pub mod yookassa;
