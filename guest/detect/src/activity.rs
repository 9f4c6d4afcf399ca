//! The operator's own policies on a sighting: whether it matches, and whether it has been done often enough.

use activity_policy::{
    Activity, Compiled, Rule, Tally,
    activity::{self, Lane},
    policy, reason,
};
use serde_json::json;

use crate::{
    detector::{self, Finding, Severity, Sighting},
    shelf::Body,
    types::{ActorKind, Entity, Outcome},
};

impl Body for Tally {
    fn read(body: &[u8]) -> Option<Self> {
        Self::decode(body).ok()
    }

    fn write(&self) -> Vec<u8> {
        if self.is_empty() { Vec::new() } else { self.encode() }
    }
}

/// A sighting as a policy sees it.
pub fn view(sighting: &Sighting) -> Activity<'_> {
    let (event, network) = (&sighting.event, sighting.network.as_ref());
    let actor = &event.actor;
    Activity {
        id: &event.id,
        seq: sighting.seq,
        time: event.time,
        lane: match sighting.lane {
            detector::Lane::Live => Lane::Live,
            detector::Lane::Late => Lane::Late,
            detector::Lane::History => Lane::History,
        },
        action: &event.action,
        category: event.category.as_deref(),
        traits: &event.traits,
        outcome: match event.outcome {
            Outcome::Success => activity::Outcome::Success,
            Outcome::Failure => activity::Outcome::Failure,
            Outcome::Unknown => activity::Outcome::Unknown,
        },
        actor: activity::Actor {
            kind: match actor.kind {
                ActorKind::User => activity::ActorKind::User,
                ActorKind::Application => activity::ActorKind::Application,
                ActorKind::Provisioner => activity::ActorKind::Provisioner,
                ActorKind::Automation => activity::ActorKind::Automation,
                ActorKind::Unknown => activity::ActorKind::Unknown,
            },
            id: actor.id.as_deref(),
            name: actor.name.as_deref(),
            email: actor.email.as_deref(),
        },
        object: entity(event.object.as_ref()),
        team: entity(event.team.as_ref()),
        organization: entity(event.organization.as_ref()),
        groups: &sighting.standing.groups,
        ip: event.ip.as_deref(),
        ip_category: network.and_then(|network| network.category.as_deref()),
        ip_tags: network.map_or(&[], |network| &network.tags),
        asn: network.and_then(|network| network.asn),
        isp: network.and_then(|network| network.isp.as_deref()),
        country: network.and_then(|network| network.country.as_deref()),
        city: network.and_then(|network| network.city.as_deref()),
        user_agent: event.user_agent.as_deref(),
        session: event.session.as_deref(),
        extra: &event.extra,
        ..Activity::default()
    }
}

fn entity(entity: Option<&Entity>) -> activity::Entity<'_> {
    entity.map_or_else(activity::Entity::default, |entity| activity::Entity {
        kind: entity.kind.as_deref(),
        id: entity.id.as_deref(),
        name: entity.name.as_deref(),
    })
}

/// What a policy that matches finds: at once, or when it has been done often enough.
pub fn judge(policies: &Compiled<'_>, rule: &Rule<'_>, sighting: &Sighting, subject: &str, tally: Option<&mut Tally>) -> Option<Finding> {
    let activity = view(sighting);
    let policy = rule.policy();
    let (reasons, start, end, evidence, baseline) = match policy.repeated {
        None => (policies.reasons(rule, &activity), sighting.event.time, sighting.event.time, vec![sighting.seq], json!({})),
        Some(repeated) => {
            let fired = tally?.observe(rule, &activity)?;
            let mut reasons = vec![reason::repeated(policy, &fired)];
            reasons.extend(policies.reasons(rule, &activity));
            let baseline = json!({"observed": fired.count, "threshold": repeated.count, "minutes": repeated.minutes});
            (reasons, fired.start, fired.end, fired.seqs, baseline)
        }
    };
    let first = evidence.first().copied().unwrap_or(sighting.seq);
    Some(Finding {
        key: format!("{}|{subject}|{first}", policy.name),
        policy: policy.name.clone(),
        title: policy.title().to_owned(),
        reasons,
        severity: match policy.severity {
            policy::Severity::Low => Severity::Low,
            policy::Severity::Medium => Severity::Medium,
            policy::Severity::High => Severity::High,
        },
        actor: sighting.event.actor.clone(),
        addresses: sighting.event.ip.iter().cloned().collect(),
        start,
        end,
        evidence,
        attacks: policy.attacks.clone(),
        baseline: baseline.to_string(),
    })
}
