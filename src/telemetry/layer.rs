//! Gathers the fields of events and of the spans around them.

use tracing::span::{Attributes, Id, Record as Values};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use super::record::{Fields, Record};
use crate::clock::Clock;

/// Makes a [`Record`] of each event and gives it to `emit`.
pub(super) struct Records<E> {
    role: &'static str,
    clock: Clock,
    emit: E,
}

impl<E> Records<E> {
    pub(super) const fn new(role: &'static str, emit: E) -> Self {
        // The log tells when things happened on this host, even if a test moves the role's clock.
        Self { role, clock: Clock::system(), emit }
    }
}

impl<S, E> Layer<S> for Records<E>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
    E: Fn(&Record<'_>) + 'static,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        span.extensions_mut().replace(fields);
    }

    fn on_record(&self, id: &Id, values: &Values<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(fields) = span.extensions_mut().get_mut::<Fields>() {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        for span in context
            .event_scope(event)
            .into_iter()
            .flat_map(tracing_subscriber::registry::Scope::from_root)
        {
            if let Some(inherited) = span.extensions().get::<Fields>() {
                fields.extend(inherited);
            }
        }
        event.record(&mut fields);
        let (time, role) = (self.clock.now(), self.role);
        (self.emit)(&Record { time, role, metadata: event.metadata(), fields });
    }
}
