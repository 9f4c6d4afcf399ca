//! Windows, pages and cursors, and answers that are none.

use serde_json::json;

use super::{Checkpoint, DAY, HOUR, Host, MINUTE, Plan, T0, Vendor, respond};
use crate::{
    config::Config,
    http::{Body, Response, TransportError},
    source::{Next, Note, Reading, Span},
    types::Failure,
};

fn fixed(config: &str) -> Host {
    Host::new(config, Span::Fixed((T0, T0 + DAY)), T0 + 2 * DAY)
}

fn url(host: &Host, now: u64) -> String {
    let Plan::Ask(request) = host.ask(now) else { panic!("nothing to ask") };
    request.url
}

#[test]
fn a_request_carries_both_bounds_a_limit_an_order_and_the_token_in_a_header_alone() {
    let host = fixed("{}");
    let Plan::Ask(request) = host.ask(T0 + 2 * DAY) else { panic!() };
    assert_eq!(
        request.url,
        "https://api.miro.com/v2/audit/logs?createdAfter=2025-12-31T23%3A59%3A59.999Z&createdBefore=2026-01-02T00%3A00%3A00.000Z&limit=100&sorting=ASC"
    );
    assert!(request.headers.contains(&("authorization".to_owned(), "Bearer token".to_owned())));
    assert!(!format!("{request:?}").contains("token"));
}

#[test]
fn a_cursor_is_sent_encoded_since_it_contains_a_number_sign() {
    let mut host = fixed("{}");
    let body = json!({"data": [{"id": "a", "createdAt": "2026-01-01T10:00:00.000+0000"}], "cursor": "2026-01-01T10:00:00.000Z#12-DDB"});
    let page = host.take(T0 + 2 * DAY, Ok(respond(200, &body, T0 + 2 * DAY))).unwrap();
    host.commit(&page);
    assert!(url(&host, T0 + 2 * DAY).ends_with("&cursor=2026-01-01T10%3A00%3A00.000Z%2312-DDB"));
    assert_eq!(page.through, T0 + 10 * HOUR);
}

