//! What is made of findings, in their transaction and once.

use super::{
    responses::{all, changed, judge_at, later, log, seen, states},
    *,
};
use crate::{
    alert::{
        AlertFormat, Closing, Fate, Found, Handling, Severity, Stage, Suppress, Verdict,
        tests::{NOON, detector, found},
    },
    respond::{Action, Cause, Head, Move, Reaction, ResponseId, State, Wait, tests::reaction},
    store::{Due, Responses as _},
};

#[test]
fn a_finding_and_what_is_done_about_it_are_stored_together() {
    let place = Place::new();
    let store = place.open();
    store.set_reactions(&[reaction(Action::Suspend), reaction(Action::Notify)], Instant(5)).unwrap();
    let judged = judge_at(&store, NOON, &[found("travel", "eve"), found("failed", "eve")]);
    assert_eq!(judged.responses.len(), 2);
    drop(store);
    let store = place.open();
    assert_eq!(states(&store), ["pending", "pending"]);
    let records = log(&store);
    let said: Vec<_> = records.iter().map(changed).collect();
    assert!(said.iter().all(|said| said.who.is_none() && said.change.is_none() && said.after.id == said.response && said.at == NOON));
    let response = store.response(judged.responses[0]).unwrap().unwrap();
    assert_eq!(said[0].after, response);
    let Cause::Policy { alert, severity, .. } = response.cause else { panic!() };
    assert_eq!((alert, severity), (Some(AlertId(1)), Severity::Medium));
}

#[test]
fn a_judgement_that_fails_anywhere_leaves_no_response_either() {
    for table in ["responses", "governance", "alert_outbox"] {
        let (place, acme) = (Place::new(), source());
        let store = place.open();
        store.set_reactions(&[reaction(Action::Suspend)], Instant(5)).unwrap();
        store.set_outlets(&[Outlet { sink: sink("sumo"), source: acme.clone(), format: AlertFormat::Cef }]).unwrap();
        let raw = rusqlite::Connection::open(place.path()).unwrap();
        let when = if table == "alert_outbox" { "WHEN NEW.activity = 'governance'" } else { "" };
        raw.execute_batch(&format!("CREATE TRIGGER refuse BEFORE INSERT ON {table} {when} BEGIN SELECT RAISE(ABORT, 'refused'); END"))
            .unwrap();
        let (detector, findings) = (detector(), [found("travel", "eve")]);
        let judgement = Judgement {
            source: &acme,
            detector: &detector,
            after: Seq(0),
            through: Seq(0),
            stage: Stage::Watching,
            profiles: &[],
            findings: &findings,
            at: NOON,
        };
        assert!(store.judge(&judgement).unwrap_err().message.contains("refused"), "{table}");
        raw.execute_batch("DROP TRIGGER refuse").unwrap();
        assert_eq!((all(&store), log(&store), store.alert(AlertId(1)).unwrap()), (vec![], vec![], None), "{table}");
        assert_eq!(store.judge(&judgement).unwrap().responses, [ResponseId(1)], "{table}");
    }
}

#[test]
fn every_fate_reacts_with_its_own_severity() {
    let place = Place::new();
    let store = place.open();
    store.set_reactions(&[Reaction { severity: Severity::High, ..reaction(Action::Suspend) }], Instant(5)).unwrap();
    let severe = |severity, user: &str| {
        let mut found = found("travel", user);
        found.story.severity = severity;
        found
    };
    assert_eq!(judge_at(&store, NOON, &[severe(Severity::Medium, "eve")]).responses, []);
    // The severity of the alert rose: what it counts now is enough, once.
    assert_eq!(judge_at(&store, NOON, &[severe(Severity::High, "eve")]).responses, [ResponseId(1)]);
    assert_eq!(judge_at(&store, NOON, &[severe(Severity::High, "eve"), severe(Severity::Low, "eve")]).responses, []);

    // The limit on alerts is none on actions; and the alert that counts the withheld lends none of them its severity.
    let limited = |severity, user| Found { handling: Handling { daily: Some(0), ..Handling::ANOMALY }, ..severe(severity, user) };
    let judged =
        judge_at(&store, NOON, &[limited(Severity::High, "ann"), limited(Severity::Medium, "bob"), limited(Severity::High, "cid")]);
    assert_eq!((judged.withheld, judged.responses.len()), (3, 2));
    let judged = judge_at(&store, NOON, &[limited(Severity::High, "ann")]);
    assert_eq!(judged.responses, [], "once a day, user and policy");
}

