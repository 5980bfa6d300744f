//! What kinds of answers the caller takes.

use axum::extract::Request;
use axum::http::header::ACCEPT;
use axum::middleware::Next;
use axum::response::Response;

use crate::http::problem::{Kind, Problem};

/// Refuses a request whose `Accept` names no kind of JSON. None at all takes everything.
pub(super) async fn require(request: Request, next: Next) -> Result<Response, Problem> {
    let mut given = request.headers().get_all(ACCEPT).iter().peekable();
    let takes = given.peek().is_none()
        || given.any(|line| line.to_str().is_ok_and(|line| line.split(',').any(takes_json)));
    if takes { Ok(next.run(request).await) } else { Err(Kind::NotAcceptable.into()) }
}

fn takes_json(range: &str) -> bool {
    let mut parts = range.split(';').map(str::trim);
    let media = parts.next().unwrap_or_default().to_ascii_lowercase();
    let is_refused = parts.any(|part| {
        let quality = part.to_ascii_lowercase();
        quality.strip_prefix("q=").and_then(|q| q.parse::<f32>().ok()) == Some(0.0)
    });
    let fits = ["*/*", "application/*", "application/json", "application/problem+json"];
    !is_refused && fits.contains(&&*media)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_kind_of_json_will_do() {
        for fine in ["*/*", "application/json", "Application/JSON; q=0.5", "application/*;q=1"] {
            assert!(takes_json(fine), "{fine}");
        }
        for other in ["text/html", "", "application/json;q=0", "application/xml", "json"] {
            assert!(!takes_json(other), "{other}");
        }
    }
}
