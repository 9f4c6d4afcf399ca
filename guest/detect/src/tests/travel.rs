//! Impossible travel.

use serde_json::{Value, json};

use super::*;

const HOME: &str = "192.0.2.1";
const AWAY: &str = "203.0.113.9";

/// Home at [`START`], elsewhere `minutes` later.
fn trip(config: &Value, home: &Network, away: &Network, minutes: u64) -> Vec<Finding> {
    let mut log = Log::with(config);
    log.month("ana", home, HOME);
    log.add("ana", START, |sighting| from(sighting, home, HOME));
    log.add("ana", START + minutes * MINUTE, |sighting| from(sighting, away, AWAY));
    log.of("impossible-travel")
}

/// "originating from geographically distant locations within a time period shorter than the time it would have taken the user to
/// travel"
#[test]
fn two_distant_activities_within_too_short_a_time_are_found() {
    let found = trip(&json!({}), &lisbon(), &paulo(), 22);
    assert_eq!(found.len(), 1);
    let finding = &found[0];
    assert_eq!(finding.reasons[0], "active from Portugal (192.0.2.1) and from Brazil (203.0.113.9): 7,949 km in 22 minutes");
    assert_eq!(finding.reasons[1], "at 21,678 km/h; nobody travels faster than 900 km/h");
    assert_eq!((finding.start, finding.end), (START, START + 22 * MINUTE));
    assert_eq!(finding.evidence.len(), 2);
    assert_eq!(finding.addresses, [HOME, AWAY]);
    assert!(trip(&json!({}), &lisbon(), &paulo(), 9 * 60).is_empty(), "7,949 km in 9 hours is a flight");
}

/// "no alerts for two actions originating in the same country/region or in bordering countries/regions"
#[test]
fn same_and_bordering_countries_are_never_travel() {
    let (faro, moscow, vladivostok) = (network("PT", 37.02, -7.93, 1), network("RU", 55.75, 37.62, 1), network("RU", 43.12, 131.89, 2));
    for sensitivity in ["low", "medium", "high"] {
        let config = json!({"sensitivity": sensitivity});
        assert!(trip(&config, &lisbon(), &faro, 1).is_empty());
        assert!(trip(&config, &lisbon(), &madrid(), 1).is_empty());
        assert!(trip(&config, &moscow, &vladivostok, 1).is_empty());
    }
}

/// "both sides considered safe … and the slider isn't set to High → excluded. One side safe: the detection is triggered as normal"
#[test]
fn two_safe_addresses_are_no_travel_unless_very_sensitive() {
    let (home, away) = (called(lisbon(), "corporate"), called(paulo(), "corporate"));
    let at = |sensitivity: &str, home: &Network, away: &Network| trip(&json!({"sensitivity": sensitivity}), home, away, 5).len();
    assert_eq!(["low", "medium", "high"].map(|level| at(level, &home, &away)), [0, 0, 1]);
    assert_eq!(["medium", "high"].map(|level| at(level, &home, &paulo())), [1, 1]);
    assert_eq!(at("medium", &lisbon(), &away), 1);
}

/// "Tagging as VPN is recommended to avoid alerts"; "cloud-provider activity that doesn't denote a physical location"
#[test]
fn vpns_and_cloud_providers_denote_no_place() {
    for away in [called(paulo(), "vpn"), called(paulo(), "cloud-provider")] {
        assert!(trip(&json!({"sensitivity": "high"}), &lisbon(), &away, 5).is_empty());
    }
}

/// User: "suppressing activities from a location that is commonly used by the user", at Low and Medium; High surfaces them.
#[test]
fn places_that_the_user_commonly_uses_are_passed_over_below_high() {
    let at = |sensitivity: &str| {
        let mut log = Log::with(&json!({"sensitivity": sensitivity}));
        log.month("ana", &lisbon(), HOME);
        for day in (1..10).rev() {
            log.add("ana", START - day * DAY - 10 * HOUR, |sighting| from(sighting, &paulo(), AWAY));
        }
        log.add("ana", START, |sighting| from(sighting, &lisbon(), HOME));
        log.add("ana", START + 20 * MINUTE, |sighting| from(sighting, &paulo(), AWAY));
        log.of("impossible-travel").iter().filter(|finding| finding.end > START).count()
    };
    assert_eq!(["low", "medium", "high"].map(at), [0, 0, 1]);
}