#[test]
fn a_fixed_span_is_read_whole_and_then_finished_for_good() {
    for inclusive in [false, true] {
        let mut vendor = Vendor { inclusive, ..Vendor::default() };
        for n in 0..=24 {
            vendor.add(T0 + n * HOUR, 0);
            vendor.add(T0 + n * HOUR, 0);
        }
        let last = vendor.add(T0 + DAY - 1, 0);
        let mut host = fixed(r#"{"page_limit": 3, "window": "1h"}"#);
        let now = host.poll(&vendor, T0 + 2 * DAY);
        assert!(vendor.held.iter().filter(|held| held.time < T0 + DAY).all(|held| host.stored.contains(&held.id)));
        assert!(host.stored.contains(&last));
        let page = host.step(&vendor, now).unwrap();
        assert_eq!((page.next, page.through, page.reading), (Next::Finished, T0 + DAY, Reading::Fixed));
    }
}

#[test]
fn events_of_one_millisecond_on_a_page_edge_all_come() {
    let mut vendor = Vendor::default();
    for _ in 0..7 {
        vendor.add(T0 + HOUR, 0);
    }
    let mut host = fixed(r#"{"page_limit": 2}"#);
    host.poll(&vendor, T0 + 2 * DAY);
    assert_eq!(host.stored.len(), 7);
}

#[test]
fn i3_page_7_of_20_fails_five_times_and_nothing_is_fetched_again() {
    let mut vendor = Vendor::default();
    for n in 0..200 {
        vendor.add(T0 + n * MINUTE, 0);
    }
    let mut host = fixed(r#"{"page_limit": 10}"#);
    for _ in 0..6 {
        host.step(&vendor, T0 + 2 * DAY).unwrap();
    }
    let before = host.checkpoint.clone();
    for _ in 0..5 {
        host.take(T0 + 2 * DAY, Err(TransportError::Unknown("reset".to_owned()))).unwrap_err();
    }
    assert_eq!(host.checkpoint, before);
    host.poll(&vendor, T0 + 2 * DAY);
    assert_eq!((host.stored.len(), host.calls), (200, 20));
}

#[test]
fn a_cursor_that_repeats_is_a_broken_contract_and_no_loop() {
    let event = |id: &str| json!({"id": id, "createdAt": "2026-01-01T10:00:00.000+0000"});
    let mut host = fixed("{}");
    let now = T0 + 2 * DAY;
    // Straight away, and in a circle of three.
    let mut failed = false;
    for n in 0..20 {
        let page = json!({"data": [event("a")], "cursor": (["x", "y", "z"][n % 3])});
        match host.take(now, Ok(respond(200, &page, now))) {
            Ok(page) => host.commit(&page),
            Err(Failure::Protocol(text)) => {
                assert!(text.contains("cursor of an earlier page"), "{text}");
                failed = true;
                break;
            }
            Err(other) => panic!("{other:?}"),
        }
    }
    assert!(failed);
    let mut host = fixed("{}");
    let same = json!({"data": [event("a")], "cursor": "x"});
    let page = host.take(now, Ok(respond(200, &same, now))).unwrap();
    host.commit(&page);
    assert!(matches!(host.take(now, Ok(respond(200, &same, now))), Err(Failure::Protocol(_))));
}

#[test]
fn a_page_that_goes_back_in_time_is_a_broken_contract() {
    let mut host = fixed("{}");
    let now = T0 + 2 * DAY;
    let page = |hour: u64, cursor: &str| json!({"data": [{"id": "a", "createdAt": format!("2026-01-01T{hour:02}:00:00.000+0000")}], "cursor": cursor});
    let first = host.take(now, Ok(respond(200, &page(10, "x"), now))).unwrap();
    host.commit(&first);
    let Err(Failure::Protocol(text)) = host.take(now, Ok(respond(200, &page(9, "y"), now))) else { panic!() };
    assert!(text.contains("went back in time"), "{text}");
}

#[test]
fn an_odd_event_fails_no_page() {
    let mut host = fixed("{}");
    let now = T0 + 2 * DAY;
    let body = json!({"data": [{"id": "a", "createdAt": "3026-01-01T10:00:00.000+0000"}, {"createdAt": 7}, null, "what", {"id": 12}], "cursor": "x"});
    let page = host.take(now, Ok(respond(200, &body, now))).unwrap();
    assert_eq!(page.events.len(), 5);
    host.commit(&page);
    let body = json!({"data": [{"id": "b", "createdAt": "2026-01-01T10:00:00.000+0000"}], "cursor": ""});
    host.take(now, Ok(respond(200, &body, now))).unwrap();
}

#[test]
fn a_page_ends_its_window_with_no_cursor_a_null_one_an_empty_one_or_no_data() {
    let now = T0 + 2 * DAY;
    for body in [
        json!({"data": [{"id": "a"}]}),
        json!({"data": [{"id": "a"}], "cursor": null}),
        json!({"data": [{"id": "a"}], "cursor": "", "size": 9158}),
        json!({"data": [], "cursor": "x"}),
        json!({"data": null, "cursor": "x", "unknown": [1]}),
    ] {
        let host = Host::new(r#"{"window": "2d"}"#, Span::Fixed((T0, T0 + DAY)), now);
        assert_eq!(host.take(now, Ok(respond(200, &body, now))).unwrap().next, Next::Finished, "{body}");
    }
}

#[test]
fn a_cursor_that_no_address_can_carry_is_a_broken_contract() {
    let now = T0 + 2 * DAY;
    let body = json!({"data": [{"id": "a"}], "cursor": "x".repeat(10_000)});
    let Err(Failure::Protocol(text)) = fixed("{}").take(now, Ok(respond(200, &body, now))) else { panic!() };
    assert!(text.ends_with("a cursor of 10000 bytes"), "{text}");
}

#[test]
fn a_checkpoint_that_cannot_be_is_refused() {
    for (broken, says) in [
        (r#"{"v":1,"span":{"live":{"born":0,"floor":0,"mark":18446744073709551615,"poll":0,"tiers":[]}}}"#, "past the year 9999"),
        (
            r#"{"v":1,"span":{"fixed":{"from":0,"to":1,"reading":{"began":0,"pos":0,"to":1,"probe":{"at":0,"lo":0,"hi":253402300800000}}}}}"#,
            "past the year 9999",
        ),
        // Once a panic.
        (r#"{"v":1,"span":{"fixed":{"from":2,"to":1,"reading":{"began":0,"pos":0,"to":1}}}}"#, "ends at 1 ms, before it begins"),
    ] {
        let Err(Failure::Invalid(text)) = Checkpoint::parse(broken) else { panic!("{broken}") };
        assert!(text.contains(says), "{text}");
    }
    let config = Config::parse("{}").unwrap();
    assert!(matches!(Checkpoint::begin(&config, Span::Live(u64::MAX), T0), Err(Failure::Invalid(_))));
}

#[test]
fn what_is_no_page_is_told_by_its_place_and_never_by_its_content() {
    let now = T0 + 2 * DAY;
    for (body, says) in [
        ("", "the answer is empty"),
        ("{\"data\": [{\"secret\": 1", "cut short at line 1"),
        ("<html>hunter2</html>", "not JSON at line 1, column 1"),
        ("{\"ok\": \"hunter2\"}", "has no `data`"),
        ("{\"data\": \"hunter2\"}", "`data` in the answer is not a list"),
        ("{\"data\": [], \"cursor\": {\"hunter2\": 1}}", "`cursor` in the answer is not a text"),
        ("[\"hunter2\"]", "no page of events"),
    ] {
        let response = Response { status: 200, headers: Vec::new(), body: Body::Whole(body.as_bytes().to_vec()) };
        let Err(Failure::Protocol(text)) = fixed("{}").take(now, Ok(response)) else { panic!("{body}") };
        assert!(text.contains(says) && !text.contains("hunter2"), "{body}: {text}");
    }
}

#[test]
fn the_watermark_never_passes_miros_clock_and_never_goes_back() {
    let vendor = Vendor { skew: -90_000, ..Vendor::default() };
    let mut host = Host::new(r#"{"since": "1h", "revisit": []}"#, Span::Live(T0), T0);
    let page = host.step(&vendor, T0 + HOUR).unwrap();
    assert_eq!(page.through, T0 + HOUR - 90_000);
    assert!(page.notes.contains(&Note::Clock(-90_000)));
    assert_eq!(host.step(&vendor, T0 + MINUTE).unwrap().through, T0 + HOUR - 90_000);
}

#[test]
fn what_version_1_wrote_is_read_for_ever() {
    let config = Config::parse("{}").unwrap();
    for text in [
        include_str!("../../../fixtures/checkpoint-v1-live.json"),
        include_str!("../../../fixtures/checkpoint-v1-fixed.json"),
        include_str!("../../../fixtures/checkpoint-v1-probe.json"),
    ] {
        let text = text.trim();
        assert_eq!(Checkpoint::parse(text).unwrap().text().unwrap(), text);
        assert!(super::plan(&config, "token", text, T0).is_ok());
    }
    let Err(Failure::Invalid(text)) = Checkpoint::parse(r#"{"v": 2, "span": "?"}"#) else { panic!() };
    assert!(text.contains("version 2"), "{text}");
    assert!(matches!(Checkpoint::parse("{}"), Err(Failure::Invalid(_))));
}

#[test]
fn a_span_that_cannot_be_is_refused() {
    let config = Config::parse("{}").unwrap();
    for span in [Span::Fixed((T0, T0)), Span::Fixed((T0 + 1, T0)), Span::Fixed((T0, T0 + DAY))] {
        assert!(matches!(Checkpoint::begin(&config, span, T0), Err(Failure::Invalid(_))));
    }
}

proptest::proptest! {
    #[test]
    fn i7_no_answer_and_no_checkpoint_makes_it_panic(
        status in 100..700u16,
        body in "[\\[{\"datacursor:}\\],0x#]{0,60}",
        header in "[0-9.eE+-]{0,22}|[A-Za-z, 0-9:]{0,30}",
        checkpoint in "[{}\"vspan:0-9livefxd,]{0,60}",
        now in 0..=super::super::checkpoint::LAST,
    ) {
        let headers = ["date", "retry-after", "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"];
        let response = Response {
            status,
            headers: headers.iter().map(|name| ((*name).to_owned(), header.clone())).collect(),
            body: Body::Whole(body.into_bytes()),
        };
        for host in [Host::new(r#"{"since": "1d"}"#, Span::Live(now), now), Host::new("{}", Span::Fixed((0, now.max(1))), now.max(1))] {
            if let Ok(page) = host.take(now, Ok(response.clone())) {
                Checkpoint::parse(&page.checkpoint).unwrap();
            }
        }
        if let Ok(parsed) = Checkpoint::parse(&checkpoint) {
            parsed.text().unwrap();
        }
    }
}
