//! `/api`: what programs may ask and do, with the operator's token.

pub(super) mod auth;
mod call;
mod catalog;
mod clients;
pub mod control;
mod cursor;
mod fields;
mod id;
mod orders;
mod page;
mod payments;
mod query;
mod tasks;
mod view;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};

use super::Shared;
use super::problem::{no_route, other_method};

/// Returns the routes below `/api` for whoever has the token; nobody else learns which there are.
pub(super) fn router(shared: &Shared) -> Router<Shared> {
    routes().layer(from_fn_with_state(shared.clone(), auth::require))
}

/// Returns the routes below `/api` for callers that are known to be allowed.
///
/// Nest them below [`observe`](super::observe), which writes what problems say. Whoever the callers
/// are, an [`Actor`](crate::domain::actor::Actor) as an extension of the request says it.
pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/clients", get(clients::list).post(clients::add))
        .route(
            "/clients/{id}",
            get(clients::show).patch(clients::life::change).delete(clients::life::remove),
        )
        .route("/clients/{id}/suspend", post(clients::life::suspend))
        .route("/clients/{id}/resume", post(clients::life::resume))
        .route("/clients/{id}/restart", post(clients::life::restart))
        .route("/clients/{id}/extend", post(clients::extend))
        .route("/clients/{id}/payments", get(payments::of_client))
        .route("/orders", get(orders::list).post(orders::create))
        .route("/orders/{id}", get(orders::show))
        .route("/payments", get(payments::list))
        .route("/payments/{id}", get(payments::show))
        .route("/payments/{id}/refund", post(payments::refund))
        .route("/queue", get(tasks::queue))
        .route("/tasks/{id}", get(tasks::show))
        .route("/tasks/{id}/retry", post(tasks::retry))
        .route("/stats", get(tasks::stats))
        .route("/plans", get(catalog::plans))
        .route("/audit", get(catalog::audit))
        .fallback(no_route)
        .method_not_allowed_fallback(other_method)
}
