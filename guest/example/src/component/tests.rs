use super::*;
use crate::{source::Next, types::ActorKind};

const NOW: u64 = 1_780_272_000_000;
const CONFIG: &str = r#"{"api_url": "https://api.tidemark.example", "traits": {"board.linked": ["shared"]}}"#;
const EVENT: &str = "{\"id\": \"evt_1\", \"type\": \"board.linked\",\n \"occurred_at\": 1780271990000, \"ok\": false,\r\n \"actor\": {\"id\": \"u_17\", \"email\": \"Ann@Example.com\"}, \"target\": {\"kind\": \"board\", \"id\": \"b_9\"}}";

fn says(status: u16, headers: &[(&str, &str)], body: &str) -> Answer {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Ok(Response { status, headers, body: Body::Whole(body.as_bytes().to_vec()) })
}

fn page(number: u32, as_of: u64, events: &[&str]) -> String {
    format!("{{\"page\": {number}, \"as_of\": {as_of}, \"events\": [{}]}}", events.join(","))
}

/// One call; the address that it asked for, and what came of it.
fn step(checkpoint: &str, answer: Answer) -> (String, Result<Page, Failure>) {
    let mut asked = String::new();
    let page = collect(CONFIG, "tdm_1", checkpoint, NOW, |request, _| {
        assert_eq!(request.headers, [("authorization".to_owned(), "Bearer tdm_1".to_owned())]);
        asked = request.url;
        answer
    });
    (asked, page)
}

const NEXT: [(&str, &str); 1] = [("link", "</v1/events?page=2>; rel=\"next\"")];

#[test]
fn a_pass_reads_every_page_and_the_next_one_begins_fifteen_minutes_before_it() {
    let start = begin(CONFIG, Span::Live(NOW)).unwrap();
    let (asked, first) = step(&start, says(200, &NEXT, &page(1, NOW + 5, &[EVENT])));
    let first = first.unwrap();
    assert_eq!(asked, format!("https://api.tidemark.example/v1/events?from={}&page=1&per_page=100", NOW - 86_400_000));
    assert_eq!((first.next, first.through, first.notes.len()), (Next::AtOnce, NOW - 86_400_000, 1));
    let (asked, last) = step(&first.checkpoint, says(200, &[], &page(2, NOW + 900, &[])));
    let last = last.unwrap();
    assert!(asked.contains("&page=2&"), "{asked}");
    assert_eq!((last.next, last.through), (Next::CaughtUp, NOW + 5));
    let (asked, _) = step(&last.checkpoint, says(200, &[], &page(1, NOW, &[])));
    assert!(asked.contains(&format!("from={}&page=1&", NOW + 5 - 900_000)), "{asked}");
}

#[test]
fn a_fixed_span_has_an_end() {
    let start = begin(CONFIG, Span::Fixed((5, 9))).unwrap();
    let (asked, page) = step(&start, says(200, &[], &page(1, NOW, &[])));
    let page = page.unwrap();
    assert!(asked.ends_with("/v1/events?from=5&to=9&page=1&per_page=100"), "{asked}");
    assert_eq!((page.next, page.through), (Next::Finished, 9));
}

#[test]
fn a_page_that_was_not_asked_for_is_a_broken_contract_and_no_loop() {
    let start = begin(CONFIG, Span::Live(NOW)).unwrap();
    for body in [page(2, NOW, &[]), "{}".to_owned(), "<html>".to_owned(), String::new()] {
        assert!(matches!(step(&start, says(200, &NEXT, &body)).1, Err(Failure::Protocol(_))), "{body}");
    }
    for other in ["{}", r#"{"v":2,"from":1,"to":null,"page":1,"began":1,"through":1}"#] {
        assert!(matches!(step(other, says(200, &[], "")).1, Err(Failure::Invalid(_))), "{other}");
    }
}

