use std::sync::Arc;

use audit_pipeline::{
    detector::Network,
    types::{Actor, ActorKind, Event, Outcome},
};
use proptest::prelude::*;
use serde_json::json;

use super::ground::{FEEDS, Ground, NOW, database, range};
use crate::{
    enrich::{Enricher, database::Database, nothing},
    model::SourceName,
};

fn acme() -> SourceName {
    "acme".parse().unwrap()
}

fn beta() -> SourceName {
    "beta".parse().unwrap()
}

fn berlin() -> Network {
    Network {
        country: Some("DE".into()),
        city: Some("Berlin".into()),
        latitude: Some(52.5244),
        longitude: Some(13.4105),
        radius: Some(20),
        asn: Some(64_500),
        isp: Some("Spree Netz".into()),
        ..nothing()
    }
}

#[test]
fn with_nothing_configured_nothing_is_known() {
    let enricher = Ground::new().enricher("");
    assert!(enricher.is_blind(&acme()) && enricher.feeds().is_empty());
    assert_eq!(enricher.network(&acme(), "203.0.113.7"), None);
    assert_eq!(enricher.page(&acme(), &[event("203.0.113.7")]), []);
}

#[test]
fn place_and_operator_come_from_their_files_and_the_tag_from_the_list() {
    let enricher = Ground::new().enricher(FEEDS);
    assert_eq!(enricher.network(&acme(), "203.0.113.7"), Some(berlin()));
    assert_eq!(enricher.network(&acme(), "::ffff:203.0.113.7"), Some(berlin()), "mapped");
    assert_eq!(enricher.network(&acme(), "203.0.113.66"), Some(Network { tags: vec!["tor".into()], ..berlin() }));
    assert_eq!(enricher.network(&acme(), "203.0.113.200"), Some(Network { asn: None, isp: None, ..berlin() }));
    assert_eq!(enricher.network(&acme(), "198.51.100.66"), Some(Network { tags: vec!["tor".into()], ..nothing() }));
    let six = Network { asn: Some(64_501), isp: Some("Six".into()), ..nothing() };
    assert_eq!(enricher.network(&acme(), "2001:db8::1"), Some(six));
    for ip in ["198.51.100.1", "", "unknown", "203.0.113.7:443", "203.0.113", "fe80::1%eth0"] {
        assert_eq!(enricher.network(&acme(), ip), None, "{ip}");
    }
}

#[test]
fn the_operators_word_beats_the_feed_and_tags_add_up() {
    let own =
        range("addresses = [\"203.0.113.64/26\"]\ncategory = \"corporate\"\ntags = [\"office\", \"tor\"]\nisp = \"Own\"\ncountry = \"pt\"");
    let enricher = Ground::new().enricher(&format!("{FEEDS}{own}"));
    let expected = Network {
        country: Some("PT".into()),
        isp: Some("Own".into()),
        category: Some("corporate".into()),
        tags: vec!["office".into(), "tor".into()],
        ..nothing()
    };
    let found = enricher.network(&acme(), "203.0.113.66").unwrap();
    assert_eq!(found, expected, "no city of the feed beside the country of the operator, no number beside their ISP");
    assert_eq!(enricher.network(&beta(), "203.0.113.66"), Some(Network { tags: vec!["tor".into()], ..berlin() }), "I5");
}

#[test]
fn a_range_that_only_tags_overrides_nothing() {
    let enricher = Ground::new().enricher(&format!("{FEEDS}{}", range("addresses = [\"203.0.113.7\"]\ntags = [\"guest\"]")));
    assert_eq!(enricher.network(&acme(), "203.0.113.7"), Some(Network { tags: vec!["guest".into()], ..berlin() }));
}

#[test]
fn internal_addresses_get_what_a_range_says_and_nothing_else() {
    let ground = Ground::new();
    ground.write("tor.txt", "10.0.0.0/8\n");
    ground.write("city.mmdb", database("City", &[("10.0.0.0/8", super::ground::city("DE", "Berlin", 52.0, 13.0))]));
    let enricher = ground.enricher(&format!("{FEEDS}{}", range("addresses = [\"10.1.0.0/16\"]\ncategory = \"vpn\"")));
    assert_eq!(enricher.network(&acme(), "10.2.0.1"), None);
    assert_eq!(enricher.network(&acme(), "10.1.0.1"), Some(Network { category: Some("vpn".into()), ..nothing() }));
}

