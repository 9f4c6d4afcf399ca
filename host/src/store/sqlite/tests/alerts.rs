//! Findings in, alerts out, and nothing by half.

mod incidents;

use std::time::Duration;

use audit_pipeline::detector::Profile;

use super::*;
use crate::{
    alert::{
        AlertFormat, Change, Closing, Fate, Form, Found, Handling, Quiet, Severity, Stage, State, Suppress, Verdict, Wanted,
        tests::{HOUR, NOON, detector, found},
    },
    enrich::FeedChange,
    store::{Conditions as _, Outbox},
};

fn judgement<'a>(source: &'a SourceName, detector: &'a DetectorName, findings: &'a [Found]) -> Judgement<'a> {
    Judgement { source, detector, after: Seq(0), through: Seq(0), stage: Stage::Watching, profiles: &[], findings, at: NOON }
}

/// Judges without any event.
fn judge_at(store: &SqliteStore, at: Instant, findings: &[Found]) -> Judged {
    store.judge(&Judgement { at, ..judgement(&source(), &detector(), findings) }).unwrap()
}

fn query(wanted: Wanted) -> AlertQuery {
    AlertQuery { wanted, policy: None, user: None, since: None, address: None, incident: None, most: 1000 }
}

fn behaviours(store: &SqliteStore) -> Vec<Behaviour> {
    store.behaviours(&BehaviourQuery { policy: None, user: None, since: None, address: None, alert: None, most: 1000 }).unwrap()
}

fn outlet(store: &SqliteStore, format: AlertFormat) {
    store.set_outlets(&[Outlet { sink: sink("sumo"), source: source(), format }]).unwrap();
}

fn lines(store: &SqliteStore) -> Vec<String> {
    store.outbox(&sink("sumo"), 1000, usize::MAX).unwrap().into_iter().map(|line| line.body).collect()
}

/// What an OCSF line is about: activity and alert.
fn about(store: &SqliteStore) -> Vec<(u64, String)> {
    let read = |line: &String| {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        (line["activity_id"].as_u64().unwrap(), line["finding_info"]["uid"].as_str().unwrap().to_owned())
    };
    lines(store).iter().map(read).collect()
}

fn close(store: &SqliteStore, id: AlertId, verdict: Verdict, suppress: Suppress) -> Alert {
    let closing = Closing::new(verdict, None, None, suppress).unwrap();
    store.change_alert(id, &Step::Close(closing), "ann", NOON).unwrap()
}

/// So many findings of a policy, of different users.
fn crowd(policy: &str, users: std::ops::Range<usize>) -> Vec<Found> {
    let each = users.map(|user| {
        let mut found = found(policy, &format!("u{user}"));
        found.story.addresses = vec![format!("203.0.113.{user}")];
        found
    });
    each.collect()
}

#[test]
fn lines_that_a_sink_refused_wait_for_a_person_and_go_again_when_that_is_asked() {
    let place = Place::new();
    let store = place.open();
    outlet(&store, AlertFormat::Cef);
    judge_at(&store, NOON, &[found("a", "u1"), found("b", "u2")]);
    let sumo = sink("sumo");
    let first = store.outbox(&sumo, 1, usize::MAX).unwrap().remove(0).id;
    store.set_aside(first, "refused").unwrap();
    let size = || store.outbox_size(&sumo).unwrap();
    assert_eq!(size(), Outbox { waiting: 1, refused: 1 });
    // One event has nothing to do with them, nor has another sink.
    assert_eq!(store.retry_parked(Some(&sumo), Some(Seq(1))).unwrap() + store.retry_parked(Some(&sink("file")), None).unwrap(), 0);
    assert_eq!((size().refused, store.retry_parked(None, None).unwrap()), (1, 1));
    assert_eq!(size(), Outbox { waiting: 2, refused: 0 });
}

