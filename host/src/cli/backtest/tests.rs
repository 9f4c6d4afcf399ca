//! What two ways to judge are told to have in common.

use super::{difference::Difference, text};
use crate::{
    alert::{
        Severity,
        tests::{HOUR, NOON, source},
    },
    detect::Raised,
    model::Instant,
};

fn raised(policy: &str, user: &str, at: u64) -> Raised {
    Raised {
        source: source(),
        policy: policy.to_owned(),
        title: String::new(),
        severity: Severity::Medium,
        user: user.to_owned(),
        start: Instant(at - 1000),
        end: Instant(at),
        count: 1,
        reasons: vec!["because\u{1b}[2J".to_owned()],
        key: format!("{policy}/{user}/{at}"),
    }
}

fn between(a: Vec<Raised>, b: Vec<Raised>) -> Difference {
    Difference::between(("a.toml".to_owned(), a), ("b.toml".to_owned(), b))
}

#[test]
fn an_alert_of_both_is_matched_once_with_the_nearest() {
    let day = 24 * HOUR;
    let ours = vec![raised("exports", "eve", NOON.0), raised("exports", "bob", NOON.0), raised("shares", "eve", NOON.0)];
    let theirs = vec![
        raised("exports", "eve", NOON.0 + 20 * HOUR),
        raised("exports", "eve", NOON.0 + HOUR),
        raised("exports", "bob", NOON.0 + 3 * day),
    ];
    let found = between(ours, theirs);
    assert_eq!(found.both.iter().map(|(_, their)| their.end.0).collect::<Vec<_>>(), [NOON.0 + HOUR]);
    let names = |all: &[Raised]| all.iter().map(|raised| format!("{} {}", raised.policy, raised.user)).collect::<Vec<_>>();
    assert_eq!(names(&found.only_a), ["exports bob", "shares eve"]);
    assert_eq!(names(&found.only_b), ["exports eve", "exports bob"]);
}

#[test]
fn a_difference_is_told_by_policy_and_by_day() {
    let ours = vec![raised("exports", "eve", NOON.0), raised("shares\u{202e}", "eve", NOON.0 - 48 * HOUR)];
    let found = between(ours, vec![raised("exports", "eve", NOON.0), raised("exports", "bob", NOON.0)]);
    insta::assert_snapshot!(text::difference(&found, true));
}
