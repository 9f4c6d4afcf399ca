//! Makes values of the spans that are traced, when they end.

use std::{
    sync::Arc,
    time::{Duration, Instant as Tick},
};

use tracing::{
    Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
    subscriber::Interest,
};
use tracing_subscriber::{
    layer::{Context, Layer},
    registry::LookupSpan,
};

use super::{Shelf, TARGET};
use crate::{model::Instant, neutral::brief};

/// The longest text of an attribute, in characters. Names of the configuration have 64.
const TEXT: usize = 200;

/// Where a span stands: in which trace, and as which.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) trace: [u8; 16],
    pub(super) span: [u8; 8],
}

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Text(String),
    Whole(i64),
    Yes(bool),
}

/// Which side of a request a span is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Kind {
    #[default]
    Internal,
    Client,
}

/// A span that ended.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Finished {
    pub(super) place: Place,
    pub(super) parent: Option<[u8; 8]>,
    pub(super) name: String,
    pub(super) kind: Kind,
    /// Since 1970. Never after `end`.
    pub(super) start: Duration,
    pub(super) end: Duration,
    pub(super) failed: bool,
    pub(super) attributes: Vec<(&'static str, Value)>,
    pub(super) links: Vec<Place>,
}

/// A span under way. All times of a trace are counted from the beginning of its first span, so that a clock that is set meanwhile puts
/// nothing before what it follows from.
struct Open {
    place: Place,
    parent: Option<[u8; 8]>,
    kept: bool,
    epoch: (Duration, Tick),
    begun: Duration,
    fields: Fields,
}

impl Open {
    fn now(&self) -> Duration {
        let (wall, tick) = self.epoch;
        wall.saturating_add(tick.elapsed())
    }
}

/// What was recorded of a span.
#[derive(Default)]
struct Fields {
    name: Option<String>,
    kind: Kind,
    failed: bool,
    attributes: Vec<(&'static str, Value)>,
}

impl Fields {
    fn put(&mut self, field: &Field, value: Value) {
        match (field.name(), value) {
            ("otel.name", Value::Text(name)) => self.name = Some(name),
            ("otel.kind", value) => self.kind = if value == Value::Text("client".to_owned()) { Kind::Client } else { Kind::Internal },
            ("otel.status_code", value) => self.failed = value == Value::Text("ERROR".to_owned()),
            (name, value) => match self.attributes.iter_mut().find(|(known, _)| *known == name) {
                Some((_, known)) => *known = value,
                None => self.attributes.push((name, value)),
            },
        }
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find_map(|(known, value)| match value {
            Value::Text(text) if *known == name => Some(text.as_str()),
            _ => None,
        })
    }

    fn whole(&self, name: &str) -> Option<i64> {
        self.attributes.iter().find_map(|(known, value)| match value {
            Value::Whole(number) if *known == name => Some(*number),
            _ => None,
        })
    }
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, Value::Text(brief(value, TEXT)));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, Value::Whole(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, Value::Whole(i64::try_from(value).unwrap_or(i64::MAX)));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, Value::Yes(value));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.put(field, Value::Text(brief(&format!("{value:?}"), TEXT)));
    }
}

/// Puts spans onto a shelf when they end.
#[derive(Debug)]
pub struct Recorder(Arc<Shelf>);

impl Recorder {
    /// Onto that one.
    pub fn new(shelf: Arc<Shelf>) -> Self {
        Self(shelf)
    }

    /// What it hears: without it, spans of everybody.
    pub fn filter(&self) -> Filter {
        Filter(Arc::clone(&self.0))
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Recorder {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        let above = span.parent();
        let above = above.as_ref().map(|above| above.extensions());
        let open = match above.as_ref().and_then(|above| above.get::<Open>()) {
            Some(above) => Open {
                place: Place { span: random(), ..above.place },
                parent: Some(above.place.span),
                kept: above.kept,
                epoch: above.epoch,
                begun: above.now(),
                fields,
            },
            None => {
                let trace: [u8; 16] = random();
                let number = trace.last_chunk::<8>().map_or(0, |last| u64::from_be_bytes(*last));
                let wall = Instant::system().since(Instant::EPOCH);
                let kept = self.0.wants(number);
                Open { place: Place { trace, span: random() }, parent: None, kept, epoch: (wall, Tick::now()), begun: wall, fields }
            }
        };
        drop(above);
        span.extensions_mut().insert(open);
    }

    fn on_record(&self, id: &Id, record: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(open) = span.extensions_mut().get_mut::<Open>() {
            record.record(&mut open.fields);
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else { return };
        let Some(open) = span.extensions_mut().remove::<Open>() else { return };
        if !open.kept {
            return;
        }
        let end = open.now();
        let Open { place, parent, begun, fields, .. } = open;
        let mut links = Vec::new();
        if let (Some(source), Some(first), Some(last)) =
            (fields.text("miro_source.source"), fields.whole("miro_source.log.first"), fields.whole("miro_source.log.last"))
        {
            // Whoever wrote into the log is what its readers are linked to.
            if span.name() == "commit" {
                self.0.trail.stored(source, first..=last, place);
            } else {
                links = self.0.trail.of(source, &(first..=last));
            }
        }
        let Fields { name, kind, failed, attributes } = fields;
        let name = name.unwrap_or_else(|| span.name().to_owned());
        self.0.put(Finished { place, parent, name, kind, start: begun, end, failed, attributes, links });
    }
}

/// Hears the spans of [`TARGET`] while the shelf is open, and nothing else ever.
#[derive(Debug)]
pub struct Filter(Arc<Shelf>);

impl<S> tracing_subscriber::layer::Filter<S> for Filter {
    fn enabled(&self, metadata: &Metadata<'_>, _: &Context<'_, S>) -> bool {
        metadata.is_span() && metadata.target() == TARGET && self.0.is_open()
    }

    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        // Kept by the callsite; opening and closing the shelf has all of them asked again.
        if metadata.is_span() && metadata.target() == TARGET && self.0.is_open() { Interest::always() } else { Interest::never() }
    }

    fn max_level_hint(&self) -> Option<tracing::level_filters::LevelFilter> {
        use tracing::level_filters::LevelFilter;
        Some(if self.0.is_open() { LevelFilter::INFO } else { LevelFilter::OFF })
    }
}

/// An id that nobody else has. All zeros means none.
fn random<const N: usize>() -> [u8; N] {
    let mut id = [0; N];
    // Without randomness the system is in worse trouble than a trace that is lost.
    if getrandom::fill(&mut id).is_err() || id == [0; N] {
        id = [1; N];
    }
    id
}