#[test]
fn i3_a_judgement_is_stored_whole_and_only_once() {
    let (place, acme, detector) = (Place::new(), source(), detector());
    let store = place.open();
    store.commit(&page(&acme, &[event("a", 1), event("b", 2)], "1")).unwrap();
    outlet(&store, AlertFormat::Ocsf);
    assert_eq!(store.judged(&acme, &detector).unwrap(), Seq(0));
    let profiles = [Profile { subject: "eve".into(), body: vec![1, 2] }];
    let findings = [found("travel", "eve")];
    let judgement = Judgement { through: Seq(2), profiles: &profiles, ..judgement(&acme, &detector, &findings) };
    assert_eq!(store.judge(&judgement).unwrap().raised, [AlertId(1)]);

    let again = store.judge(&judgement).unwrap_err();
    assert_eq!(again.kind, StoreErrorKind::Conflict);
    assert!(again.message.contains("has judged what follows place 0 of acme already"), "{again}");
    let beyond = Judgement { after: Seq(2), through: Seq(3), ..judgement };
    assert_eq!(store.judge(&beyond).unwrap_err().kind, StoreErrorKind::Conflict, "the log ends at 2");
    drop(store);

    let store = place.open();
    assert_eq!(store.judged(&acme, &detector).unwrap(), Seq(2));
    let asked = ["eve".to_owned(), "nobody".to_owned()];
    let known = store.profiles(&acme, &detector, &asked).unwrap();
    assert_eq!(known.iter().map(|profile| profile.body.clone()).collect::<Vec<_>>(), [vec![1, 2], vec![]]);
    assert_eq!(store.profiles(&"other".parse().unwrap(), &detector, &asked).unwrap()[0].body, b"", "I5: a profile belongs to its source");
    let alert = store.alert(AlertId(1)).unwrap().unwrap();
    assert_eq!((alert.state.clone(), alert.count, alert.story.clone()), (State::Open, 1, findings[0].story.clone()));
    assert_eq!(behaviours(&store)[0].fate, Fate::Raised(AlertId(1)));
    assert_eq!(store.alert_history(AlertId(1)).unwrap()[0].change, Change::Raised);
    assert_eq!(about(&store), [(1, "acme/1".to_owned())]);
}

#[test]
fn i3_a_judgement_that_fails_anywhere_leaves_nothing() {
    for table in ["detectors", "profiles", "behaviours", "alerts", "alert_places", "alert_history", "alert_outbox"] {
        let (place, acme, detector) = (Place::new(), source(), detector());
        let store = place.open();
        store.commit(&page(&acme, &[event("a", 1)], "1")).unwrap();
        outlet(&store, AlertFormat::Cef);
        let raw = rusqlite::Connection::open(place.path()).unwrap();
        raw.execute_batch(&format!("CREATE TRIGGER refuse BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'refused'); END")).unwrap();
        let profiles = [Profile { subject: "eve".into(), body: vec![1] }];
        let findings = [found("travel", "eve")];
        let judgement = Judgement { through: Seq(1), profiles: &profiles, ..judgement(&acme, &detector, &findings) };
        let refused = store.judge(&judgement).unwrap_err();
        assert!(refused.message.contains("refused"), "{table}: {refused}");
        raw.execute_batch("DROP TRIGGER refuse").unwrap();
        assert_eq!((store.judged(&acme, &detector).unwrap(), lines(&store).len(), behaviours(&store).len()), (Seq(0), 0, 0), "{table}");
        assert_eq!(store.alerts(&query(Wanted::All)).unwrap(), [], "{table}");
        assert_eq!(store.profiles(&acme, &detector, &["eve".into()]).unwrap()[0].body, b"", "{table}");
        assert_eq!(store.judge(&judgement).unwrap().raised.len(), 1, "{table}: tried again it works");
    }
}

#[test]
fn a_detector_reads_all_lanes_in_order_and_retention_waits_for_it() {
    let (place, acme, detector) = (Place::new(), source(), detector());
    let store = place.open();
    let (a, b, c, d) = ([event("a", 1)], [event("b", 2)], [event("c", 3)], [event("d", 4)]);
    store.commit(&page(&acme, &a, "1")).unwrap();
    store.commit(&Page { lane: Lane::Late, ..page(&acme, &b, "2") }).unwrap();
    store.commit(&page(&"other".parse().unwrap(), &[event("x", 1)], "1")).unwrap();
    store.commit(&Page { lane: Lane::History, ..page(&acme, &c, "3") }).unwrap();
    store.commit(&page(&acme, &d, "4")).unwrap();
    let read = |after, events, bytes| {
        let found = store.read_all(&acme, Seq(after), events, bytes).unwrap();
        found.into_iter().map(|event| (event.seq.0, event.lane)).collect::<Vec<_>>()
    };
    let all = [(1, Lane::Live), (2, Lane::Late), (4, Lane::History), (5, Lane::Live)];
    assert_eq!(read(0, usize::MAX, usize::MAX), all);
    assert_eq!(read(1, 2, usize::MAX), all[1..3]);
    assert_eq!(read(4, usize::MAX, 0), all[3..], "always one");
    assert_eq!(read(5, usize::MAX, usize::MAX), []);

    let prune = Prune { usual: Old { records_before: Instant::FAR, ..Old::default() }, ..nothing() };
    assert_eq!(store.prune(&prune).unwrap(), 0, "nobody reads yet");
    for lane in Lane::ALL {
        store.advance(&sink("sumo"), &acme, lane, Seq(5), &[]).unwrap();
    }
    assert_eq!(store.judged(&acme, &detector).unwrap(), Seq(0));
    assert_eq!(store.judges().unwrap(), [Judge { source: acme.clone(), detector: detector.clone() }]);
    assert_eq!(store.prune(&prune).unwrap(), 0, "the detector has judged nothing");
    store.judge(&Judgement { through: Seq(2), ..judgement(&acme, &detector, &[]) }).unwrap();
    assert_eq!(store.prune(&prune).unwrap(), 2);
    store.forget_judge(&acme, &detector).unwrap();
    assert_eq!(store.prune(&prune).unwrap(), 2);
}

