//! Overhears the journal of `serve` for the demo's transcript.

use std::fmt::Debug;

use tokio::sync::mpsc;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, Layer};

/// A layer that hands on the id and the message of each event that an operator would notice.
pub struct Narrator(mpsc::UnboundedSender<String>);

impl Narrator {
    /// Makes the layer and where its lines come out.
    pub fn new() -> (Self, mpsc::UnboundedReceiver<String>) {
        let (lines, heard) = mpsc::unbounded_channel();
        (Self(lines), heard)
    }
}

#[derive(Default)]
struct Line {
    event: Option<String>,
    message: String,
}

impl Visit for Line {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "event" => self.event = Some(value.to_owned()),
            "message" => value.clone_into(&mut self.message),
            _ => {}
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.record_str(field, &format!("{value:?}"));
    }
}

impl<S: Subscriber> Layer<S> for Narrator {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if *event.metadata().level() > Level::INFO {
            return;
        }
        let mut line = Line::default();
        event.record(&mut line);
        if let Some(id) = line.event.filter(|id| !is_noise(id)) {
            self.0.send(format!("{id:<24} {}", line.message)).ok();
        }
    }
}

/// What each request and each child's line says would drown the story.
fn is_noise(id: &str) -> bool {
    id.starts_with("http.") || id.starts_with("client.output") || id.starts_with("boot.")
}
