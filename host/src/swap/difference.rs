//! What a candidate does differently from the generation that made a transcript, by field.

use std::collections::{BTreeMap, BTreeSet};

use audit_pipeline::{source::Page, types::Event};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::transcript::{Asked, Transcript};
use crate::neutral::brief;

/// The longest value that is shown.
const SHOWN: usize = 120;

/// Where a difference lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// What it asks the vendor.
    Request,
    /// What it makes of the answer.
    Event,
    /// The rest of the page: checkpoint, progress, what to do next, notes.
    Page,
}

impl Part {
    /// For people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Event => "event",
            Self::Page => "page",
        }
    }
}

/// One field that differs, over all transcripts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// Where.
    pub part: Part,
    /// Which field, by its path.
    pub field: String,
    /// How often.
    pub count: u64,
    /// The source and, for an event, its id, of the first.
    pub example: String,
    /// What it was there. `None`: nothing.
    pub before: Option<String>,
    /// What it is with the candidate. `None`: nothing.
    pub after: Option<String>,
}

/// Gathers differences, one entry a field.
#[derive(Debug, Default)]
pub(super) struct Differences(BTreeMap<(Part, String), Difference>);

impl Differences {
    /// All of them, requests before events before the rest.
    pub(super) fn into_vec(self) -> Vec<Difference> {
        self.0.into_values().collect()
    }

    /// What a candidate asked, beside what was asked.
    pub(super) fn request(&mut self, source: &str, transcript: &Transcript, after: Option<&Asked>) {
        let before = transcript.exchange.as_ref().map(|exchange| &exchange.request);
        if before == after {
            return;
        }
        let (before, after) = (before.map(request).unwrap_or(Value::Null), after.map(request).unwrap_or(Value::Null));
        self.values(Part::Request, source, "", &before, &after);
    }

    /// What a candidate made of the answer, beside what was made of it.
    pub(super) fn page(&mut self, source: &str, before: &Page, after: &Page) {
        if before == after {
            return;
        }
        let (was, is) = (by_id(&before.events), by_id(&after.events));
        for (id, event) in &was {
            let place = format!("{source}, event {id}");
            match is.get(id) {
                None => self.add(Part::Event, "the event itself", &place, Some("there".to_owned()), None),
                Some(now) if now == event => {}
                Some(now) => {
                    let (was, is) = (fields(event), fields(now));
                    self.values(Part::Event, &place, "", &was, &is);
                    // The same object may be written in another way: blanks, the order of keys.
                    if was.get("record") == is.get("record") && event.record != now.record {
                        self.add(Part::Event, "record, as text", &place, Some(event.record.clone()), Some(now.record.clone()));
                    }
                }
            }
        }
        for id in is.keys().filter(|id| !was.contains_key(*id)) {
            self.add(Part::Event, "the event itself", &format!("{source}, event {id}"), None, Some("there".to_owned()));
        }
        let order = |events: &[Event]| events.iter().map(|event| event.id.clone()).collect::<Vec<_>>();
        if was.len() == is.len() && was.keys().eq(is.keys()) && order(&before.events) != order(&after.events) {
            self.add(Part::Event, "their order", source, Some("as recorded".to_owned()), Some("another".to_owned()));
        }
        self.values(Part::Page, source, "", &rest(before), &rest(after));
    }

    /// A candidate answered a transcript with a failure instead of a page.
    pub(super) fn failure(&mut self, source: &str, why: &str) {
        self.add(Part::Page, "the page itself", source, Some("there".to_owned()), Some(format!("a failure: {why}")));
    }

    fn values(&mut self, part: Part, place: &str, path: &str, before: &Value, after: &Value) {
        match (before, after) {
            (before, after) if before == after => {}
            (Value::Object(before), Value::Object(after)) => {
                let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
                for name in names {
                    let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                    let value = |of: &Map<String, Value>| of.get(name).cloned().unwrap_or(Value::Null);
                    self.values(part, place, &path, &value(before), &value(after));
                }
            }
            (before, after) => self.add(part, if path.is_empty() { "all of it" } else { path }, place, text(before), text(after)),
        }
    }

    fn add(&mut self, part: Part, field: &str, place: &str, before: Option<String>, after: Option<String>) {
        // Names of fields come from events, too: anybody may have written them.
        let field = brief(field, SHOWN);
        let entry = self.0.entry((part, field.clone())).or_insert_with(|| Difference {
            part,
            field,
            count: 0,
            example: brief(place, SHOWN),
            before: before.map(|text| brief(&text, SHOWN)),
            after: after.map(|text| brief(&text, SHOWN)),
        });
        entry.count += 1;
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

fn by_id(events: &[Event]) -> BTreeMap<&str, &Event> {
    events.iter().map(|event| (event.id.as_str(), event)).collect()
}

/// An event field by field: its record and its further facts opened.
fn fields(event: &Event) -> Value {
    let mut value = serde_json::to_value(event).unwrap_or(Value::Null);
    if let Value::Object(fields) = &mut value {
        if let Ok(record) = serde_json::from_str::<Value>(&event.record) {
            fields.insert("record".to_owned(), record);
        }
        let extra = event.extra.iter().map(|(name, json)| (name.clone(), opened(json)));
        fields.insert("extra".to_owned(), Value::Object(extra.collect()));
    }
    value
}

/// A page but for its events.
fn rest(page: &Page) -> Value {
    let bare = Page { events: Vec::new(), ..page.clone() };
    let mut value = serde_json::to_value(bare).unwrap_or(Value::Null);
    if let Value::Object(fields) = &mut value {
        fields.insert("checkpoint".to_owned(), opened(&page.checkpoint));
    }
    value
}

/// A request field by field: its query and its headers opened.
fn request(asked: &Asked) -> Value {
    let mut fields = Map::new();
    fields.insert("method".to_owned(), asked.method.clone().into());
    match url::Url::parse(&asked.url) {
        Ok(url) => {
            let query = url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned().into()));
            fields.insert("query".to_owned(), Value::Object(query.collect()));
            let mut bare = url.clone();
            bare.set_query(None);
            fields.insert("url".to_owned(), bare.to_string().into());
        }
        Err(_) => {
            fields.insert("url".to_owned(), asked.url.clone().into());
        }
    }
    let headers = asked.headers.iter().map(|(name, value)| (name.clone(), value.clone().into()));
    fields.insert("header".to_owned(), Value::Object(headers.collect()));
    fields.insert("body".to_owned(), serde_json::to_value(&asked.body).unwrap_or(Value::Null));
    Value::Object(fields)
}

fn opened(json: &str) -> Value {
    serde_json::from_str(json).unwrap_or_else(|_| Value::String(json.to_owned()))
}