#[test]
fn flat_records_say_the_same() {
    let flat = json!({
        "country": "de", "country_name": "Germany", "city": "Berlin", "region": "Berlin", "lat": "52.5244", "lng": 13.4105, "radius": 20,
        "asn": "AS64500", "as_name": "Spree Netz", "as_domain": "example.com", "timezone": "UTC",
    });
    let lite = json!({ "country": "Germany", "country_code": "DE", "asn": "AS64500", "as_name": "Spree Netz" });
    let ground = Ground::new();
    ground.write("city.mmdb", database("ipinfo", &[("203.0.113.0/24", flat), ("198.51.100.0/24", lite)]));
    let enricher = ground.enricher("[enrich]\ncity = \"city.mmdb\"\n");
    assert_eq!(enricher.network(&acme(), "203.0.113.7"), Some(berlin()));
    let lite = Network { country: Some("DE".into()), asn: Some(64_500), isp: Some("Spree Netz".into()), ..nothing() };
    assert_eq!(enricher.network(&acme(), "198.51.100.7"), Some(lite));
}

#[test]
fn what_makes_no_sense_is_left_out() {
    let odd = json!({
        "country": { "iso_code": "Germany" }, "city": { "names": { "en": " " } }, "asn": 0, "isp": "x".repeat(1000),
        "location": { "latitude": 91.5, "longitude": 13.0, "accuracy_radius": 20 },
    });
    let ground = Ground::new();
    ground.write("city.mmdb", database("odd", &[("203.0.113.0/24", odd)]));
    let enricher = ground.enricher("[enrich]\ncity = \"city.mmdb\"\n");
    assert_eq!(enricher.network(&acme(), "203.0.113.7"), Some(Network { isp: Some("x".repeat(100)), ..nothing() }));
}

#[test]
fn a_record_that_does_not_decode_is_nothing_known_and_warns_once() {
    let good = super::ground::asn(64_500, "Spree Netz");
    let bytes = database("odd", &[("203.0.113.0/25", json!({ "country": 7 })), ("203.0.113.128/25", good)]);
    let odd = Database::parse(bytes).unwrap();
    assert!(odd.find([203, 0, 113, 200].into()).is_some() && !odd.has_warned());
    assert_eq!(odd.find([203, 0, 113, 7].into()), None);
    assert!(odd.has_warned());
}

#[test]
fn every_file_that_cannot_be_read_is_named() {
    let ground = Ground::new();
    let config = ground.config(FEEDS).enrich;
    ground.write("city.mmdb", "no database");
    std::fs::remove_file(ground.path("tor.txt")).unwrap();
    let errors = Enricher::open(&config, NOW).err().unwrap().to_string();
    for part in
        ["failed to read city from", "city.mmdb: it is no database in MaxMind's format", "failed to read threat-list tor from", "tor.txt"]
    {
        assert!(errors.contains(part), "{part} in {errors}");
    }
    assert!(!errors.contains("asn.mmdb"), "{errors}");
    assert!(errors.contains(&ground.folder().display().to_string()));
}

#[test]
fn events_of_a_page_from_one_address_share_what_is_known() {
    let enricher = Ground::new().enricher(FEEDS);
    let events = [event("203.0.113.7"), Event { ip: None, ..event("") }, event("203.0.113.7"), event("nonsense")];
    let known = enricher.page(&acme(), &events);
    assert_eq!(known.len(), 4);
    let (first, third) = (known[0].network.as_ref().unwrap(), known[2].network.as_ref().unwrap());
    assert!(Arc::ptr_eq(first, third) && **first == berlin());
    assert!(known[1].is_nothing() && known[3].is_nothing());
}

fn event(ip: &str) -> Event {
    Event {
        id: "1".into(),
        time: 1,
        action: "sign_in_succeeded".into(),
        category: None,
        traits: Vec::new(),
        outcome: Outcome::Success,
        actor: Actor { kind: ActorKind::User, id: None, name: None, email: None },
        object: None,
        team: None,
        organization: None,
        ip: Some(ip.into()),
        user_agent: None,
        session: None,
        extra: Vec::new(),
        record: "{}".into(),
    }
}

proptest! {
    #[test]
    fn a_damaged_database_says_less_and_never_panics(at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in 0..40_usize) {
        let mut bytes = database("City", &[
            ("203.0.113.0/24", super::ground::city("DE", "Berlin", 52.5, 13.4)),
            ("2001:db8::/32", super::ground::asn(64_500, "Six")),
        ]);
        let at = at.index(bytes.len());
        bytes[at] = byte;
        bytes.truncate(bytes.len() - cut);
        if let Ok(database) = Database::parse(bytes) {
            for ip in ["203.0.113.7", "198.51.100.1", "2001:db8::1", "::1"] {
                database.find(ip.parse().unwrap());
            }
        }
    }
}