#[test]
fn what_was_suppressed_is_left_alone() {
    let place = Place::new();
    let store = place.open();
    judge_at(&store, NOON, &[found("travel", "eve")]);
    let closing = Closing::new(Verdict::Benign, None, None, Suppress::Usual).unwrap();
    store.change_alert(AlertId(1), &Step::Close(closing), "ann", NOON).unwrap();
    store.set_reactions(&[reaction(Action::Suspend)], Instant(5)).unwrap();
    let judged = judge_at(&store, NOON, &[found("travel", "eve")]);
    assert_eq!((judged.suppressed, judged.responses.len(), log(&store).len()), (1, 0, 0));
}

#[test]
fn what_came_too_late_gives_way_to_what_comes_in_time_and_to_nothing_else() {
    let place = Place::new();
    let store = place.open();
    store.set_reactions(&[reaction(Action::Suspend)], Instant(5)).unwrap();
    let found_at = |hours: u64| seen("travel", "eve", later(hours));
    assert_eq!(judge_at(&store, later(3), &[found_at(0)]).responses, [ResponseId(1)]);
    assert_eq!(judge_at(&store, later(3), &[found_at(1)]).responses, [], "late again: said already");
    assert_eq!(judge_at(&store, later(3), &[found_at(3)]).responses, [ResponseId(2)]);
    assert_eq!(judge_at(&store, later(3), &[found_at(3), found_at(0)]).responses, []);
    assert_eq!(states(&store), ["skipped", "pending"]);

    // What a person rejected, or a guard skipped, stays so.
    store.move_response(ResponseId(2), None, &Move::Reject("her train".into()), Some("ann"), later(3)).unwrap();
    assert_eq!(judge_at(&store, later(3), &[found_at(3)]).responses, []);
}

/// It was made in time; its responder was down until it was too late, and by then there is news.
#[test]
fn what_lapsed_while_its_responder_was_down_gives_way_to_what_is_newer_and_once() {
    let place = Place::new();
    let store = place.open();
    store.set_reactions(&[reaction(Action::Suspend)], Instant(5)).unwrap();
    assert_eq!(judge_at(&store, later(0), &[seen("travel", "eve", later(0))]).responses, [ResponseId(1)]);
    store.move_response(ResponseId(1), None, &Move::Lapse("too old".into()), None, later(3)).unwrap();
    assert_eq!(judge_at(&store, later(0), &[seen("travel", "eve", later(0))]).responses, [], "the same again is no news");
    assert_eq!(judge_at(&store, later(5), &[seen("travel", "eve", later(1))]).responses, [], "news that is too old itself");
    assert_eq!(judge_at(&store, later(5), &[seen("travel", "eve", later(5))]).responses, [ResponseId(2)]);
    assert_eq!(judge_at(&store, later(5), &[seen("travel", "eve", Instant(later(5).0 + 1))]).responses, [], "never twice");
    assert_eq!(states(&store), ["skipped", "pending"]);
    let alerts: Vec<_> = all(&store).iter().map(|response| response.cause.alert()).collect();
    assert_eq!(alerts, [Some(AlertId(1)); 2]);

    // Not what a guard skipped, nor what a person wanted or rejected after it lapsed.
    for next in [
        vec![(Move::Skip("a guest".into()), None)],
        vec![(Move::Lapse("too old".into()), None), (Move::Approve, Some("ann")), (Move::Reject("no".into()), Some("ann"))],
    ] {
        let place = Place::new();
        let store = place.open();
        store.set_reactions(&[reaction(Action::Suspend)], Instant(5)).unwrap();
        judge_at(&store, later(0), &[seen("travel", "eve", later(0))]);
        for (next, who) in &next {
            store.move_response(ResponseId(1), None, next, *who, later(3)).unwrap();
        }
        assert_eq!(judge_at(&store, later(5), &[seen("travel", "eve", later(5))]).responses, [], "{next:?}");
    }
}

