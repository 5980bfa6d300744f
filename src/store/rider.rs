//! Work that rides along in the commits of others.

use super::{StoreError, Txn};

/// Takes part in every batch of writes, so that what it has to write needs no commit of its own.
///
/// It is called by the writer's thread: it must be short, and must not wait for the store.
pub trait Rider: Send + Sync {
    /// Does what there is to do in the transaction of a batch, all of whose members have run; writes
    /// nothing if there is nothing to do.
    ///
    /// What comes of it must not be used before [`Rider::arrived`] says that it is on disk.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError`]; then nothing of it is kept, and the batch goes on without it.
    fn ride(&self, txn: &Txn<'_>) -> Result<(), StoreError>;

    /// Says how the batch ended, once for each batch, whether its turn to ride came or not.
    fn arrived(&self, committed: Result<(), StoreError>);
}
