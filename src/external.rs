//! One file or folder for each service outside.

pub mod gateway;
pub mod telegram;
pub mod yookassa;
