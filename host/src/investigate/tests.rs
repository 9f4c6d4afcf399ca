//! What is found, on values.

use std::net::IpAddr;

use audit_pipeline::{
    detector::{self, Network, Sighting, Standing},
    types::{Actor, ActorKind, Entity, Event, Outcome},
};

use super::{trace::VALUES, *};
use crate::{
    alert::{
        Alert, AlertId, Story, Who,
        tests::{HOUR, NOON, alert},
    },
    model::{Instant, Seq},
};

const DAY: u64 = 24 * HOUR;

pub(crate) fn sighting(seq: u64, time: u64, user: &str, action: &str, from: (&str, &str)) -> Sighting {
    let event = Event {
        id: format!("e{seq}"),
        time,
        action: action.to_owned(),
        category: None,
        traits: Vec::new(),
        outcome: Outcome::Success,
        actor: Actor {
            kind: ActorKind::User,
            id: Some(user.to_owned()),
            name: Some(format!("Name {user}")),
            email: Some(format!("{user}@example.com")),
        },
        object: None,
        team: None,
        organization: None,
        ip: Some(from.0.to_owned()),
        user_agent: None,
        session: None,
        extra: Vec::new(),
        record: String::new(),
    };
    let network = Network {
        country: Some(from.1.to_owned()),
        city: None,
        latitude: None,
        longitude: None,
        radius: None,
        asn: Some(64_500),
        isp: None,
        category: None,
        tags: Vec::new(),
    };
    let standing = Standing { groups: Vec::new(), departed: None };
    Sighting { seq, received: time, lane: detector::Lane::Live, event, network: Some(network), standing }
}

const HOME: (&str, &str) = ("198.51.100.1", "DE");
const ABROAD: (&str, &str) = ("203.0.113.7", "NG");

/// Eve opens boards at home at 09:00 on twelve days; at noon of the last one she exports three from abroad, where Bob was before.
fn log() -> Vec<Sighting> {
    let mut log = Vec::new();
    let mut seq = 0;
    let mut add = |time: u64, user: &str, action: &str, from| {
        seq += 1;
        log.push(sighting(seq, time, user, action, from));
    };
    for day in (1..=12).rev() {
        add(NOON.0 - day * DAY - 3 * HOUR, "eve", "board_opened", HOME);
    }
    add(NOON.0 - 5 * DAY, "bob", "board_opened", ABROAD);
    for nth in 0..3 {
        add(NOON.0 - 2000 + nth * 1000, "eve", "board_exported", ABROAD);
    }
    add(NOON.0 + HOUR, "ann", "board_exported", HOME);
    add(NOON.0 + 30 * HOUR, "eve", "board_opened", HOME);
    log
}

fn about() -> Alert {
    let base = alert();
    let story = Story { start: Instant(NOON.0 - 2000), end: NOON, evidence: vec![Seq(14), Seq(15), Seq(16)], ..base.story.clone() };
    Alert { story, ..base }
}

fn inquire(focus: Focus, around: (Instant, Instant), keep: Keep, log: &[Sighting]) -> Found {
    let mut inquiry = Inquiry::new(focus, around, keep);
    log.iter().for_each(|sighting| inquiry.add(sighting));
    inquiry.found()
}

fn around_the_alert(log: &[Sighting]) -> Found {
    let alert = about();
    let evidence: Vec<_> = log.iter().filter(|each| (14..=16).contains(&each.seq)).cloned().collect();
    let around = (Instant(alert.story.start.0 - DAY), alert.story.end.plus(std::time::Duration::from_hours(24)));
    inquire(Focus::alert(&alert, &evidence), around, Keep::First(2), log)
}

#[test]
fn what_was_typed_is_recognized() {
    let is = |text: &str| Subject::recognize(text);
    assert_eq!(is(" 7 "), Some(Subject::Number(AlertId(7), "7".into())));
    assert_eq!(is("3074457345618265000"), Some(Subject::Number(AlertId(3_074_457_345_618_265_000), "3074457345618265000".into())));
    for address in ["203.0.113.7", "2001:db8::1", "::ffff:203.0.113.7"] {
        let expected = address.parse::<IpAddr>().unwrap().to_canonical();
        assert_eq!(is(address), Some(Subject::Address(expected)), "{address}");
    }
    for user in ["eve@example.com", "Eve Adams", "0", "-7", "1.2.3", "99999999999999999999"] {
        assert_eq!(is(user), Some(Subject::User(user.into())), "{user}");
    }
    assert_eq!(is("  "), None);
}

#[test]
fn around_an_alert_stands_what_shares_type_user_address_and_country_with_it() {
    let found = around_the_alert(&log());
    let counts: Vec<_> = found.circles.iter().map(|circle| (circle.same, circle.count, circle.events.len())).collect();
    let expected = [(Common::User, 3, 2), (Common::Target, 0, 0), (Common::Type, 4, 2), (Common::Address, 3, 2), (Common::Location, 3, 2)];
    // Nine o'clock of the day before is 27 hours away, and what Eve opened later 30.
    assert_eq!(counts, expected);
    assert!(found.circles[0].events.iter().all(|fact| fact.evidence && fact.country.as_deref() == Some("NG")));
}

