//! The control socket: what the command line asks of a running `serve`.
//!
//! Plain HTTP over a unix socket that only its owner and the group `slotbox` can open. Behind it
//! lies the whole API without a token, and what the command line needs beyond it. Whoever may
//! open the socket is known by the kernel and stands in the audit log.

mod audit;
mod backup;
mod database;
mod health;
mod logs;
mod operators;
mod socket;
mod status;
mod tasks;
mod tls;

use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::{delete, get, post};
use jiff::Timestamp;

use crate::actions::alarms::Alarms;
use crate::actions::pulse::Pulse;
use crate::domain::actor::Actor;
use crate::http::problem::{no_route, other_method};
use crate::http::{Site, observe, share};

pub use self::socket::{ControlSocket, Peer, serve_control};
pub use self::tls::TlsDesk;

/// What the command line may look at beyond the API.
#[derive(Clone)]
pub struct Control {
    /// What the API stands on.
    pub site: Site,
    /// How the operator's bots stand.
    pub pulse: Pulse,
    /// The last warnings.
    pub alarms: Alarms,
    /// The file that holds the database.
    pub database: PathBuf,
    /// The certificate; none if TLS is off.
    pub tls: Option<TlsDesk>,
    /// Since when this process serves.
    pub started_at: Timestamp,
}

/// Returns the doors of the control socket. Serve it with [`serve_control`].
pub fn router(control: Control) -> Router {
    let shared = share(control.site.clone());
    let api = Router::new().nest("/api", super::routes(&shared)).with_state(shared);
    let own = Router::new()
        .route("/control/status", get(status::status))
        .route("/control/tasks", get(tasks::list))
        .route("/control/clients/{id}/health", get(health::of))
        .route("/control/clients/{id}/logs", get(logs::last))
        .route("/control/audit", get(audit::since))
        .route("/control/operators", get(operators::list))
        .route("/control/operators/link", post(operators::link))
        .route("/control/operators/{id}", delete(operators::remove))
        .route("/control/backup", get(backup::show).post(backup::create))
        .route("/control/database", get(database::show))
        .route("/control/tls", get(tls::show))
        .route("/control/tls/renew", post(tls::renew))
        .with_state(Arc::new(control));
    api.merge(own)
        .fallback(no_route)
        .method_not_allowed_fallback(other_method)
        .layer(from_fn(introduce))
        .layer(from_fn(observe::observe))
}

/// Says who calls, for the audit log.
async fn introduce(
    ConnectInfo(peer): ConnectInfo<Peer>,
    mut request: Request,
    next: Next,
) -> Response {
    request.extensions_mut().insert(Actor::Cli(peer.uid));
    next.run(request).await
}

type Held = State<Arc<Control>>;
