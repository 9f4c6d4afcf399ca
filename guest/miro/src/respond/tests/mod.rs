//! Answers by hand: one for every status, and those that nobody should send.

mod account;
mod exchange;
mod order;
mod surface;

use crate::{
    http::{Answer, Body, Request, Response, TransportError},
    responder::{Account, Action, Order, Progress, Resolution, Setback, Step, Target},
    types::Failure,
};

pub(super) const NOW: u64 = 1_767_225_600_000;
pub(super) const TOKEN: &str = "sesame_0123456789";
pub(super) const EMAIL: &str = "ada@acme.example";
pub(super) const LOOKING: &str = r#"{"organization": "3074457345821140123"}"#;

pub(super) fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Answer {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Ok(Response { status, headers, body: Body::Whole(body.as_bytes().to_vec()) })
}

pub(super) fn lost() -> Answer {
    Err(TransportError::Unknown("the connection ended early".to_owned()))
}

pub(super) fn unreached() -> Answer {
    Err(TransportError::Unsent("the connection was refused".to_owned()))
}

pub(super) fn never(_: Request, _: u64) -> Answer {
    panic!("nothing is asked here")
}

pub(super) fn target(id: Option<&str>, email: Option<&str>) -> Target {
    Target { id: id.map(str::to_owned), email: email.map(str::to_owned) }
}

pub(super) fn resolve(config: &str, target: &Target, state: Option<&str>, came: Answer) -> Result<Resolution, Failure> {
    super::resolve(config, TOKEN, target, state, NOW, |_, _| came)
}

pub(super) fn order(action: Action) -> Order {
    let account = Account {
        id: "3074457345100000007".into(),
        name: None,
        emails: vec![EMAIL.into()],
        enabled: Some(true),
        roles: Some(Vec::new()),
        last_administrator: false,
        obstacles: Vec::new(),
    };
    Order { action, account, message: None }
}

/// One call of an order, and the request it made.
pub(super) fn call(order: &Order, state: Option<&str>, came: Answer) -> (Result<Progress, Setback>, Option<Request>) {
    let mut asked = None;
    let progress = super::respond("{}", TOKEN, order, state, NOW, |request, _| {
        asked = Some(request);
        came
    });
    (progress, asked)
}

pub(super) fn next(progress: Result<Progress, Setback>) -> Step {
    match progress {
        Ok(Progress::More(step)) => step,
        other => panic!("{other:?}"),
    }
}

/// The state before the side effect of that order.
pub(super) fn ready(order: &Order) -> String {
    let found = format!(r#"{{"totalResults": 1, "Resources": [{{"id": "7", "userName": "{EMAIL}"}}]}}"#);
    next(call(order, None, answer(200, &[], &found)).0).state
}

/// What a failure says; empty where it says nothing.
pub(super) fn says(failure: &Failure) -> &str {
    match failure {
        Failure::Unavailable(text)
        | Failure::Unauthorized(text)
        | Failure::Forbidden(text)
        | Failure::Invalid(text)
        | Failure::Protocol(text) => text,
        Failure::Throttled(_) | Failure::Expired => "",
    }
}
