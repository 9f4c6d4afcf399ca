use proptest::prelude::*;

use super::{TOKEN, answer, call, lost, order, ready, says, unreached};
use crate::{
    http::{Answer, Body, Response},
    responder::{Action, Setback},
    types::Failure,
};

fn setback(action: Action, came: Answer) -> Setback {
    let order = order(action);
    call(&order, Some(&ready(&order)), came).0.unwrap_err()
}

fn kind(failure: &Failure) -> &'static str {
    match failure {
        Failure::Throttled(_) => "throttled",
        Failure::Unavailable(_) => "unavailable",
        Failure::Expired => "expired",
        Failure::Unauthorized(_) => "unauthorized",
        Failure::Forbidden(_) => "forbidden",
        Failure::Invalid(_) => "invalid",
        Failure::Protocol(_) => "protocol",
    }
}

#[test]
fn every_status_means_one_thing_and_only_a_lost_answer_is_uncertain() {
    for (status, meant, uncertain) in [
        (302, "protocol", false),
        (400, "invalid", false),
        (401, "expired", false),
        (403, "forbidden", false),
        (404, "invalid", false),
        (405, "invalid", false),
        (407, "unavailable", false),
        (408, "unavailable", true),
        (409, "unavailable", false),
        (422, "invalid", false),
        (429, "throttled", false),
        (451, "forbidden", false),
        (500, "unavailable", true),
        (502, "unavailable", true),
        (503, "unavailable", false),
        (504, "unavailable", true),
        (599, "unavailable", true),
        (100, "protocol", false),
    ] {
        for action in [Action::SignOut, Action::Suspend, Action::Restore] {
            let found = setback(action, answer(status, &[], r#"{"code": "someCode", "message": "some words"}"#));
            assert_eq!((kind(&found.failure), found.uncertain), (meant, uncertain), "{status} {action:?}");
            let trace = found.trace.unwrap();
            assert_eq!((trace.status, trace.code.as_deref()), (Some(status), Some("someCode")));
        }
        let reading = call(&order(Action::Suspend), None, answer(status, &[], "{}")).0.unwrap_err();
        assert_eq!((kind(&reading.failure), reading.uncertain), (meant, false), "{status} while reading");
    }
}

#[test]
fn no_answer_is_uncertain_where_the_request_may_have_arrived() {
    for (came, uncertain) in [(lost(), true), (unreached(), false)] {
        let found = setback(Action::SignOut, came);
        assert_eq!((kind(&found.failure), found.uncertain, found.trace.unwrap().status), ("unavailable", uncertain, None));
    }
    assert!(!call(&order(Action::Suspend), None, lost()).0.unwrap_err().uncertain);
}

#[test]
fn a_refusal_names_the_scope_or_the_door() {
    let told = |action, status| says(&setback(action, answer(status, &[], "{}")).failure).to_owned();
    assert!(told(Action::SignOut, 403).contains("sessions:delete"));
    assert!(told(Action::SignOut, 404).contains("nobody with that address"));
    assert!(told(Action::Suspend, 403).contains("SCIM is not switched on"));
    assert!(told(Action::Suspend, 404).contains("guest"));
    let scim = r#"{"schemas": [], "status": "403", "detail": "SCIM is disabled", "scimType": "x y"}"#;
    let found = setback(Action::Suspend, answer(403, &[], scim));
    assert!(says(&found.failure).contains("SCIM is disabled") && found.trace.unwrap().code.is_none());
}

#[test]
fn the_wait_is_what_miro_asks_for() {
    let wait = |headers: &[(&str, &str)]| match setback(Action::SignOut, answer(429, headers, "{}")).failure {
        Failure::Throttled(wait) => wait,
        other => panic!("{other:?}"),
    };
    assert_eq!(wait(&[("retry-after", "7")]), Some(7_000));
    assert_eq!(wait(&[("x-ratelimit-reset", "1767225630")]), Some(30_000));
    assert_eq!(wait(&[]), None);
}

#[test]
fn a_web_page_is_not_miro() {
    for status in [200, 401, 403, 404] {
        let found = setback(Action::SignOut, answer(status, &[("content-type", "text/html; charset=utf-8")], "<html>Sign in</html>"));
        assert_eq!((kind(&found.failure), found.uncertain), ("unavailable", status == 200), "{status}");
        assert!(says(&found.failure).contains("not Miro"));
    }
    let bare = setback(Action::Suspend, answer(200, &[], " <!DOCTYPE html>"));
    assert_eq!(kind(&bare.failure), "unavailable");
}

#[test]
fn i5_a_token_that_miro_repeats_reaches_no_text_and_no_trace() {
    let body = format!(r#"{{"code": "{TOKEN}", "message": "Bearer {TOKEN} is not welcome"}}"#);
    for status in [400, 403, 404, 500] {
        let found = setback(Action::SignOut, answer(status, &[("x-request-id", TOKEN)], &body));
        assert!(!format!("{found:?}").contains("sesame"), "{found:?}");
        assert!(says(&found.failure).contains("is not welcome"));
    }
    let found = setback(Action::SignOut, Err(crate::http::TransportError::Unknown(format!("reset while sending {TOKEN}"))));
    assert!(!format!("{found:?}").contains("sesame"));
}

proptest! {
    #[test]
    fn whatever_comes_back_nothing_panics_and_no_token_is_told(
        status in 100_u16..=999,
        body in prop_oneof![
            ".{0,200}".prop_map(String::into_bytes),
            proptest::collection::vec(any::<u8>(), 0..200),
            Just(format!(r#"{{"Resources": [{{"id": "{TOKEN}", "userName": "{}"}}], "detail": "{TOKEN}"}}"#, super::EMAIL).into_bytes()),
        ],
        name in "[a-z-]{1,20}",
        value in "\\PC{0,40}",
        effect in any::<bool>(),
    ) {
        let headers = vec![(name, value.clone()), ("x-request-id".to_owned(), value.clone()), ("retry-after".to_owned(), value)];
        let came = Ok(Response { status, headers, body: Body::Whole(body) });
        let order = order(Action::Suspend);
        let state = effect.then(|| ready(&order));
        if let Err(setback) = call(&order, state.as_deref(), came.clone()).0 {
            let told = format!("{setback:?}");
            prop_assert!(!told.contains(TOKEN));
            prop_assert!(effect || !setback.uncertain);
        }
        let _ = super::resolve(super::LOOKING, &super::target(None, Some(super::EMAIL)), None, came);
    }
}
