//! What each rule promises, quoted from "Anomaly detection policies" and "How to investigate anomaly detection alerts" of Microsoft
//! Defender for Cloud Apps (<https://learn.microsoft.com/defender-cloud-apps/>).

mod addresses;
mod administration;
mod amounts;
mod batches;
mod configuration;
mod country;
mod failures;
mod policies;
mod reads;
mod scope;
mod sign_ins;
mod standing;
mod subjects;
mod travel;

use std::collections::BTreeMap;

use crate::{
    component::{detect, subjects},
    detector::{Answer, Finding, Lane, Network, Profile, Sighting, Standing, Trail},
    types::{Actor, ActorKind, Entity, Event, Outcome},
};

pub(super) const MINUTE: u64 = 60_000;
pub(super) const HOUR: u64 = 60 * MINUTE;
pub(super) const DAY: u64 = 24 * HOUR;
/// 2026-03-02T09:00:00Z, a Monday.
pub(super) const START: u64 = 1_772_442_000_000;

/// A log, written from a test, and the detector that reads it.
pub(super) struct Log {
    pub(super) sightings: Vec<Sighting>,
    pub(super) config: String,
}

impl Log {
    pub(super) fn new() -> Self {
        Self { sightings: Vec::new(), config: "{}".to_owned() }
    }

    /// Of an organization that is known: somebody was active long before.
    pub(super) fn settled(config: &serde_json::Value) -> Self {
        let mut log = Self::with(config);
        log.add("founder", START - 40 * DAY, |_| {});
        log
    }

    pub(super) fn with(config: &serde_json::Value) -> Self {
        Self { config: config.to_string(), ..Self::new() }
    }

    /// One more activity; changed by `change`.
    pub(super) fn add(&mut self, user: &str, at: u64, change: impl FnOnce(&mut Sighting)) -> &mut Self {
        let seq = self.sightings.len() as u64 + 1;
        let mut sighting = Sighting { seq, ..sighting(user, at) };
        change(&mut sighting);
        self.sightings.push(sighting);
        self
    }

    /// A user's ordinary month before [`START`]: boards, morning and noon, from one address in one country.
    pub(super) fn month(&mut self, user: &str, home: &Network, ip: &str) -> &mut Self {
        for day in (1..=30).rev() {
            for hour in [0, 3] {
                self.add(user, START - day * DAY + hour * HOUR, |sighting| from(sighting, home, ip));
            }
        }
        self
    }

    /// What all of it leads to, read in batches of this size.
    pub(super) fn findings_in(&self, batch: usize) -> Vec<Finding> {
        let mut host = Host::default();
        self.sightings.chunks(batch).flat_map(|batch| host.judge(&self.config, batch)).collect()
    }

    pub(super) fn findings(&self) -> Vec<Finding> {
        self.findings_in(7)
    }

    /// The findings of one rule.
    pub(super) fn of(&self, rule: &str) -> Vec<Finding> {
        self.findings().into_iter().filter(|finding| finding.policy == rule).collect()
    }
}

/// Keeps profiles as a host does.
#[derive(Default)]
pub(super) struct Host(pub(super) BTreeMap<String, Vec<u8>>);

impl Host {
    pub(super) fn judge(&mut self, config: &str, sightings: &[Sighting]) -> Vec<Finding> {
        // Some hosts ask first and some wait to be asked, which changes nothing.
        let first = sightings.len().is_multiple_of(2).then(|| subjects(config, &trails(sightings)).unwrap());
        let mut asked: Vec<String> = first.unwrap_or_default();
        for _ in 0..4 {
            let profiles =
                asked.iter().map(|subject| Profile { subject: subject.clone(), body: self.0.get(subject).cloned().unwrap_or_default() });
            match detect(config, sightings, profiles.collect()).unwrap() {
                Answer::Needs(more) => asked.extend(more),
                Answer::Verdict(verdict) => {
                    self.0.extend(verdict.profiles.into_iter().map(|profile| (profile.subject, profile.body)));
                    return verdict.findings;
                }
            }
        }
        panic!("it asks for ever");
    }
}

pub(super) fn trails(sightings: &[Sighting]) -> Vec<Trail> {
    let events = sightings.iter().map(|sighting| &sighting.event);
    events.map(|event| Trail { actor: event.actor.id.clone(), email: event.actor.email.clone(), ip: event.ip.clone() }).collect()
}

pub(super) fn sighting(user: &str, at: u64) -> Sighting {
    Sighting {
        seq: 1,
        received: at + MINUTE,
        lane: Lane::Live,
        event: Event {
            id: format!("{user}-{at}"),
            time: at,
            action: "board_opened".into(),
            category: None,
            traits: vec!["read".into()],
            outcome: Outcome::Success,
            actor: Actor { kind: ActorKind::User, id: Some(user.into()), name: None, email: Some(format!("{user}@example.com")) },
            object: None,
            team: None,
            organization: None,
            ip: None,
            user_agent: None,
            session: None,
            extra: Vec::new(),
            record: "{}".into(),
        },
        network: None,
        standing: Standing { groups: Vec::new(), departed: None },
    }
}

/// A network in a country, at a point of it.
pub(super) fn network(country: &str, latitude: f64, longitude: f64, asn: u32) -> Network {
    Network {
        country: Some(country.into()),
        city: None,
        latitude: Some(latitude),
        longitude: Some(longitude),
        radius: Some(20),
        asn: Some(asn),
        isp: Some(format!("Carrier {asn}")),
        category: None,
        tags: Vec::new(),
    }
}

pub(super) fn lisbon() -> Network {
    network("PT", 38.72, -9.14, 3243)
}

/// Home, through a carrier that nobody has.
pub(super) fn stranger() -> Network {
    network("PT", 38.72, -9.14, 64_500)
}

pub(super) fn madrid() -> Network {
    network("ES", 40.42, -3.70, 3352)
}

pub(super) fn paulo() -> Network {
    network("BR", -23.55, -46.63, 28573)
}

pub(super) fn tagged(mut network: Network, tag: &str) -> Network {
    network.tags.push(tag.into());
    network
}

pub(super) fn called(mut network: Network, category: &str) -> Network {
    network.category = Some(category.into());
    network
}

pub(super) fn from(sighting: &mut Sighting, network: &Network, ip: &str) {
    sighting.network = Some(network.clone());
    sighting.event.ip = Some(ip.into());
}

pub(super) fn signs_in(sighting: &mut Sighting, outcome: Outcome) {
    sighting.event.action = if outcome == Outcome::Failure { "sign_in_failed".into() } else { "sign_in_succeeded".into() };
    sighting.event.traits = vec!["sign-in".into(), "interactive".into()];
    sighting.event.outcome = outcome;
}

pub(super) fn does(sighting: &mut Sighting, action: &str, traits: &[&str]) {
    sighting.event.action = action.into();
    sighting.event.traits = traits.iter().map(|&name| name.to_owned()).collect();
}

/// The policies of findings.
pub(super) fn policies(findings: &[Finding]) -> Vec<&str> {
    findings.iter().map(|finding| finding.policy.as_str()).collect()
}