#[test]
fn a_repeat_updates_its_alert_and_only_what_is_so_now_is_sent() {
    let place = Place::new();
    let store = place.open();
    outlet(&store, AlertFormat::Ocsf);
    judge_at(&store, NOON, &[found("travel", "eve")]);
    for hour in 1..5 {
        let mut again = found("travel", "eve");
        again.story.severity = Severity::High;
        assert_eq!(judge_at(&store, Instant(NOON.0 + hour * HOUR), &[again]).repeated, 1);
    }
    let alert = store.alert(AlertId(1)).unwrap().unwrap();
    assert_eq!((alert.count, alert.story.severity, alert.last_seen), (5, Severity::High, Instant(NOON.0 + 4 * HOUR)));
    assert_eq!(about(&store), [(1, "acme/1".into()), (2, "acme/1".into())], "four updates that did not leave are one");
    let mut late = found("travel", "eve");
    late.received = Instant(NOON.0 + 48 * HOUR);
    late.story.end = late.received;
    assert_eq!(judge_at(&store, late.received, &[late.clone()]).raised, [AlertId(2)], "not seen for a day, it is another");
    let latest = &store.alerts(&query(Wanted::Unresolved)).unwrap()[0];
    assert_eq!(latest.id, AlertId(2));
    let counted = store
        .behaviours(&BehaviourQuery { policy: None, user: None, since: None, address: None, alert: Some(AlertId(1)), most: 9 })
        .unwrap();
    assert_eq!(counted.len(), 5);
}

#[test]
fn history_and_a_first_run_leave_behaviours_only() {
    let place = Place::new();
    let store = place.open();
    let old = Found { lane: Lane::History, ..found("travel", "eve") };
    assert_eq!(judge_at(&store, NOON, &[old]).quiet, 1);
    let (acme, detector, findings) = (source(), detector(), [found("travel", "eve")]);
    store.judge(&Judgement { stage: Stage::FirstRun, ..judgement(&acme, &detector, &findings) }).unwrap();
    assert_eq!(store.alerts(&query(Wanted::All)).unwrap(), []);
    let fates: Vec<_> = behaviours(&store).iter().map(|each| each.fate).collect();
    assert_eq!(fates, [Fate::Quiet(Quiet::FirstRun), Fate::Quiet(Quiet::History)]);
}

#[test]
fn closing_as_benign_suppresses_that_user_and_policy_until_it_ends_or_is_lifted() {
    let place = Place::new();
    let store = place.open();
    judge_at(&store, NOON, &[found("travel", "eve")]);
    close(&store, AlertId(1), Verdict::Benign, Suppress::Usual);
    let begun = store.suppressions().unwrap().remove(0);
    assert_eq!((begun.mark.as_str(), begun.until, begun.who.as_str()), ("id:eve", NOON.plus(Duration::from_hours(720)), "ann"));

    let mut other_key = found("travel", "eve");
    other_key.key = "another trip".into();
    let judged = judge_at(&store, NOON, &[found("travel", "eve"), other_key.clone(), found("travel", "bob"), found("failed", "eve")]);
    assert_eq!((judged.suppressed, judged.raised.len()), (2, 2), "another user and another policy are not suppressed");
    assert_eq!(store.suppressions().unwrap()[0].count, 2);
    let suppressed = behaviours(&store).iter().filter(|each| each.fate == Fate::Suppressed(begun.id)).count();
    assert_eq!(suppressed, 2, "what is suppressed is still found");

    store.change_alert(AlertId(1), &Step::Reopen, "bob", NOON).unwrap();
    assert!(!store.suppressions().unwrap()[0].holds(NOON));
    assert_eq!(judge_at(&store, NOON, &[other_key]).raised.len(), 1);
    let told: Vec<String> = store.alert_history(AlertId(1)).unwrap().iter().map(|entry| entry.change.to_string()).collect();
    assert_eq!(told[1], "closed as benign");
    assert!(told[2].contains("quiet about this user until 2026-03-31T12:00:00.000Z"), "{told:?}");
    assert_eq!(&told[3..], ["reopened", "suppression lifted"]);
}