/// A store with a suspension (1) and a sign-out (2) of the same finding, which the suspension contains.
fn contained(place: &Place) -> SqliteStore {
    let store = place.open();
    store.set_reactions(&[reaction(Action::SignOut), reaction(Action::Suspend)], Instant(5)).unwrap();
    assert_eq!(judge_at(&store, NOON, &[found("travel", "eve")]).responses.len(), 2);
    let all: Vec<_> = [1, 2].map(|id| store.response(ResponseId(id)).unwrap().unwrap()).into();
    assert_eq!((all[0].action, all[1].action, all[1].within), (Action::Suspend, Action::SignOut, Some(Action::Suspend)));
    store
}

#[test]
fn what_is_contained_waits_for_the_end_of_the_stronger_one_and_is_done_where_that_is_not() {
    let entra = "entra".parse().unwrap();
    let due = |store: &SqliteStore| store.due_response(&entra, later(1)).unwrap().next.map(|next| next.id.0);
    for (next, who, sign_out) in [
        (Move::Succeed("disabled".into(), None), None, "skipped"),
        (Move::Try("would disable".into()), None, "skipped"),
        (Move::Fail("403".into(), None), None, "pending"),
        (Move::Skip("a guest".into()), None, "pending"),
        (Move::Lapse("too old".into()), None, "pending"),
        (Move::Hold(Wait::Cap, "three an hour".into()), None, "pending"),
        (Move::Reject("her train".into()), Some("ann"), "pending"),
    ] {
        let place = Place::new();
        let store = contained(&place);
        assert_eq!(due(&store), Some(1));
        assert_eq!(judge_at(&store, NOON, &[found("travel", "eve")]).responses, [], "once");
        store.move_response(ResponseId(1), None, &next, who, NOON).unwrap();
        // As it is found after a crash.
        drop(store);
        let store = place.open();
        assert_eq!((states(&store)[1], due(&store)), (sign_out, (sign_out == "pending").then_some(2)), "{next:?}");
        log(&store);
    }
    let place = Place::new();
    let store = contained(&place);
    store
        .move_response(ResponseId(1), None, &Move::Retry { unsure: false, why: "503".into(), trace: None, due: Instant::FAR }, None, NOON)
        .unwrap();
    assert_eq!(store.due_response(&entra, later(1)).unwrap(), Due::default(), "it wakes nobody");
}

#[test]
fn what_comes_after_the_stronger_one_ended_depends_on_how() {
    for (next, sign_out) in [(Move::Succeed("disabled".into(), None), "skipped"), (Move::Fail("403".into(), None), "pending")] {
        let place = Place::new();
        let store = place.open();
        let sign_out_high = Reaction { severity: Severity::High, ..reaction(Action::SignOut) };
        store.set_reactions(&[reaction(Action::Suspend), sign_out_high], Instant(5)).unwrap();
        judge_at(&store, NOON, &[found("travel", "eve")]);
        store.move_response(ResponseId(1), None, &next, None, NOON).unwrap();
        let mut graver = found("travel", "eve");
        graver.story.severity = Severity::High;
        assert_eq!(judge_at(&store, NOON, &[graver]).responses, [ResponseId(2)]);
        assert_eq!(states(&store)[1], sign_out, "{next:?}");
    }
}

