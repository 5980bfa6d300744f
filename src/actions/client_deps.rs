//! What the actions of a client's bot work with.

use std::sync::Arc;

use tokio::sync::watch;

use crate::clock::Clock;
use crate::domain::profile::Profile;
use crate::domain::service::Service;
use crate::domain::settings::Settings;
use crate::external::gateway::Gateway;
use crate::store::{Store, StoreError, services, settings};
use crate::texts::Words;

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

    /// Returns the language that the bot speaks now.
    ///
    /// # Errors
    ///
    /// As [`ClientDeps::settings`].
    pub fn words(&self) -> Result<Words, StoreError> {
        let chosen = self.settings()?.language;
        Ok(Words::new(chosen.unwrap_or_else(|| self.profile.borrow().locale)))
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

#[cfg(test)]
pub(super) mod testing {
    use jiff::Timestamp;
    use jiff::tz::TimeZone;
    use tempfile::TempDir;

    use super::*;
    use crate::domain::ids::{ClientId, UserId};
    use crate::domain::locale::Locale;
    use crate::domain::profile::ServiceLevel;
    use crate::store::Options;

    /// Returns what actions need, with a gateway that leads nowhere, at a salon in Moscow.
    pub(in crate::actions) fn deps(now: Timestamp) -> (TempDir, ClientDeps) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("client.redb");
        let store = Store::open(&path, Options { cache_bytes: 1 << 20 }).unwrap();
        let profile = Profile {
            version: 1,
            client: ClientId::from_bits(1),
            company: "Salon".parse().unwrap(),
            owner: UserId::new(111).unwrap(),
            bot: "salon_bot".parse().unwrap(),
            zone: TimeZone::get("Europe/Moscow").unwrap(),
            locale: Locale::Ru,
            service: ServiceLevel::Full,
            sales_bot: None,
            support: String::new(),
            backup: None,
            seed: None,
            is_leaving: false,
        };
        let (clock, _) = Clock::stopped(now);
        let gateway = Gateway::new(&dir.path().join("nowhere.sock")).unwrap();
        let profile = watch::Sender::new(Arc::new(profile)).subscribe();
        (dir, ClientDeps { store, clock, gateway, profile })
    }
}
