//! The use cases: one file for each verb. They decide, remember and act; doors call them.

pub mod add_client;
pub mod cause;
pub mod create_order;
pub mod extend;
mod grant;

pub mod receive;
pub mod reconcile;
pub mod request_payment;
pub mod settle;
pub mod start_trial;
