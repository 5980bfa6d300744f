//! How the operator's own bots stand with Telegram, for whoever looks at the whole.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How one bot stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beat {
    /// `starting`, `polling`, `webhook`, `conflict`, `unreachable` or `unauthorized`.
    pub state: &'static str,
    /// How long ago the last update came; `None` if none came since the start.
    pub last_update: Option<Duration>,
}

type Probe = Box<dyn Fn() -> Beat + Send + Sync>;

/// The bots that run, and how to ask how each stands; cheap to clone.
#[derive(Clone, Default)]
pub struct Pulse(Arc<Mutex<BTreeMap<&'static str, Probe>>>);

impl Pulse {
    /// Has `probe` tell from now on how the bot `name` stands.
    pub fn watch(&self, name: &'static str, probe: impl Fn() -> Beat + Send + Sync + 'static) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(name, Box::new(probe));
    }

    /// Returns how each bot stands that has been started.
    pub fn look(&self) -> BTreeMap<&'static str, Beat> {
        let probes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        probes.iter().map(|(name, probe)| (*name, probe())).collect()
    }
}

impl fmt::Debug for Pulse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.look()).finish()
    }
}
