//! Events of somebody who, as is known only now, had left by then: found in the log and judged again by the rules that ask for it.

use std::collections::BTreeSet;

use audit_pipeline::detector::{Departure, DepartureKind, Profile, Rule, Sighting};
use futures_util::future::BoxFuture;

use super::batch::Memory;
use crate::{
    directory::{PersonState, Rejudged},
    model::{Instant, Seq, SourceName},
    store::{Result, Store, StoreError, StoredEvent},
};

/// Events that are judged again of one person, the latest that there are: who did more is found by these.
const MOST: usize = 2000;
/// Events read at once, and bytes of their records.
const EVENTS: usize = 2000;
const BYTES: usize = 8 << 20;

/// The events since then whose record names one of the addresses.
pub(super) fn find(store: &dyn Store, source: &SourceName, asked: &Rejudged) -> Result<Vec<StoredEvent>> {
    let mut after = before(store, source, asked.at)?;
    let mut found: Vec<StoredEvent> = Vec::new();
    loop {
        let events = store.read_all(source, after, EVENTS, BYTES)?;
        let Some(last) = events.last() else { return Ok(found) };
        after = last.seq;
        found.extend(events.into_iter().filter(|event| event.time >= asked.at && names(&event.record, &asked.emails)));
        let over = found.len().saturating_sub(MOST);
        found.drain(..over);
    }
}

fn names(record: &str, emails: &[String]) -> bool {
    let record = record.to_lowercase();
    emails.iter().any(|email| record.contains(email.as_str()))
}

/// A place before everything that was stored at that time or later: places grow with time.
fn before(store: &dyn Store, source: &SourceName, at: Instant) -> Result<Seq> {
    let (mut low, mut high) = (0_i64, store.head()?.0);
    while low < high {
        let middle = low + (high - low) / 2;
        match store.read_all(source, Seq(middle), 1, 1)?.first() {
            Some(event) if event.received < at => low = event.seq.0.max(middle + 1),
            _ => high = middle,
        }
    }
    Ok(Seq(low.saturating_sub(1)))
}

/// The sightings that are theirs, with what is known of them now.
pub(super) fn told(sightings: Vec<Sighting>, asked: &Rejudged) -> Vec<Sighting> {
    let kind = match asked.state {
        PersonState::Deleted => DepartureKind::Deleted,
        PersonState::Disabled | PersonState::Active => DepartureKind::Disabled,
    };
    let theirs = |sighting: &Sighting| sighting.event.actor.email.as_ref().is_some_and(|email| asked.emails.contains(email));
    let mut told: Vec<Sighting> = sightings.into_iter().filter(theirs).collect();
    for sighting in &mut told {
        sighting.standing.departed = Some(Departure { kind, at: asked.at.0 });
    }
    told
}

/// The rules that rest on who left.
pub(super) fn concerned(rules: &[Rule]) -> BTreeSet<String> {
    let concerned = |rule: &&Rule| rule.needs.iter().flatten().any(|need| need == "departures");
    rules.iter().filter(concerned).map(|rule| rule.name.clone()).collect()
}

/// Nothing is remembered: these rules compare with nothing.
pub(super) struct Blank;

impl Memory for Blank {
    fn profiles(&self, subjects: Vec<String>) -> BoxFuture<'_, std::result::Result<Vec<Profile>, StoreError>> {
        let blank = |subject| Profile { subject, body: Vec::new() };
        Box::pin(std::future::ready(Ok(subjects.into_iter().map(blank).collect())))
    }
}
