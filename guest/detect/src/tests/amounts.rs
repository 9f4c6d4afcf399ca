//! Unusual administrative and impersonated activities, downloads, shares, deletions.

use serde_json::json;

use super::*;

/// An action, `count` times, `apart` seconds apart.
fn spree(log: &mut Log, user: &str, start: u64, count: u64, action: &str, traits: &[&str]) {
    for nth in 0..count {
        log.add(user, start + nth * 10_000, |sighting| {
            from(sighting, &lisbon(), "192.0.2.1");
            does(sighting, action, traits);
        });
    }
}

/// What a rule finds from [`START`] on.
fn now(log: &Log, rule: &str) -> Vec<Finding> {
    log.of(rule).into_iter().filter(|finding| finding.end >= START).collect()
}

/// Twenty days of so much in a session, then `count`.
fn after_habit(each: u64, count: u64, action: &str, trait_: &str, rule: &str) -> Vec<Finding> {
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
        ("board_shared", "shared", "mass-share", 30),
        ("board_deleted", "deleted", "mass-delete", 30),
    ] {
        assert!(after_habit(0, floor, action, kind, rule).is_empty(), "{rule}");
        assert_eq!(after_habit(0, floor + 1, action, kind, rule).len(), 1, "{rule}");
        // Three times twenty, and something for the few sessions that say so.
        assert!(after_habit(20, 60, action, kind, rule).is_empty(), "{rule}");
        assert_eq!(after_habit(20, 90, action, kind, rule).len(), 1, "{rule}");
    }
    let found = &after_habit(0, 35, "board_exported", "exported", "mass-download")[0];
    assert_eq!(
        found.reasons,
        ["31 downloads and exports within 5 minutes", "this user had no sessions with downloads and exports in five weeks"]
    );
}

/// "performed administrative actions that aren't common for that user": new ones.
#[test]
fn the_first_administration_of_a_user_is_found() {
    let found = after_habit(0, 1, "user_role_changed", "administrative", "unusual-administration");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].reasons, ["this user's first administrative activity in 30 days: user_role_changed"]);
    assert_eq!(found[0].attacks, ["TA0004", "T1098"]);
}

/// … and more of them: an administrator legitimately did "an unusual volume" is named as the false positive.
#[test]
fn more_administration_than_three_times_the_habit_is_found() {
    let at = |count| after_habit(4, count, "user_role_changed", "administrative", "unusual-administration").len();
    assert_eq!([at(12), at(20)], [0, 1]);
}

/// To an administrator, a new action is news only at the highest sensitivity, or from a network that is new too.
#[test]
fn a_new_action_of_an_administrator_is_news_at_high_or_from_elsewhere() {
    let at = |sensitivity: &str, elsewhere: bool| {
        let mut log = Log::with(&json!({"sensitivity": sensitivity}));
        log.month("ana", &lisbon(), "192.0.2.1");
        spree(&mut log, "ana", START - 3 * DAY, 2, "user_role_changed", &["administrative"]);
        log.add("ana", START, |sighting| {
            let network = if elsewhere { Network { asn: Some(9), ..lisbon() } } else { lisbon() };
            from(sighting, &network, "192.0.2.77");
            does(sighting, "sso_disabled", &["administrative"]);
        });
        now(&log, "unusual-administration").len()
    };
    assert_eq!([at("medium", false), at("high", false), at("medium", true)], [0, 1, 1]);
}

/// Actions in the name of another user, in a single session against the baseline.
#[test]
fn more_impersonation_than_usual_is_found_whoever_does_it() {
    let mut log = Log::new();
    log.month("bot", &lisbon(), "192.0.2.1");
    for nth in 0..6 {
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

/// The floor is of half an hour: thirty in an hour are half as many.
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
    assert_eq!([at(30_000), at(80_000)], [1, 0]);
}

/// What every hundredth user does is nobody's first administration; leading a team is none.
#[test]
fn what_everybody_administrates_is_ordinary() {
    let first = |others: usize, traits: &[&str]| {
        let mut log = Log::new();
        for other in 0..others {
            log.add(&format!("other{other}"), START - 3 * DAY, |sighting| does(sighting, "app_installed", &["administrative"]));
        }
        log.month("ana", &lisbon(), "192.0.2.1");
        log.add("ana", START, |sighting| does(sighting, "app_installed", traits));
        now(&log, "unusual-administration").len()
    };
    assert_eq!([first(5, &["administrative"]), first(20, &["administrative"]), first(0, &["administrative", "membership"])], [1, 0, 0]);
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
