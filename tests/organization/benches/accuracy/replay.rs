//! One organization through the detector, as a host hands it over: in batches, with the profiles it asks for.

use std::collections::HashMap;

use guest_detect::{
    component::detect,
    detector::{Answer, Departure, DepartureKind, Finding, Lane, Network, Profile, Sighting, Standing},
    types::{Actor, ActorKind, Entity, Event, Outcome},
};
use organization::{Happening, Organization};

/// Large, so that little time goes into profiles as bytes: findings do not depend on it.
const BATCH: usize = 50_000;
/// A finding with the key of an earlier one, no longer after it than this, is the same alert.
const SAME: u64 = 24 * 3_600_000;

/// What an analyst sees: findings of one key together.
#[derive(Debug)]
pub(crate) struct Alert {
    pub(crate) policy: String,
    pub(crate) reasons: Vec<String>,
    pub(crate) last: u64,
    /// Which happenings it rests on, by their index.
    pub(crate) evidence: Vec<usize>,
}

/// The alerts that all happenings lead to.
pub(crate) fn run(config: &str, organization: &Organization) -> Vec<Alert> {
    let (mut alerts, mut open) = (Vec::<Alert>::new(), HashMap::<String, usize>::new());
    for finding in findings(config, organization, BATCH) {
        add(&mut alerts, &mut open, finding);
    }
    alerts
}

/// The findings that all happenings lead to, read in pages of so many.
pub(crate) fn findings(config: &str, organization: &Organization, page: usize) -> Vec<Finding> {
    let (mut held, mut found) = (HashMap::<String, Vec<u8>>::new(), Vec::new());
    for (batch, first) in organization.happenings.chunks(page).zip((0..).step_by(page)) {
        let sightings: Vec<_> = batch.iter().zip(first..).map(|(each, place)| sighting(each, place)).collect();
        found.extend(judge(config, &sightings, &mut held));
    }
    found
}

fn add(alerts: &mut Vec<Alert>, open: &mut HashMap<String, usize>, finding: Finding) {
    let evidence = finding.evidence.iter().map(|seq| *seq as usize - 1);
    if let Some(alert) = open.get(&finding.key).and_then(|place| alerts.get_mut(*place))
        && finding.end.saturating_sub(alert.last) <= SAME
    {
        alert.last = alert.last.max(finding.end);
        alert.evidence.extend(evidence);
        return;
    }
    open.insert(finding.key, alerts.len());
    alerts.push(Alert { policy: finding.policy, reasons: finding.reasons, last: finding.end, evidence: evidence.collect() });
}

fn judge(config: &str, sightings: &[Sighting], held: &mut HashMap<String, Vec<u8>>) -> Vec<Finding> {
    let mut asked: Vec<String> = Vec::new();
    loop {
        let given = asked.iter().map(|subject| Profile { subject: subject.clone(), body: held.get(subject).cloned().unwrap_or_default() });
        match detect(config, sightings, given.collect()) {
            Ok(Answer::Needs(more)) => asked.extend(more),
            Ok(Answer::Verdict(verdict)) => {
                held.extend(verdict.profiles.into_iter().map(|profile| (profile.subject, profile.body)));
                return verdict.findings;
            }
            Err(why) => {
                eprintln!("the detector failed: {why:?}");
                std::process::exit(1);
            }
        }
    }
}

fn sighting(happening: &Happening, place: usize) -> Sighting {
    let text = |text: &Option<std::sync::Arc<str>>| text.as_deref().map(str::to_owned);
    let actor = &happening.actor;
    Sighting {
        seq: place as u64 + 1,
        received: happening.received,
        lane: Lane::Live,
        event: Event {
            id: happening.id.to_string(),
            time: happening.time,
            action: happening.action.to_owned(),
            category: None,
            traits: happening.traits.iter().map(|&word| word.to_owned()).collect(),
            outcome: match happening.outcome {
                organization::Outcome::Success => Outcome::Success,
                organization::Outcome::Failure => Outcome::Failure,
                organization::Outcome::Unknown => Outcome::Unknown,
            },
            actor: Actor {
                kind: match actor.kind {
                    organization::ActorKind::User => ActorKind::User,
                    organization::ActorKind::Application => ActorKind::Application,
                    organization::ActorKind::Provisioner => ActorKind::Provisioner,
                    organization::ActorKind::Automation => ActorKind::Automation,
                },
                id: text(&actor.id),
                name: text(&actor.name),
                email: text(&actor.email),
            },
            object: happening.object.as_ref().map(|object| Entity {
                kind: Some(object.kind.to_owned()),
                id: Some(object.id.to_string()),
                name: None,
            }),
            team: None,
            organization: None,
            ip: text(&happening.ip),
            user_agent: None,
            session: None,
            extra: Vec::new(),
            record: String::new(),
        },
        network: happening.network.as_ref().map(|network| Network {
            country: network.country.map(str::to_owned),
            city: network.city.map(str::to_owned),
            latitude: network.latitude,
            longitude: network.longitude,
            radius: network.radius_km,
            asn: network.asn,
            isp: text(&network.isp),
            category: network.category.map(str::to_owned),
            tags: network.tags.iter().map(|&tag| tag.to_owned()).collect(),
        }),
        standing: Standing {
            groups: happening.groups.iter().map(|group| group.to_string()).collect(),
            departed: happening.departed.map(|departed| Departure {
                kind: match departed.kind {
                    organization::DepartureKind::Deleted => DepartureKind::Deleted,
                    organization::DepartureKind::Disabled => DepartureKind::Disabled,
                },
                at: departed.at,
            }),
        },
    }
}
