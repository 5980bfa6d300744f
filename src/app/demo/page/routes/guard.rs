//! Who may use the page: a browser on this machine, on the page itself. Another site that the
//! visitor has open may not, be it by a form, by a script or by a name that leads here.

use axum::extract::Request;
use axum::http::header::{
    CONTENT_SECURITY_POLICY, HOST, ORIGIN, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Nothing comes from elsewhere, and nothing goes elsewhere.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
                      connect-src 'self'; form-action 'self'; base-uri 'none'; \
                      frame-ancestors 'none'";

const HEADERS: [(HeaderName, HeaderValue); 4] = [
    (CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
    (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
];

/// Refuses what does not come from the page, and seals the answer.
pub(super) async fn guard(request: Request, next: Next) -> Response {
    let allowed = is_own(request.method(), request.headers());
    let mut response = if allowed {
        next.run(request).await
    } else {
        (StatusCode::FORBIDDEN, "this page is for a browser on its own machine\n").into_response()
    };
    response.headers_mut().extend(HEADERS);
    response
}

fn is_own(method: &Method, headers: &HeaderMap) -> bool {
    let text = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let Some(host) = text(&HOST).filter(|host| is_loopback(host)) else { return false };
    if method == Method::GET || method == Method::HEAD {
        return true;
    }
    // The browser names a page of no origin, such as one that was opened with `no-referrer`, null.
    let origin = text(&ORIGIN);
    let site = headers.get("sec-fetch-site").and_then(|value| value.to_str().ok());
    match site {
        Some(site) => site == "same-origin",
        None => origin.is_none_or(|origin| origin == format!("http://{host}")),
    }
}

fn is_loopback(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    matches!(name, "localhost" | "[::1]")
        || name.starts_with("127.") && name.parse::<std::net::Ipv4Addr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(method: &Method, headers: &[(&str, &str)]) -> bool {
        let pairs = headers.iter().map(|(name, value)| {
            (name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap())
        });
        is_own(method, &pairs.collect())
    }

    #[test]
    fn only_the_page_itself_may_act() {
        let host = ("host", "127.0.0.1:4780");
        assert!(ask(&Method::GET, &[host]));
        assert!(ask(&Method::GET, &[("host", "localhost:4780")]));
        assert!(ask(&Method::GET, &[("host", "[::1]:4780")]));
        assert!(!ask(&Method::GET, &[("host", "evil.example:4780")]));
        assert!(!ask(&Method::GET, &[("host", "127.evil.example")]));
        assert!(!ask(&Method::GET, &[]));
        assert!(ask(&Method::POST, &[host]));
        assert!(ask(&Method::POST, &[host, ("origin", "http://127.0.0.1:4780")]));
        assert!(ask(&Method::POST, &[host, ("origin", "null"), ("sec-fetch-site", "same-origin")]));
        assert!(!ask(&Method::POST, &[host, ("origin", "http://127.0.0.1:4781")]));
        assert!(!ask(&Method::POST, &[host, ("origin", "null")]));
        assert!(!ask(&Method::POST, &[host, ("sec-fetch-site", "cross-site")]));
        assert!(!ask(&Method::POST, &[host, ("sec-fetch-site", "same-site")]));
    }
}
