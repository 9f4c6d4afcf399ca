//! Answers that are too large, too many, or not what the contract says.

use crate::{
    behave,
    plan::Plan,
    source::{Allowance, Gap, Identity, Meter, Next, Note, Page},
    types::{Credentials, Description, Entity, Failure, Secret},
};

/// An answer of `describe`.
pub fn describe(plan: &Plan) -> Description {
    let mut answer = behave::description();
    let secret = || Secret { name: "secret".to_owned(), purpose: "none".to_owned(), required: false };
    match plan.attack.as_str() {
        "long-name" => answer.name = plan.long(),
        "long-version" => answer.version = plan.long(),
        "long-schema" => answer.config_schema = plan.long_between("{\"x\":\"", "\"}"),
        "long-secret" => answer.secrets = vec![Secret { name: plan.long(), ..secret() }],
        "long-purpose" => answer.secrets = vec![Secret { purpose: plan.long(), ..secret() }],
        "many-secrets" => answer.secrets = (0..plan.count).map(|_| secret()).collect(),
        _ => {}
    }
    answer
}

/// An answer of `origins`.
pub fn origins(plan: &Plan) -> Option<Vec<String>> {
    Some(match plan.attack.as_str() {
        "many-origins" => vec!["https://a.example".to_owned(); plan.count],
        "long-origin" => vec![plan.long_between("https://", "")],
        "wrong-origin" => vec![plan.url.clone()],
        _ => return None,
    })
}

/// An answer of `metering`.
pub fn metering(plan: &Plan) -> Allowance {
    let answer = behave::allowance();
    match plan.attack.as_str() {
        "long-unit" => Allowance { unit: plan.long(), ..answer },
        "free" => Allowance { events: 0, cost: 0, budget: 0, ..answer },
        _ => answer,
    }
}

/// An answer of `check`.
pub fn check(plan: &Plan) -> Identity {
    let mut answer = behave::identity();
    match plan.attack.as_str() {
        "long-scope" => answer.scopes = vec![plan.long()],
        "many-scopes" => answer.scopes = vec!["scope".to_owned(); plan.count],
        "long-organization" => answer.organization = Some(Entity { kind: None, id: None, name: Some(plan.long()) }),
        _ => {}
    }
    answer
}

/// An answer of `authorize-url`.
pub fn authorize_url(plan: &Plan) -> String {
    if plan.attack == "long-url" { plan.long_between("https://a.example/", "") } else { plan.url.clone() }
}

/// An answer of `exchange` and `refresh`.
pub fn credentials(plan: &Plan) -> Credentials {
    let answer = behave::credentials();
    match plan.attack.as_str() {
        "long-token" => Credentials { access_token: plan.long(), ..answer },
        "empty-token" => Credentials { access_token: String::new(), ..answer },
        "far-expiry" => Credentials { expires_at: Some(u64::MAX), ..answer },
        _ => answer,
    }
}

/// A failure with a long text, or a long wait.
pub fn failure(plan: &Plan) -> Option<Failure> {
    Some(match plan.attack.as_str() {
        "unavailable" => Failure::Unavailable(plan.long()),
        "unauthorized" => Failure::Unauthorized(plan.long()),
        "forbidden" => Failure::Forbidden(plan.long()),
        "invalid" => Failure::Invalid(plan.long()),
        "protocol" => Failure::Protocol(plan.long()),
        "throttled" => Failure::Throttled(Some(plan.number)),
        _ => return None,
    })
}

/// A checkpoint that is none.
pub fn checkpoint(plan: &Plan) -> Option<String> {
    Some(match plan.attack.as_str() {
        "checkpoint" => plan.text.clone(),
        "long-checkpoint" => plan.long_between("{\"x\":\"", "\"}"),
        "deep-checkpoint" => format!("{{\"x\":{}{}}}", "[".repeat(plan.count), "]".repeat(plan.count)),
        _ => return None,
    })
}

/// A page.
pub fn page(plan: &Plan, step: u64, now: u64) -> Option<Page> {
    let mut page = behave::page(step, now);
    if let Some(checkpoint) = checkpoint(plan) {
        page.checkpoint = checkpoint;
        return Some(page);
    }
    for event in &mut page.events {
        match plan.attack.as_str() {
            "id" => event.id = plan.text.clone(),
            "long-id" => event.id = plan.long(),
            "event-time" => event.time = plan.number,
            "record" => event.record = plan.text.clone(),
            "long-record" => event.record = plan.long_between("{\"x\":\"", "\"}"),
            "long-action" => event.action = plan.long(),
            "long-user-agent" => event.user_agent = Some(plan.long()),
            "long-entity" => event.object = Some(Entity { kind: None, id: None, name: Some(plan.long()) }),
            "long-trait" => event.traits = vec![plan.long()],
            "many-traits" => event.traits = vec!["read".to_owned(); plan.count],
            "long-extra" => event.extra = vec![("fact".to_owned(), plan.long_between("\"", "\""))],
            "extra" => event.extra = vec![("fact".to_owned(), plan.text.clone())],
            "many-extras" => event.extra = vec![("fact".to_owned(), "1".to_owned()); plan.count],
            _ => {}
        }
    }
    match plan.attack.as_str() {
        "id" | "long-id" | "event-time" | "record" | "long-record" | "long-action" | "long-user-agent" | "long-entity" | "long-trait"
        | "many-traits" | "long-extra" | "extra" | "many-extras" => {}
        "growing" => grow(plan, step, now, &mut page),
        "spin" => {
            page.events.clear();
            page.next = Next::AtOnce;
        }
        "after" => page.next = Next::After(plan.number),
        "through" => page.through = plan.number,
        "warnings" => page.notes = (0..plan.count).map(|at| Note::Warning(format!("{at} {}", plan.long()))).collect(),
        "gaps" => page.notes = (0..plan.count as u64).map(|at| gap(at * 2, at * 2 + 1, plan.long())).collect(),
        "gap" => page.notes = vec![gap(plan.number, plan.number.wrapping_add(1), String::new())],
        "clock" => page.notes = vec![Note::Clock(plan.number.cast_signed())],
        "meter" => {
            page.notes = vec![Note::Meter(Meter { limit: plan.number, remaining: plan.number, reset: Some(plan.number) })];
        }
        _ => return None,
    }
    Some(page)
}

/// A list that grows until nothing more fits.
fn grow(plan: &Plan, step: u64, now: u64, page: &mut Page) {
    let record = plan.long_between("{\"x\":\"", "\"}");
    page.events = (0..plan.count).map(|at| behave::event(format!("{step}-{at}"), now, record.clone())).collect();
}

fn gap(start: u64, end: u64, cause: String) -> Note {
    Note::Gap(Gap { start, end, cause })
}
