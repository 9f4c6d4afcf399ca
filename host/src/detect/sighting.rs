//! A stored event as a detector sees it.

use audit_pipeline::{
    detector::{self, Sighting, Standing},
    types::Event,
};

use crate::{
    model::Lane,
    store::{Known, StoredEvent},
};

/// Of an event and what was stored with it. The record stays behind: a detector reads facts, not the vendor's own words, and copying
/// it in would cost as much as judging.
pub(super) fn sighting(stored: &StoredEvent, mut event: Event) -> Sighting {
    event.record = String::new();
    let mut sighting = Sighting {
        seq: u64::try_from(stored.seq.0).unwrap_or_default(),
        received: stored.received.0,
        lane: match stored.lane {
            Lane::Live => detector::Lane::Live,
            Lane::Late => detector::Lane::Late,
            Lane::History => detector::Lane::History,
        },
        event,
        network: None,
        standing: Standing { groups: Vec::new(), departed: None },
    };
    know(&mut sighting, &stored.known);
    sighting
}

/// Puts what is known of its event into a sighting, instead of what was.
pub(super) fn know(sighting: &mut Sighting, known: &Known) {
    sighting.network = known.network.as_deref().cloned();
    sighting.standing = known.standing.as_deref().cloned().unwrap_or(Standing { groups: Vec::new(), departed: None });
}
