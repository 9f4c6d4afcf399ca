//! A page of events at once: each address, and each user who has not left, is looked up once.

use std::{collections::HashMap, sync::Arc};

use audit_pipeline::types::Event;

use super::{
    Enricher,
    standing::{Roster, Who},
};
use crate::{
    model::{Instant, SourceName},
    store::Known,
};

impl Enricher {
    /// What is known now of an event of this source, as if it were stored now.
    pub fn known(&self, source: &SourceName, event: &Event) -> Known {
        self.page(source, std::slice::from_ref(event)).pop().unwrap_or_default()
    }

    /// What is known of each event, in their order. Empty, at no cost, where nothing can be known.
    pub fn page(&self, source: &SourceName, events: &[Event]) -> Vec<Known> {
        if self.is_blind(source) {
            return Vec::new();
        }
        let roster = self.rosters.of(source);
        let (mut addresses, mut users) = (HashMap::new(), HashMap::new());
        let mut all = Vec::with_capacity(events.len());
        for event in events {
            let network = |ip| addresses.entry(ip).or_insert_with(|| self.network(source, ip).map(Arc::new)).clone();
            let standing = |roster: &Roster| {
                let who = Who::from(&event.actor);
                match roster.departed(&who, Instant(event.time)) {
                    Some(departed) => roster.gone(&who, departed).map(Arc::new),
                    None => {
                        let actor = (event.actor.id.as_deref(), event.actor.email.as_deref());
                        users.entry(actor).or_insert_with(|| roster.here(&who).map(Arc::new)).clone()
                    }
                }
            };
            all.push(Known { network: event.ip.as_deref().and_then(network), standing: roster.and_then(standing) });
        }
        all
    }
}