#[test]
fn after_a_restore_what_is_contained_waits_for_a_person_too() {
    let place = Place::new();
    let store = contained(&place);
    assert_eq!(store.hold_restored(later(1)).unwrap(), 2);
    assert_eq!(states(&store), ["waiting", "waiting"]);
    store.move_response(ResponseId(2), None, &Move::Approve, Some("ann"), later(1)).unwrap();
    assert_eq!(states(&store), ["waiting", "pending"]);
    assert_eq!(store.due_response(&"entra".parse().unwrap(), later(1)).unwrap().next.map(|next| next.id), Some(ResponseId(2)));
}

#[test]
fn what_a_person_approved_in_time_is_not_done_again_by_itself() {
    let place = Place::new();
    let store = place.open();
    store.set_reactions(&[reaction(Action::Suspend)], Instant(5)).unwrap();
    judge_at(&store, later(3), &[found("travel", "eve")]);
    store.move_response(ResponseId(1), None, &Move::Approve, Some("ann"), later(3)).unwrap();
    assert_eq!(judge_at(&store, later(3), &[seen("travel", "eve", later(3))]).responses, []);
}

#[test]
fn two_sources_with_the_same_finding_are_two_responses() {
    let place = Place::new();
    let store = place.open();
    let other: SourceName = "other".parse().unwrap();
    let both = [source(), other].map(|source| Reaction { source, ..reaction(Action::Suspend) });
    store.set_reactions(&both, Instant(5)).unwrap();
    let history = [Found { lane: Lane::History, ..found("travel", "eve") }];
    for reaction in &both {
        let detector = detector();
        let judgement = Judgement {
            source: &reaction.source,
            detector: &detector,
            after: Seq(0),
            through: Seq(0),
            stage: Stage::Watching,
            profiles: &[],
            findings: &history,
            at: NOON,
        };
        assert_eq!(store.judge(&judgement).unwrap().responses.len(), 1);
    }
    assert_eq!(states(&store), ["skipped", "skipped"]);
}

#[test]
fn a_reaction_is_as_old_as_what_stands_behind_it() {
    let place = Place::new();
    let store = place.open();
    let since = |store: &SqliteStore, at: Instant| {
        // The newest event happened a little before noon: in force since noon or later it is too late.
        let user = format!("u{}", at.0);
        let id = judge_at(store, NOON, &[seen("travel", &user, Instant(NOON.0 - 1))]).responses[0];
        store.response(id).unwrap().unwrap().state
    };
    let first = reaction(Action::Suspend);
    store.set_reactions(&[Reaction { since: later(9), ..first.clone() }], Instant(5)).unwrap();
    assert_eq!(since(&store, Instant(1)), State::Pending, "what it says itself counts nothing");
    drop(store);
    let store = place.open();
    store.set_reactions(std::slice::from_ref(&first), NOON).unwrap();
    assert_eq!(since(&store, Instant(2)), State::Pending, "a restart makes it no newer");
    store.set_reactions(&[Reaction { digest: "two".into(), ..first.clone() }], NOON).unwrap();
    assert_eq!(since(&store, Instant(3)), State::Skipped, "another text is another reaction");
    store.set_reactions(&[], NOON).unwrap();
    assert_eq!(judge_at(&store, NOON, &[found("travel", "u4")]).responses, [], "turned off");
    store.set_reactions(&[first], NOON).unwrap();
    assert_eq!(since(&store, Instant(5)), State::Skipped, "turned on again");
}

#[test]
fn without_reactions_a_finding_is_a_finding() {
    let place = Place::new();
    let store = place.open();
    let judged = judge_at(&store, NOON, &[found("travel", "eve")]);
    assert_eq!((judged.responses.len(), store.governance_head().unwrap()), (0, Head::default()));
    let found = store.behaviours(&BehaviourQuery { policy: None, user: None, since: None, address: None, alert: None, most: 9 }).unwrap();
    assert_eq!(found[0].fate, Fate::Raised(AlertId(1)));
}
