use serde_json::Value;

use crate::{
    component,
    http::{Answer, Method, Request, TransportError},
    responder::{Action, Effect, Order, Progress, Receipt, Setback, Step},
    tests::{CONFIG, ID, NOW, TOKEN, header, line, order, refuses, respond, says, with},
    types::Failure,
};

fn more(came: Result<Progress, Setback>) -> Step {
    match came {
        Ok(Progress::More(step)) => step,
        other => panic!("{other:?}"),
    }
}

fn done(came: Result<Progress, Setback>) -> Receipt {
    match came {
        Ok(Progress::Done(receipt)) => receipt,
        other => panic!("{other:?}"),
    }
}

fn sent(request: &Request) -> Value {
    serde_json::from_slice(request.body.as_ref().unwrap()).unwrap()
}

/// The first call of an order that acts on the account.
fn begun(action: Action) -> (Order, String) {
    let order = order(action);
    let step = more(respond(&order, None, None).1);
    assert_eq!((step.effect, step.trace), (Effect::Repeatable, None));
    (order, step.state)
}

#[test]
fn the_first_call_asks_nothing_and_says_what_the_next_one_does() {
    for (action, intent) in [
        (Action::SignOut, "end the account's sessions"),
        (Action::Suspend, "disable the account"),
        (Action::Restore, "enable the account"),
        (Action::ConfirmCompromised, "confirm to Entra that the account is compromised"),
    ] {
        let (asked, came) = respond(&order(action), None, None);
        let step = more(came);
        assert_eq!((asked, step.intent.as_str(), step.effect), (None, intent, Effect::Repeatable));
    }
}

