//! The plain listener: words for the authority, and the way to HTTPS for everybody else.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{ConnectInfo, Path, Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION, RETRY_AFTER};
use axum::http::{Method, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;

use crate::external::certificates::Certificates;
use crate::http::limits::{Class, Limits, whole_seconds};
use crate::texts::{Words, page};

#[derive(Clone)]
struct Plain {
    certificates: Certificates,
    words: Words,
    limits: Arc<Limits>,
}

/// Returns what the plain listener answers.
pub(super) fn router(certificates: Certificates, words: Words, limits: Limits) -> Router {
    Router::new()
        .route("/.well-known/acme-challenge/{token}", get(prove))
        .fallback(lead)
        .with_state(Plain { certificates, words, limits: Arc::new(limits) })
}

/// An authority that looks for its proof is never held up.
async fn prove(State(plain): State<Plain>, Path(token): Path<String>) -> Response {
    match plain.certificates.words(&token) {
        Some(words) => ([(CONTENT_TYPE, "application/octet-stream")], words).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Leads to the same address under HTTPS; as long as there is no certificate, says so.
async fn lead(
    State(plain): State<Plain>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    if let Err(pause) = plain.limits.admit(Class::Lost, peer.ip()) {
        let headers = [(RETRY_AFTER, whole_seconds(pause).to_string())];
        return (StatusCode::TOO_MANY_REQUESTS, headers).into_response();
    }
    if plain.certificates.shown().is_none() {
        return not_yet(plain.words);
    }
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let path = if path.starts_with('/') { path } else { "/" };
    let to = format!("https://{}{path}", plain.certificates.domain());
    let status = match *request.method() {
        Method::GET | Method::HEAD => StatusCode::MOVED_PERMANENTLY,
        _ => StatusCode::PERMANENT_REDIRECT,
    };
    (status, [(LOCATION, to)]).into_response()
}

fn not_yet(words: Words) -> Response {
    let (title, text) = (page::no_certificate_title(words), page::no_certificate_text(words));
    let html = format!(
        "<!doctype html><html lang=\"{}\"><meta charset=\"utf-8\"><title>{title}</title>\
         <h1>{title}</h1><p>{text}</p></html>",
        words.locale().code(),
    );
    let headers = [(RETRY_AFTER, "60"), (CACHE_CONTROL, "no-store")];
    (StatusCode::SERVICE_UNAVAILABLE, headers, Html(html)).into_response()
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use tower::ServiceExt;

    use super::*;
    use crate::domain::locale::Locale;
    use crate::external::certificates::{Certificate, Proof};

    async fn ask(router: &Router, method: Method, uri: &str) -> (u16, String, String) {
        let peer = ConnectInfo(SocketAddr::from(([203, 0, 113, 1], 1)));
        let request = Request::builder().method(method).uri(uri).extension(peer);
        let request = request.body(Body::empty()).unwrap();
        let response = router.clone().oneshot(request).await.unwrap();
        let to = response.headers().get(LOCATION).map(|it| it.to_str().unwrap().to_owned());
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body(), 10_000).await.unwrap();
        (status, to.unwrap_or_default(), String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn the_plain_listener_proves_the_name_and_leads_to_https() {
        let certificates = Certificates::of("bots.example.ru");
        let limits = Limits::sparing(Vec::new());
        let router = router(certificates.clone(), Words::new(Locale::En), limits);
        let (status, _, text) = ask(&router, Method::GET, "/docs").await;
        assert!(status == 503 && text.contains("no certificate yet"), "{text}");

        let (token, words) = ("t".to_owned(), "t.key".to_owned());
        certificates.prove(Some(Proof::Words { token, words }));
        let challenge = |token: &str| format!("/.well-known/acme-challenge/{token}");
        assert_eq!(ask(&router, Method::GET, &challenge("t")).await.2, "t.key");
        assert_eq!(ask(&router, Method::GET, &challenge("other")).await.0, 404);
        certificates.prove(None);
        assert_eq!(ask(&router, Method::GET, &challenge("t")).await.0, 404);

        let key = rcgen::KeyPair::generate().unwrap();
        let params = rcgen::CertificateParams::new(vec!["bots.example.ru".to_owned()]).unwrap();
        let chain = params.self_signed(&key).unwrap().pem();
        let pem = key.serialize_pem();
        certificates.show(Certificate::read(chain.as_bytes(), pem.as_bytes()).unwrap());
        let to = |path: &str| format!("https://bots.example.ru{path}");
        let (status, location, _) = ask(&router, Method::GET, "/docs?a=1").await;
        assert_eq!((status, location), (301, to("/docs?a=1")));
        let (status, location, _) = ask(&router, Method::POST, "//evil.example/").await;
        assert_eq!((status, location), (308, to("//evil.example/")));
        let (_, location, _) = ask(&router, Method::GET, "http://evil.example/x").await;
        assert_eq!(location, to("/x"));

        // Whoever asks on and on is told to wait; the authority never is.
        let mut asked = 0;
        while ask(&router, Method::GET, "/").await.0 == 301 {
            asked += 1;
        }
        assert!((30..90).contains(&asked), "{asked}");
        assert_eq!(ask(&router, Method::GET, "/").await.0, 429);
        assert_eq!(ask(&router, Method::GET, &challenge("t")).await.0, 404);
    }
}
