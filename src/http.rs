//! The HTTP doors of `serve`: probes, the webhooks of the payment provider and of Telegram, the payer's page, the API.
//!
//! A door parses what came, calls one action and answers. Nothing here knows how a connection
//! was made: the listener hands over the peer's address as `ConnectInfo<SocketAddr>`, and that is
//! all that it knows of it.

mod address;
mod api;
mod body;
mod docs;
mod health;
mod limits;
mod metrics;
mod observe;
mod operation;
mod problem;
mod public;
mod serve;
mod shape;
mod spec;
mod success;
mod telegram;
mod webhook;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::handler::Handler;
use axum::http::HeaderMap;
use axum::middleware::{from_fn, from_fn_with_state};
use tower_http::catch_panic::CatchPanicLayer;

use self::api::auth::ApiKey;
use self::docs::Docs;
use self::limits::Limits;
use self::operation::{Operation, routes, tagged};
use self::problem::{no_route, other_method};
use self::spec::Terms;
use self::success::Payers;
use crate::deps::Deps;

pub use self::api::control;
pub use self::health::QueueAlive;
pub use self::public::{Bounds, PublicListeners, serve_public};
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
    limits: Limits,
    docs: Docs,
    watch: metrics::Watch,
}

type Shared = Arc<Inner>;

impl Inner {
    /// Returns the address that calls. What a trusted proxy writes that is no address makes it the
    /// proxy's own.
    fn caller(&self, peer: SocketAddr, headers: &HeaderMap) -> IpAddr {
        let proxies = &self.site.deps.config.server.trusted_proxies;
        address::caller(peer.ip(), headers, proxies).unwrap_or_else(|| peer.ip())
    }
}

/// Makes what the handlers of one router share.
fn share(site: Site) -> Shared {
    let config = &site.deps.config;
    let key = ApiKey::new(&config.api.token);
    let document = spec::document(&api::operations(), &open_operations(), Terms::of(config));
    let (payers, limits, docs) = (Payers::new(), Limits::new(config), Docs::new(&document));
    let watch = metrics::Watch::default();
    Arc::new(Inner { site, key, payers, limits, docs, watch })
}

/// Returns what can be asked for without a token.
fn open_operations() -> Vec<Operation> {
    tagged("Probes", health::operations().into_iter().chain(metrics::operations()))
        .chain(tagged("Money", success::operations().into_iter().chain(webhook::operations())))
        .chain(tagged("Telegram", telegram::operations()))
        .chain(tagged("Documentation", docs::operations()))
        .collect()
}

/// Returns all doors. Serve it with connect info: the API and the webhook ask who calls.
pub fn router(site: Site) -> Router {
    let shared = share(site);
    let metrics = routes(metrics::operations());
    doors(shared, metrics)
}

/// Returns the doors that the outside sees: all but the metrics.
fn public_router(site: Site) -> Router {
    doors(share(site), Router::new())
}

fn doors(shared: Shared, more: Router<Shared>) -> Router {
    let docs =
        routes(docs::operations()).route_layer(from_fn_with_state(shared.clone(), limits::readers));
    let probes = routes(health::operations())
        .route_layer(from_fn_with_state(shared.clone(), limits::probes));
    let lost = from_fn_with_state(shared.clone(), limits::lost);
    let observed = probes
        .merge(more)
        .merge(routes(success::operations()))
        .merge(docs)
        .nest("/api", api::router(&shared))
        .fallback(no_route.layer(lost))
        .method_not_allowed_fallback(other_method)
        .layer(from_fn(observe::observe));
    // Thousands of notifications a second may come in; nothing is in their way.
    let refused = other_method.layer(from_fn(observe::observe));
    let webhook = routes(webhook::operations().into_iter().chain(telegram::operations()))
        .method_not_allowed_fallback(refused)
        .layer(CatchPanicLayer::new())
        .layer(from_fn(observe::name));
    let counted = from_fn_with_state(shared.clone(), metrics::count);
    Router::new().merge(observed).merge(webhook).layer(counted).with_state(shared)
}
