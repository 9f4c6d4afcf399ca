use serde_json::json;

use crate::desk::{FROM, LATER, TO, drain, lines, post, world};

#[test]
fn lost_is_held_minus_accepted_asked_for_or_not() {
    let world = world(100);
    assert_eq!(world.account(LATER).lost, 100);
    let events = drain(&world, &world.issue_static(), (FROM, TO), 100, LATER);
    post(&world, &lines(&events[..60]), LATER);
    post(&world, &lines(&events[50..90]), LATER);
    let account = world.account(LATER);
    assert_eq!((account.held, account.accepted, account.duplicates, account.lost), (100, 90, 10, 10));
    let missing: Vec<_> = events[90..].iter().map(|event| event["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!((&account.lost_ids, &world.lost(LATER)), (&missing, &missing));
}

#[test]
fn nothing_is_held_before_it_is_visible() {
    let world = world(0);
    world.add_event(FROM, FROM + 10, "board_opened");
    assert_eq!((world.account(FROM + 9).held, world.account(FROM + 10).held), (0, 1));
}

#[test]
fn a_forged_event_is_unexpected_and_an_alert_is_something_else() {
    let world = world(1);
    let forged = json!({ "id": "2026-01-01T00:00:00.000000Z#3458764500000000999-DDB", "event": "board_opened" });
    let alert = json!({ "id": "alert-1", "title": "impossible travel" });
    post(&world, &lines(&[forged, alert]), LATER);
    let account = world.account(LATER);
    assert_eq!((account.unexpected, account.other, account.accepted, account.lost), (1, 1, 0, 1));
    assert_eq!(account.unexpected_ids, ["2026-01-01T00:00:00.000000Z#3458764500000000999-DDB"]);
}

#[test]
fn an_event_without_an_id_is_known_by_what_it_says() {
    let world = world(0);
    world.insert(
        FROM,
        FROM,
        &json!({ "event": "board_opened", "createdAt": "2026-01-01T00:00:00Z", "object": { "id": "b", "name": "n" } }),
    );
    world.insert(
        FROM,
        FROM,
        &json!({ "object": { "name": "n", "id": "b" }, "event": "board_opened", "createdAt": "2026-01-01T00:00:00Z" }),
    );
    let sent = json!({ "id": "sha256:00", "object": { "id": "b", "name": "n" }, "event": "board_opened", "createdAt": "2026-01-01T00:00:00.000+0000" });
    post(&world, &lines(&[sent]), LATER);
    let account = world.account(LATER);
    assert_eq!((account.held, account.accepted, account.unexpected), (1, 1, 0));
}

#[test]
fn an_id_shown_twice_is_held_once() {
    let world = world(0);
    let id = world.add_event(FROM, FROM, "board_opened");
    world.insert(FROM + 5, FROM + 5, &json!({ "id": id, "event": "board_opened" }));
    world.insert(FROM, FROM, &json!({ "id": "own", "event": "board_opened" }));
    world.insert(FROM, FROM, &json!({ "id": "own", "event": "board_opened" }));
    let shown = drain(&world, &world.issue_static(), (FROM, TO), 100, LATER);
    post(&world, &lines(&shown), LATER);
    let account = world.account(LATER);
    assert_eq!((shown.len(), account.held, account.accepted, account.duplicates, account.lost), (4, 2, 2, 2, 0));
}

#[test]
fn an_event_in_ocsf_is_known_by_its_uid() {
    let world = world(0);
    let id = world.add_event(FROM, FROM, "sign_in_succeeded");
    post(&world, &lines(&[json!({ "class_uid": 3002, "metadata": { "uid": id } })]), FROM + 700);
    let account = world.account(LATER);
    assert_eq!((account.accepted, account.lost, account.delay.max), (1, 0, 700));
}

#[test]
fn only_the_last_records_are_kept_and_all_are_counted() {
    let world = world(50);
    world.set(|settings| settings.sumo.keep_records = 5);
    let events = drain(&world, &world.issue_static(), (FROM, TO), 100, LATER);
    post(&world, &lines(&events), LATER);
    let kept = world.records();
    assert_eq!((kept.len(), kept[4].id.as_deref()), (5, events[49]["id"].as_str()));
    assert_eq!(world.account(LATER).accepted, 50);
}

#[test]
fn two_senders_at_once_are_one_too_many() {
    let world = world(0);
    let crowds = || world.account(FROM).violations.iter().map(|violation| violation.count).sum::<u64>();
    world.sending().answered();
    let timed_out = world.sending();
    let retry = world.sending();
    drop(timed_out);
    retry.answered();
    assert_eq!(crowds(), 0);
    let (first, second) = (world.sending(), world.sending());
    first.answered();
    second.answered();
    assert_eq!(crowds(), 1);
}

#[test]
fn every_request_is_remembered_without_its_secrets() {
    let world = world(1);
    drain(&world, &world.issue_static(), (FROM, TO), 100, LATER);
    crate::desk::refresh(&world, "old", LATER);
    let calls = world.calls();
    assert_eq!((calls.len(), calls[0].status, calls[1].status), (2, 200, 401));
    assert!(calls[0].query.starts_with("createdAfter=") && calls[1].query.is_empty());
}
