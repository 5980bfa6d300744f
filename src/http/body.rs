//! A request's body: bounded in size and in time.

use std::time::Duration;

use axum::body::{Body, HttpBody};
use futures::StreamExt;

/// How long a body may take to arrive.
const WITHIN: Duration = Duration::from_secs(10);
/// How much of a body that is refused is read, so that its sender sees the answer.
const DISCARDED_BYTES: usize = 4 * 1024 * 1024;

/// Why there is no body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unread {
    TooLarge,
    TooSlow,
    Broken,
}

/// Reads a body of at most `limit` bytes, with or without a length told beforehand.
pub(super) async fn read(body: Body, limit: usize) -> Result<Vec<u8>, Unread> {
    tokio::time::timeout(WITHIN, collect(body, limit)).await.unwrap_or(Err(Unread::TooSlow))
}

/// Reads a body away. A connection that is closed with unread bytes loses the answer too.
pub(super) async fn discard(body: Body) {
    let mut stream = body.into_data_stream();
    let mut left = DISCARDED_BYTES;
    let all = async {
        while let Some(Ok(chunk)) = stream.next().await {
            left = left.saturating_sub(chunk.len());
            if left == 0 {
                break;
            }
        }
    };
    if tokio::time::timeout(WITHIN, all).await.is_err() {
        tracing::debug!(event = "http.slow_body", "a refused body came too slowly");
    }
}

async fn collect(body: Body, limit: usize) -> Result<Vec<u8>, Unread> {
    let told = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if told > limit {
        discard(body).await;
        return Err(Unread::TooLarge);
    }
    let mut bytes = Vec::with_capacity(told);
    let mut stream = body.into_data_stream();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| Unread::Broken)?;
        if bytes.len() + chunk.len() > limit {
            discard(Body::from_stream(stream)).await;
            return Err(Unread::TooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}
