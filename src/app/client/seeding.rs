//! Before a bot opens its database: the host may have another one for it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::{FIRST_PAUSE, PREDECESSOR_ENDS_WITHIN, note, rest};
use crate::actions::take_seed::take_seed;
use crate::domain::profile::Profile;
use crate::external::gateway::Gateway;

/// A seed that could not be taken is tried again after so long at most, or when
/// the profile changes.
const LONGEST_PAUSE: Duration = Duration::from_mins(5);

/// Asks for the profile, and takes the seed that it speaks of before anything else happens.
pub(super) struct Seeding {
    gateway: Gateway,
    database: PathBuf,
    /// The seed that was taken; the profile may speak of it for a moment longer.
    taken: Option<u64>,
}

impl Seeding {
    /// `database` is where the seed goes.
    pub(super) const fn new(gateway: Gateway, database: PathBuf) -> Self {
        Self { gateway, database, taken: None }
    }

    /// Returns the profile once the bot has the data that it shall serve with. The database must
    /// not be open in this process.
    pub(super) async fn profile(&mut self) -> Profile {
        let mut pause = FIRST_PAUSE;
        loop {
            let profile = self.ask().await;
            let Some(number) = self.wanted(&profile) else { return profile };
            if self.take(number).await {
                self.taken = Some(number);
                pause = FIRST_PAUSE;
            } else {
                timeout(pause, self.another(profile.version)).await.ok();
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }

    /// Returns when the profile has changed.
    async fn another(&self, known: u64) {
        let mut pause = FIRST_PAUSE;
        loop {
            match self.gateway.profile(Some(known)).await {
                Ok(profile) if profile.version != known => return,
                Ok(_) => {}
                Err(_) => rest(&mut pause).await,
            }
        }
    }

    /// Cancels `serving` when there is a seed to be taken, or when the bot is to give its data away,
    /// or to serve again; returns when it is cancelled.
    pub(super) async fn interrupt(
        &self,
        mut profile: watch::Receiver<Arc<Profile>>,
        serving: &CancellationToken,
    ) {
        let was_leaving = profile.borrow().is_leaving;
        let is_other =
            |it: &Arc<Profile>| self.wanted(it).is_some() || it.is_leaving != was_leaving;
        let seen = async { profile.wait_for(is_other).await.map(drop) };
        if let Some(Ok(())) = serving.run_until_cancelled(seen).await {
            tracing::info!(
                event = "client.interrupted",
                "the host wants something else of the bot"
            );
            serving.cancel();
        }
    }

    fn wanted(&self, profile: &Profile) -> Option<u64> {
        profile.seed.filter(|seed| self.taken != Some(*seed))
    }

    /// Takes the seed, or says why it cannot be taken.
    async fn take(&self, number: u64) -> bool {
        let taken = take_seed(&self.gateway, &self.database, number, PREDECESSOR_ENDS_WITHIN).await;
        let Err(err) = taken else { return true };
        tracing::warn!(
            event = "client.seed_failed",
            error = &err as &dyn std::error::Error,
            "could not take the seed"
        );
        if let Some(why) = err.refusal()
            && let Err(err) = self.gateway.seed_refused(number, why).await
        {
            note(&err);
        }
        false
    }

    /// Asks the gateway for the profile, until it answers.
    async fn ask(&self) -> Profile {
        let mut pause = FIRST_PAUSE;
        loop {
            match self.gateway.profile(None).await {
                Ok(profile) => return profile,
                Err(err) => tracing::warn!(event = "client.no_profile", "{err}"),
            }
            rest(&mut pause).await;
        }
    }
}
