//! The operator's own policies on a sighting: whether it matches, and whether it has been done often enough.

use activity_policy::{Activity, Compiled, Rule, Tally, activity::Lane, activity_of, policy, reason};
use serde_json::json;

use crate::{
    config::Config,
    detector::{self, Finding, Severity, Sighting},
    shelf::Body,
    types,
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
pub fn view<'a>(config: &'a Config, sighting: &'a Sighting) -> Activity<'a> {
    Activity {
        seq: sighting.seq,
        lane: match sighting.lane {
            detector::Lane::Live => Lane::Live,
            detector::Lane::Late => Lane::Late,
            detector::Lane::History => Lane::History,
        },
        app: config.app.as_deref(),
        source: config.source.as_deref(),
        groups: &sighting.standing.groups,
        ..activity_of!(types, &sighting.event, sighting.network.as_ref())
    }
}

/// What a policy that matches finds: at once, or when it has been done often enough.
pub fn judge(
    config: &Config,
    policies: &Compiled<'_>,
    rule: &Rule<'_>,
    sighting: &Sighting,
    subject: &str,
    tally: Option<&mut Tally>,
) -> Option<Finding> {
    let activity = view(config, sighting);
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
