//! Activity from infrequent country.

use serde_json::json;

use super::*;

const ABROAD: &str = "203.0.113.9";

fn visit(config: serde_json::Value, others: usize, network: &Network) -> Vec<Finding> {
    let mut log = Log::with(&config);
    for other in ["bea", "cem", "dai"].iter().take(others) {
        // Who stays counts.
        for day in [6, 5] {
            log.add(other, START - day * DAY, |sighting| from(sighting, &paulo(), "203.0.113.200"));
        }
    }
    log.month("ana", &lisbon(), "192.0.2.1");
    // Late enough that it can have been reached.
    log.add("ana", START + 2 * DAY, |sighting| from(sighting, network, ABROAD));
    log.of("infrequent-country")
}

/// "a location that wasn't recently or never visited by the user" and "by any user in the organization"
#[test]
fn a_country_new_for_user_and_organization_is_found_with_its_numbers() {
    let found = visit(json!({}), 0, &paulo());
    assert_eq!(found.len(), 1);
    assert_eq!(
        found[0].reasons,
        [
            "active from Brazil (203.0.113.9)",
            "in five weeks 60 activities from Portugal, none from Brazil",
            "nobody else in the organization was active from Brazil in 30 days"
        ]
    );
    assert_eq!(found[0].attacks, ["TA0001", "T1078.004"]);
    assert!(found[0].baseline.contains(r#""activities_by_country":{"PT":60}"#), "{}", found[0].baseline);
}

/// At the highest sensitivity the user alone counts; below, a country of others is frequent.
#[test]
fn a_country_that_others_visit_is_frequent_unless_very_sensitive() {
    let at = |sensitivity: &str, others| visit(json!({"sensitivity": sensitivity}), others, &paulo()).len();
    assert_eq!([at("low", 1), at("medium", 1), at("high", 1), at("medium", 0)], [0, 0, 1, 1]);
}

/// "a location that wasn't recently … visited": what is more than a month ago is not recent.
#[test]
fn a_country_visited_more_than_a_month_ago_is_new_again() {
    let at = |days: u64| {
        let mut log = Log::new();
        log.add("ana", START - days * DAY, |sighting| from(sighting, &paulo(), ABROAD));
        log.month("ana", &lisbon(), "192.0.2.1");
        log.add("ana", START + DAY, |sighting| from(sighting, &paulo(), ABROAD));
        log.of("infrequent-country").iter().filter(|finding| finding.end == START + DAY).count()
    };
    assert_eq!([at(60), at(20)], [1, 0]);
}

/// "an initial learning period of seven days … during which alerts aren't triggered for any new locations"
#[test]
fn nothing_is_found_in_the_first_seven_days_of_a_user() {
    let after = |days: u64| {
        let mut log = Log::new();
        for hour in 0..30 {
            log.add("new", START + hour * 60_000, |sighting| from(sighting, &lisbon(), "192.0.2.1"));
        }
        log.add("new", START + days * DAY, |sighting| from(sighting, &paulo(), ABROAD));
        log.of("infrequent-country").len()
    };
    assert_eq!([after(6), after(8)], [0, 1]);
}

/// Who is seldom there is known by their places all the same.
#[test]
fn a_place_needs_seven_days_and_no_number_of_activities() {
    let with = |events: u64| {
        let mut log = Log::new();
        for day in 0..events {
            log.add("new", START + day * DAY, |sighting| from(sighting, &lisbon(), "192.0.2.1"));
        }
        log.add("new", START + 27 * DAY, |sighting| from(sighting, &paulo(), ABROAD));
        log.of("infrequent-country").len()
    };
    assert_eq!([with(0), with(1), with(20)], [0, 1, 1]);
}

/// An intruder who is there for an evening makes the country nobody's.
#[test]
fn a_country_is_the_organizations_once_somebody_stayed_there() {
    let at = |hours: u64| {
        let mut log = Log::new();
        for hour in [0, hours] {
            log.add("bea", START - 5 * DAY + hour * HOUR, |sighting| from(sighting, &paulo(), "203.0.113.200"));
        }
        log.month("ana", &lisbon(), "192.0.2.1");
        log.add("ana", START + 2 * DAY, |sighting| from(sighting, &paulo(), ABROAD));
        log.of("infrequent-country").len()
    };
    assert_eq!([at(23), at(24)], [1, 0]);
}

#[test]
fn the_organizations_networks_and_those_without_a_place_are_passed_over() {
    for category in ["corporate", "vpn", "administrative", "cloud-provider"] {
        assert!(visit(json!({}), 0, &called(paulo(), category)).is_empty(), "{category}");
    }
}

/// A feed's word hides the place of somebody who often comes that way; of anybody else it is one more reason to look.
#[test]
fn a_vpn_is_ordinary_for_those_who_have_one() {
    let at = |days: u64| {
        let mut log = Log::new();
        log.month("ana", &lisbon(), "192.0.2.1");
        for day in (1..=days).rev() {
            log.add("ana", START - day * DAY, |sighting| from(sighting, &tagged(lisbon(), "vpn"), "198.51.100.7"));
        }
        log.add("ana", START + 2 * DAY, |sighting| from(sighting, &tagged(paulo(), "hosting"), ABROAD));
        log.of("infrequent-country").len()
    };
    assert_eq!([at(0), at(3)], [1, 0]);
}

/// "suppresses connections that are characterized by common preferences to the user": their own carrier, roaming.
#[test]
fn the_users_own_network_abroad_is_no_finding() {
    let roaming = Network { country: Some("BR".into()), ..lisbon() };
    assert!(visit(json!({}), 0, &roaming).is_empty());
}

/// "don't apply on failed logins and non-interactive logins"
#[test]
fn failed_sign_ins_from_abroad_are_passed_over() {
    let mut log = Log::new();
    log.month("ana", &lisbon(), "192.0.2.1");
    log.add("ana", START + 2 * DAY, |sighting| {
        from(sighting, &paulo(), ABROAD);
        signs_in(sighting, Outcome::Failure);
    });
    assert!(log.findings().is_empty());
}
