//! One file or folder for each service outside.

pub mod archive;
pub mod containers;
pub mod control;
pub mod gateway;
pub mod incoming;
pub mod machine;
pub mod telegram;
pub mod yookassa;
