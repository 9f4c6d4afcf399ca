use std::collections::BTreeSet;

use serde_json::json;
use simulator::{Bound, LastPage, Spec};

use crate::desk::{FROM, LATER, TO, audit, bound, drain, ids, json as read, query, world, world_of};

#[test]
fn every_visible_event_comes_exactly_once_whatever_the_page_size_and_the_ties() {
    for tie_share in [0.0, 0.5, 1.0] {
        let world = world_of(Spec { events: 230, tie_share, ..Spec::default() });
        let token = world.issue_static();
        for limit in [1, 2, 7, 23, 99, 100] {
            for last_page in [LastPage::NoCursor, LastPage::EmptyPage, LastPage::EmptyText, LastPage::Null] {
                world.set(|settings| settings.miro.last_page = last_page);
                world.set(|settings| settings.miro.credits_per_minute = u64::MAX);
                let all = drain(&world, &token, (FROM - 1000, TO), limit, LATER);
                let distinct: BTreeSet<_> = all.iter().map(|event| event["id"].as_str().unwrap()).collect();
                assert_eq!((all.len(), distinct.len()), (230, 230), "limit {limit}, {last_page:?}, ties {tie_share}");
                assert!(all.is_sorted_by_key(|event| event["id"].as_str().unwrap().to_owned()));
            }
        }
    }
}

#[test]
fn windows_that_touch_share_no_event_and_miss_none() {
    let world = world_of(Spec { events: 300, tie_share: 0.6, ..Spec::default() });
    let token = world.issue_static();
    let mut seen = Vec::new();
    for hour in 0..24 {
        let window = (FROM + hour * 3_600_000, FROM + (hour + 1) * 3_600_000);
        seen.extend(drain(&world, &token, window, 100, LATER));
    }
    assert_eq!(seen.len(), 300);
}

#[test]
fn a_late_event_appears_when_its_time_has_come_and_before_its_page_is_past() {
    let world = world(0);
    let token = world.issue_static();
    world.add_event(FROM, FROM, "board_opened");
    let late = world.add_event(FROM, FROM + 5_000, "board_opened");
    let at = |now| ids(&read(&audit(&world, &token, &query(FROM, TO, 100, None), now)));
    assert_eq!(at(FROM - 1).len(), 0);
    assert_eq!(at(FROM + 4_999).len(), 1);
    assert!(at(FROM + 5_000).contains(&late));
}

#[test]
fn the_bounds_are_in_or_out_as_set() {
    let world = world(0);
    let token = world.issue_static();
    for ms in [FROM, FROM + 1, FROM + 2] {
        world.add_event(ms, ms, "board_opened");
    }
    for (lower, upper, count) in [
        (Bound::Inclusive, Bound::Exclusive, 2),
        (Bound::Inclusive, Bound::Inclusive, 3),
        (Bound::Exclusive, Bound::Exclusive, 1),
        (Bound::Exclusive, Bound::Inclusive, 2),
    ] {
        world.set(|settings| (settings.miro.lower, settings.miro.upper) = (lower, upper));
        assert_eq!(drain(&world, &token, (FROM, FROM + 2), 100, LATER).len(), count, "{lower:?} {upper:?}");
    }
}

#[test]
fn descending_is_the_mirror_of_ascending() {
    let world = world(150);
    let token = world.issue_static();
    let mut up: Vec<_> =
        drain(&world, &token, (FROM, TO), 100, LATER).iter().map(|event| event["id"].as_str().unwrap().to_owned()).collect();
    let (mut down, mut cursor) = (Vec::new(), String::new());
    loop {
        let part = query(FROM, TO, 40, Some(&cursor).filter(|c| !c.is_empty()).map(String::as_str)).replace("ASC", "DESC");
        let page = read(&audit(&world, &token, &part, LATER));
        down.extend(ids(&page));
        match page["cursor"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => break,
        }
    }
    up.reverse();
    assert_eq!(up, down);
}

#[test]
fn a_page_is_shaped_as_documented() {
    let world = world(250);
    let token = world.issue_static();
    let page = read(&audit(&world, &token, &query(FROM, TO, 100, None), LATER));
    assert_eq!((&page["type"], &page["limit"], &page["size"]), (&json!("cursor-list"), &json!(100), &json!(100)));
    assert_eq!(page["cursor"], page["data"][99]["id"]);
    assert_eq!(ids(&page).len(), 100);
    let time = page["data"][0]["createdAt"].as_str().unwrap();
    assert!(time.ends_with("+0000") && time.len() == "2023-09-01T09:30:10.840+0000".len(), "{time}");
}

#[test]
fn a_crafted_event_may_lack_its_id_and_its_time() {
    let world = world(0);
    let token = world.issue_static();
    let record = json!({ "event": "board_opened", "details": "{\"role\":\"OWNER\"}" });
    world.insert(FROM, FROM, &record);
    assert_eq!(drain(&world, &token, (FROM, TO), 100, LATER), [record]);
}

#[test]
fn an_event_can_be_changed_before_it_is_written() {
    let world = world(0);
    let id = world.add_event_with(FROM, FROM, "sign_in_succeeded", |record| record["context"] = json!({ "ip": "192.0.2.9" }));
    let shown = drain(&world, &world.issue_static(), (FROM, TO), 100, LATER);
    assert_eq!((shown[0]["id"].as_str(), &shown[0]["context"]["ip"]), (Some(id.as_str()), &json!("192.0.2.9")));
}

#[test]
fn the_same_seed_is_the_same_organization() {
    let spec = Spec { events: 500, ..Spec::default() };
    assert_eq!(world_of(spec.clone()).visible(LATER), world_of(spec).visible(LATER));
}

#[test]
fn events_are_as_large_and_as_mixed_as_real_ones() {
    let world = world_of(Spec { events: 3_000, v1_share: 0.1, nasty_share: 0.3, ..Spec::default() });
    let texts = world.visible(LATER);
    let mean = texts.iter().map(String::len).sum::<usize>() / texts.len();
    assert!((600..=1100).contains(&mean), "{mean} bytes an event");
    let events: Vec<serde_json::Value> = texts.iter().map(|text| serde_json::from_str(text).unwrap()).collect();
    let count = |test: &dyn Fn(&serde_json::Value) -> bool| events.iter().filter(|event| test(event)).count();
    assert!(count(&|e| e["createdAt"].as_str().is_some_and(|time| time.ends_with('Z'))) > 100, "v1 times");
    assert!(count(&|e| e["event"] == "sign_in_succeeded" && e["context"]["team"].is_null()) > 100, "sign-ins without a team");
    assert!(count(&|e| e["details"].is_string()) > 5, "details as text");
    assert!(count(&|e| e.get("fieldOfTomorrow").is_some()) > 10, "odd events");
    assert!(texts.iter().any(|text| text.contains("\\u001b")), "escape characters");
    assert!(bound(FROM).ends_with(".000Z"));
}
