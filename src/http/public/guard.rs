//! What every request from outside passes: the right name, a pace, and headers on the answer.

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{
    CONTENT_LENGTH, CONTENT_SECURITY_POLICY, HOST, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    TRANSFER_ENCODING, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::uri::Authority;
use axum::http::{HeaderName, HeaderValue, StatusCode, Version};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};

use crate::external::certificates::Certificates;

/// What answers have that say nothing of it themselves.
const HEADERS: [(HeaderName, HeaderValue); 5] = [
    (STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000")),
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; base-uri 'none'; frame-ancestors 'none'"),
    ),
];

/// Puts the guard before a router.
pub(super) fn around(router: Router, certificates: Certificates) -> Router {
    router.layer(from_fn_with_state(certificates, guard))
}

async fn guard(State(certificates): State<Certificates>, request: Request, next: Next) -> Response {
    let mut response = match check(&request, &certificates) {
        Ok(()) => next.run(request).await,
        Err((status, why)) => (status, format!("{why}\n")).into_response(),
    };
    for (name, value) in HEADERS {
        response.headers_mut().entry(name).or_insert(value);
    }
    response
}

/// Refuses a request for another host, and one whose end can be read in two ways.
fn check(request: &Request, certificates: &Certificates) -> Result<(), (StatusCode, &'static str)> {
    let headers = request.headers();
    if headers.contains_key(TRANSFER_ENCODING) && headers.contains_key(CONTENT_LENGTH) {
        return Err((StatusCode::BAD_REQUEST, "two lengths of one body"));
    }
    let mut hosts = headers.get_all(HOST).iter();
    let (host, second) = (hosts.next(), hosts.next());
    let host = host.and_then(|host| host.to_str().ok());
    let authority = request.uri().authority().map(Authority::as_str);
    let named = match (authority, host, second) {
        (_, _, Some(_)) => return Err((StatusCode::BAD_REQUEST, "two hosts")),
        (Some(authority), Some(host), None) if authority != host => {
            return Err((StatusCode::BAD_REQUEST, "two hosts"));
        }
        (Some(named), ..) | (None, Some(named), None) => named,
        (None, None, None) if request.version() == Version::HTTP_10 => return Ok(()),
        (None, None, None) => return Err((StatusCode::BAD_REQUEST, "no host")),
    };
    let name = host_of(named);
    if certificates.has_name(name) {
        Ok(())
    } else {
        Err((StatusCode::MISDIRECTED_REQUEST, "no such host here"))
    }
}

/// Takes the port off.
pub(super) fn host_of(named: &str) -> &str {
    let host = named.rsplit_once(':').map_or(named, |(host, _)| host);
    host.strip_suffix('.').unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    #[test]
    fn a_request_must_name_this_host_once() {
        let certificates = Certificates::of("bots.example.ru");
        let verdict = |uri: &str, headers: &[(&str, &str)]| {
            let mut request = Request::builder().uri(uri);
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            let request = request.body(Body::empty()).unwrap();
            check(&request, &certificates).map_err(|(status, _)| status.as_u16())
        };
        let ours = ("host", "bots.example.ru");
        assert_eq!(verdict("/", &[ours]), Ok(()));
        assert_eq!(verdict("/", &[("host", "BOTS.example.ru:443")]), Ok(()));
        assert_eq!(verdict("/", &[("host", "bots.example.ru.")]), Ok(()));
        assert_eq!(verdict("https://bots.example.ru/", &[]), Ok(()));
        assert_eq!(verdict("https://bots.example.ru/", &[ours]), Ok(()));
        assert_eq!(verdict("/", &[("host", "evil.example")]), Err(421));
        assert_eq!(verdict("/", &[("host", "127.0.0.1")]), Err(421));
        assert_eq!(verdict("/", &[("host", "")]), Err(421));
        assert_eq!(verdict("/", &[]), Err(400));
        assert_eq!(verdict("/", &[ours, ours]), Err(400));
        assert_eq!(verdict("https://evil.example/", &[ours]), Err(400));
        let two = [ours, ("content-length", "5"), ("transfer-encoding", "chunked")];
        assert_eq!(verdict("/", &two), Err(400));
    }
}
