use simulator::{Answer, Delivery, Endpoint, Fault, Rule, World};

use crate::desk::{FROM, LATER, TO, audit, ids, json, query, refresh, world};

fn first(world: &World, token: &str) -> Answer {
    audit(world, token, &query(FROM, TO, 10, None), LATER)
}

fn down() -> Fault {
    Fault::Status { status: 503, body: None, retry_after: Some(3) }
}

#[test]
fn a_rule_strikes_the_calls_it_names_and_no_others() {
    let world = world(30);
    let token = world.issue_static();
    let id = world.add_rule(Rule::new(Endpoint::Audit, down()).after(2).times(2));
    let statuses: Vec<_> = (0..6).map(|_| first(&world, &token).status).collect();
    assert_eq!((statuses, world.struck(id)), (vec![200, 200, 503, 503, 200, 200], 2));
    assert_eq!(world.account(LATER).retries, 2);
    assert!(world.remove_rule(id) && !world.remove_rule(id));
}

#[test]
fn a_rule_holds_for_its_span_of_time_and_its_page() {
    let world = world(30);
    let token = world.issue_static();
    world.add_rule(Rule::new(Endpoint::Audit, down()).between(100, 200));
    let at = |now| audit(&world, &token, &query(FROM, TO, 10, None), now).status;
    assert_eq!([at(99), at(100), at(199), at(200)], [200, 503, 503, 200]);
    world.clear_rules();
    world.add_rule(Rule::new(Endpoint::Audit, down()).on_page(2));
    let page = json(&first(&world, &token));
    let next = query(FROM, TO, 10, page["cursor"].as_str());
    assert_eq!((first(&world, &token).status, audit(&world, &token, &next, LATER).status), (200, 503));
}

#[test]
fn a_probability_is_drawn_from_the_seed() {
    let strikes = || {
        let world = world(1);
        let token = world.issue_static();
        world.set(|settings| settings.miro.credits_per_minute = u64::MAX);
        let id = world.add_rule(Rule::new(Endpoint::Audit, down()).with_probability(0.3));
        let statuses: Vec<_> = (0..200).map(|_| first(&world, &token).status).collect();
        (statuses, world.struck(id))
    };
    let (one, other) = (strikes(), strikes());
    assert_eq!(one, other);
    assert!((30..90).contains(&one.1), "{}", one.1);
}

#[test]
fn i4_a_refresh_lost_before_processing_can_be_repeated_and_one_lost_after_cannot() {
    for (fault, delivery, then) in [(Fault::Reset, Delivery::Reset, 200), (Fault::Lost, Delivery::Lost, 401)] {
        let world = world(1);
        let pair = world.issue(FROM);
        world.add_rule(Rule::new(Endpoint::Token, fault).once());
        assert_eq!(refresh(&world, &pair.refresh, FROM).delivery, delivery);
        assert_eq!(refresh(&world, &pair.refresh, FROM).status, then);
        assert_eq!(world.account(FROM).rotations, 1);
    }
}

#[test]
fn every_other_fault_bends_the_answer_as_it_says() {
    let world = world(30);
    let token = world.issue_static();
    let plain = first(&world, &token);
    let with = |fault: Fault| {
        let id = world.add_rule(Rule::new(Endpoint::Audit, fault));
        let answer = first(&world, &token);
        world.remove_rule(id);
        answer
    };
    assert_eq!(with(Fault::Delay { ms: 5 }).delivery, Delivery::Delayed(5));
    assert_eq!(with(Fault::Slow { chunk: 9, pause_ms: 1 }).delivery, Delivery::Slow(9, 1));
    assert_eq!(with(Fault::Truncate { after: 9 }).delivery, Delivery::Truncated(9));
    assert_eq!(with(Fault::Oversize { bytes: 1 << 30 }).delivery, Delivery::Giant(1 << 30));
    assert!(serde_json::from_slice::<serde_json::Value>(&with(Fault::BadJson).body).is_err());
    assert_eq!(with(Fault::ContentType { value: "text/html".into() }).headers["content-type"], "text/html");
    assert!(with(Fault::Html).body.starts_with(b"<!DOCTYPE"));
    assert_eq!(with(Fault::Redirect { to: "https://elsewhere.example/".into() }).headers["location"], "https://elsewhere.example/");
    assert_eq!(with(down()).headers["retry-after"], "3");
    assert_eq!(json(&with(Fault::Throttle { retry_after: None }))["message"], "Request rate limit exceed");
    assert_eq!(first(&world, &token).body, plain.body);
    assert_eq!(with(Fault::RevokeToken).status, 401);
    assert_eq!(first(&world, &token).status, 401);
}

#[test]
fn a_repeated_cursor_leads_nowhere() {
    let world = world(30);
    let token = world.issue_static();
    let cursor = json(&first(&world, &token))["cursor"].as_str().unwrap().to_owned();
    world.add_rule(Rule::new(Endpoint::Audit, Fault::RepeatCursor));
    let page = json(&audit(&world, &token, &query(FROM, TO, 10, Some(&cursor)), LATER));
    assert_eq!((page["cursor"].as_str(), ids(&page).len()), (Some(cursor.as_str()), 10));
}
