//! Many alerts with one cause, as one.

use super::*;

#[test]
fn more_than_twenty_alerts_within_an_hour_are_one_incident() {
    let place = Place::new();
    let store = place.open();
    outlet(&store, AlertFormat::Ocsf);
    judge_at(&store, NOON, &crowd("travel", 0..25));
    let open = store.alerts(&query(Wanted::Unresolved)).unwrap();
    let [incident] = open.as_slice() else { panic!("{open:?}") };
    assert_eq!((incident.count, incident.members.len()), (25, 25));
    assert_eq!(incident.story.title, "Incident: 25 alerts of policy travel, more than 20 within an hour");
    let held = store.alerts(&AlertQuery { incident: Some(incident.id), ..query(Wanted::All) }).unwrap();
    assert_eq!(held.len(), 25);
    assert_eq!(about(&store).len(), 22, "the first twenty, the incident, and its latest count");

    let closed = close(&store, incident.id, Verdict::Benign, Suppress::Usual);
    assert!(store.alerts(&query(Wanted::Unresolved)).unwrap().is_empty(), "{closed:?}");
    assert_eq!(store.suppressions().unwrap(), [], "25 users are not made invisible by one word");
    assert_eq!(about(&store).iter().filter(|line| line.0 == 3).count(), 21, "all that were told of are told to be over");
    store.change_alert(incident.id, &Step::Reopen, "ann", NOON).unwrap();
    let held = store.alerts(&AlertQuery { incident: Some(incident.id), ..query(Wanted::All) }).unwrap();
    assert!(held.iter().all(|each| each.state == State::Open));
}

#[test]
fn one_address_behind_more_than_twenty_alerts_is_one_incident_whatever_the_policies() {
    let place = Place::new();
    let store = place.open();
    let all: Vec<Found> = (0..21).map(|user| found(&format!("p{}", user % 3), &format!("u{user}"))).collect();
    judge_at(&store, NOON, &all[..10]);
    judge_at(&store, Instant(NOON.0 + 2 * HOUR), &all[10..]);
    let open = store.alerts(&query(Wanted::Unresolved)).unwrap();
    assert_eq!(open.len(), 1);
    assert_eq!(open[0].story.title, "Incident: 21 alerts from 203.0.113.7, more than 20 within a day");
}

/// So many findings that rest on a change of a feed at noon, of different users, policies and addresses.
fn rested(feed: &str, users: std::ops::Range<usize>) -> Vec<Found> {
    let each = users.map(|user| {
        let mut found = crowd(&format!("p{user}"), user..user + 1).remove(0);
        found.story.changes = vec![FeedChange { feed: feed.to_owned(), at: NOON }];
        found
    });
    each.collect()
}

#[test]
fn more_than_twenty_alerts_that_rest_on_one_change_of_a_feed_are_one_incident_across_restarts() {
    let place = Place::new();
    let store = place.open();
    judge_at(&store, NOON, &crowd("before", 90..95));
    judge_at(&store, NOON, &rested("threat-list tor", 0..10));
    judge_at(&store, NOON, &rested("city", 40..50));
    drop(store);
    let store = place.open();
    judge_at(&store, Instant(NOON.0 + 20 * HOUR), &rested("threat-list tor", 10..25));
    let open = store.alerts(&query(Wanted::Unresolved)).unwrap();
    let incidents: Vec<&Alert> = open.iter().filter(|alert| alert.form != Form::Single).collect();
    let [incident] = incidents.as_slice() else { panic!("{open:?}") };
    assert_eq!((incident.count, incident.policy.as_str(), open.len()), (25, "feed-change", 16), "and what rests on something else");
    assert!(incident.story.title.contains("25 alerts rest on what threat-list tor says only since"), "{}", incident.story.title);
    let held = store.alerts(&AlertQuery { incident: Some(incident.id), ..query(Wanted::All) }).unwrap();
    assert!(held.iter().all(|alert| alert.story.changes.len() == 1) && held.len() == 25);
}

/// Of one policy, from one place, within an hour, and after a change of a feed: any of the three would do.
#[test]
fn a_change_of_a_feed_goes_before_a_place_and_a_place_before_a_policy() {
    let alike = |feed: Option<&str>| {
        let each = rested(feed.unwrap_or_default(), 0..21).into_iter().map(|mut found| {
            (found.policy, found.story.addresses) = ("travel".to_owned(), vec!["203.0.113.7".to_owned()]);
            found.story.changes.retain(|_| feed.is_some());
            found
        });
        each.collect::<Vec<_>>()
    };
    for (findings, policy) in [(alike(Some("city")), "feed-change"), (alike(None), "common-address")] {
        let place = Place::new();
        let store = place.open();
        judge_at(&store, NOON, &findings);
        let open = store.alerts(&query(Wanted::Unresolved)).unwrap();
        assert_eq!(open.iter().map(|alert| alert.policy.as_str()).collect::<Vec<_>>(), [policy]);
    }
}

/// Some rested on nothing, so that those of one policy were many before those of one feed were.
#[test]
fn an_incident_of_a_feed_takes_its_alerts_out_of_that_of_their_policy() {
    let place = Place::new();
    let store = place.open();
    outlet(&store, AlertFormat::Ocsf);
    let mut all = rested("city", 10..40);
    all.iter_mut().for_each(|found| found.policy = "travel".to_owned());
    let all = [crowd("travel", 0..8), all].concat();
    judge_at(&store, NOON, &all[..25]);
    let open = store.alerts(&query(Wanted::Unresolved)).unwrap();
    assert_eq!(open.iter().map(|alert| (alert.policy.as_str(), alert.count)).collect::<Vec<_>>(), [("travel", 25)]);
    judge_at(&store, NOON, &all[25..]);
    let mut open = store.alerts(&query(Wanted::Unresolved)).unwrap();
    open.sort_by_key(|alert| alert.id);
    assert_eq!(open.iter().map(|alert| (alert.policy.as_str(), alert.count)).collect::<Vec<_>>(), [("travel", 8), ("feed-change", 30)]);
    for incident in &open {
        let held = store.alerts(&AlertQuery { incident: Some(incident.id), ..query(Wanted::All) }).unwrap();
        let mut held: Vec<AlertId> = held.iter().map(|alert| alert.id).collect();
        held.sort();
        assert_eq!(incident.members, held, "{}", incident.story.title);
    }
    let said = open[0].story.reasons.join("\n");
    assert!(said.contains(&format!("20 that it held are in incident {} now: Incident: 21 alerts rest", open[1].id)), "{said}");
}

#[test]
fn an_alert_from_before_a_change_is_not_the_fault_of_the_change() {
    let place = Place::new();
    let store = place.open();
    // Marked all the same: two hosts' clocks need not agree.
    judge_at(&store, Instant(NOON.0 - HOUR), &rested("city", 0..10));
    judge_at(&store, NOON, &rested("city", 10..30));
    assert_eq!(store.alerts(&query(Wanted::Unresolved)).unwrap().len(), 30);
    judge_at(&store, NOON, &rested("city", 30..31));
    let open = store.alerts(&query(Wanted::Unresolved)).unwrap();
    assert_eq!((open.len(), open.iter().map(|alert| alert.count).max()), (11, Some(21)));
}
