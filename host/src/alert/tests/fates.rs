//! From a finding to what becomes of it.

use std::time::Duration;

use super::*;
use crate::enrich::FeedChange;

fn later(hours: u64) -> Instant {
    NOON.plus(Duration::from_hours(hours))
}

fn known(id: i64, last_seen: Instant) -> Option<Known> {
    Some(Known { id: AlertId(id), last_seen })
}

fn crowd(cause: Cause, incident: Option<Known>, alerts: i64) -> Crowd {
    Crowd { cause, incident, alerts: (1..=alerts).map(AlertId).collect() }
}

#[test]
fn history_trains_and_never_alarms() {
    let fresh = found("travel", "eve");
    let why = |found: &Found| quiet(found, Stage::Watching);
    assert_eq!(why(&fresh), None);
    assert_eq!(why(&Found { lane: Lane::Late, ..fresh.clone() }), None);
    assert_eq!(why(&Found { lane: Lane::History, ..fresh.clone() }), Some(Quiet::History));
    assert_eq!(quiet(&fresh, Stage::FirstRun), Some(Quiet::FirstRun));
    assert_eq!(why(&Found { received: later(24), ..fresh.clone() }), None, "a day to the millisecond is fresh");
    assert_eq!(why(&Found { received: later(25), ..fresh.clone() }), Some(Quiet::Old));
    let raise = |raise| Found { lane: Lane::History, handling: Handling { raise, ..Handling::ANOMALY }, ..fresh.clone() };
    assert_eq!(quiet(&raise(Raise::Always), Stage::FirstRun), None, "unless it is asked for");
    assert_eq!(why(&raise(Raise::Behaviour)), Some(Quiet::Policy));
}

#[test]
fn a_repeat_within_a_day_counts_on_the_open_alert() {
    let found = found("travel", "eve");
    let same = |at| course(&found, at, &Situation { same: known(7, NOON), ..Situation::default() });
    assert_eq!(same(later(24)), Course::Repeat(AlertId(7)));
    assert_eq!(same(later(25)), Course::Raise);
}

#[test]
fn a_repeat_raises_the_severity_and_never_lowers_it() {
    let mut alert = alert();
    let mut worse = found("impossible-travel", "eve");
    worse.story.severity = Severity::High;
    worse.story.evidence = vec![Seq(2), Seq(3)];
    alert.repeat(&worse, later(1));
    worse.story.severity = Severity::Low;
    alert.repeat(&worse, later(2));
    assert_eq!((alert.story.severity, alert.count, alert.last_seen), (Severity::High, 3, later(2)));
    assert_eq!(alert.story.evidence, [Seq(1), Seq(2), Seq(3)]);
}

#[test]
fn evidence_ends_at_its_cap_and_the_count_goes_on() {
    let mut alert = alert();
    for seq in 0..500 {
        let mut next = found("impossible-travel", "eve");
        next.story.evidence = vec![Seq(seq)];
        alert.repeat(&next, NOON);
    }
    assert_eq!((alert.story.evidence.len(), alert.count), (100, 501));
}

#[test]
fn a_suppression_goes_before_everything_else() {
    let situation = Situation { suppression: Some(SuppressionId(2)), same: known(7, NOON), today: 99, ..Situation::default() };
    assert_eq!(course(&found("travel", "eve"), NOON, &situation), Course::Suppress(SuppressionId(2)));
}

#[test]
fn the_daily_limit_withholds_and_an_anomaly_has_none() {
    let mut rule = found("rule", "eve");
    rule.handling = Handling::ACTIVITY;
    let today = |today| Situation { today, ..Situation::default() };
    assert_eq!(course(&rule, NOON, &today(4)), Course::Raise);
    assert_eq!(course(&rule, NOON, &today(5)), Course::Withhold);
    let repeat = Situation { same: known(7, NOON), ..today(5) };
    assert_eq!(course(&rule, NOON, &repeat), Course::Repeat(AlertId(7)), "a repeat is no new alert");
    assert_eq!(course(&found("anomaly", "eve"), NOON, &today(1000)), Course::Raise);
}

#[test]
fn what_was_withheld_is_counted_in_one_alert() {
    let mut rule = found("rule", "eve");
    rule.handling = Handling::ACTIVITY;
    let mut limit = Alert::limit(&rule, &judgement(&source(), &detector(), &[]));
    for _ in 1..37 {
        limit.withhold(&rule, NOON);
    }
    assert_eq!(limit.story.title, "limit reached: 37 more withheld today");
    assert_eq!(limit.story.reasons[0], "Policy rule may raise 5 alerts in a UTC day; 37 findings of 2026-03-01 came after that");
    assert_eq!((limit.key.as_str(), limit.mark()), ("limit:2026-03-01", None));
}

#[test]
fn the_twenty_first_alert_of_a_policy_within_an_hour_makes_an_incident() {
    let cause = Cause::Policy("travel".to_owned());
    let found = found("travel", "eve");
    let situation = |alerts| Situation { crowds: vec![crowd(cause.clone(), None, alerts)], ..Situation::default() };
    assert_eq!(course(&found, NOON, &situation(19)), Course::Raise);
    let Course::Fold(folded, others) = course(&found, NOON, &situation(20)) else { panic!() };
    assert_eq!((folded, others.len()), (cause, 20));
}

fn tor(at: Instant) -> Cause {
    Cause::Feed(FeedChange { feed: "threat-list tor".to_owned(), at })
}

