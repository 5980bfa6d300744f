//! The plain listener: opened with a reason when it cannot be, closed within bounds.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// How long requests in hand may take once a stop is asked for.
const CLOSING: Duration = Duration::from_secs(10);

/// An address that cannot be listened on.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}: {why}")]
pub struct BindError {
    /// The address.
    pub address: SocketAddr,
    /// What the system says.
    pub why: io::Error,
}

/// Opens a listener.
///
/// # Errors
///
/// Returns [`BindError`], which names the address.
pub async fn bind(address: SocketAddr) -> Result<TcpListener, BindError> {
    TcpListener::bind(address).await.map_err(|why| BindError { address, why })
}

/// Serves `router` on `listener` until `stop`; then takes no more connections, lets the requests
/// in hand end, and returns after at most 10 s.
pub async fn serve(listener: TcpListener, router: Router, stop: CancellationToken) {
    let listener = listener.tap_io(|stream| {
        // An answer must not wait for the next one; if it does, only speed is lost.
        stream.set_nodelay(true).ok();
    });
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let server =
        axum::serve(listener, service).with_graceful_shutdown(stop.clone().cancelled_owned());
    tokio::select! {
        ended = server => {
            if let Err(err) = ended {
                let error = &err as &dyn std::error::Error;
                tracing::error!(event = "http.listener_failed", error, "a listener failed");
            }
        }
        () = overdue(&stop) => {
            tracing::warn!(event = "http.left", "requests were still in hand at the stop");
        }
    }
}

async fn overdue(stop: &CancellationToken) {
    stop.cancelled().await;
    tokio::time::sleep(CLOSING).await;
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::routing::get;
    use tokio::sync::Notify;

    use super::*;

    #[tokio::test]
    async fn an_address_that_is_taken_is_named() {
        let first = bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let address = first.local_addr().unwrap();
        let err = bind(address).await.unwrap_err().to_string();
        assert!(err.starts_with(&format!("cannot listen on {address}: Address")), "{err}");
    }

    #[tokio::test]
    async fn a_request_in_hand_is_answered_before_the_end() {
        let (arrived, leave) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (told, wait) = (arrived.clone(), leave.clone());
        let slow = get(async move || {
            told.notify_one();
            wait.notified().await;
            "done"
        });
        let listener = bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let stop = CancellationToken::new();
        let server = tokio::spawn(serve(listener, Router::new().route("/", slow), stop.clone()));
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let asking = tokio::spawn(client.get(url).send());
        arrived.notified().await;
        stop.cancel();
        leave.notify_one();
        let answer = asking.await.unwrap().unwrap().text().await.unwrap();
        assert_eq!(answer, "done");
        server.await.unwrap();
    }
}
