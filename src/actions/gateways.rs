//! The line to the gateway: actions open and close clients' sockets through it.

use std::io;

use tokio::sync::{mpsc, oneshot};

use crate::domain::ids::ClientId;
use crate::store::StoreError;
use crate::store::secrets::SealError;

/// Why a client's socket was not opened.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// There is no such client.
    #[error("there is no such client")]
    UnknownClient,
    /// The socket could not be made.
    #[error("cannot make the client's socket")]
    Socket(#[source] io::Error),
    /// It cannot be told whether the client has a seed.
    #[error("cannot look for the client's seed")]
    Seed(#[source] io::Error),
    /// The client's token could not be opened.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The gateway has ended.
    #[error("the gateway is closed")]
    Closed,
}

/// What the gateway is asked to do.
#[derive(Debug)]
pub enum GatewayOrder {
    /// Listen for this client; again is fine.
    Open(ClientId, oneshot::Sender<Result<(), GatewayError>>),
    /// Stop listening for this client and remove its socket.
    Close(ClientId, oneshot::Sender<()>),
}

/// Opens and closes the sockets of clients; cheap to clone.
#[derive(Clone, Debug)]
pub struct GatewayDoor {
    orders: mpsc::Sender<GatewayOrder>,
}

/// The other end of the line, which the gateway takes its orders from.
pub type GatewayOrders = mpsc::Receiver<GatewayOrder>;

impl GatewayDoor {
    /// Makes the line's two ends.
    pub fn new() -> (Self, GatewayOrders) {
        let (orders, received) = mpsc::channel(16);
        (Self { orders }, received)
    }

    /// Opens the client's socket, and returns when its process can connect. Safe to repeat.
    ///
    /// # Errors
    ///
    /// Returns [`GatewayError`], and nothing listens.
    pub async fn open(&self, client: ClientId) -> Result<(), GatewayError> {
        let (done, answer) = oneshot::channel();
        let order = GatewayOrder::Open(client, done);
        self.orders.send(order).await.map_err(|_| GatewayError::Closed)?;
        answer.await.map_err(|_| GatewayError::Closed)?
    }

    /// Closes the client's socket and what is connected to it. Safe to repeat; a gateway that has
    /// ended has closed all of them.
    pub async fn close(&self, client: ClientId) {
        let (done, answer) = oneshot::channel();
        if self.orders.send(GatewayOrder::Close(client, done)).await.is_ok() {
            answer.await.ok();
        }
    }
}
