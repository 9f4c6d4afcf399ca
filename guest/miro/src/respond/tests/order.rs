use serde_json::{Value, json};

use super::{EMAIL, TOKEN, answer, call, lost, next, order, ready, says};
use crate::{
    http::{Body, Method, Response},
    responder::{Account, Action, Effect, Order, Progress},
    types::Failure,
};

fn users(users: &[Value]) -> String {
    json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], "totalResults": users.len(), "Resources": users })
        .to_string()
}

fn user(active: Value) -> Value {
    json!({ "id": "3074457345100000007", "userName": EMAIL, "active": active })
}

#[test]
fn sign_out_ends_the_sessions_in_its_second_call() {
    let order = order(Action::SignOut);
    let (first, asked) = call(&order, None, lost());
    let step = next(first);
    assert!(asked.is_none() && step.trace.is_none() && step.intent.contains(EMAIL));
    assert_eq!(step.effect, Effect::Repeatable);
    let (second, asked) = call(&order, Some(&step.state), answer(200, &[("x-request-id", "r-1")], ""));
    let asked = asked.unwrap();
    assert_eq!((asked.method, asked.url.as_str()), (Method::Post, "https://api.miro.com/v2/sessions/reset_all?email=ada%40acme.example"));
    assert_eq!(asked.body, Some(Vec::new()));
    let Ok(Progress::Done(receipt)) = second else { panic!() };
    let trace = receipt.trace.unwrap();
    assert_eq!(
        (trace.request.as_str(), trace.status, trace.request_id.as_deref()),
        ("POST /v2/sessions/reset_all", Some(200), Some("r-1"))
    );
    assert!(receipt.summary.contains("can sign in again"));
    let large = Ok(Response { status: 200, headers: Vec::new(), body: Body::TooLarge });
    assert!(matches!(call(&order, Some(&step.state), large).0, Ok(Progress::Done(_))));
}

#[test]
fn suspend_and_restore_find_the_user_and_then_switch_it() {
    for (action, wanted) in [(Action::Suspend, false), (Action::Restore, true)] {
        let order = order(action);
        let (first, asked) = call(&order, None, answer(200, &[], &users(&[user(json!(!wanted))])));
        let asked = asked.unwrap();
        assert_eq!(
            (asked.method, asked.url.as_str()),
            (Method::Get, "https://miro.com/api/v1/scim/Users?filter=userName%20eq%20%22ada%40acme.example%22")
        );
        let step = next(first);
        assert_eq!((step.effect, step.trace.unwrap().status), (Effect::Repeatable, Some(200)));
        let (second, asked) = call(&order, Some(&step.state), answer(200, &[], &user(json!(wanted)).to_string()));
        let asked = asked.unwrap();
        assert_eq!((asked.method, asked.url.as_str()), (Method::Patch, "https://miro.com/api/v1/scim/Users/3074457345100000007"));
        let body: Value = serde_json::from_slice(&asked.body.unwrap()).unwrap();
        assert_eq!(body["Operations"], json!([{ "op": "Replace", "path": "active", "value": wanted.to_string() }]));
        assert!(asked.headers.contains(&("content-type".into(), "application/scim+json".into())));
        let Ok(Progress::Done(receipt)) = second else { panic!() };
        assert!(receipt.summary.contains(if wanted { "is active" } else { "is deactivated" }), "{}", receipt.summary);
        assert!(matches!(call(&order, Some(&step.state), answer(204, &[], "")).0, Ok(Progress::Done(_))));
        let (kept, _) = call(&order, Some(&step.state), answer(200, &[], &user(json!(!wanted)).to_string()));
        assert!(matches!(kept.unwrap_err().failure, Failure::Protocol(_)));
    }
}

#[test]
fn who_is_as_wanted_already_is_left_alone() {
    for active in [json!(false), json!("False")] {
        let Ok(Progress::Done(receipt)) = call(&order(Action::Suspend), None, answer(200, &[], &users(&[user(active)]))).0 else {
            panic!()
        };
        assert!(receipt.summary.contains("nothing was changed"));
    }
}

#[test]
fn nobody_or_several_in_scim_end_the_order() {
    let find = |list: &[Value]| call(&order(Action::Suspend), None, answer(200, &[], &users(list))).0.unwrap_err();
    let other = json!({ "id": "8", "userName": "bob@acme.example", "active": true });
    for (list, words) in
        [(vec![], "has no user"), (vec![other.clone()], "has no user"), (vec![user(json!(true)), other, user(json!(true))], "has 2 users")]
    {
        let setback = find(&list);
        assert!(matches!(&setback.failure, Failure::Invalid(text) if text.contains(words)), "{setback:?}");
        assert!(!setback.uncertain && setback.trace.unwrap().status == Some(200));
    }
}

#[test]
fn the_address_cannot_end_the_filter_early() {
    let account = Account { emails: vec!["a\" or userName pr or userName eq \"@acme.example".into()], ..order(Action::Suspend).account };
    let (refused, asked) = call(&Order { account, ..order(Action::Suspend) }, None, lost());
    assert!(asked.is_none() && matches!(refused.unwrap_err().failure, Failure::Invalid(_)));
}

#[test]
fn without_addresses_the_id_is_one_or_nothing_is_done() {
    let by_id = |id: &str| {
        let account = Account { id: id.into(), emails: Vec::new(), ..order(Action::SignOut).account };
        call(&Order { account, ..order(Action::SignOut) }, None, lost()).0
    };
    assert!(next(by_id(EMAIL)).intent.contains(EMAIL));
    assert!(matches!(by_id("7").unwrap_err().failure, Failure::Invalid(_)));
}

#[test]
fn a_state_works_for_its_own_order_only() {
    let (out, off) = (ready(&order(Action::SignOut)), ready(&order(Action::Suspend)));
    let other =
        Order { account: Account { emails: vec!["bob@acme.example".into()], ..order(Action::SignOut).account }, ..order(Action::SignOut) };
    let traversal = r#"{"version":1,"next":{"do":"switch","id":"..","active":false}}"#;
    for (order, state) in [
        (order(Action::Suspend), out.as_str()),
        (order(Action::SignOut), &off),
        (order(Action::Restore), &off),
        (other, &out),
        (order(Action::Suspend), traversal),
        (order(Action::Suspend), r#"{"version":2,"next":{"do":"switch","id":"7","active":false}}"#),
        (order(Action::SignOut), ""),
        (order(Action::SignOut), "[]"),
    ] {
        let (refused, asked) = call(&order, Some(state), lost());
        let setback = refused.unwrap_err();
        assert!(asked.is_none() && !setback.uncertain && says(&setback.failure).contains("begin it anew"), "{state}: {setback:?}");
    }
}

#[test]
fn what_miro_has_nothing_for_is_refused_without_a_request() {
    for action in [Action::Notify, Action::ConfirmCompromised] {
        let (refused, asked) = call(&order(action), None, lost());
        assert!(asked.is_none() && matches!(refused.unwrap_err().failure, Failure::Invalid(_)));
    }
}

#[test]
fn i5_no_token_stands_in_a_state_or_an_intent() {
    for action in [Action::SignOut, Action::Suspend, Action::Restore] {
        let found = users(&[user(Value::Null)]);
        let step = next(call(&order(action), None, answer(200, &[("x-request-id", TOKEN)], &found)).0);
        assert!(!format!("{step:?}").contains(TOKEN));
    }
}