#[test]
fn a_true_positive_does_not_suppress_and_a_suppression_ends_by_itself() {
    let place = Place::new();
    let store = place.open();
    judge_at(&store, NOON, &[found("travel", "eve"), found("travel", "bob")]);
    close(&store, AlertId(1), Verdict::TruePositive, Suppress::Usual);
    assert_eq!(store.suppressions().unwrap(), []);
    assert_eq!(judge_at(&store, NOON, &[found("travel", "eve")]).raised, [AlertId(3)], "a closed alert takes no repeat");
    close(&store, AlertId(2), Verdict::FalsePositive, Suppress::For(HOUR));
    let bob = [found("travel", "bob")];
    assert_eq!(judge_at(&store, Instant(NOON.0 + HOUR - 1), &bob).suppressed, 1);
    assert_eq!(judge_at(&store, Instant(NOON.0 + HOUR), &bob).raised.len(), 1);
    let id = store.suppressions().unwrap()[0].id;
    let over = store.lift_suppression(id, "ann", Instant(NOON.0 + HOUR)).unwrap_err();
    assert_eq!(over.message, format!("suppression {id} has been over since 2026-03-01T13:00:00.000Z"));
    assert!(store.lift_suppression(SuppressionId(9), "ann", NOON).unwrap_err().message.contains("there is no suppression 9"));
}

#[test]
fn a_step_that_cannot_be_taken_changes_nothing_and_says_what_can() {
    let place = Place::new();
    let store = place.open();
    outlet(&store, AlertFormat::Ocsf);
    judge_at(&store, NOON, &[found("travel", "eve")]);
    store.change_alert(AlertId(1), &Step::Take, "ann", NOON).unwrap();
    let before = (store.alert(AlertId(1)).unwrap(), store.alert_history(AlertId(1)).unwrap(), lines(&store));
    let refused = store.change_alert(AlertId(1), &Step::Reopen, "ann", NOON).unwrap_err();
    assert_eq!(refused.message, "failed to change alert 1: it is in progress: take it or close it");
    assert_eq!((store.alert(AlertId(1)).unwrap(), store.alert_history(AlertId(1)).unwrap(), lines(&store)), before);
    assert!(store.change_alert(AlertId(2), &Step::Take, "ann", NOON).unwrap_err().message.contains("there is no alert 2"));
    close(&store, AlertId(1), Verdict::TruePositive, Suppress::Usual);
    assert_eq!(about(&store).iter().map(|line| line.0).collect::<Vec<_>>(), [1, 2, 3]);
}

#[test]
fn the_daily_limit_is_told_once_and_what_it_withheld_is_kept() {
    let place = Place::new();
    let store = place.open();
    outlet(&store, AlertFormat::Ocsf);
    let mut many = crowd("rule", 0..12);
    many.iter_mut().for_each(|found| found.handling = Handling::ACTIVITY);
    let judged = judge_at(&store, NOON, &many);
    assert_eq!((judged.raised.len(), judged.withheld), (6, 7), "five, and the one that counts the others");
    let limit = store.alerts(&query(Wanted::Open)).unwrap().remove(0);
    assert_eq!(limit.story.title, "limit reached: 7 more withheld today");
    let withheld = behaviours(&store).iter().filter(|each| each.fate == Fate::Withheld(limit.id)).count();
    assert_eq!(withheld, 7);
    assert_eq!(about(&store).len(), 7, "five new ones, the limit, and its latest count");
    let tomorrow = Instant(NOON.0 + 12 * HOUR);
    assert_eq!(judge_at(&store, tomorrow, &many[11..]).raised.len(), 1, "a new UTC day has a limit of its own");
}

