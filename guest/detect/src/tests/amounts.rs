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

/// Twenty days of two role changes each by somebody who administrates, as many colleagues do; then these, from home or elsewhere.
fn administrator(sensitivity: &str, elsewhere: bool, actions: &[&str]) -> Vec<Finding> {
    let mut log = Log::with(&json!({"sensitivity": sensitivity}));
    for other in 0..12 {
        for action in ["team_created", "user_role_changed"] {
            spree(&mut log, &format!("other{other}"), START - 20 * DAY, 1, action, &["administrative"]);
        }
    }
    for other in 0..4 {
        spree(&mut log, &format!("other{other}"), START - 19 * DAY, 1, "sso_disabled", &["administrative"]);
    }
    log.month("ana", &lisbon(), "192.0.2.1");
    for day in (1..=20).rev() {
        spree(&mut log, "ana", START - day * DAY + 6 * HOUR, 2, "user_role_changed", &["administrative"]);
    }
    for (nth, action) in (0..).zip(actions) {
        log.add("ana", START + nth * MINUTE, |sighting| {
            let network = if elsewhere { Network { asn: Some(9), ..lisbon() } } else { lisbon() };
            from(sighting, &network, "192.0.2.77");
            does(sighting, action, &["administrative"]);
        });
    }
    now(&log, "unusual-administration")
}

/// To an administrator, one new action is news only at the highest sensitivity; several in one session are, and fewer from elsewhere.
#[test]
fn new_actions_of_an_administrator_are_news_at_high_or_where_they_are_several() {
    let one = ["sso_disabled"];
    assert_eq!([administrator("medium", false, &one).len(), administrator("high", false, &one).len()], [0, 1]);
    let three = ["sso_disabled"; 3];
    assert_eq!([administrator("medium", false, &three).len(), administrator("medium", true, &three).len()], [0, 1]);
    let found = administrator("medium", false, &["sso_disabled"; 6]);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].reasons, ["4 administrative activities that are new for this user, the latest sso_disabled"]);
}

/// What hardly anybody who administrates does is news at once.
#[test]
fn an_action_that_is_rare_among_administrators_is_news() {
    let found = administrator("medium", false, &["domain_added"]);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].reasons, ["domain_added is new for this user, and few who administrate do it"]);
}

/// More of one action than three times what the user did of it, however much else they do; not where colleagues do it in bulk too.
#[test]
fn one_action_in_bulk_is_news_unless_colleagues_do_it_in_bulk() {
    let at = |colleagues: usize| {
        let mut log = Log::new();
        log.month("ana", &lisbon(), "192.0.2.1");
        for other in 0..colleagues {
            spree(&mut log, &format!("other{other}"), START - 9 * DAY, 12, "member_removed", &["administrative"]);
        }
        for day in (1..=20).rev() {
            spree(&mut log, "ana", START - day * DAY + 6 * HOUR, 40, "member_added", &["administrative"]);
            spree(&mut log, "ana", START - day * DAY + 7 * HOUR, 1, "member_removed", &["administrative"]);
        }
        spree(&mut log, "ana", START, 20, "member_removed", &["administrative"]);
        now(&log, "unusual-administration").iter().map(|finding| finding.reasons[0].clone()).collect::<Vec<_>>()
    };
    assert_eq!(at(0), ["member_removed 10 times in one session; in five weeks at most 1 time"]);
    assert!(at(4).is_empty());
}

/// Whoever was given a role begins to use it; whoever took it is found.
#[test]
fn who_was_given_a_role_by_an_administrator_may_begin_to_administrate() {
    let first = |by: &str, of: &str| {
        let mut log = Log::new();
        log.month("boss", &lisbon(), "192.0.2.1").month("ana", &lisbon(), "192.0.2.1");
        for (user, days, object) in [("boss", 9, "somebody"), ("boss", 8, "somebody"), (by, 1, of)] {
            log.add(user, START - days * DAY + HOUR, |sighting| {
                does(sighting, "user_role_changed", &["account", "administrative"]);
                sighting.event.object = Some(Entity { kind: Some("user".into()), id: Some(object.into()), name: None });
            });
        }
        spree(&mut log, "ana", START, 1, "team_created", &["administrative"]);
        now(&log, "unusual-administration").len()
    };
    assert_eq!([first("boss", "ana"), first("boss", "bea"), first("bea", "ana")], [0, 1, 1]);
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

/// What many do who do nothing else of the sort is nobody's first administration; leading a team is none.
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
