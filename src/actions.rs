//! The use cases: one file for each verb. They decide, remember and act; doors call them.

pub mod add_client;
pub mod boot;
pub mod cause;
pub mod check_payment;
pub mod create_order;
pub mod deploy;
pub mod extend;
pub mod gateways;
mod grant;
pub mod health;
pub mod lifecycle;
pub mod notify;
pub mod receive;
pub mod reconcile;
pub mod remove;
pub mod report;
pub mod request_payment;
pub mod restart;
pub mod resume;
pub mod settle;
pub mod start_trial;
pub mod suspend;
