//! What is looked for.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
    time::Duration,
};

use audit_pipeline::detector::Sighting;

use super::{Attribute, Person, fact};
use crate::{
    alert::Alert,
    model::{Instant, Seq},
};

/// Days that are looked back to.
pub(super) const BACK: Duration = Duration::from_secs(30 * 86_400);
/// Values of one attribute that are looked for, at most.
const WANTED: usize = 50;

/// What is looked for in the log.
#[derive(Clone, Debug, Default)]
pub struct Focus {
    /// The user.
    pub person: Person,
    /// What else, by attribute: for an alert what its events say, for an address itself.
    pub values: BTreeMap<Attribute, BTreeSet<String>>,
    /// The events an alert rests on.
    pub evidence: BTreeSet<Seq>,
    /// The stretch of time that is compared with what was before it. None: nothing is compared.
    pub session: Option<(Instant, Instant)>,
    /// The end of the days that are looked back to.
    pub until: Instant,
}

impl Focus {
    /// About an alert and those of its events that are still kept.
    pub fn alert(alert: &Alert, evidence: &[Sighting]) -> Self {
        let story = &alert.story;
        let mut focus = Self {
            person: Person::who(&story.who),
            evidence: story.evidence.iter().copied().collect(),
            session: Some((story.start, story.end)),
            until: story.start,
            ..Self::default()
        };
        story.addresses.iter().for_each(|address| focus.want(Attribute::Address, address));
        for sighting in evidence {
            for attribute in Attribute::ALL {
                if let Some(value) = attribute.of(sighting) {
                    focus.want(attribute, &value);
                }
            }
        }
        focus
    }

    /// About whoever answers to a name.
    pub fn user(text: &str, now: Instant) -> Self {
        Self { person: Person::called(text), until: now, ..Self::default() }
    }

    /// About an address, in whatever way events write it.
    pub fn address(address: IpAddr, now: Instant) -> Self {
        let mut focus = Self { until: now, ..Self::default() };
        focus.want(Attribute::Address, &address.to_string());
        focus
    }

    /// The values of an attribute that are looked for.
    pub(super) fn wanted(&self, attribute: Attribute) -> BTreeSet<String> {
        self.values.get(&attribute).cloned().unwrap_or_default()
    }

    /// From when on a day counts as one of those looked back to.
    pub(super) fn since(&self) -> Instant {
        self.until.minus(BACK)
    }

    fn want(&mut self, attribute: Attribute, value: &str) {
        let values = self.values.entry(attribute).or_default();
        if values.len() < WANTED {
            values.insert(match attribute {
                Attribute::Address => fact::address(value),
                _ => value.to_owned(),
            });
        }
    }
}