#[test]
fn i5_alerts_and_suppressions_of_one_source_mean_nothing_to_another() {
    let (place, other) = (Place::new(), "other".parse().unwrap());
    let store = place.open();
    outlet(&store, AlertFormat::Ocsf);
    judge_at(&store, NOON, &[found("travel", "eve")]);
    close(&store, AlertId(1), Verdict::Benign, Suppress::Usual);
    let findings = [found("travel", "eve")];
    let judged = store.judge(&judgement(&other, &detector(), &findings)).unwrap();
    assert_eq!((judged.suppressed, judged.raised), (0, vec![AlertId(2)]));
    assert!(about(&store).iter().all(|(_, uid)| uid == "acme/1"), "an outlet of acme hears nothing of the other");
}

#[test]
fn i2_a_line_stays_until_it_was_accepted_and_one_that_is_refused_stops_no_other() {
    let place = Place::new();
    let store = place.open();
    outlet(&store, AlertFormat::Cef);
    judge_at(&store, NOON, &[found("travel", "eve"), found("travel", "bob"), found("travel", "joe")]);
    drop(store);
    let store = place.open();
    let waiting = store.outbox(&sink("sumo"), 2, usize::MAX).unwrap();
    assert_eq!(waiting.len(), 2);
    assert_eq!(store.outbox(&sink("sumo"), 9, 1).unwrap().len(), 1, "always one");
    assert_eq!(store.outbox(&sink("file"), 9, usize::MAX).unwrap(), []);
    store.dispatched(&[waiting[0].id]).unwrap();
    store.set_aside(waiting[1].id, "too odd").unwrap();
    assert_eq!(lines(&store).len(), 1);
}

#[test]
fn alerts_and_behaviours_are_found_by_user_policy_time_and_address() {
    let place = Place::new();
    let store = place.open();
    judge_at(&store, NOON, &[found("travel", "Éve"), found("failed", "bob")]);
    let count = |change: &dyn Fn(&mut AlertQuery)| {
        let mut asked = query(Wanted::All);
        change(&mut asked);
        store.alerts(&asked).unwrap().len()
    };
    assert_eq!(count(&|asked| asked.user = Some("éVE@EXAMPLE".into())), 1);
    assert_eq!(count(&|asked| asked.policy = Some("failed".into())), 1);
    assert_eq!(count(&|asked| asked.since = Some(Instant(NOON.0 + 1))), 0);
    assert_eq!(count(&|asked| asked.most = 1), 1);
    assert_eq!(count(&|asked| asked.address = Some("203.0.113.7".into())), 2);
    assert_eq!(count(&|asked| asked.address = Some("203.0.113".into())), 0, "the whole of it");
    let from = BehaviourQuery { policy: None, user: None, since: None, address: Some("203.0.113.7".into()), alert: None, most: 9 };
    assert_eq!(store.behaviours(&from).unwrap().len(), 2);
    let asked = BehaviourQuery {
        policy: Some("travel".into()),
        user: Some("name é".into()),
        since: Some(NOON),
        address: None,
        alert: None,
        most: 9,
    };
    assert_eq!(store.behaviours(&asked).unwrap().len(), 1);
}

#[test]
fn old_behaviours_and_closed_alerts_are_forgotten_and_open_alerts_never() {
    let place = Place::new();
    let store = place.open();
    judge_at(&store, NOON, &[found("travel", "eve"), found("failed", "bob")]);
    close(&store, AlertId(1), Verdict::Benign, Suppress::For(1));
    let before = Prune { usual: Old { behaviours_before: NOON, alerts_before: NOON, ..Old::default() }, ..nothing() };
    store.prune(&before).unwrap();
    assert_eq!((behaviours(&store).len(), store.alerts(&query(Wanted::All)).unwrap().len()), (2, 2), "not older");
    let far = Instant(NOON.0 + 2);
    store.prune(&Prune { usual: Old { behaviours_before: far, alerts_before: far, ..Old::default() }, ..nothing() }).unwrap();
    let left = store.alerts(&query(Wanted::All)).unwrap();
    assert_eq!((behaviours(&store).len(), left.len(), left[0].id), (0, 1, AlertId(2)));
    assert_eq!((store.alert_history(AlertId(1)).unwrap().len(), store.suppressions().unwrap().len()), (0, 0));
}