#[test]
fn what_an_alert_rests_on_is_compared_with_what_was_before_it() {
    let found = around_the_alert(&log());
    let said: Vec<_> =
        found.compared.iter().map(|each| (each.attribute, each.value.as_str(), each.last_seen_days, each.uncommon)).collect();
    let new = |attribute, value| (attribute, value, -1, Some(true));
    let expected = [
        new(Attribute::Action, "board_exported"),
        new(Attribute::Address, "203.0.113.7"),
        new(Attribute::Country, "NG"),
        (Attribute::Network, "AS64500", 1, Some(false)),
        new(Attribute::Hour, "11:00"),
        new(Attribute::Hour, "12:00"),
    ];
    assert_eq!(said, expected);
    assert_eq!((found.usual.days, found.usual.events, found.usual.hours[9]), (12, 12, 12), "the alert itself is not usual");
    assert_eq!(found.usual.countries.values, [("DE".to_owned(), 12)]);
}

#[test]
fn who_else_came_from_the_address_and_when_it_was_seen_first_is_told() {
    let found = around_the_alert(&log());
    let [others] = found.others.as_slice() else { panic!("{:?}", found.others) };
    assert_eq!((others.address.as_str(), others.count, others.users[0].0.as_str()), ("203.0.113.7", 1, "bob@example.com"));
    let country = found.kept.iter().find(|kept| kept.attribute == Attribute::Country).unwrap();
    assert_eq!((country.value.as_str(), country.seen.count, country.seen.first), ("NG", 4, Instant(NOON.0 - 5 * DAY)));
    assert_eq!((found.seen.count, found.seen.last), (16, Instant(NOON.0 + 30 * HOUR)));
}

#[test]
fn a_user_is_found_by_identifier_address_and_name_and_a_name_may_be_that_of_several() {
    let mut log = log();
    let mut twin = sighting(100, NOON.0, "mallory", "board_opened", HOME);
    twin.event.actor.name = Some("NAME eve".into());
    log.push(twin);
    let found = |text: &str| inquire(Focus::user(text, NOON), (Instant(0), NOON), Keep::Last(2), &log);
    for text in ["eve", "Eve@Example.com"] {
        let found = found(text);
        assert_eq!((found.seen.count, found.named.len()), (16, 1), "{text}");
        assert_eq!(found.circles[0].events.iter().map(|fact| fact.seq.0).collect::<Vec<_>>(), [15, 16], "the last of them");
    }
    let both = found("Name Eve");
    assert_eq!((both.seen.count, both.named.len()), (17, 2));
    assert!(both.compared.is_empty());
    assert_eq!(found("nobody").seen.count, 0);
}

#[test]
fn the_identifier_that_goes_with_an_address_is_the_users_from_then_on() {
    let mut later = sighting(2, NOON.0, "eve", "board_opened", HOME);
    later.event.actor.email = None;
    let log = [sighting(1, NOON.0, "eve", "board_opened", HOME), later];
    assert_eq!(inquire(Focus::user("eve@example.com", NOON), (Instant(0), NOON), Keep::Last(2), &log).seen.count, 2);
}

#[test]
fn what_others_did_to_a_user_is_told() {
    let mut reset = sighting(1, NOON.0, "root", "user_password_reset", HOME);
    reset.event.object = Some(Entity { kind: Some("user".into()), id: Some("eve".into()), name: None });
    let found = inquire(Focus::user("eve", NOON), (Instant(0), NOON), Keep::Last(2), &[reset]);
    let upon = found.circles.iter().find(|circle| circle.same == Common::Target).unwrap();
    assert_eq!((upon.count, upon.events[0].who.id.as_deref()), (1, Some("root")));
}

#[test]
fn an_address_is_the_same_however_it_is_written() {
    let mut mapped = sighting(1, NOON.0, "eve", "board_opened", ("::ffff:203.0.113.7", "NG"));
    mapped.event.outcome = Outcome::Failure;
    let found = inquire(Focus::address("203.0.113.7".parse().unwrap(), NOON), (Instant(0), NOON), Keep::Last(2), &[mapped]);
    assert_eq!((found.seen.count, found.usual.failed, found.others[0].count), (1, 1, 1));
    assert!(found.circles.iter().all(|circle| circle.same == Common::Address), "nobody in particular acted");
}

/// I7: names are bounded, and what is past the bound is counted.
#[test]
fn i7_of_a_thousand_addresses_two_hundred_are_told_apart_and_the_rest_is_counted() {
    let log: Vec<_> = (0..1000_u64)
        .map(|nth| sighting(nth + 1, NOON.0 - nth, "eve", "board_opened", (format!("10.0.{}.{}", nth / 250, nth % 250).as_str(), "DE")))
        .collect();
    let found = inquire(Focus::user("eve", NOON), (Instant(0), NOON), Keep::Last(5), &log);
    let Counts { values, more, beyond } = found.usual.addresses;
    assert_eq!((values.len(), more, beyond), (10, VALUES as u64 - 10, 1000 - VALUES as u64));
    assert_eq!((found.usual.events, found.circles[0].count, found.circles[0].events.len()), (1000, 1000, 5));
}

#[test]
fn who_is_known_by_name_only_is_found_by_it() {
    let person = Person::who(&Who { name: Some("Eve".into()), ..Who::default() });
    assert!(person.is(Some("x"), None, Some("EVE")) && !person.is(Some("x"), None, None));
    let person = Person::who(&Who { id: Some("7".into()), name: Some("Eve".into()), ..Who::default() });
    assert!(!person.is(Some("8"), None, Some("Eve")), "a name is anybody's");
    assert!(Person::who(&Who::default()).is_nobody());
}
