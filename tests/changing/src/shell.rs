//! The component: one request a step, to a vendor that counts.

use guest_http::{Body, Method, Request, TransportError, send};
use serde::{Deserialize, Serialize};

use crate::{
    bindings::{
        self,
        audit::pipeline::types::{Actor, ActorKind, Credentials, Description, Event, Failure, Outcome, Secrets},
        exports::audit::pipeline::source::{Allowance, Guest, Identity, Next, Page, Reading, RefreshFailure, Span},
    },
    version,
};

struct Changing;

#[derive(Deserialize)]
struct Config {
    url: String,
    name: String,
}

/// `{"v":1,"n":7}`; schema 2 also remembers where this version began.
#[derive(Serialize, Deserialize)]
struct Checkpoint {
    v: u32,
    n: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    began: Option<u64>,
}

fn config(text: &str) -> Result<Config, Failure> {
    serde_json::from_str(text).map_err(|why| Failure::Invalid(format!("config: {why}")))
}

#[expect(clippy::panic, reason = "what a test wants of it")]
fn trap(why: &str) -> ! {
    panic!("{why}")
}

fn step(config: &Config, token: &str, at: &Checkpoint, now: u64) -> Result<Page, Failure> {
    let began = at.began.unwrap_or(at.n);
    match (version(), at.n.saturating_sub(began)) {
        ("fragile", 2..) => trap("the third step"),
        ("spinning", 2..) => loop {
            std::hint::black_box(began);
        },
        ("deaf", _) if at.began.is_none() => return Err(Failure::Invalid("this checkpoint is of another source".to_owned())),
        _ => {}
    }
    let more = if version() == "asking" { "&more=1" } else { "" };
    let request = Request {
        method: Method::Get,
        url: format!("{}/step?source={}&n={}{more}", config.url, config.name, at.n),
        headers: vec![("authorization".to_owned(), format!("Bearer {token}"))],
        body: None,
    };
    let answer = send(request, 1 << 20).map_err(|why| match why {
        TransportError::Unsent(why) | TransportError::Unknown(why) => Failure::Unavailable(why),
    })?;
    let Body::Whole(body) = answer.body else { return Err(Failure::Protocol("too large".to_owned())) };
    match answer.status {
        200 => {}
        401 => return Err(Failure::Expired),
        status => return Err(Failure::Unavailable(format!("the vendor answered {status}"))),
    }
    let text = String::from_utf8(body).map_err(|_| Failure::Protocol("the answer is no text".to_owned()))?;
    if version() == "stumbling" && text != "event 0" {
        trap("an answer that was not foreseen");
    }
    let action = if version() == "louder" { text.to_uppercase() } else { text };
    let event = Event {
        id: format!("{}-{}", config.name, at.n),
        time: now,
        action: action.clone(),
        category: None,
        traits: Vec::new(),
        outcome: Outcome::Unknown,
        actor: Actor { kind: ActorKind::Unknown, id: None, name: None, email: None },
        object: None,
        team: None,
        organization: None,
        ip: None,
        user_agent: None,
        session: None,
        extra: Vec::new(),
        record: serde_json::json!({ "id": format!("{}-{}", config.name, at.n), "action": action }).to_string(),
    };
    let checkpoint = match version() {
        "newer" | "fragile" | "spinning" => Checkpoint { v: 2, n: at.n + 1, began: Some(began) },
        _ => Checkpoint { v: at.v, n: at.n + 1, began: at.began },
    };
    let checkpoint = serde_json::to_string(&checkpoint).map_err(|why| Failure::Invalid(why.to_string()))?;
    Ok(Page { events: vec![event], checkpoint, reading: Reading::Live, through: now, next: Next::CaughtUp, notes: Vec::new() })
}

impl Guest for Changing {
    fn describe() -> Description {
        if version() == "mute" {
            trap("nothing to say");
        }
        Description { name: "changing".to_owned(), version: version().to_owned(), config_schema: "{}".to_owned(), secrets: Vec::new() }
    }

    fn metering(_: String) -> Result<Allowance, Failure> {
        Ok(Allowance { events: 1, cost: 1, budget: 1000, unit: "requests".to_owned() })
    }

    fn origins(text: String) -> Result<Vec<String>, Failure> {
        let mut origins = vec![config(&text)?.url];
        if version() == "greedy" {
            origins.push("https://elsewhere.example".to_owned());
        }
        Ok(origins)
    }

    fn check(_: String, _: String) -> Result<Identity, Failure> {
        Ok(Identity { organization: None, user: None, scopes: Vec::new(), missing: Vec::new() })
    }

    fn authorize_url(_: String, _: String, _: String) -> Result<String, Failure> {
        Err(Failure::Invalid("there is no OAuth".to_owned()))
    }

    fn exchange(_: String, _: Secrets, _: String, _: String, _: u64) -> Result<Credentials, Failure> {
        Err(Failure::Invalid("there is no OAuth".to_owned()))
    }

    fn refresh(_: String, _: Secrets, _: Credentials, _: u64) -> Result<Credentials, RefreshFailure> {
        Err(RefreshFailure::Unsent(Failure::Invalid("there is no OAuth".to_owned())))
    }

    fn revoke(_: String, _: Secrets, _: Credentials) -> Result<(), Failure> {
        Err(Failure::Invalid("there is no OAuth".to_owned()))
    }

    fn begin(_: String, _: Span, _: u64) -> Result<String, Failure> {
        Ok("{\"v\":1,\"n\":0}".to_owned())
    }

    fn collect(text: String, token: String, checkpoint: String, now: u64) -> Result<Page, Failure> {
        let at: Checkpoint = serde_json::from_str(&checkpoint).map_err(|why| Failure::Invalid(format!("checkpoint: {why}")))?;
        // As a component does that does not know newer schemas.
        let reads = match version() {
            "newer" | "fragile" | "spinning" => 2,
            _ => 1,
        };
        if at.v > reads {
            return Err(Failure::Invalid(format!("the checkpoint has schema {}, this version reads up to {reads}", at.v)));
        }
        step(&config(&text)?, &token, &at, now)
    }

    fn normalize(_: String, records: Vec<String>) -> Vec<Result<Event, String>> {
        records.into_iter().map(|_| Err("not in this test".to_owned())).collect()
    }

    fn ocsf(_: String, records: Vec<String>) -> Vec<Result<String, String>> {
        records.into_iter().map(|_| Err("not in this test".to_owned())).collect()
    }
}

#[expect(unsafe_code, reason = "what wit-bindgen generates for the canonical ABI")]
mod exports {
    use super::{Changing, bindings};

    bindings::export!(Changing with_types_in bindings);
}
