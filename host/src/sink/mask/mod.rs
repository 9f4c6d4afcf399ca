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
//! - **In doubt it is not delivered.** An event that its component cannot read any more is parked: nobody knows whose it is.
//! - **The store keeps the truth**, and detectors, policies, actions and channels go by that.

use std::{borrow::Cow, sync::Arc};

use crate::{
    alert::{AlertId, Dispatch},
    config::Masked,
    model::SourceName,
    respond::{Record, Said},
    store::{self, Store, StoreError, StoredEvent, blocking},
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

/// Why a line cannot be masked now.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unmasked {
    #[error("{0}")]
    Store(#[from] StoreError),
    #[error("failed to read events for its mask: {0}")]
    Events(String),
}

impl Mask {
    /// Of these fields, with the key of this store.
    pub fn new(fields: &[Masked], store: Arc<dyn Store>, normalize: Normalize) -> Self {
        Self { fields: fields.into(), store, normalize }
    }

    /// What is known of events of one source, of each what or why nothing is.
    pub async fn known(&self, source: &SourceName, events: &[StoredEvent]) -> Result<Vec<Result<Known, String>>, String> {
        let records = events.iter().map(|event| event.record.clone()).collect();
        let made = (self.normalize)(source.clone(), records).await?;
        if made.len() != events.len() {
            return Err(format!("the component read {} events of {} records", made.len(), events.len()));
        }
        Ok(made.into_iter().map(|event| event.map(|event| Known::of(&self.fields, &event))).collect())
    }

    /// The line, masked.
    pub fn line<'a>(&self, line: &'a str, known: &Known) -> Cow<'a, str> {
        let pseudonym = |field, value: &str| pseudonym(self.store.as_ref(), field, value);
        let masking = Masking { fields: &self.fields, known, pseudonym: &pseudonym };
        masking.of(line).map_or(Cow::Borrowed(line), Cow::Owned)
    }

    /// A line about an alert, a condition or the governance log, masked. Of an alert, what it rests on is known too, as far as it is kept.
    pub(crate) async fn dispatch(&self, dispatch: Dispatch) -> Result<Dispatch, Unmasked> {
        let (store, source, fields) = (Arc::clone(&self.store), dispatch.source.clone(), Arc::clone(&self.fields));
        let line = dispatch.body.clone();
        let (mut known, events) = blocking(&store, move |store| beside(store, &source, &fields, &line)).await?;
        known.keep(&dispatch.policy);
        known.keep(dispatch.source.as_str());
        if !events.is_empty() {
            let records = events.into_iter().map(|event| event.record).collect();
            let made = (self.normalize)(dispatch.source.clone(), records).await.map_err(Unmasked::Events)?;
            made.iter().flatten().for_each(|event| known.event(&self.fields, event));
        }
        let body = self.line(&dispatch.body, &known).into_owned();
        Ok(Dispatch { body, ..dispatch })
    }
}

/// What is known of whom a line is about, and the events that it rests on.
fn beside(store: &dyn Store, source: &SourceName, fields: &[Masked], line: &str) -> store::Result<(Known, Vec<StoredEvent>)> {
    let mut known = Known::default();
    known.people(fields, line);
    if let Ok(Said::Response(changed)) = Record::parse(line).and_then(|record| record.said()) {
        let people = serde_json::json!({ "user": [changed.after.target, changed.after.account] });
        known.people(fields, &people.to_string());
    }
    let alert = alert(line).map(|id| store.alert(id)).transpose()?.flatten().filter(|alert| alert.source == *source);
    let Some(alert) = alert else {
        known.suser(fields, line);
        return Ok((known, Vec::new()));
    };
    known.story(fields, &alert.story);
    Ok((known, store::at(store, source, &alert.story.evidence)?))
}

/// The alert that a line is about, as OCSF or CEF says it.
fn alert(line: &str) -> Option<AlertId> {
    let id = match serde_json::from_str::<serde_json::Value>(line) {
        Ok(finding) => finding.pointer("/finding_info/uid")?.as_str()?.rsplit_once('/')?.1.to_owned(),
        Err(_) => line.split_once("externalId=")?.1.split(' ').next()?.to_owned(),
    };
    id.parse().ok().map(AlertId)
}
