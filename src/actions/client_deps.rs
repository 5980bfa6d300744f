//! What the actions of a client's bot work with.

use std::sync::Arc;

use tokio::sync::watch;

use crate::clock::Clock;
use crate::domain::profile::Profile;
use crate::domain::service::Service;
use crate::domain::settings::Settings;
use crate::external::gateway::Gateway;
use crate::store::{Store, StoreError, services, settings};

/// What the actions of a client's bot work with; cheap to clone.
#[derive(Clone)]
pub struct ClientDeps {
    /// The client's own database.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// The only way out.
    pub gateway: Gateway,
    /// The client's profile, as it changes.
    pub profile: watch::Receiver<Arc<Profile>>,
}

impl ClientDeps {
    /// Returns the client's present profile.
    pub fn profile(&self) -> Arc<Profile> {
        Arc::clone(&self.profile.borrow())
    }

    /// Returns what the owner has set.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError`] if the store cannot be read.
    pub fn settings(&self) -> Result<Settings, StoreError> {
        self.store.read(|snap| settings::get(snap))
    }

    /// Returns what is offered, the oldest first.
    ///
    /// # Errors
    ///
    /// As [`ClientDeps::settings`].
    pub fn services(&self) -> Result<Vec<Service>, StoreError> {
        self.store.read(|snap| services::list(snap))
    }
}
