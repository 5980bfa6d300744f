//! The HTTP doors of `serve`: probes, the payment provider's webhook, the payer's page, the API.
//!
//! A door parses what came, calls one action and answers. Nothing here knows how a connection
//! was made: the listener hands over the peer's address as `ConnectInfo<SocketAddr>`, and that is
//! all that it knows of it.

mod address;
mod api;
mod body;
mod health;
mod metrics;
mod observe;
mod problem;
mod serve;
mod success;
mod webhook;

use std::sync::Arc;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use tower_http::catch_panic::CatchPanicLayer;

use self::api::auth::ApiKey;
use self::problem::{no_route, other_method};
use self::success::Payers;
use crate::deps::Deps;

pub use self::api::control;
pub use self::health::QueueAlive;
pub use self::serve::{BindError, bind, serve};

/// What the doors stand on.
#[derive(Clone)]
pub struct Site {
    /// What the actions work with.
    pub deps: Deps,
    /// Whether jobs are performed.
    pub queue: QueueAlive,
}

/// The site as the handlers see it; shared, so that a request costs no copy of it.
struct Inner {
    site: Site,
    key: ApiKey,
    payers: Payers,
    watch: metrics::Watch,
}

type Shared = Arc<Inner>;

/// Makes what the handlers of one router share.
fn share(site: Site) -> Shared {
    let key = ApiKey::new(&site.deps.config.api.token);
    Arc::new(Inner { site, key, payers: Payers::new(), watch: metrics::Watch::default() })
}

/// Returns all doors. Serve it with connect info: the webhook asks who calls.
pub fn router(site: Site) -> Router {
    let shared = share(site);
    let observed = Router::new()
        .route("/health", get(health::health))
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .route("/payment/success", get(success::success))
        .route("/metrics", get(metrics::metrics))
        .nest("/api", api::router(&shared))
        .fallback(no_route)
        .method_not_allowed_fallback(other_method)
        .layer(from_fn(observe::observe));
    // Thousands of notifications a second may come in; nothing is in their way.
    let webhook = Router::new()
        .route("/yookassa/webhook", post(webhook::webhook))
        .layer(CatchPanicLayer::new())
        .layer(from_fn(observe::name));
    let counted = from_fn_with_state(shared.clone(), metrics::count);
    Router::new().merge(observed).merge(webhook).layer(counted).with_state(shared)
}
