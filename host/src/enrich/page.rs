//! A page of events at once: each address is looked up once.

use std::{collections::HashMap, sync::Arc};

use audit_pipeline::types::Event;

use super::Enricher;
use crate::{model::SourceName, store::Known};

impl Enricher {
    /// What is known of each event, in their order. Empty, at no cost, where nothing can be known.
    pub fn page(&self, source: &SourceName, events: &[Event]) -> Vec<Known> {
        if self.is_blind(source) {
            return Vec::new();
        }
        let mut met: HashMap<&str, Known> = HashMap::new();
        let mut known = |ip| {
            let known = met.entry(ip).or_insert_with(|| Known { network: self.network(source, ip).map(Arc::new) });
            known.clone()
        };
        events.iter().map(|event| event.ip.as_deref().map(&mut known).unwrap_or_default()).collect()
    }
}
