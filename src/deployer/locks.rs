//! One lock for each client, so that no two verbs about one client meet.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OwnedMutexGuard;

use crate::domain::ids::ClientId;

/// The locks that somebody holds or waits for.
#[derive(Debug, Default)]
pub(super) struct Locks(Mutex<HashMap<ClientId, Arc<tokio::sync::Mutex<()>>>>);

impl Locks {
    /// Waits until nothing else is done about the client; the turn ends with what is returned.
    pub(super) async fn turn(&self, client: ClientId) -> OwnedMutexGuard<()> {
        let lock = {
            let mut locks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            locks.retain(|_, lock| Arc::strong_count(lock) > 1);
            locks.entry(client).or_default().clone()
        };
        lock.lock_owned().await
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn turns_of_one_client_follow_each_other() {
        let locks = Locks::default();
        let (one, other) = (ClientId::from_bits(1), ClientId::from_bits(2));
        let turn = locks.turn(one).await;
        assert!(locks.turn(one).now_or_never().is_none());
        assert!(locks.turn(other).now_or_never().is_some());
        drop(turn);
        assert!(locks.turn(one).now_or_never().is_some());
    }
}
