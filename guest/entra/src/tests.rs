//! What every call has to withstand, and what the tests of single modules share.

use proptest::prelude::*;
use serde_json::Value;

use crate::{
    component::{self, Answer},
    http::{Body, Method, Request, Response, TransportError},
    responder::{Account, Action, Message, Order, Progress, Resolution, Setback, Target},
    types::Failure,
};

pub(crate) const NOW: u64 = 1_780_272_000_000;
pub(crate) const TOKEN: &str = "eyJ0eXAiOiJKV1QifQ.open-sesame";
pub(crate) const ID: &str = "6e7b768e-07e2-4810-8459-485f84f8f204";
pub(crate) const CONFIG: &str = r#"{"tenant": "contoso.example", "client_id": "4f7c", "sender": "soc@contoso.example",
    "applications": ["6e7b768e-07e2-4810-8459-485f84f8f204"]}"#;

/// An answer with a body.
pub(crate) fn says(status: u16, body: &str) -> Answer {
    with(status, &[], body)
}

pub(crate) fn with(status: u16, headers: &[(&str, &str)], body: &str) -> Answer {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Ok(Response { status, headers, body: Body::Whole(body.as_bytes().to_vec()) })
}

/// An error as Graph writes it.
pub(crate) fn refuses(status: u16, code: &str) -> Answer {
    let inner = r#"{"request-id": "b4ee0a1e-3f67-4b35-9d35-5b4b1ef2ac22", "date": "2026-06-01T00:00:00"}"#;
    says(status, &format!(r#"{{"error": {{"code": "{code}", "message": "words for people", "innerError": {inner}}}}}"#))
}

/// What was asked: `GET /v1.0/…`, and the request itself.
pub(crate) fn line(request: &Request) -> String {
    let method = match request.method {
        Method::Get => "GET",
        Method::Post => "POST",
        Method::Patch => "PATCH",
    };
    let path = request.url.strip_prefix("https://graph.microsoft.com").unwrap_or(&request.url);
    format!("{method} {path}")
}

pub(crate) fn header<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    request.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

/// One call of an order; what it asked, and what came of it. A call that asks nothing must not ask.
pub(crate) fn respond(order: &Order, state: Option<&str>, answer: Option<Answer>) -> (Option<Request>, Result<Progress, Setback>) {
    let mut asked = None;
    let came = component::respond(CONFIG, TOKEN, order, state, NOW, |request, _| {
        asked = Some(request);
        answer.expect("it asks")
    });
    (asked, came)
}

pub(crate) fn account(id: &str) -> Account {
    Account {
        id: id.to_owned(),
        name: None,
        emails: vec!["ann@contoso.example".to_owned()],
        enabled: Some(true),
        roles: None,
        last_administrator: false,
        obstacles: Vec::new(),
    }
}

pub(crate) fn order(action: Action) -> Order {
    let message = (action == Action::Notify).then(|| Message {
        subject: "Unusual activity".to_owned(),
        text: "Somebody signed in.\nWas it you?".to_owned(),
        copies: vec!["Soc-Team@contoso.example".to_owned()],
        manager: true,
    });
    Order { action, account: account(ID), message }
}

const ACTIONS: [Action; 5] = [Action::Notify, Action::SignOut, Action::Suspend, Action::Restore, Action::ConfirmCompromised];

/// States that were written by version 1, with what they belong to.
const STATES: [(Action, &str); 7] = [
    (Action::SignOut, include_str!("../fixtures/respond-v1-revoke.json")),
    (Action::Suspend, include_str!("../fixtures/respond-v1-revoke.json")),
    (Action::Suspend, include_str!("../fixtures/respond-v1-disable.json")),
    (Action::Restore, include_str!("../fixtures/respond-v1-enable.json")),
    (Action::ConfirmCompromised, include_str!("../fixtures/respond-v1-confirm.json")),
    (Action::Notify, include_str!("../fixtures/respond-v1-manager.json")),
    (Action::Notify, include_str!("../fixtures/respond-v1-send.json")),
];
const SEARCHES: [&str; 3] = [
    include_str!("../fixtures/resolve-v1-aliases.json"),
    include_str!("../fixtures/resolve-v1-roles.json"),
    include_str!("../fixtures/resolve-v1-roles-page.json"),
];
const CYCLES: [&str; 4] = [
    include_str!("../fixtures/changed-v1-deleted.json"),
    include_str!("../fixtures/changed-v1-changes.json"),
    include_str!("../fixtures/changed-v1-partial.json"),
    include_str!("../fixtures/changed-v1-done.json"),
];
const SPANS: [&str; 4] = [
    include_str!("../fixtures/collect-v1-live.json"),
    include_str!("../fixtures/collect-v1-tier.json"),
    include_str!("../fixtures/collect-v1-fixed.json"),
    include_str!("../fixtures/collect-v1-done.json"),
];
const PAGES: [&str; 2] = [include_str!("../fixtures/members-v1-first.json"), include_str!("../fixtures/members-v1-page.json")];

/// Every call, at every place it can stand at, with one answer. All that came of it, as text.
fn everything(answer: &Answer) -> Vec<String> {
    let mut all = Vec::new();
    let mut asked = 0;
    let target = Target { id: None, email: Some("ann@contoso.example".to_owned()) };
    let secrets = vec![("client_secret".to_owned(), SECRET.to_owned()), ("assertion".to_owned(), TOKEN.to_owned())];
    let mut send = |_: Request, _: u64| {
        asked += 1;
        answer.clone()
    };
    // A token is what the host wants; it may stand in nothing but the token itself.
    all.push(match component::authenticate(CONFIG, &secrets, NOW, &mut send) {
        Ok(credentials) => format!("{:?}", credentials.expires_at),
        Err(failure) => format!("{failure:?}"),
    });
    for target in [target.clone(), Target { id: Some(ID.to_owned()), ..target.clone() }] {
        all.push(format!("{:?}", component::resolve(CONFIG, TOKEN, &target, None, NOW, &mut send)));
    }
    for state in SEARCHES {
        all.push(format!("{:?}", component::resolve(CONFIG, TOKEN, &target, Some(state), NOW, &mut send)));
    }
    for action in ACTIONS {
        all.push(format!("{:?}", component::respond(CONFIG, TOKEN, &order(action), None, NOW, &mut send)));
    }
    for (action, state) in STATES {
        all.push(format!("{:?}", component::respond(CONFIG, TOKEN, &order(action), Some(state), NOW, &mut send)));
    }
    all.push(format!("{:?}", component::changed(CONFIG, TOKEN, None, NOW, &mut send)));
    for checkpoint in CYCLES {
        let came = component::changed(CONFIG, TOKEN, Some(checkpoint), NOW, &mut send);
        if let Ok(changes) = &came {
            assert!(changes.checkpoint.len() < 200_000, "a checkpoint of {} bytes", changes.checkpoint.len());
        }
        all.push(format!("{came:?}"));
    }
    for (group, page) in [("Soc", None), (ID, None), ("Soc", Some(PAGES[0])), ("Soc", Some(PAGES[1]))] {
        all.push(format!("{:?}", component::members(CONFIG, TOKEN, group, page, NOW, &mut send)));
    }
    all.push(format!("{:?}", component::check(CONFIG, TOKEN, &mut send)));
    for checkpoint in SPANS {
        let came = component::collect(CONFIG, TOKEN, checkpoint, NOW, &mut send);
        if let Ok(page) = &came {
            assert!(page.checkpoint.len() < 200_000, "a checkpoint of {} bytes", page.checkpoint.len());
            let records: Vec<String> = page.events.iter().map(|event| event.record.clone()).collect();
            assert!(component::normalize(CONFIG, &records).iter().all(Result::is_ok));
            assert!(component::ocsf(CONFIG, &records).iter().all(Result::is_ok));
        }
        all.push(match came {
            Ok(page) => format!("{:?} {:?}", page.next, page.notes),
            failed => format!("{failed:?}"),
        });
    }
    assert!(asked <= all.len(), "{asked} requests in {} calls", all.len());
    all
}

const SECRET: &str = "s3cret~of-the-app";

#[test]
fn what_version_1_wrote_is_read_for_ever() {
    let good = says(200, r#"{"value": [], "@odata.deltaLink": "https://graph.microsoft.com/v1.0/users/delta?$deltatoken=n"}"#);
    let target = Target { id: None, email: Some("ann@contoso.example".to_owned()) };
    for state in SEARCHES {
        assert!(component::resolve(CONFIG, TOKEN, &target, Some(state), NOW, |_, _| good.clone()).is_ok(), "{state}");
    }
    for (action, state) in STATES {
        assert!(
            component::respond(CONFIG, TOKEN, &order(action), Some(state), NOW, |_, _| says(200, r#"{"mail": "m@contoso.example"}"#))
                .is_ok(),
            "{state}"
        );
    }
    for checkpoint in CYCLES {
        assert!(component::changed(CONFIG, TOKEN, Some(checkpoint), NOW, |_, _| good.clone()).is_ok(), "{checkpoint}");
    }
    for page in PAGES {
        assert!(component::members(CONFIG, TOKEN, "Soc", Some(page), NOW, |_, _| good.clone()).is_ok(), "{page}");
    }
    for checkpoint in SPANS {
        assert!(component::collect(CONFIG, TOKEN, checkpoint, NOW, |_, _| good.clone()).is_ok(), "{checkpoint}");
    }
}

#[test]
fn what_a_newer_version_wrote_is_refused_and_nothing_is_asked() {
    let newer = |text: &str| text.replace(r#""v":1"#, r#""v":2"#);
    let target = Target { id: None, email: Some("ann@contoso.example".to_owned()) };
    for state in SEARCHES.map(newer).into_iter().chain(["{}".to_owned(), "?".to_owned()]) {
        assert!(matches!(component::resolve(CONFIG, TOKEN, &target, Some(&state), NOW, |_, _| unreachable!()), Err(Failure::Invalid(_))));
    }
    for (action, state) in STATES {
        let setback = component::respond(CONFIG, TOKEN, &order(action), Some(&newer(state)), NOW, |_, _| unreachable!()).unwrap_err();
        assert!(matches!(setback, Setback { failure: Failure::Invalid(_), uncertain: false, trace: None }));
    }
    for checkpoint in CYCLES {
        assert!(matches!(
            component::changed(CONFIG, TOKEN, Some(&newer(checkpoint)), NOW, |_, _| unreachable!()),
            Err(Failure::Invalid(_))
        ));
    }
    for checkpoint in SPANS {
        let came = component::collect(CONFIG, TOKEN, &newer(checkpoint), NOW, |_, _| unreachable!());
        assert!(matches!(came, Err(Failure::Invalid(_))), "{came:?}");
    }
    for page in PAGES {
        assert!(matches!(
            component::members(CONFIG, TOKEN, "Soc", Some(&newer(page)), NOW, |_, _| unreachable!()),
            Err(Failure::Invalid(_))
        ));
    }
}

#[test]
fn every_answer_that_is_cut_short_or_too_large_is_a_failure_or_known_success() {
    for body in ["", "{", "[]", "null", "5", r#"{"value": 5}"#, r#"{"value": [5]}"#, r#"{"value": [[[]]]}"#, "<html>", "\u{feff}{}"] {
        for status in [200, 202, 204, 301, 400, 401, 403, 404, 405, 407, 408, 409, 410, 412, 418, 429, 500, 503, 504, 599] {
            everything(&says(status, body));
        }
    }
    everything(&Ok(Response { status: 200, headers: Vec::new(), body: Body::TooLarge }));
    everything(&Ok(Response { status: 400, headers: Vec::new(), body: Body::TooLarge }));
    everything(&says(200, &format!("{}{}", "[".repeat(100_000), "]".repeat(100_000))));
    everything(&says(200, &format!(r#"{{"value": [{}{{}}]}}"#, "{},".repeat(100_000))));
}

#[test]
fn a_token_that_no_header_carries_is_never_sent() {
    for token in ["", "two words", "line\nbreak", "ümlaut"] {
        let came = component::changed(CONFIG, token, None, NOW, |_, _| unreachable!());
        assert!(matches!(came, Err(Failure::Invalid(_))), "{came:?}");
    }
}

#[test]
fn every_request_to_graph_carries_the_token_and_an_identifier_of_its_own() {
    let mut ids = Vec::new();
    for (action, state) in STATES {
        let (request, _) = respond(&order(action), Some(state), Some(says(204, "")));
        let request = request.unwrap();
        assert_eq!(header(&request, "authorization"), Some(format!("Bearer {TOKEN}").as_str()));
        assert!(!request.url.contains(TOKEN));
        let id = header(&request, "client-request-id").unwrap().to_owned();
        assert!(crate::words::is_guid(&id) && !ids.contains(&id), "{id}");
        ids.push(id);
    }
}

/// JSON of the kind that Graph sends, with anything at any place.
fn hostile() -> impl Strategy<Value = String> {
    let text = prop_oneof![
        any::<String>(),
        Just(TOKEN.to_owned()),
        Just(SECRET.to_owned()),
        Just(ID.to_owned()),
        Just("ann@contoso.example".to_owned()),
        Just("https://graph.microsoft.com/v1.0/users/delta?$deltatoken=x".to_owned()),
        Just("https://elsewhere.example/v1.0/users".to_owned()),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        text.prop_map(Value::from),
    ];
    let key = prop::sample::select(vec![
        "id",
        "displayName",
        "userPrincipalName",
        "mail",
        "otherMails",
        "proxyAddresses",
        "accountEnabled",
        "userType",
        "onPremisesSyncEnabled",
        "deletedDateTime",
        "@removed",
        "value",
        "@odata.nextLink",
        "@odata.deltaLink",
        "error",
        "code",
        "message",
        "innerError",
        "request-id",
        "error_codes",
        "access_token",
        "expires_in",
        "token_type",
        "createdDateTime",
        "status",
        "errorCode",
        "deviceDetail",
        "operatingSystem",
        "trustType",
        "ipAddress",
        "appId",
    ]);
    leaf.prop_recursive(4, 64, 8, move |inner| {
        let list = prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from);
        let map = prop::collection::vec((key.clone(), inner), 0..8)
            .prop_map(|members| Value::Object(members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()));
        prop_oneof![list, map.clone(), map]
    })
    .prop_map(|value| value.to_string())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// Whatever comes back: no call panics, and no secret that was sent stands in anything that comes of it but what an account
    /// calls itself.
    #[test]
    fn i5_hostile_answers_neither_panic_nor_bring_a_secret_back(
        status in prop_oneof![Just(200_u16), Just(202), Just(400), Just(401), Just(403), Just(404), Just(410), Just(429), Just(500), 100_u16..600],
        body in hostile(),
        request_id in prop_oneof![Just(TOKEN.to_owned()), any::<String>()],
    ) {
        let answer = with(status, &[("request-id", &request_id), ("retry-after", &request_id)], &body);
        for came in everything(&answer) {
            let failed = came.starts_with("Err") || came.starts_with("Failure") || came.contains("Done(") ;
            prop_assert!(!failed || (!came.contains(TOKEN) && !came.contains(SECRET)), "{came}");
        }
    }

    /// The same for what the transport says.
    #[test]
    fn i5_a_transport_that_repeats_a_secret_brings_none_back(sent in any::<bool>()) {
        let why = format!("{} refused {TOKEN} and {SECRET}", "x".repeat(100));
        let answer = Err(if sent { TransportError::Unknown(why) } else { TransportError::Unsent(why) });
        for came in everything(&answer) {
            prop_assert!(!came.contains(TOKEN), "{came}");
        }
    }

    /// Bytes that are no JSON, and no text.
    #[test]
    fn any_bytes_are_withstood(status in 100_u16..600, body in prop::collection::vec(any::<u8>(), 0..200)) {
        everything(&Ok(Response { status, headers: Vec::new(), body: Body::Whole(body) }));
    }

    /// States and checkpoints that somebody else wrote.
    #[test]
    fn any_state_is_read_or_refused(text in hostile()) {
        let target = Target { id: None, email: Some("ann@contoso.example".to_owned()) };
        let _: Result<Resolution, Failure> = component::resolve(CONFIG, TOKEN, &target, Some(&text), NOW, |_, _| says(200, "{}"));
        for action in ACTIONS {
            let _: Result<Progress, Setback> = component::respond(CONFIG, TOKEN, &order(action), Some(&text), NOW, |_, _| says(200, "{}"));
        }
        let changes = component::changed(CONFIG, TOKEN, Some(&text), NOW, |_, _| says(200, "{}"));
        let members = component::members(CONFIG, TOKEN, ID, Some(&text), NOW, |_, _| says(200, "{}"));
        let page = component::collect(CONFIG, TOKEN, &text, NOW, |_, _| says(200, "{}"));
        prop_assert!(changes.is_err() && members.is_err() && page.is_err());
    }
}
