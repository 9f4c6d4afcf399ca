//! Unusual administrative activities.

use serde_json::json;

use super::{
    amounts::{after_habit, now, spree},
    *,
};

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

/// Twenty days of two role changes each by somebody who administrates, as many colleagues do; then these, from home or elsewhere, each
/// as said, by turns.
fn administrator(sensitivity: &str, elsewhere: &[bool], actions: &[&str]) -> Vec<Finding> {
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
    for ((nth, action), &elsewhere) in (0..).zip(actions).zip(elsewhere.iter().cycle()) {
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
    assert_eq!([administrator("medium", &[false], &one).len(), administrator("high", &[false], &one).len()], [0, 1]);
    let three = ["sso_disabled"; 3];
    assert_eq!([administrator("medium", &[false], &three).len(), administrator("medium", &[true], &three).len()], [0, 1]);
    let found = administrator("medium", &[false], &["sso_disabled"; 6]);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].reasons, ["4 administrative activities that are new for this user, the latest sso_disabled"]);
}

/// Fewer are many from elsewhere: whoever acts now from here and now from there steps over neither number, and is told of once.
#[test]
fn new_actions_are_news_wherever_they_become_many() {
    let strange = ["sso_disabled"; 5];
    for places in [[false, false, false, true, true], [true, true, false, false, true]] {
        let found = administrator("medium", &places, &strange);
        assert_eq!(found.len(), 1, "{places:?}");
        let reason = "4 administrative activities that are new for this user, the latest sso_disabled";
        assert_eq!(found[0].reasons[0], reason, "{places:?}");
    }
}

/// What hardly anybody who administrates does is news at once.
#[test]
fn an_action_that_is_rare_among_administrators_is_news() {
    let found = administrator("medium", &[false], &["domain_added"]);
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