#[test]
fn every_status_says_what_to_do_next() {
    let start = begin(CONFIG, Span::Live(NOW)).unwrap();
    let fails = |status, headers: &[(&str, &str)]| step(&start, says(status, headers, "")).1.unwrap_err();
    assert_eq!(fails(429, &[("retry-after", "3")]), Failure::Throttled(Some(3000)));
    assert_eq!(fails(429, &[]), Failure::Throttled(None));
    assert!(matches!(fails(401, &[]), Failure::Unauthorized(_)));
    assert!(matches!(fails(403, &[]), Failure::Forbidden(text) if text.contains("events:read")));
    assert!(matches!(fails(503, &[]), Failure::Unavailable(_)));
    assert!(matches!(fails(404, &[]), Failure::Invalid(_)));
    assert!(matches!(fails(302, &[]), Failure::Protocol(_)));
    let lost = Err(TransportError::Unknown("the connection ended early".to_owned()));
    assert!(matches!(step(&start, lost).1, Err(Failure::Unavailable(text)) if text.ends_with("ended early")));
}

#[test]
fn whatever_an_object_is_it_becomes_an_event_and_stays_one() {
    let objects = [EVENT, "{}", "null", "[1]", "{\"id\": 7, \"type\": \"\", \"occurred_at\": -1}"];
    let start = begin(CONFIG, Span::Live(NOW)).unwrap();
    let events = step(&start, says(200, &[], &page(1, NOW, &objects))).1.unwrap().events;
    let [first, rest @ ..] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(
        (first.id.as_str(), first.time, first.action.as_str(), first.traits.as_slice()),
        ("evt_1", 1_780_271_990_000, "board.linked", ["shared".to_owned()].as_slice())
    );
    assert_eq!((first.actor.kind, first.actor.email.as_deref()), (ActorKind::User, Some("ann@example.com")));
    assert!(!first.record.contains(['\n', '\r']) && first.record.contains("\"id\": \"evt_1\""), "{}", first.record);
    for odd in rest {
        assert!(odd.id.starts_with("sha256:") && odd.record.starts_with('{') && odd.time == NOW, "{odd:?}");
        assert_eq!(odd.traits, ["unmapped", "id-made", "time-guessed"]);
    }
    let records: Vec<String> = events.iter().map(|event| event.record.clone()).collect();
    for (again, event) in normalize(CONFIG, &records).into_iter().zip(&events) {
        assert_eq!(again.map(|again| again.id), Ok(event.id.clone()));
    }
    for event in ocsf(CONFIG, &records) {
        assert!(event.is_ok_and(|event| event.contains("\"version\":\"1.8.0\"")));
    }
}

#[test]
fn a_token_says_whose_it_is_and_what_it_lacks() {
    let me = r#"{"organization": {"id": "o_1", "name": "Acme"}, "user": {"id": "u_1"}, "scopes": ["files:read"]}"#;
    let identity = check(CONFIG, "tdm_1", |request, _| {
        assert_eq!(request.url, "https://api.tidemark.example/v1/me");
        says(200, &[], me)
    })
    .unwrap();
    assert_eq!((identity.missing, identity.organization.and_then(|it| it.name)), (vec!["events:read".to_owned()], Some("Acme".to_owned())));
    assert!(matches!(no_oauth(), Failure::Invalid(text) if text.contains("access_token")));
}

#[test]
fn a_wrong_configuration_is_told_and_a_right_one_names_its_origin() {
    assert_eq!(origins(CONFIG).unwrap(), ["https://api.tidemark.example"]);
    for wrong in ["{}", r#"{"api_url": "api"}"#, r#"{"api_url": "https://u:p@x"}"#, r#"{"api_url": "https://x", "since": 1}"#] {
        assert!(matches!(origins(wrong), Err(Failure::Invalid(_))), "{wrong}");
    }
    assert!(serde_json::from_str::<Value>(&describe().config_schema).is_ok());
    assert_eq!(metering(CONFIG).unwrap().events, 100);
}
