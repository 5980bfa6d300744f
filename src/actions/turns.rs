//! What brings a client's bot up or down is done one after the other.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OwnedMutexGuard;

use crate::domain::ids::ClientId;

/// The turns of all clients; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Turns(Arc<Mutex<HashMap<ClientId, Arc<tokio::sync::Mutex<()>>>>>);

impl Turns {
    /// Waits until nothing else is done about the client; the turn ends with what is returned.
    pub(super) async fn turn(&self, client: ClientId) -> OwnedMutexGuard<()> {
        let turn = {
            let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            turns.retain(|_, turn| Arc::strong_count(turn) > 1);
            turns.entry(client).or_default().clone()
        };
        turn.lock_owned().await
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn one_client_waits_for_itself_alone() {
        let turns = Turns::default();
        let (one, other) = (ClientId::from_bits(1), ClientId::from_bits(2));
        let turn = turns.turn(one).await;
        assert!(turns.turn(one).now_or_never().is_none());
        assert!(turns.clone().turn(other).now_or_never().is_some());
        drop(turn);
        assert!(turns.turn(one).now_or_never().is_some());
    }
}
