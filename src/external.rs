//! One file or folder for each service outside.

pub mod acme;
pub mod archive;
pub mod certificates;
pub mod containers;
pub mod control;
pub mod engines;
pub mod gateway;
pub mod incoming;
pub mod machine;
pub mod seeds;
pub mod telegram;
pub mod vault;
pub mod way;
pub mod yookassa;
