//! The plain listener: opened with a reason when it cannot be, closed within bounds.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::public::{Bounds, Crowd, Door, accept};
use crate::metrics::Gauge;

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
/// in hand end, and returns after at most 11 s.
pub async fn serve(listener: TcpListener, router: Router, stop: CancellationToken) {
    let (bounds, open) = (Bounds::of_this_process().for_a_proxy(), Gauge::default());
    let crowd = Crowd::trusting(bounds, Vec::new());
    let door = Door { router, tls: None, crowd, bounds, open };
    accept(listener, Arc::new(door), &stop).await;
}

#[cfg(test)]
mod tests {
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
