//! Copies of clients' databases that are wished for and not here yet.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use crate::domain::ids::ClientId;

/// What is wished for, client by client; cheap to clone.
///
/// A wish is told to the client's bot in its profile, and the bot sends the copy under the wish's
/// number. Wishes live in memory: the job that has one wishes anew after a restart.
#[derive(Clone, Debug, Default)]
pub struct Backups(Arc<Mutex<HashMap<ClientId, Wish>>>);

#[derive(Debug)]
struct Wish {
    number: u64,
    place: Place,
    /// Whether the copy is coming in.
    is_coming: bool,
    here: oneshot::Sender<PathBuf>,
}

/// Where a copy goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Among the client's copies, under the time.
    Kept,
    /// A file in passing, which whoever wished for it puts into a backup of the host.
    InPassing,
    /// The last one before the bot is stopped, in the place of an earlier one.
    Parting,
}

/// A wish that is waited for; it is withdrawn when nobody waits any more.
#[derive(Debug)]
pub(super) struct Awaited {
    backups: Backups,
    client: ClientId,
    number: u64,
    here: oneshot::Receiver<PathBuf>,
}

/// A copy that is coming in. Another try is possible once it was dropped.
#[derive(Debug)]
pub(super) struct Coming {
    backups: Backups,
    client: ClientId,
    number: u64,
    place: Place,
}

impl Backups {
    /// Returns the number of the copy that is wished for from this client.
    pub fn wished(&self, client: ClientId) -> Option<u64> {
        self.lock().get(&client).map(|wish| wish.number)
    }

    /// Wishes for a copy, unless one is wished for already.
    pub(super) fn wish(&self, client: ClientId, number: u64, place: Place) -> Option<Awaited> {
        let mut wishes = self.lock();
        if wishes.contains_key(&client) {
            return None;
        }
        let (told, here) = oneshot::channel();
        wishes.insert(client, Wish { number, place, is_coming: false, here: told });
        Some(Awaited { backups: self.clone(), client, number, here })
    }

    /// Lets a copy in that was wished for under this number, one at a time.
    pub(super) fn let_in(&self, client: ClientId, number: u64) -> Option<Coming> {
        let mut wishes = self.lock();
        let wish = wishes.get_mut(&client).filter(|it| it.number == number && !it.is_coming)?;
        wish.is_coming = true;
        Some(Coming { backups: self.clone(), client, number, place: wish.place })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ClientId, Wish>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Awaited {
    /// Waits until the copy is here, verified and on disk, and returns where.
    pub(super) async fn here(&mut self) -> PathBuf {
        match (&mut self.here).await {
            Ok(path) => path,
            Err(_) => std::future::pending().await, // Only this takes the wish back.
        }
    }
}

impl Drop for Awaited {
    fn drop(&mut self) {
        let mut wishes = self.backups.lock();
        if wishes.get(&self.client).is_some_and(|wish| wish.number == self.number) {
            wishes.remove(&self.client);
        }
    }
}

impl Coming {
    /// Returns where the copy goes.
    pub(super) const fn place(&self) -> Place {
        self.place
    }

    /// Tells whoever waits that the copy is here, and returns whether anybody does.
    pub(super) fn arrive(self, path: PathBuf) -> bool {
        let mut wishes = self.backups.lock();
        if wishes.get(&self.client).is_some_and(|wish| wish.number == self.number)
            && let Some(wish) = wishes.remove(&self.client)
        {
            return wish.here.send(path).is_ok();
        }
        false
    }
}

impl Drop for Coming {
    fn drop(&mut self) {
        if let Some(wish) = self.backups.lock().get_mut(&self.client)
            && wish.number == self.number
        {
            wish.is_coming = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    const ID: ClientId = ClientId::from_bits(1);

    #[tokio::test]
    async fn a_wish_is_fulfilled_once_by_its_own_number() {
        let backups = Backups::default();
        let mut awaited = backups.wish(ID, 7, Place::InPassing).unwrap();
        assert!(backups.wish(ID, 8, Place::Kept).is_none());
        assert_eq!(backups.wished(ID), Some(7));
        assert!(backups.let_in(ID, 8).is_none());
        let broken = backups.let_in(ID, 7).unwrap();
        assert!(backups.let_in(ID, 7).is_none());
        drop(broken);
        let coming = backups.let_in(ID, 7).unwrap();
        assert_eq!(coming.place(), Place::InPassing);
        assert!(coming.arrive(PathBuf::from("copy")));
        assert_eq!(awaited.here().await, Path::new("copy"));
        assert_eq!(backups.wished(ID), None);
    }

    #[test]
    fn a_wish_that_nobody_waits_for_is_withdrawn() {
        let backups = Backups::default();
        let awaited = backups.wish(ID, 7, Place::Kept).unwrap();
        let coming = backups.let_in(ID, 7).unwrap();
        drop(awaited);
        assert_eq!(backups.wished(ID), None);
        assert!(!coming.arrive(PathBuf::from("copy")));
    }
}
