//! The decisions, on values.

mod chains;
mod guards;
mod lives;
mod progress;
mod reactions;

use std::time::Duration;

use audit_pipeline::responder::Effect;

use super::*;
use crate::{
    alert::{
        AlertId, Fate, Found, Severity, Verdict, Who,
        tests::{NOON, found},
    },
    model::Instant,
};

/// What the detector of the tests calls so.
pub(crate) fn trigger(policy: &str) -> Trigger {
    Trigger { detector: crate::alert::tests::detector(), policy: policy.to_owned() }
}

/// What is wanted where `travel` finds something at least medium.
pub(crate) fn reaction(action: Action) -> Reaction {
    Reaction {
        source: crate::alert::tests::source(),
        policies: vec![trigger("travel")],
        severity: Severity::Medium,
        responder: "entra".parse().unwrap(),
        action,
        mail: None,
        act_within: Duration::from_hours(1),
        approvals: 0,
        four_eyes: false,
        dry_run: false,
        digest: "one".to_owned(),
        since: Instant::EPOCH,
    }
}

/// What a person asks for.
pub(crate) fn order(action: Action, who: &str) -> Order {
    Order {
        source: crate::alert::tests::source(),
        responder: "entra".parse().unwrap(),
        action,
        target: Who { id: None, email: Some("eve@example.com".to_owned()), name: None },
        alert: Some(AlertId(7)),
        who: who.to_owned(),
        why: "it was not her".to_owned(),
        mail: None,
        dry_run: false,
        four_eyes: false,
        reverts: None,
    }
}

/// The account that is acted on.
pub(crate) fn account() -> Account {
    Account {
        id: "5E2A".to_owned(),
        name: Some("Eve".to_owned()),
        emails: vec!["eve@example.com".to_owned(), "Eve.Second@Example.com".to_owned()],
        enabled: Some(true),
        roles: Some(Vec::new()),
        last_administrator: false,
        obstacles: Vec::new(),
    }
}

pub(crate) fn step(effect: Effect) -> Step {
    Step { state: "{}".to_owned(), effect, intent: "disable the account".to_owned(), begun: false }
}

fn made(found: &Found, fate: Fate) -> Made<'_> {
    static DETECTOR: std::sync::LazyLock<crate::model::DetectorName> = std::sync::LazyLock::new(crate::alert::tests::detector);
    Made { detector: &DETECTOR, found, fate, severity: found.story.severity, at: NOON }
}

/// One that a policy made, pending.
fn automatic(action: Action) -> Response {
    let found = found("travel", "eve");
    let response = reacted(&[reaction(action)], made(&found, Fate::Raised(AlertId(7)))).remove(0);
    Response { id: ResponseId(3), ..response }
}
