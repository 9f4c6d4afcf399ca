//! Unusual amounts: impersonated activities, downloads, shares, deletions.

use super::*;

/// An action, `count` times, `apart` seconds apart.
pub(super) fn spree(log: &mut Log, user: &str, start: u64, count: u64, action: &str, traits: &[&str]) {
    for nth in 0..count {
        log.add(user, start + nth * 10_000, |sighting| {
            from(sighting, &lisbon(), "192.0.2.1");
            does(sighting, action, traits);
        });
    }
}

/// What a rule finds from [`START`] on.
pub(super) fn now(log: &Log, rule: &str) -> Vec<Finding> {
    log.of(rule).into_iter().filter(|finding| finding.end >= START).collect()
}

/// Twenty days of so much in a session, then `count`.
pub(super) fn after_habit(each: u64, count: u64, action: &str, trait_: &str, rule: &str) -> Vec<Finding> {
    let mut log = Log::new();
    log.month("ana", &lisbon(), "192.0.2.1");
    for day in (1..=20).rev() {
        spree(&mut log, "ana", START - day * DAY + 6 * HOUR, each, action, &[trait_]);
    }
    spree(&mut log, "ana", START, count, action, &[trait_]);
    now(&log, rule)
}

/// "within a single session with respect to the baseline learned": downloads, shares, deletions.
#[test]
fn more_in_one_session_than_the_floor_and_three_times_the_habit_is_found() {
    for (action, kind, rule, floor) in [
        ("board_exported", "exported", "mass-download", 30),
        ("file_downloaded", "downloaded", "mass-download", 30),
        ("board_shared", "shared", "mass-share", 45),
        ("board_deleted", "deleted", "mass-delete", 30),
    ] {
        assert!(after_habit(0, floor - 1, action, kind, rule).is_empty(), "{rule}");
        assert_eq!(after_habit(0, floor, action, kind, rule).len(), 1, "{rule}");
        // Three times twenty, and something for the few sessions that say so.
        assert!(after_habit(20, 60, action, kind, rule).is_empty(), "{rule}");
        assert_eq!(after_habit(20, 90, action, kind, rule).len(), 1, "{rule}");
    }
    let found = &after_habit(0, 35, "board_exported", "exported", "mass-download")[0];
    assert_eq!(
        found.reasons,
        ["30 downloads and exports within 4 minutes", "this user had no sessions with downloads and exports in five weeks"]
    );
}

/// Actions in the name of another user, in a single session against the baseline.
#[test]
fn more_impersonation_than_usual_is_found_whoever_does_it() {
    let mut log = Log::new();
    log.month("bot", &lisbon(), "192.0.2.1");
    for nth in 0..10 {
        log.add("bot", START + nth * MINUTE, |sighting| {
            sighting.event.actor.kind = ActorKind::Application;
            does(sighting, "board_updated", &["updated", "impersonated"]);
        });
    }
    assert_eq!(policies(&log.findings()), ["unusual-impersonation"]);
}

#[test]
fn provisioners_and_automations_work_in_bulk() {
    let mut log = Log::new();
    log.month("scim", &lisbon(), "192.0.2.1");
    for nth in 0..500 {
        log.add("scim", START + nth * 1000, |sighting| {
            sighting.event.actor.kind = ActorKind::Provisioner;
            does(sighting, "user_deactivated", &["account", "administrative", "deleted"]);
        });
    }
    assert!(log.findings().is_empty());
}

/// The floor is of an hour: thirty in two are half as many.
#[test]
fn who_takes_longer_may_do_more() {
    let at = |apart: u64| {
        let mut log = Log::new();
        log.month("ana", &lisbon(), "192.0.2.1");
        for nth in 0..45 {
            log.add("ana", START + nth * apart, |sighting| does(sighting, "board_exported", &["exported"]));
        }
        log.findings().len()
    };
    assert_eq!([at(60_000), at(300_000)], [1, 0]);
}

/// From a network that is new for the user, three fifths of a floor are enough.
#[test]
fn fewer_are_enough_from_elsewhere() {
    let at = |asn: u32| {
        let mut log = Log::new();
        log.month("ana", &lisbon(), "192.0.2.1");
        for nth in 0..20 {
            log.add("ana", START + nth * MINUTE, |sighting| {
                from(sighting, &Network { asn: Some(asn), ..lisbon() }, "192.0.2.77");
                does(sighting, "board_exported", &["exported"]);
            });
        }
        log.findings().len()
    };
    assert_eq!([at(9), at(3243)], [1, 0]);
}

/// What colleagues seldom do counts twice.
#[test]
fn a_rare_way_of_sharing_counts_twice() {
    let at = |action: &str| {
        let mut log = Log::new();
        spree(&mut log, "bea", START - 40 * DAY, 150, "board_shared", &["shared"]);
        log.month("ana", &lisbon(), "192.0.2.1");
        spree(&mut log, "ana", START, 25, action, &["shared"]);
        now(&log, "mass-share").iter().map(|finding| finding.reasons[..2].join("; ")).collect::<Vec<_>>()
    };
    assert_eq!(at("link_created"), ["23 shares within 3 minutes; 23 of them in a way that is rare in the organization"]);
    assert!(at("board_shared").is_empty());
}

/// Who deletes in bulk has exported before: a clean-up is one habit.
#[test]
fn who_tidies_up_exports_too() {
    let mut log = Log::new();
    log.month("ana", &lisbon(), "192.0.2.1");
    for day in (1..=20).rev() {
        spree(&mut log, "ana", START - day * DAY + 6 * HOUR, 20, "board_deleted", &["deleted"]);
    }
    spree(&mut log, "ana", START, 50, "board_exported", &["exported"]);
    assert!(now(&log, "mass-download").is_empty());
}

/// "an initial learning period of seven days"
#[test]
fn before_the_user_is_known_no_amount_is_unusual() {
    let mut log = Log::new();
    spree(&mut log, "new", START, 200, "board_exported", &["exported"]);
    assert!(log.findings().is_empty());
}

/// "compared to the activity … detected over the past month": what is longer ago is forgotten.
#[test]
fn a_habit_is_forgotten_after_five_weeks() {
    let after = |days: u64| {
        let mut log = Log::new();
        spree(&mut log, "ana", START - days * DAY, 30, "board_exported", &["exported"]);
        log.month("ana", &lisbon(), "192.0.2.1");
        spree(&mut log, "ana", START, 40, "board_exported", &["exported"]);
        now(&log, "mass-download").len()
    };
    assert_eq!([after(10), after(60)], [0, 1]);
}

/// Who worked in bulk once may do as much again and again, not anything.
#[test]
fn one_clean_up_is_no_habit() {
    let at = |count| {
        let mut log = Log::new();
        log.month("ana", &lisbon(), "192.0.2.1");
        spree(&mut log, "ana", START - 9 * DAY, 20, "board_deleted", &["deleted"]);
        spree(&mut log, "ana", START, count, "board_deleted", &["deleted"]);
        now(&log, "mass-delete").len()
    };
    assert_eq!([at(60), at(130)], [0, 1]);
}
