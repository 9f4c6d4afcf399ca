//! What a sink gets as pseudonyms: on its way there, and nowhere else.
//!
//! What goes in: a line that would be sent, and what is known of the event or alert that it is about. What comes out: the same line, in
//! which a keyed [`pseudonym`] stands wherever a masked value stood.
//!
//! What always holds:
//!
//! - **No masked value leaves.** Not as a field, not in a text, not behind escapes or in JSON within a string, in no case or notation.
//! - **One value, one pseudonym**, within a store and through every change of its key: what counts and joins still does.
//! - **Nothing else changes.** Every other byte is as it was, what identifies an event and says what it is above all.
//! - **In doubt it is not delivered.** An event that its component cannot read any more is parked: nobody knows whose it is. Of an alert
//!   whose events are not all at hand, whatever it quotes is masked.
//! - **The store keeps the truth**, and detectors, policies, actions and channels go by that.

use std::{borrow::Cow, collections::BTreeSet, sync::Arc};

use audit_pipeline::types::Event;

use crate::{
    alert::{AlertId, Dispatch},
    config::Masked,
    model::{Seq, SourceName},
    neutral::brief,
    respond::{Record, Said},
    store::{self, Store, StoredEvent, blocking},
};

use super::Normalize;

mod escape;
mod known;
mod plain;
mod pseudonym;
#[cfg(test)]
mod tests;
mod text;
mod tokens;

pub use known::Known;
pub(crate) use pseudonym::has_pseudonym;

use self::{pseudonym::pseudonym, text::Masking};

/// What one sink gets as pseudonyms.
#[derive(Clone)]
pub struct Mask {
    fields: Arc<[Masked]>,
    store: Arc<dyn Store>,
    normalize: Normalize,
}

impl std::fmt::Debug for Mask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mask").field("fields", &self.fields).finish_non_exhaustive()
    }
}

impl Mask {
    /// Of these fields, with the key of this store.
    pub fn new(fields: &[Masked], store: Arc<dyn Store>, normalize: Normalize) -> Self {
        Self { fields: fields.into(), store, normalize }
    }

    /// What is known of events of one source, of each what or why nothing is.
    pub async fn known(&self, source: &SourceName, events: &[StoredEvent]) -> Result<Vec<Result<Known, String>>, String> {
        let made = self.read(source, events).await?;
        Ok(made.into_iter().map(|event| event.map(|event| Known::of(&self.fields, &event))).collect())
    }

    /// The line, masked.
    pub fn line<'a>(&self, line: &'a str, known: &Known) -> Cow<'a, str> {
        let pseudonym = |field, value: &str| pseudonym(self.store.as_ref(), field, value);
        let masking = Masking { fields: &self.fields, known, pseudonym: &pseudonym };
        masking.of(line).map_or(Cow::Borrowed(line), Cow::Owned)
    }

    /// A line about an alert, a condition or the governance log, masked. Of an alert, what it rests on is known too. Where that is not kept,
    /// or cannot be read, nobody knows whom it names: then all that it quotes is masked.
    pub(crate) async fn dispatch(&self, dispatch: Dispatch) -> store::Result<Dispatch> {
        let (store, source, fields) = (Arc::clone(&self.store), dispatch.source.clone(), Arc::clone(&self.fields));
        let line = dispatch.body.clone();
        let Beside { mut known, events, mut whole } = blocking(&store, move |store| beside(store, &source, &fields, &line)).await?;
        known.keep(&dispatch.policy);
        known.keep(dispatch.source.as_str());
        if !events.is_empty() {
            match self.read(&dispatch.source, &events).await {
                Ok(made) => {
                    whole &= made.iter().all(Result::is_ok);
                    made.iter().flatten().for_each(|event| known.event(&self.fields, event));
                }
                Err(why) => {
                    tracing::warn!(
                        source = %dispatch.source, line = dispatch.id,
                        "masking all that an alert quotes, as what it rests on cannot be read: {}", brief(&why, 300)
                    );
                    whole = false;
                }
            }
        }
        if !whole {
            known.doubt(&self.fields);
        }
        let body = self.line(&dispatch.body, &known).into_owned();
        Ok(Dispatch { body, ..dispatch })
    }

    /// The events that these records of one source are.
    async fn read(&self, source: &SourceName, events: &[StoredEvent]) -> Result<Vec<Result<Event, String>>, String> {
        let records = events.iter().map(|event| event.record.clone()).collect();
        let made = (self.normalize)(source.clone(), records).await?;
        if made.len() != events.len() {
            return Err(format!("the component read {} events of {} records", made.len(), events.len()));
        }
        Ok(made)
    }
}

/// What stands beside a line.
struct Beside {
    known: Known,
    /// What it rests on.
    events: Vec<StoredEvent>,
    /// Whether that is all that it rests on.
    whole: bool,
}

/// What is known of whom a line is about, and the events that it rests on.
fn beside(store: &dyn Store, source: &SourceName, fields: &[Masked], line: &str) -> store::Result<Beside> {
    let mut known = Known::default();
    known.people(fields, line);
    if let Ok(Said::Response(changed)) = Record::parse(line).and_then(|record| record.said()) {
        let people = serde_json::json!({ "user": [changed.after.target, changed.after.account] });
        known.people(fields, &people.to_string());
    }
    let id = alert(line);
    let alert = id.map(|id| store.alert(id)).transpose()?.flatten().filter(|alert| alert.source == *source);
    let Some(alert) = alert else {
        known.suser(fields, line);
        return Ok(Beside { known, events: Vec::new(), whole: id.is_none() });
    };
    known.story(fields, &alert.story);
    let places: BTreeSet<Seq> = alert.story.evidence.iter().copied().collect();
    let events = store::at(store, source, &alert.story.evidence)?;
    let whole = !events.is_empty() && events.len() == places.len() && !alert.story.is_capped();
    Ok(Beside { known, events, whole })
}

/// The alert that a line is about, as OCSF or CEF says it.
fn alert(line: &str) -> Option<AlertId> {
    let id = match serde_json::from_str::<serde_json::Value>(line) {
        Ok(finding) => finding.pointer("/finding_info/uid")?.as_str()?.rsplit_once('/')?.1.to_owned(),
        Err(_) => line.split_once("externalId=")?.1.split(' ').next()?.to_owned(),
    };
    id.parse().ok().map(AlertId)
}
