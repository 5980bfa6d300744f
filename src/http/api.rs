//! `/api`: what programs may ask and do, with the operator's token.

mod accept;
pub(super) mod auth;
mod call;
mod catalog;
mod clients;
pub mod control;
mod cursor;
pub(super) mod fields;
mod id;
mod orders;
mod page;
mod payments;
mod query;
mod replay;
mod tasks;
mod view;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};

use super::Shared;
use super::operation::{self, Operation, tagged};
use super::problem::{no_route, other_method};

/// Returns all that can be asked for below `/api`.
pub(super) fn operations() -> Vec<Operation> {
    tagged("Clients", clients::operations())
        .chain(tagged("Orders", orders::operations()))
        .chain(tagged("Payments", payments::operations()))
        .chain(tagged("Tasks", tasks::operations()))
        .chain(tagged("Business", catalog::operations()))
        .collect()
}

/// Returns the routes below `/api` for whoever has the token; nobody else learns which there are.
pub(super) fn router(shared: &Shared) -> Router<Shared> {
    routes(shared).layer(from_fn_with_state(shared.clone(), auth::require))
}

/// Returns the routes below `/api` for callers that are known to be allowed.
///
/// Nest them below [`observe`](super::observe), which writes what problems say. Whoever the callers
/// are, an [`Actor`](crate::domain::actor::Actor) as an extension of the request says it.
pub(super) fn routes(shared: &Shared) -> Router<Shared> {
    operation::routes(operations())
        .fallback(no_route)
        .method_not_allowed_fallback(other_method)
        .layer(from_fn_with_state(shared.clone(), replay::once))
        .layer(from_fn(accept::require))
}
