//! The use cases: one file for each verb. They decide, remember and act; doors call them.

pub mod add_client;
pub mod boot;
pub mod book;
pub mod cancel_booking;
pub mod cause;
pub mod check_payment;
pub mod client_deps;
pub mod create_order;
pub mod deploy;
pub mod extend;
pub mod gateways;
mod grant;
<<<<<<< HEAD
pub mod health;
=======
>>>>>>> main
pub mod lifecycle;
pub mod notify;
pub mod receive;
pub mod reconcile;
pub mod refund;
pub mod health;
pub mod remove;
pub mod report;
pub mod request_payment;
pub mod restart;
pub mod resume;
pub mod remind;
pub mod set_up;
pub mod settle;
pub mod show_slots;
pub mod start_trial;
pub mod suspend;
