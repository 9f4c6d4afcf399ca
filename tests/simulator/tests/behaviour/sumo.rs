use bytes::Bytes;
use http::Request;
use simulator::{Fault, Rule, TooLarge, World};

use crate::desk::{FROM, LATER, TO, drain, gzip, lines, post, post_with, world};

fn violations(world: &World) -> Vec<String> {
    world.account(LATER).violations.into_iter().map(|violation| violation.kind).collect()
}

#[test]
fn a_good_batch_is_taken_and_can_be_read_back() {
    let world = world(20);
    let events = drain(&world, &world.issue_static(), (FROM, TO), 100, LATER);
    let answer = post(&world, &lines(&events), LATER);
    assert_eq!((answer.status, answer.body.len()), (200, 0));
    let records = world.records();
    assert_eq!(records.len(), 20);
    assert_eq!(records[3].id.as_deref(), events[3]["id"].as_str());
    assert_eq!(records[3].line, events[3].to_string());
    assert_eq!((records[3].metadata.category.as_deref(), records[3].received), (Some("miro"), LATER));
    assert_eq!(violations(&world), [""; 0]);
}

#[test]
fn the_token_is_in_the_path_or_in_a_header_and_dies_when_regenerated() {
    let world = world(0);
    let token = world.sumo_token();
    let send = |path: &str, token: &str| {
        world.sumo(&Request::post(path).header("x-sumo-token", token).body(Bytes::from_static(b"{}")).unwrap(), FROM).status
    };
    assert_eq!((send("/receiver/v1/http", &token), send("/receiver/v1/http", "wrong")), (200, 401));
    assert_eq!((send("/receiver/v1/http/wrong", &token), send("/elsewhere", &token)), (401, 401));
    let old = world.sumo_path();
    assert_eq!(send(&old, ""), 200);
    assert_eq!(world.sumo(&Request::get(&old).body(Bytes::new()).unwrap(), FROM).status, 200);
    world.regenerate_sumo();
    assert_eq!(send(&old, ""), 401);
}

#[test]
fn a_body_over_a_million_bytes_is_refused_or_taken_and_noted_either_way() {
    let world = world(0);
    let line = format!("{{\"id\":\"a\",\"x\":\"{}\"}}\n", "x".repeat(10_000));
    let large = line.repeat(100);
    assert_eq!(post(&world, &large, FROM).status, 413);
    world.set(|settings| settings.sumo.too_large = TooLarge::Accept);
    assert_eq!(post(&world, &large, FROM).status, 200);
    assert_eq!(violations(&world), ["body over the limit"]);
}

#[test]
fn what_the_real_one_would_spoil_in_silence_is_a_violation() {
    for (body, kind) in [
        ("", "empty body"),
        ("[{}]\n", "line that is not a JSON object"),
        ("{}\n\n{}\n", "line that is not a JSON object"),
        ("{}\r\n{}\r\n", "line that is not a JSON object"),
        ("{\"a\":\n1}", "line that is not a JSON object"),
        (&format!("{{\"x\":\"{}\"}}\n", "x".repeat(262_144)), "line that is sliced"),
    ] {
        let world = world(0);
        assert_eq!(post(&world, body, FROM).status, 200);
        assert_eq!(violations(&world), [kind]);
    }
    for (name, value, kind) in [
        ("x-sumo-name", "n".repeat(129), "header over its limit"),
        ("x-sumo-fields", format!("k={}", "v".repeat(201)), "X-Sumo-Fields over its limits"),
        ("x-sumo-fields", vec!["k=v"; 31].join(","), "X-Sumo-Fields over its limits"),
        ("x-sumo-timezone", "UTC".into(), "X-Sumo header nobody knows, or twice"),
        ("content-type", "application/vnd.sumologic.prometheus".into(), "content type of metrics"),
    ] {
        let world = world(0);
        assert_eq!(post_with(&world, &[(name, &value)], Bytes::from_static(b"{}\n"), FROM).status, 200);
        assert_eq!(violations(&world), [kind]);
    }
}

#[test]
fn a_body_that_is_not_what_it_says_is_a_400() {
    let world = world(0);
    assert_eq!(post_with(&world, &[("content-encoding", "gzip")], Bytes::from_static(b"{}\n"), FROM).status, 400);
    assert_eq!(post_with(&world, &[("content-encoding", "br")], gzip("{}\n"), FROM).status, 400);
}

#[test]
fn a_poisoned_event_fails_every_batch_it_is_in() {
    let world = world(3);
    let events = drain(&world, &world.issue_static(), (FROM, TO), 100, LATER);
    world.set(|settings| settings.sumo.poison_ids.extend([events[1]["id"].as_str().unwrap().to_owned()]));
    assert_eq!(post(&world, &lines(&events), LATER).status, 400);
    assert_eq!(post(&world, &lines(&events[..1]), LATER).status, 200);
    assert_eq!(world.account(LATER).accepted, 1);
    world.set(|settings| settings.sumo.poison_headers.extend([("x-sumo-category".into(), "miro".into())]));
    assert_eq!(post(&world, &lines(&events[2..]), LATER).status, 400);
}

#[test]
fn each_fault_takes_what_it_says_and_no_more() {
    let source = world(10);
    let events = drain(&source, &source.issue_static(), (FROM, TO), 100, LATER);
    for (fault, status, taken) in [
        (Fault::Partial { lines: 4 }, 408, 4),
        (Fault::Html, 200, 0),
        (Fault::StatusObject, 200, 10),
        (Fault::NoContent, 204, 10),
        (Fault::Lost, 200, 10),
        (Fault::Reset, 503, 0),
        (Fault::Throttle { retry_after: None }, 429, 0),
        (Fault::Redirect { to: "https://elsewhere.example".into() }, 302, 0),
        (Fault::Status { status: 503, body: None, retry_after: None }, 503, 0),
        (Fault::Status { status: 407, body: None, retry_after: None }, 407, 0),
    ] {
        let world = world(10);
        let rule = Rule::new(simulator::Endpoint::Sumo, fault.clone()).once();
        let id = world.add_rule(rule);
        assert_eq!(post(&world, &lines(&events), LATER).status, status, "{fault:?}");
        assert_eq!((world.account(LATER).accepted, world.struck(id)), (taken, 1), "{fault:?}");
        assert_eq!(post(&world, &lines(&events), LATER).status, 200);
        let account = world.account(LATER);
        assert_eq!((account.accepted, account.duplicates, account.lost), (10, taken, 0), "{fault:?}");
    }
}
