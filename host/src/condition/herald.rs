//! Tells sinks of each change of a source's state, in the transaction that notes the state.

use std::collections::BTreeMap;

use super::{Health, HealthLine, Listeners, Urgency};
use crate::{
    model::{Instant, SinkName, SourceName},
    schedule::Status,
};

/// Which sinks hear of which source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Herald {
    sinks: BTreeMap<SourceName, Vec<SinkName>>,
}

impl Herald {
    /// Of those who listen.
    pub fn new(listeners: &Listeners) -> Self {
        let mut sinks: BTreeMap<SourceName, Vec<SinkName>> = BTreeMap::new();
        for ear in &listeners.sinks {
            for source in &ear.sources {
                sinks.entry(source.clone()).or_default().push(ear.name.clone());
            }
        }
        Self { sinks }
    }

    /// The sinks that hear of a source.
    pub fn sinks(&self, source: &SourceName) -> &[SinkName] {
        self.sinks.get(source).map_or(&[], Vec::as_slice)
    }

    /// That a source is in another state.
    pub fn state(&self, status: &Status, at: Instant) -> Vec<HealthLine> {
        let sinks = self.sinks(&status.source);
        if sinks.is_empty() {
            return Vec::new();
        }
        let (body, source) = (Health::state(status, at).line(), &status.source);
        let line = |sink: &SinkName| HealthLine { sink: sink.clone(), source: source.clone(), urgency: Urgency::State, body: body.clone() };
        sinks.iter().map(line).collect()
    }
}
