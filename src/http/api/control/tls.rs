//! The certificate, for the command line.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::Timestamp;
use serde::Serialize;
use tokio::sync::Notify;

use super::Held;
use crate::config::Tls;
use crate::external::certificates::Certificates;
use crate::http::problem::{Kind, Problem};
use crate::store::certificates;

/// What the command line may see and have done of the certificate.
#[derive(Clone, Debug)]
pub struct TlsDesk {
    /// What is shown.
    pub certificates: Certificates,
    /// Wakes whoever gets certificates.
    pub again: Arc<Notify>,
}

#[derive(Serialize)]
pub(super) struct TlsView {
    mode: &'static str,
    domain: Option<String>,
    certificate: Option<CertificateView>,
    trouble: Option<TroubleView>,
}

#[derive(Serialize)]
struct CertificateView {
    names: Vec<String>,
    not_before: Timestamp,
    not_after: Timestamp,
    renewed_at: Timestamp,
}

#[derive(Serialize)]
struct TroubleView {
    failures: u32,
    words: String,
    next_attempt_at: Option<Timestamp>,
}

/// `GET /control/tls`
pub(super) async fn show(State(control): Held) -> Result<Json<TlsView>, Problem> {
    let deps = &control.site.deps;
    let mode = match &deps.config.tls {
        Tls::Acme(_) => "acme",
        Tls::Files { .. } => "files",
        Tls::Off => "off",
    };
    let shown = control.tls.as_ref().and_then(|desk| desk.certificates.shown());
    let certificate = shown.map(|shown| CertificateView {
        names: shown.names().to_vec(),
        not_before: shown.not_before(),
        not_after: shown.not_after(),
        renewed_at: shown.renew_at(),
    });
    let trouble = match mode {
        "acme" => deps.store.read(|snap| certificates::trouble(snap))?,
        _ => None,
    };
    let trouble = trouble.map(|it| TroubleView {
        failures: it.ladder.failures,
        words: it.words,
        next_attempt_at: it.ladder.not_before(),
    });
    let domain = deps.config.server.domain.clone();
    Ok(Json(TlsView { mode, domain, certificate, trouble }))
}

/// `POST /control/tls/renew`: asks for a new certificate, or reads the files again.
pub(super) async fn renew(State(control): Held) -> Result<StatusCode, Problem> {
    let desk = control.tls.as_ref().ok_or_else(|| Problem::new(Kind::NotFound))?;
    desk.again.notify_one();
    Ok(StatusCode::ACCEPTED)
}