#[test]
fn the_twenty_first_alert_that_rests_on_a_change_of_a_feed_makes_an_incident_that_names_it() {
    let found = found("anonymous-ip", "eve");
    let situation = |alerts| Situation {
        crowds: vec![crowd(tor(NOON), None, alerts), crowd(Cause::Place("203.0.113.7".to_owned()), None, 20)],
        ..Situation::default()
    };
    let Course::Fold(place, _) = course(&found, NOON, &situation(19)) else { panic!() };
    assert_eq!(place, Cause::Place("203.0.113.7".to_owned()), "what is too few leaves room for the next cause");
    let Course::Fold(cause, others) = course(&found, NOON, &situation(20)) else { panic!() };
    assert_eq!((&cause, others.len()), (&tor(NOON), 20));
    let incident = Alert::incident(&cause, &vec![alert(); 21], NOON).unwrap();
    let since = "threat-list tor says only since 2026-03-01T12:00:00.000Z";
    assert_eq!(incident.story.title, format!("Incident: 21 alerts rest on what {since}, more than 20 within a day"));
    assert_eq!((incident.policy.as_str(), incident.key.as_str()), ("feed-change", "feed:threat-list tor@1772366400000"));
    assert_ne!(incident.key, tor(later(1)).key(), "each change by itself");
    let reasons = incident.story.reasons.join("\n");
    for part in ["All 21 are listed", "taken up at 2026-03-01T12:00:00.000Z", "`miro-source feeds`", "[[range]]"] {
        assert!(reasons.contains(part), "{part} in {reasons}");
    }
}

#[test]
fn a_repeat_does_not_make_an_alert_rest_on_a_change() {
    let mut alert = alert();
    let mut next = found("impossible-travel", "eve");
    next.story.changes = vec![FeedChange { feed: "city".to_owned(), at: NOON }];
    alert.repeat(&next, later(1));
    assert_eq!(alert.story.changes, []);
}

/// As they lie in stores from before there were changes.
#[test]
fn a_story_without_changes_is_read_and_written_as_it_was() {
    let written = serde_json::to_value(alert()).unwrap();
    assert!(written["story"].get("changes").is_none(), "{written}");
    assert_eq!(serde_json::from_value::<Alert>(written).unwrap(), alert());
}

#[test]
fn an_open_incident_takes_in_what_follows_until_it_goes_quiet() {
    let found = found("travel", "eve");
    let at = |cause, at| course(&found, at, &Situation { crowds: vec![crowd(cause, known(9, NOON), 3)], ..Situation::default() });
    let policy = || Cause::Policy("travel".to_owned());
    assert_eq!(at(policy(), later(1)), Course::Join(AlertId(9)));
    assert_eq!(at(policy(), later(2)), Course::Raise);
    assert_eq!(at(Cause::Place("203.0.113.7".to_owned()), later(24)), Course::Join(AlertId(9)), "a place has a day");
}

#[test]
fn an_incident_counts_all_and_lists_a_hundred() {
    let member = alert();
    let mut incident = Alert::incident(&Cause::Place("203.0.113.7".to_owned()), &vec![member.clone(); 21], NOON).unwrap();
    assert_eq!(incident.story.title, "Incident: 21 alerts from 203.0.113.7, more than 20 within a day");
    for _ in 0..200 {
        incident.gather(&member, NOON);
    }
    assert_eq!((incident.count, incident.members.len()), (221, 100));
    assert_eq!(incident.story.severity, Severity::Medium);
    assert_eq!(incident.mark(), None, "nobody is suppressed with it by default");
}

#[test]
fn an_ipv6_network_is_one_place_and_an_ipv4_address_another() {
    assert_eq!(place("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
    assert_eq!(place("2001:db8:1:2:ffff::1"), "2001:db8:1:2::/64");
    assert_eq!(place("::ffff:203.0.113.7"), "203.0.113.7");
    assert_eq!(place("unknown"), "unknown");
}

#[test]
fn a_finding_of_a_detector_is_read_whole() {
    use audit_pipeline::{detector, types};
    let finding = detector::Finding {
        key: "k".into(),
        policy: "p".into(),
        title: "t".into(),
        reasons: vec!["r".into()],
        severity: detector::Severity::High,
        actor: types::Actor { kind: types::ActorKind::User, id: Some("1".into()), name: None, email: Some("e@x".into()) },
        addresses: vec!["192.0.2.1".into()],
        start: 1,
        end: 2,
        evidence: vec![3, 3, u64::MAX, 4],
        attacks: vec![],
        baseline: "no json".into(),
    };
    let endless = detector::Finding {
        key: "k".repeat(100_000),
        policy: "p".repeat(100_000),
        title: "é".repeat(100_000),
        reasons: vec!["r".repeat(100_000); 100],
        baseline: format!("\"{}\"", "b".repeat(100_000)),
        ..finding.clone()
    };
    let found = Found::new(endless, Lane::Live, NOON, |_| None, Handling::ANOMALY);
    assert_eq!((found.key.len(), found.policy.len(), found.story.title.chars().count()), (71, 200, 1001));
    assert!(serde_json::to_string(&found.story).unwrap().len() < 50_000, "I7: what a component says is bounded");
    let found = Found::new(finding, Lane::Live, NOON, |seq| Some(format!("e{}", seq.0)), Handling::ANOMALY);
    assert_eq!((found.policy.as_str(), found.key.as_str(), found.story.severity), ("p", "k", Severity::High));
    assert_eq!((found.story.evidence, found.story.events), (vec![Seq(3), Seq(4)], vec!["e3".to_owned(), "e4".to_owned()]));
    assert_eq!(found.story.baseline, serde_json::json!("no json"), "what is no JSON is still shown");
    assert_eq!(found.story.who.mark().unwrap(), "id:1");
}
