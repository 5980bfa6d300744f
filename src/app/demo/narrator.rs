//! Overhears the journal of `serve`, for the demo's transcript and its page.

use std::fmt::{self, Debug};

use tokio::sync::mpsc;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::LookupSpan;

use crate::domain::scrub::scrub;

/// One record of the journal that an operator would notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// Its id, such as `payment.settled`.
    pub event: String,
    /// How bad it is.
    pub level: Level,
    /// What it says.
    pub message: String,
    /// The client that it is about.
    pub client: Option<String>,
}

impl fmt::Display for Heard {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:<24} {}", self.event, self.message)
    }
}

/// A layer that hands on each event that an operator would notice.
pub struct Narrator(mpsc::UnboundedSender<Heard>);

impl Narrator {
    /// Makes the layer and where its records come out.
    pub fn new() -> (Self, mpsc::UnboundedReceiver<Heard>) {
        let (records, heard) = mpsc::unbounded_channel();
        (Self(records), heard)
    }
}

/// What is kept of an event's fields, and of those of the spans around it.
#[derive(Clone, Default)]
struct Fields {
    event: Option<String>,
    message: String,
    client: Option<String>,
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "event" => self.event = Some(value.to_owned()),
            "client" => self.client = Some(value.to_owned()),
            "message" => self.message = scrub(value).into_owned(),
            _ => {}
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.record_str(field, &format!("{value:?}"));
    }
}

impl<S> Layer<S> for Narrator
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        span.extensions_mut().replace(fields);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(fields) = span.extensions_mut().get_mut::<Fields>() {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let level = *event.metadata().level();
        if level > Level::INFO {
            return;
        }
        let mut fields = Fields::default();
        event.record(&mut fields);
        let Some(id) = fields.event.filter(|id| !is_noise(id)) else { return };
        let mut around = context.event_scope(event).into_iter().flatten();
        let client = fields.client.or_else(|| {
            let of_span = |span: tracing_subscriber::registry::SpanRef<'_, S>| {
                span.extensions().get::<Fields>().and_then(|fields| fields.client.clone())
            };
            around.find_map(of_span)
        });
        let heard = Heard { event: id, level, message: fields.message, client };
        self.0.send(heard).ok(); // Nobody listens any more: then nobody is told.
    }
}

/// What each request and each child's line says would drown the story.
fn is_noise(id: &str) -> bool {
    id.starts_with("http.") || id.starts_with("client.output") || id.starts_with("boot.")
}
