//! `/api`: what programs may ask and do, with the operator's token.

pub(super) mod auth;
mod call;
mod catalog;
mod clients;
mod cursor;
mod fields;
mod id;
mod orders;
pub(super) mod page;
mod payments;
mod tasks;
pub(super) mod view;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};

use super::Shared;
use super::problem::Problem;

/// Returns the routes below `/api`; whoever has no token does not learn which there are.
pub(super) fn router(shared: &Shared) -> Router<Shared> {
    routes().layer(from_fn_with_state(shared.clone(), auth::require))
}

/// Returns the routes below `/api` for a door that has its own way to know who calls.
pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/clients", get(clients::list).post(clients::add))
        .route("/clients/{id}", get(clients::show))
        .route("/clients/{id}/extend", post(clients::extend))
        .route("/clients/{id}/payments", get(payments::of_client))
        .route("/orders", get(orders::list).post(orders::create))
        .route("/orders/{id}", get(orders::show))
        .route("/payments", get(payments::list))
        .route("/payments/{id}", get(payments::show))
        .route("/queue", get(tasks::queue))
        .route("/tasks/{id}", get(tasks::show))
        .route("/plans", get(catalog::plans))
        .route("/audit", get(catalog::audit))
        .fallback(async || Problem::NoRoute)
        .method_not_allowed_fallback(async || Problem::MethodNotAllowed)
}
