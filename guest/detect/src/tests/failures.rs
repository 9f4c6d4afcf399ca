//! Multiple failed login attempts.

use serde_json::json;

use super::*;
use crate::detector::Severity;

fn fail(log: &mut Log, user: &str, at: u64) {
    log.add(user, at, |sighting| {
        from(sighting, &lisbon(), "203.0.113.5");
        signs_in(sighting, Outcome::Failure);
    });
}

/// "failed multiple login attempts in a single session with respect to the baseline learned"
#[test]
fn more_failures_in_a_session_than_the_user_has_are_found() {
    let mut log = Log::new();
    log.month("ana", &lisbon(), "192.0.2.1");
    for minute in 0..12 {
        fail(&mut log, "ana", START + minute * 3 * MINUTE);
    }
    let found = log.findings();
    assert_eq!(policies(&found), ["failed-logins"]);
    assert_eq!(found[0].reasons, ["11 failed sign-ins within 30 minutes", "none are usual for this user"]);
    assert_eq!(found[0].start, START);
    assert_eq!(found[0].attacks, ["TA0006", "T1110"]);
}

/// More than the greater of ten and twice the user's 99th percentile.
#[test]
fn who_often_fails_may_fail_more() {
    let run = |failures: u64| {
        let mut log = Log::new();
        log.month("ana", &lisbon(), "192.0.2.1");
        for day in (1..=20).rev() {
            (0..8).for_each(|minute| fail(&mut log, "ana", START - day * DAY + 6 * HOUR + minute * MINUTE));
        }
        (0..failures).for_each(|minute| fail(&mut log, "ana", START + minute * MINUTE));
        log.of("failed-logins").len()
    };
    assert_eq!([run(16), run(17)], [0, 1]);
}

/// A session ends with a gap of more than half an hour.
#[test]
fn failures_far_apart_are_of_different_sessions() {
    let mut log = Log::new();
    log.month("ana", &lisbon(), "192.0.2.1");
    (0..40).for_each(|hour| fail(&mut log, "ana", START + hour * 31 * MINUTE));
    assert!(log.findings().is_empty());
}

/// The floor of ten in five minutes counts from the first day.
#[test]
fn ten_failures_in_five_minutes_are_enough_for_a_stranger_and_slower_ones_are_not() {
    let run = |apart: u64| {
        let mut log = Log::new();
        (0..12).for_each(|nth| fail(&mut log, "new", START + nth * apart));
        log.of("failed-logins").len()
    };
    assert_eq!([run(20_000), run(60_000)], [1, 0]);
}

/// "If the detection begins to see that the same behavior continues, the alert is only raised once."
#[test]
fn failing_that_goes_on_has_one_key_and_is_told_again_only_when_it_doubled() {
    let mut log = Log::new();
    log.month("ana", &lisbon(), "192.0.2.1");
    (0..100).for_each(|nth| fail(&mut log, "ana", START + nth * MINUTE));
    let found = log.of("failed-logins");
    let counts: Vec<_> = found.iter().map(|finding| finding.reasons[0].split(' ').next().unwrap().to_owned()).collect();
    assert_eq!(counts, ["11", "22", "44", "88"]);
    assert!(found.iter().all(|finding| finding.key == found[0].key));
}

#[test]
fn success_after_them_is_graver_and_of_the_same_alert() {
    let mut log = Log::new();
    log.month("ana", &lisbon(), "192.0.2.1");
    (0..15).for_each(|nth| fail(&mut log, "ana", START + nth * MINUTE));
    for minute in [17, 18] {
        log.add("ana", START + minute * MINUTE, |sighting| {
            from(sighting, &lisbon(), "203.0.113.5");
            signs_in(sighting, Outcome::Success);
        });
    }
    let found = log.of("failed-logins");
    assert_eq!(found.iter().map(|finding| finding.severity).collect::<Vec<_>>(), [Severity::Medium, Severity::High]);
    let reasons = ["a sign-in succeeded from 203.0.113.5, 3 minutes after 15 failed sign-ins", "15 failed sign-ins within 14 minutes"];
    assert_eq!(found[1].reasons, reasons);
    assert_eq!(found[0].key, found[1].key);
}

#[test]
fn an_account_known_by_its_address_alone_is_the_users() {
    let mut log = Log::new();
    log.month("ana", &lisbon(), "192.0.2.1");
    for minute in 0..12 {
        log.add("ana", START + minute * MINUTE, |sighting| {
            signs_in(sighting, Outcome::Failure);
            sighting.event.actor.id = None;
        });
    }
    let found = log.findings();
    assert_eq!(policies(&found), ["failed-logins"]);
    assert!(found[0].key.contains("user:ana"), "{}", found[0].key);
}

/// "in a single session": also a long one. A device that was forgotten tries once in a quarter of an hour, all night.
#[test]
fn slow_failing_without_a_pause_is_one_session_and_a_forgotten_device_is_nothing() {
    let run = |apart: u64| {
        let mut log = Log::new();
        log.month("ana", &lisbon(), "192.0.2.1");
        (0..100).for_each(|nth| fail(&mut log, "ana", START + nth * apart));
        log.of("failed-logins").len()
    };
    assert_eq!([run(190_000) > 0, run(10 * MINUTE) > 0, run(15 * MINUTE) > 0], [true, true, false]);
}

/// A floor above the failures whose time is kept is one all the same, for whoever is known and for a stranger.
#[test]
fn a_high_floor_is_one_and_does_not_switch_the_rule_off() {
    let run = |known: bool, failures: u64| {
        let mut log = Log::with(&json!({"rules": {"failed-logins": {"floor": 40}}}));
        if known {
            log.month("ana", &lisbon(), "192.0.2.1");
        }
        (0..failures).for_each(|nth| fail(&mut log, "ana", START + nth * 1000));
        log.of("failed-logins").len()
    };
    assert_eq!([run(true, 40), run(true, 41), run(false, 40), run(false, 41)], [0, 1, 0, 1]);
}

#[test]
fn thresholds_are_settings() {
    let mut log = Log::with(&json!({"rules": {"failed-logins": {"floor": 3}}}));
    log.month("ana", &lisbon(), "192.0.2.1");
    (0..4).for_each(|nth| fail(&mut log, "ana", START + nth * MINUTE));
    assert_eq!(log.findings().len(), 1);
}