#[test]
fn sessions_end_with_any_2xx() {
    let (order, state) = begun(Action::SignOut);
    for answer in [says(200, r#"{"@odata.context": "x", "value": true}"#), says(204, ""), says(202, "?")] {
        let (asked, came) = respond(&order, Some(&state), Some(answer));
        let asked = asked.unwrap();
        assert_eq!(line(&asked), format!("POST /v1.0/users/{ID}/revokeSignInSessions"));
        assert_eq!((asked.body.as_deref(), header(&asked, "content-type")), (Some(&[][..]), None), "no body, and it says so");
        let receipt = done(came);
        assert!(receipt.summary.contains("Miro's API tokens go on"), "{}", receipt.summary);
        assert_eq!(receipt.trace.unwrap().request, "POST /users/{id}/revokeSignInSessions");
    }
}

#[test]
fn suspending_disables_and_then_ends_the_sessions() {
    let (order, state) = begun(Action::Suspend);
    let (asked, came) = respond(&order, Some(&state), Some(says(204, "")));
    let asked = asked.unwrap();
    assert_eq!((line(&asked), sent(&asked)), (format!("PATCH /v1.0/users/{ID}"), serde_json::json!({ "accountEnabled": false })));
    assert_eq!((asked.method, header(&asked, "content-type")), (Method::Patch, Some("application/json")));
    let step = more(came);
    assert_eq!((step.effect, step.intent.as_str()), (Effect::Repeatable, "end the account's sessions"));
    assert_eq!(step.trace.unwrap().status, Some(204));
    let (asked, came) = respond(&order, Some(&step.state), Some(says(200, r#"{"value": true}"#)));
    assert_eq!(line(&asked.unwrap()), format!("POST /v1.0/users/{ID}/revokeSignInSessions"));
    assert!(done(came).summary.starts_with("the account is disabled and "));
}

#[test]
fn an_account_that_is_gone_is_suspended_already_but_not_signed_out() {
    let gone = || Some(refuses(404, "Request_ResourceNotFound"));
    let (order, state) = begun(Action::Suspend);
    let receipt = done(respond(&order, Some(&state), gone()).1);
    assert!(receipt.summary.contains("gone already") && receipt.summary.contains("30 days"), "{}", receipt.summary);
    let step = more(respond(&order, Some(&state), Some(says(204, ""))).1);
    assert!(done(respond(&order, Some(&step.state), gone()).1).summary.contains("gone since"));
    for action in [Action::SignOut, Action::Restore] {
        let (order, state) = begun(action);
        let setback = respond(&order, Some(&state), gone()).1.unwrap_err();
        assert!(matches!(setback.failure, Failure::Invalid(text) if text.contains("the account is gone")), "{action:?}");
    }
    // Nothing that Graph says of an account: a wrong address, a proxy.
    let (order, state) = begun(Action::Suspend);
    for answer in [refuses(404, "ResourceNotFound"), says(404, ""), says(404, "<html>")] {
        assert!(respond(&order, Some(&state), Some(answer)).1.is_err());
    }
}

#[test]
fn a_suspension_whose_second_half_fails_says_that_the_first_is_done() {
    let (order, state) = begun(Action::Suspend);
    let step = more(respond(&order, Some(&state), Some(says(204, ""))).1);
    let setback = respond(&order, Some(&step.state), Some(refuses(403, "Authorization_RequestDenied"))).1.unwrap_err();
    assert!(
        matches!(setback.failure, Failure::Forbidden(text) if text.contains("which is disabled already") && text.contains("User.RevokeSessions.All"))
    );
}

#[test]
fn restoring_enables() {
    let (order, state) = begun(Action::Restore);
    let (asked, came) = respond(&order, Some(&state), Some(says(204, "")));
    assert_eq!(sent(&asked.unwrap()), serde_json::json!({ "accountEnabled": true }));
    assert!(done(came).summary.contains("is enabled"));
}

#[test]
fn confirming_waits_a_second_where_nobody_says_how_long() {
    let (order, state) = begun(Action::ConfirmCompromised);
    let (asked, came) = respond(&order, Some(&state), Some(says(204, "")));
    let asked = asked.unwrap();
    assert_eq!(line(&asked), "POST /v1.0/identityProtection/riskyUsers/confirmCompromised");
    assert_eq!(sent(&asked), serde_json::json!({ "userIds": [ID] }));
    assert!(done(came).summary.contains("risk"));
    let failure = |answer| respond(&order, Some(&state), Some(answer)).1.unwrap_err().failure;
    assert_eq!(failure(says(429, "")), Failure::Throttled(Some(1000)));
    assert_eq!(failure(with(429, &[("retry-after", "0")], "")), Failure::Throttled(Some(1000)));
    assert_eq!(failure(with(429, &[("retry-after", "9")], "")), Failure::Throttled(Some(9000)));
    assert!(matches!(failure(refuses(403, "Forbidden")), Failure::Forbidden(text) if text.contains("P2")));
}

#[test]
fn what_graph_refuses_is_judged_by_status_and_code_alone() {
    let (order, state) = begun(Action::Suspend);
    let back = |answer| respond(&order, Some(&state), Some(answer)).1.unwrap_err();
    assert_eq!(back(refuses(401, "InvalidAuthenticationToken")).failure, Failure::Expired);
    let forbidden = back(refuses(403, "Authorization_RequestDenied"));
    let Failure::Forbidden(text) = forbidden.failure else { panic!() };
    for part in [
        "User.EnableDisableAccount.All",
        "User.Read.All",
        "a higher one",
        "who-can-perform-sensitive-actions",
        "Authorization_RequestDenied",
    ] {
        assert!(text.contains(part), "{text}");
    }
    assert!(!text.contains("words for people"), "{text}");
    let trace = forbidden.trace.unwrap();
    assert_eq!(
        (trace.request.as_str(), trace.status, trace.code.as_deref()),
        ("PATCH /users/{id}", Some(403), Some("Authorization_RequestDenied"))
    );
    assert_eq!(trace.request_id.as_deref(), Some("b4ee0a1e-3f67-4b35-9d35-5b4b1ef2ac22"));
    assert!(matches!(back(refuses(400, "Request_BadRequest")).failure, Failure::Invalid(_)));
    for status in [409, 412, 500, 502, 503, 504] {
        assert!(matches!(back(refuses(status, "x")).failure, Failure::Unavailable(_)), "{status}");
    }
    assert_eq!(back(with(429, &[("retry-after", "17")], "")).failure, Failure::Throttled(Some(17_000)));
    assert_eq!(back(with(429, &[("retry-after", "Mon, 01 Jun 2026 00:01:00 GMT")], "<html>")).failure, Failure::Throttled(Some(60_000)));
    assert_eq!(back(says(429, "")).failure, Failure::Throttled(None));
    assert!(matches!(back(says(302, "")).failure, Failure::Invalid(text) if text.contains("`graph_url`")));
    assert!(matches!(back(says(418, "")).failure, Failure::Protocol(_)));
    assert!(matches!(back(says(407, "")).failure, Failure::Unavailable(text) if text.contains("proxy")));
}

#[test]
fn the_header_names_the_request_where_there_is_one() {
    let (order, state) = begun(Action::SignOut);
    let step = respond(&order, Some(&state), Some(with(200, &[("request-id", "11111111-2222-3333-4444-555555555555")], ""))).1;
    assert_eq!(done(step).trace.unwrap().request_id.as_deref(), Some("11111111-2222-3333-4444-555555555555"));
}

#[test]
fn only_a_lost_answer_leaves_it_open_whether_it_happened() {
    let lost = |sent: bool| -> Answer {
        let why = "no answer in time".to_owned();
        Err(if sent { TransportError::Unknown(why) } else { TransportError::Unsent(why) })
    };
    for action in [Action::SignOut, Action::Suspend, Action::Restore, Action::ConfirmCompromised] {
        let (order, state) = begun(action);
        let uncertain = |answer| respond(&order, Some(&state), Some(answer)).1.unwrap_err().uncertain;
        assert!(uncertain(lost(true)) && !uncertain(lost(false)));
        for status in [408, 500, 502, 504] {
            assert!(uncertain(says(status, "")), "{status}");
        }
        for status in [301, 400, 401, 403, 404, 409, 412, 429, 503] {
            assert!(!uncertain(says(status, "")), "{status}");
        }
        assert!(uncertain(says(200, "<html>")), "a web page where an answer should be");
    }
}

#[test]
fn a_message_reaches_the_mailbox_the_manager_and_the_copies_each_once() {
    let mut order = order(Action::Notify);
    order.message.as_mut().unwrap().copies =
        ["Soc-Team@contoso.example", "soc-team@contoso.example", "a.oneil@contoso.example"].map(str::to_owned).to_vec();
    let owner = r#"{"mail": "A.ONeil@contoso.example", "userPrincipalName": "ann@contoso.example"}"#;
    let (asked, came) = respond(&order, None, Some(says(200, owner)));
    assert_eq!(line(&asked.unwrap()), format!("GET /v1.0/users/{ID}?$select=mail,userPrincipalName"));
    let step = more(came);
    assert_eq!((step.effect, step.intent.as_str(), step.trace.unwrap().status), (Effect::None, "look up the manager", Some(200)));
    let (asked, came) =
        respond(&order, Some(&step.state), Some(says(200, r#"{"mail": null, "userPrincipalName": "boss@contoso.example"}"#)));
    assert_eq!(line(&asked.unwrap()), format!("GET /v1.0/users/{ID}/manager?$select=mail,userPrincipalName"));
    let step = more(came);
    assert_eq!((step.effect, step.intent.as_str()), (Effect::Once, "send the message to a.oneil@contoso.example and 2 copies"));
    let (asked, came) = respond(&order, Some(&step.state), Some(says(202, "")));
    let asked = asked.unwrap();
    assert_eq!(line(&asked), "POST /v1.0/users/soc%40contoso.example/sendMail");
    let address = |address: &str| serde_json::json!({ "emailAddress": { "address": address } });
    assert_eq!(
        sent(&asked),
        serde_json::json!({
            "message": {
                "subject": "Unusual activity",
                "body": { "contentType": "HTML", "content": "<html><body><p>Somebody signed in.<br>\nWas it you?</p></body></html>" },
                "toRecipients": [address("a.oneil@contoso.example")],
                "ccRecipients": [address("soc-team@contoso.example"), address("boss@contoso.example")],
            },
            "saveToSentItems": false,
        })
    );
    assert_eq!(done(came).summary, "the message to a.oneil@contoso.example and 2 copies is accepted, which is not yet delivered");
}

#[test]
fn who_has_no_manager_goes_without_and_no_manager_is_asked_for_in_vain() {
    let mut order = order(Action::Notify);
    let owner = says(200, r#"{"userPrincipalName": "ann@contoso.example"}"#);
    let step = more(respond(&order, None, Some(owner.clone())).1);
    let step = more(respond(&order, Some(&step.state), Some(refuses(404, "Request_ResourceNotFound"))).1);
    assert_eq!((step.effect, step.intent.as_str()), (Effect::Once, "send the message to ann@contoso.example and one copy"));
    order.message.as_mut().unwrap().manager = false;
    order.message.as_mut().unwrap().copies.clear();
    let step = more(respond(&order, None, Some(owner)).1);
    assert_eq!((step.effect, step.intent.as_str()), (Effect::Once, "send the message to ann@contoso.example"));
}

#[test]
fn a_guest_without_a_mailbox_gets_no_message() {
    let guest = says(200, r#"{"mail": null, "userPrincipalName": "bob_home.example#EXT#@contoso.example"}"#);
    let setback = respond(&order(Action::Notify), None, Some(guest)).1.unwrap_err();
    assert!(matches!(setback.failure, Failure::Invalid(text) if text.contains("neither a mailbox")));
}

#[test]
fn a_message_may_be_text() {
    let config = CONFIG.replace("\"sender\"", "\"format\": \"text\", \"sender\"");
    let state = include_str!("../../fixtures/respond-v1-send.json");
    let mut order = order(Action::Notify);
    order.message.as_mut().unwrap().text = "<b>\u{7}1 & 2\n3".to_owned();
    order.message.as_mut().unwrap().subject = "a\r\nBcc: x".to_owned();
    component::respond(&config, TOKEN, &order, Some(state), NOW, |request, _| {
        let sent = sent(&request);
        assert_eq!(sent["message"]["body"], serde_json::json!({ "contentType": "Text", "content": "<b>1 & 2\r\n3" }));
        assert_eq!(sent["message"]["subject"], "a  Bcc: x");
        says(202, "")
    })
    .unwrap();
}

#[test]
fn whether_a_message_went_out_is_open_where_the_answer_was_lost() {
    let state = include_str!("../../fixtures/respond-v1-send.json");
    let back = |answer| respond(&order(Action::Notify), Some(state), Some(answer)).1.unwrap_err();
    let lost = back(Err(TransportError::Unknown("no answer in time".to_owned())));
    assert!(lost.uncertain && matches!(lost.failure, Failure::Unavailable(_)));
    assert_eq!(lost.trace.unwrap().status, None);
    for (status, uncertain) in [(500, true), (502, true), (504, true), (503, false), (429, false), (400, false), (403, false)] {
        assert_eq!(back(says(status, "")).uncertain, uncertain, "{status}");
    }
    assert!(matches!(back(refuses(403, "ErrorAccessDenied")).failure, Failure::Forbidden(text) if text.contains("Mail.Send")));
    assert!(matches!(back(refuses(404, "ErrorInvalidUser")).failure, Failure::Invalid(text) if text.contains("`sender`")));
}

#[test]
fn reading_leaves_nothing_open() {
    for (state, answer) in [
        (None, Err(TransportError::Unknown("lost".to_owned()))),
        (None, says(500, "")),
        (Some(include_str!("../../fixtures/respond-v1-manager.json")), says(504, "")),
    ] {
        assert!(!respond(&order(Action::Notify), state, Some(answer)).1.unwrap_err().uncertain);
    }
}

#[test]
fn an_order_that_cannot_be_carried_out_asks_nothing() {
    let refused = |config: &str, order: &Order, state: Option<&str>| {
        let setback = component::respond(config, TOKEN, order, state, NOW, |_, _| unreachable!()).unwrap_err();
        match setback {
            Setback { failure: Failure::Invalid(text), uncertain: false, trace: None } => text,
            other => panic!("{other:?}"),
        }
    };
    let notify = order(Action::Notify);
    let bare = r#"{"tenant": "t", "client_id": "c"}"#;
    assert!(refused(bare, &notify, None).contains("set `sender`"));
    assert!(refused(CONFIG, &Order { message: None, ..notify.clone() }, None).contains("no message"));
    assert!(refused("{}", &notify, None).contains("`tenant`"));
    let mut nobody = order(Action::SignOut);
    nobody.account.id = " ".to_owned();
    assert!(refused(CONFIG, &nobody, None).contains("identifier"));
    let revoke = include_str!("../../fixtures/respond-v1-revoke.json");
    for action in [Action::Notify, Action::Restore, Action::ConfirmCompromised] {
        assert!(refused(CONFIG, &order(action), Some(revoke)).contains("not one of this action"));
    }
    let mut long = notify.clone();
    long.message.as_mut().unwrap().text = "x".repeat(600_000);
    assert!(refused(CONFIG, &long, None).contains("600000 bytes"));
    let mut odd = notify;
    odd.message.as_mut().unwrap().copies = vec!["a@b, c@d".to_owned()];
    let state = include_str!("../../fixtures/respond-v1-manager.json");
    let setback = respond(&odd, Some(state), Some(says(404, ""))).1.unwrap_err();
    assert!(matches!(setback.failure, Failure::Invalid(text) if text.contains("further recipient")));
}
