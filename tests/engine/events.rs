//! What is logged in a test, by the ids of its events.

use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::subscriber::DefaultGuard;
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};

/// The events that were logged in this thread since it was made.
pub struct Events {
    heard: Heard,
    _guard: DefaultGuard,
}

#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Vec<String>>>);

impl Events {
    /// Listens until this ends.
    pub fn listen() -> Self {
        let heard = Heard::default();
        let subscriber = tracing_subscriber::registry().with(heard.clone());
        Self { heard, _guard: tracing::subscriber::set_default(subscriber) }
    }

    /// How often this event was logged.
    pub fn count(&self, event: &str) -> usize {
        self.heard.0.lock().unwrap().iter().filter(|heard| *heard == event).count()
    }
}

impl<S: Subscriber> Layer<S> for Heard {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        event.record(&mut self.clone());
    }
}

impl Visit for Heard {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "event" {
            self.0.lock().unwrap().push(value.to_owned());
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}
