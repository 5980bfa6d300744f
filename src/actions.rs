//! The use cases: each decides, remembers and acts.

pub mod book;
pub mod cancel_booking;
pub mod client_deps;
pub mod remind;
pub mod set_up;
pub mod show_slots;