/// Tenant: "suppressing activities from an ISP previously alerted on in your organization", at Low only.
#[test]
fn an_isp_alerted_on_before_is_passed_over_at_low_only() {
    let at = |sensitivity: &str| {
        let mut log = Log::with(&json!({"sensitivity": sensitivity}));
        for user in ["ana", "bea"] {
            log.month(user, &lisbon(), HOME);
            log.add(user, START, |sighting| from(sighting, &lisbon(), HOME));
        }
        log.add("ana", START + 5 * MINUTE, |sighting| from(sighting, &paulo(), AWAY));
        log.add("bea", START + 6 * MINUTE, |sighting| from(sighting, &paulo(), AWAY));
        log.of("impossible-travel").iter().map(|finding| finding.actor.id.clone().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(at("low"), ["ana"]);
    assert_eq!(at("medium"), ["ana", "bea"]);
    assert_eq!(at("high"), ["ana", "bea"]);
}

/// "Different sensitivity levels can be set for different user scopes."
#[test]
fn sensitivity_can_differ_by_group() {
    let config = json!({"rules": {"impossible-travel": {"sensitivity_for": [{"users": ["ana@example.com"], "sensitivity": "high"}]}}});
    assert_eq!(trip(&config, &called(lisbon(), "corporate"), &called(paulo(), "corporate"), 5).len(), 1);
}

/// "The system looks for … a learning period of seven days during which it learns a new user's activity pattern"
#[test]
fn a_new_users_places_are_no_travel() {
    let mut log = Log::new();
    for minute in 0..40 {
        log.add("new", START + minute * MINUTE, |sighting| from(sighting, &lisbon(), HOME));
    }
    log.add("new", START + 45 * MINUTE, |sighting| from(sighting, &paulo(), AWAY));
    assert!(log.findings().is_empty());
}

#[test]
fn an_event_that_comes_late_is_compared_with_what_was_before_and_after_it() {
    let mut log = Log::new();
    log.month("ana", &lisbon(), HOME);
    log.add("ana", START, |sighting| from(sighting, &lisbon(), HOME));
    log.add("ana", START + 8 * HOUR, |sighting| from(sighting, &lisbon(), HOME));
    // Seen last, happened between.
    log.add("ana", START + HOUR, |sighting| from(sighting, &paulo(), AWAY));
    assert_eq!(log.of("impossible-travel").len(), 1);
}

/// The connection of a plane comes to earth where its operator stands: an address that may be anywhere is nowhere.
#[test]
fn an_address_that_may_be_a_thousand_kilometres_off_is_no_place() {
    let off = |radius| trip(&json!({}), &lisbon(), &Network { radius: Some(radius), ..paulo() }, 22).len();
    assert_eq!([off(1000), off(1001)], [1, 0]);
}

/// A phone abroad keeps the network of its card: who arrived, and then seems to be at home and back, has not moved.
#[test]
fn who_has_arrived_is_there_whatever_their_phone_says() {
    let at = |hours: u64| {
        let mut log = Log::new();
        log.month("ana", &lisbon(), HOME);
        log.add("ana", START, |sighting| from(sighting, &lisbon(), HOME));
        for (minutes, network, ip) in [(0, paulo(), AWAY), (10, lisbon(), "192.0.2.9"), (20, paulo(), AWAY)] {
            log.add("ana", START + hours * HOUR + minutes * MINUTE, |sighting| from(sighting, &network, ip));
        }
        log.of("impossible-travel").len()
    };
    assert_eq!(at(12), 0, "they could have flown");
    assert!(at(1) > 0);
}

/// … and whose phone did so on one journey does so on the next: it is no place of theirs.
#[test]
fn a_phone_that_stayed_at_home_before_is_no_place() {
    let at = |travelled: bool| {
        let mut log = Log::new();
        let mobile = Network { asn: Some(12), ..lisbon() };
        for day in (1..=30).rev() {
            let (noon, phone) = (START - day * DAY, format!("198.51.100.{day}"));
            log.add("ana", noon, |sighting| from(sighting, &lisbon(), HOME));
            log.add("ana", noon + HOUR, |sighting| from(sighting, &mobile, &phone));
            if travelled && day == 6 {
                log.add("ana", noon + 14 * HOUR, |sighting| from(sighting, &paulo(), AWAY));
                log.add("ana", noon + 15 * HOUR, |sighting| from(sighting, &mobile, "198.51.100.99"));
            }
        }
        log.add("ana", START, |sighting| from(sighting, &lisbon(), HOME));
        log.add("ana", START + 14 * HOUR, |sighting| from(sighting, &mobile, "198.51.100.100"));
        log.add("ana", START + 15 * HOUR, |sighting| from(sighting, &network("JP", 35.68, 139.69, 2516), "203.0.113.80"));
        log.of("impossible-travel").iter().filter(|finding| finding.end > START).count()
    };
    assert_eq!([at(true), at(false)], [0, 1]);
}

/// A journey of two months ago does not make a country theirs for ever.
#[test]
fn a_country_visited_long_ago_is_no_longer_theirs() {
    let at = |days: u64| {
        let mut log = Log::new();
        log.month("ana", &lisbon(), HOME);
        log.add("ana", START - days * DAY - 10 * HOUR, |sighting| from(sighting, &paulo(), "203.0.113.200"));
        log.sightings.sort_by_key(|sighting| sighting.event.time);
        log.add("ana", START, |sighting| from(sighting, &lisbon(), HOME));
        log.add("ana", START + 20 * MINUTE, |sighting| from(sighting, &paulo(), AWAY));
        log.of("impossible-travel").iter().filter(|finding| finding.end > START).count()
    };
    assert_eq!([at(3), at(20)], [0, 1]);
}

/// Distance over speed, less what the places may be off; within a country too.
#[test]
fn at_city_level_the_country_does_not_matter() {
    let (york, angeles) = (network("US", 40.71, -74.01, 701), network("US", 34.05, -118.24, 7018));
    let city = json!({"rules": {"impossible-travel": {"level": "city"}}});
    assert_eq!(trip(&city, &york, &angeles, 60).len(), 1);
    assert!(trip(&city, &york, &angeles, 5 * 60).is_empty());
    assert!(trip(&json!({}), &york, &angeles, 60).is_empty(), "by country this is home");
    let vague = |network: &Network| Network { radius: Some(1800), ..network.clone() };
    assert!(trip(&city, &vague(&york), &vague(&angeles), 60).is_empty(), "it may have been next door");
    assert!(trip(&city, &york, &tagged(angeles, "vpn"), 60).is_empty());
}

#[test]
fn without_coordinates_an_hour_is_too_short() {
    let bare = |country: &str, asn| Network { latitude: None, longitude: None, ..network(country, 0.0, 0.0, asn) };
    assert_eq!(trip(&json!({}), &bare("PT", 1), &bare("BR", 2), 59).len(), 1);
    assert!(trip(&json!({}), &bare("PT", 1), &bare("BR", 2), 61).is_empty());
}
