//! What is done to accounts: whole, and along its life.

use std::time::Duration;

use audit_pipeline::responder::Effect;

use super::*;
use crate::{
    alert::{
        Closing, Found, Stage, Suppress, Verdict, Who,
        tests::{HOUR, NOON, detector, found},
    },
    respond::{
        Action, Caps, Changed, Facts, Head, Move, Order, Reaction, Record, Response, ResponseId, ResponseQuery, Said, State, Switch,
        Switched, Wait,
        tests::{account, order, reaction, step, trigger},
        verify,
    },
    store::{Due, Responses as _},
};

pub(super) fn judge_at(store: &SqliteStore, at: Instant, findings: &[Found]) -> Judged {
    let (source, detector) = (source(), detector());
    let stage = Stage::Watching;
    let judgement = Judgement { source: &source, detector: &detector, after: Seq(0), through: Seq(0), stage, profiles: &[], findings, at };
    store.judge(&judgement).unwrap()
}

pub(super) fn later(hours: u64) -> Instant {
    Instant(NOON.0 + hours * HOUR)
}

/// A finding whose newest event happened then.
pub(super) fn seen(policy: &str, user: &str, at: Instant) -> Found {
    let mut found = found(policy, user);
    (found.story.end, found.received) = (at, at);
    found
}

pub(super) fn all(store: &SqliteStore) -> Vec<Response> {
    store.responses(&ResponseQuery { limit: 1000, ..ResponseQuery::default() }).unwrap()
}

pub(super) fn states(store: &SqliteStore) -> Vec<&'static str> {
    let mut all = all(store);
    all.sort_by_key(|response| response.id);
    all.iter().map(|response| response.state.as_str()).collect()
}

/// The log, which is right and ends where the store says.
pub(super) fn log(store: &SqliteStore) -> Vec<Record> {
    let records = store.governance(0, usize::MAX).unwrap();
    assert_eq!(verify(&Head::default(), &records).unwrap(), store.governance_head().unwrap());
    records
}

/// What a record says of a response.
pub(super) fn changed(record: &Record) -> Changed {
    match record.said().unwrap() {
        Said::Response(changed) => *changed,
        other => panic!("{other:?}"),
    }
}

pub(super) fn entra() -> crate::model::ResponderName {
    "entra".parse().unwrap()
}

pub(super) fn go(store: &SqliteStore, id: i64, next: &Move) -> Response {
    store.move_response(ResponseId(id), None, next, None, NOON).unwrap()
}

pub(super) fn succeed(store: &SqliteStore, id: i64) -> Response {
    go(store, id, &Move::Stepped(step(Effect::Repeatable), None));
    go(store, id, &Move::Begin);
    go(store, id, &Move::Succeed("disabled".into(), None))
}

#[test]
fn a_move_and_its_record_are_stored_together() {
    let place = Place::new();
    let store = place.open();
    let response = store.order(&order(Action::Suspend, "ann"), NOON).unwrap();
    let raw = rusqlite::Connection::open(place.path()).unwrap();
    raw.execute_batch("CREATE TRIGGER refuse BEFORE INSERT ON governance BEGIN SELECT RAISE(ABORT, 'refused'); END").unwrap();
    store.move_response(response.id, Some(0), &Move::Begin, None, NOON).unwrap_err();
    assert_eq!(store.response(response.id).unwrap(), Some(response));
    assert_eq!(log(&store).len(), 1);
}

#[test]
fn a_revision_is_changed_once_and_a_person_may_not_have_seen_it() {
    let place = Place::new();
    let store = place.open();
    let id = store.order(&order(Action::Suspend, "ann"), NOON).unwrap().id;
    assert_eq!(store.move_response(id, Some(0), &Move::Resolved(account()), None, NOON).unwrap().revision, 1);
    let stale = store.move_response(id, Some(0), &Move::Begin, None, NOON).unwrap_err();
    assert!(stale.kind == StoreErrorKind::Conflict && stale.message.contains("it changed meanwhile, and is pending"), "{stale}");
    let illegal = store.move_response(id, None, &Move::Revert(id), None, NOON).unwrap_err();
    assert!(illegal.kind == StoreErrorKind::Conflict && illegal.message.contains("only what succeeded can be taken back"), "{illegal}");
    let missing = store.move_response(ResponseId(9), None, &Move::Begin, None, NOON).unwrap_err();
    assert!(missing.kind == StoreErrorKind::Conflict && missing.message.contains("there is no response 9"), "{missing}");
    store.move_response(id, None, &Move::Reject("no".into()), Some("bob"), later(1)).unwrap();
    let said: Vec<_> = log(&store).iter().map(changed).collect();
    assert_eq!(
        said.iter().map(|said| (said.who.as_deref(), said.at)).collect::<Vec<_>>(),
        [(Some("ann"), NOON), (None, NOON), (Some("bob"), later(1))]
    );
}

#[test]
fn what_is_taken_back_is_reverted_with_what_took_it_back() {
    let place = Place::new();
    let store = place.open();
    let suspended = store.order(&order(Action::Suspend, "ann"), NOON).unwrap().id;
    let back = Order { reverts: Some(suspended), ..order(Action::Restore, "ann") };
    let early = store.order(&back, NOON).unwrap_err();
    assert!(early.message.contains("it is pending, and only what succeeded can be taken back"), "{early}");
    succeed(&store, 1);
    let other = store.order(&Order { action: Action::SignOut, ..back.clone() }, NOON).unwrap_err();
    assert!(other.message.contains("suspend is taken back by restore, not by sign-out"), "{other}");
    assert_eq!((early.kind, other.kind), (StoreErrorKind::Conflict, StoreErrorKind::Conflict));

    // Two people at once: both are done, one took it back.
    let tried = store.order(&Order { dry_run: true, ..back.clone() }, NOON).unwrap().id;
    go(&store, tried.0, &Move::Succeed("it gets in already".into(), None));
    assert_eq!(states(&store), ["succeeded", "succeeded"], "what is only tried takes nothing back");
    let first = store.order(&back, NOON).unwrap().id;
    let second = store.order(&back, NOON).unwrap().id;
    go(&store, second.0, &Move::Fail("403".into(), None));
    assert_eq!(states(&store), ["succeeded", "succeeded", "pending", "failed"]);
    let third = store.order(&back, NOON).unwrap().id;
    succeed(&store, first.0);
    assert_eq!(store.response(suspended).unwrap().unwrap().state, State::Reverted(first));
    succeed(&store, third.0);
    assert_eq!(store.response(suspended).unwrap().unwrap().state, State::Reverted(first));
    let last = changed(&log(&store).pop().unwrap());
    assert_eq!(last.response, third);
    let told = store.governance(0, usize::MAX).unwrap();
    assert!(told.iter().any(|record| changed(record).change == Some(Move::Revert(first))));
    assert!(store.order(&back, NOON).unwrap_err().message.contains("it is reverted"));
    // Somebody else had disabled the account, and knows why.
    let found = store.order(&order(Action::Suspend, "ann"), NOON).unwrap().id;
    go(&store, found.0, &Move::Succeed("it was disabled already".into(), None));
    let why = store.order(&Order { reverts: Some(found), ..back }, NOON).unwrap_err();
    assert!(why.kind == StoreErrorKind::Conflict && why.message.contains("it changed nothing"), "{why}");
    let mail = store.order(&order(Action::Notify, "ann"), NOON).unwrap().id;
    succeed(&store, mail.0);
    let why = store.order(&Order { reverts: Some(mail), ..order(Action::Restore, "ann") }, NOON).unwrap_err();
    assert!(why.message.contains("nothing takes notify back"), "{why}");
}

#[test]
fn the_oldest_that_is_due_is_next() {
    let place = Place::new();
    let store = place.open();
    assert_eq!(store.due_response(&entra(), NOON).unwrap(), Due::default());
    for who in ["ann", "bob", "cid"] {
        store.order(&order(Action::Suspend, who), NOON).unwrap();
    }
    store.order(&Order { four_eyes: true, ..order(Action::Suspend, "ann") }, Instant(1)).unwrap();
    store.order(&Order { responder: "okta".parse().unwrap(), ..order(Action::Suspend, "ann") }, Instant(1)).unwrap();
    let next = |now| store.due_response(&entra(), now).unwrap().next.map(|response| response.id.0);
    assert_eq!(next(NOON), Some(1));
    let retry = |hours| Move::Retry { unsure: false, why: "503".into(), trace: None, due: later(hours) };
    go(&store, 1, &retry(2));
    go(&store, 2, &retry(1));
    assert_eq!(next(NOON), Some(3));
    go(&store, 3, &Move::Stepped(step(Effect::Once), None));
    go(&store, 3, &Move::Begin);
    assert_eq!(next(NOON), Some(3), "nobody knows what became of it: somebody has to say so");
    go(&store, 3, &Move::Fail("nobody knows".into(), None));
    assert_eq!(store.due_response(&entra(), NOON).unwrap(), Due { next: None, wake: Some(later(1)) });
    assert_eq!((next(later(1)), next(later(2))), (Some(2), Some(2)));
    go(&store, 2, &Move::Skip("gone".into()));
    assert_eq!(next(later(2)), Some(1));
}

#[test]
fn suspensions_that_happened_by_themselves_are_counted() {
    let place = Place::new();
    let store = place.open();
    let acme = source();
    let suspend = Reaction { act_within: Duration::from_hours(99), ..reaction(Action::Suspend) };
    store
        .set_reactions(
            &[suspend, Reaction { approvals: 1, digest: "two".into(), policies: vec![trigger("failed")], ..reaction(Action::Suspend) }],
            Instant(5),
        )
        .unwrap();
    judge_at(&store, NOON, &["u1", "u2", "u3", "u4", "u5"].map(|user| found("travel", user)));
    judge_at(&store, NOON, &[found("failed", "u6")]);
    store.order(&order(Action::Suspend, "ann"), NOON).unwrap();
    store.order(&order(Action::SignOut, "ann"), NOON).unwrap();
    let count = |since| store.suspended(&acme, &Who::default(), since, Instant(0)).unwrap();
    assert_eq!(count(NOON), (0, 0), "nothing was done yet");

    let at = |id: i64, hours, next: Move| store.move_response(ResponseId(id), None, &next, None, later(hours)).unwrap();
    let begin = |id, hours| {
        at(id, hours, Move::Stepped(step(Effect::Repeatable), None));
        at(id, hours, Move::Begin);
    };
    // 1: done. 2: tried, and tried again. 3: begun and failed. 4: failed before. 5: skipped.
    begin(1, 1);
    at(1, 2, Move::Succeed("disabled".into(), None));
    begin(2, 2);
    at(2, 3, Move::Retry { unsure: false, why: "504".into(), trace: None, due: later(4) });
    begin(3, 3);
    at(3, 3, Move::Fail("403".into(), None));
    at(4, 3, Move::Fail("401".into(), None));
    at(5, 3, Move::Skip("a guest".into()));
    // 6: a person approved it; 7: a person asked; 8: no suspension.
    store.move_response(ResponseId(6), None, &Move::Approve, Some("ann"), NOON).unwrap();
    for id in 6..=8 {
        succeed(&store, id);
    }
    assert_eq!(count(later(0)), (3, 3));
    assert_eq!(count(later(2)), (2, 3), "since when, not until when");
    assert_eq!(count(later(4)), (0, 3));
    assert_eq!(store.suspended(&"other".parse().unwrap(), &Who::default(), NOON, NOON).unwrap(), (0, 0));

    // Taken back it happened all the same; done without a step of its own too.
    let back = Order { reverts: Some(ResponseId(1)), ..order(Action::Restore, "ann") };
    let back = store.order(&back, NOON).unwrap().id;
    succeed(&store, back.0);
    judge_at(&store, NOON, &[found("travel", "u9")]);
    let latest = all(&store).iter().map(|response| response.id.0).max().unwrap();
    at(latest, 5, Move::Succeed("it was disabled already".into(), None));
    assert_eq!(count(later(5)), (1, 4));
}

/// Also where its worker looked at the switch before it was thrown.
#[test]
fn no_call_begins_once_the_switch_is_thrown() {
    let place = Place::new();
    let store = place.open();
    let response = store.order(&order(Action::Suspend, "ann"), NOON).unwrap();
    let switched = |switch| Switched { at: NOON, who: "bob".into(), switch, why: Some("odd".into()) };
    store.switch(&switched(Switch::Stop)).unwrap();
    let why = store.begin_response(response.id, 0, Caps::default(), 0, NOON).unwrap_err();
    assert!(why.kind == StoreErrorKind::Conflict && why.message.contains("respond resume"), "{why}");
    assert_eq!((store.response(response.id).unwrap(), log(&store).len()), (Some(response.clone()), 2));
    store.switch(&switched(Switch::Resume)).unwrap();
    store.begin_response(response.id, 0, Caps::default(), 0, NOON).unwrap();
}

/// Two responders act at a time: on the same person they take one place, and on two people not more than there are.
#[test]
fn who_is_suspended_at_two_vendors_takes_one_place_and_the_last_place_is_taken_once() {
    let place = Place::new();
    let store = place.open();
    let with = |responder: &str| Reaction { responder: responder.parse().unwrap(), ..reaction(Action::Suspend) };
    store.set_reactions(&[with("entra"), with("miro")], Instant(5)).unwrap();
    judge_at(&store, NOON, &[found("travel", "eve"), found("travel", "bob")]);
    let one = Caps { hour: 1, day: 9, permille: 0 };
    let begin = |response: &Response| {
        let ready = go(&store, response.id.0, &Move::Stepped(step(Effect::Repeatable), None));
        store.begin_response(ready.id, ready.revision, one, 0, NOON)
    };
    let of = |user: &str| all(&store).into_iter().filter(|each| each.target == found("travel", user).story.who).collect::<Vec<_>>();
    let (eve, bob) = (of("eve"), of("bob"));
    assert_eq!((eve.len(), bob.len()), (2, 2));
    begin(&eve[0]).unwrap();
    let others = |who: &Response| store.suspended(&source(), &who.target, Instant(0), Instant(0)).unwrap();
    assert_eq!((others(&eve[1]), others(&bob[0])), ((0, 0), (1, 1)));
    begin(&eve[1]).unwrap();
    // Whoever counted before that one began is told to count again.
    let late = begin(&bob[0]).unwrap_err();
    assert!(late.kind == StoreErrorKind::Conflict && late.message.contains("at most 1 may"), "{late}");
    assert_eq!(store.response(bob[0].id).unwrap().unwrap().begun, None);
    // A person decided about it: it is none that happens by itself.
    go(&store, bob[0].id.0, &Move::Hold(Wait::Cap, "at most 1 may".into()));
    let approved = store.move_response(bob[0].id, None, &Move::Approve, Some("ann"), NOON).unwrap();
    begin(&approved).unwrap();
}

#[test]
fn whoever_acts_is_told_that_the_alert_was_closed_as_harmless_until_it_is_opened_again() {
    let place = Place::new();
    let store = place.open();
    store.set_reactions(&[reaction(Action::Suspend)], Instant(5)).unwrap();
    judge_at(&store, NOON, &[found("travel", "eve")]);
    let response = all(&store).remove(0);
    let cleared = || Facts::find(&store, &response, None, NOON).unwrap().cleared;
    let change = |step: &Step| drop(store.change_alert(response.cause.alert().unwrap(), step, "ann", NOON).unwrap());
    let close = |verdict| change(&Step::Close(Closing::new(verdict, None, None, Suppress::Never).unwrap()));
    assert_eq!(cleared(), None);
    for (verdict, told) in
        [(Verdict::Benign, Some(Verdict::Benign)), (Verdict::FalsePositive, Some(Verdict::FalsePositive)), (Verdict::TruePositive, None)]
    {
        close(verdict);
        assert_eq!(cleared(), told, "{verdict:?}");
        change(&Step::Reopen);
        assert_eq!(cleared(), None);
    }
}

#[test]
fn responses_are_found_by_what_they_are_about() {
    let place = Place::new();
    let store = place.open();
    store.order(&order(Action::Suspend, "ann"), NOON).unwrap();
    store.order(&Order { alert: None, ..order(Action::Notify, "ann") }, later(1)).unwrap();
    store.order(&Order { responder: "okta".parse().unwrap(), ..order(Action::SignOut, "ann") }, later(2)).unwrap();
    go(&store, 1, &Move::Resolved(account()));
    go(&store, 3, &Move::Fail("403".into(), None));
    let query = || ResponseQuery { limit: 10, ..ResponseQuery::default() };
    let ids = |query: ResponseQuery| store.responses(&query).unwrap().iter().map(|response| response.id.0).collect::<Vec<_>>();
    assert_eq!(ids(query()), [2, 3, 1], "the last changed first");
    assert_eq!(ids(ResponseQuery { states: vec!["pending".into(), "waiting".into()], ..query() }), [2, 1]);
    assert_eq!(ids(ResponseQuery { states: vec!["failed".into()], ..query() }), [3]);
    assert_eq!(ids(ResponseQuery { alert: Some(AlertId(7)), ..query() }), [3, 1]);
    assert_eq!(ids(ResponseQuery { user: Some("EVE@".into()), ..query() }), [2, 3, 1]);
    assert_eq!(ids(ResponseQuery { user: Some("5e2a".into()), ..query() }), [1], "as the vendor knows the account");
    assert_eq!(ids(ResponseQuery { responder: Some("okta".parse().unwrap()), ..query() }), [3]);
    assert_eq!(ids(ResponseQuery { since: Some(later(1)), ..query() }), [2]);
    assert_eq!(ids(ResponseQuery { limit: 1, ..query() }), [2]);
    assert_eq!(ids(ResponseQuery { user: Some("'; DROP TABLE responses".into()), ..query() }), Vec::<i64>::new());
}

#[test]
fn what_is_over_is_forgotten_with_its_alert_and_the_log_never() {
    let place = Place::new();
    let store = place.open();
    store.set_reactions(&[reaction(Action::Suspend)], Instant(5)).unwrap();
    judge_at(&store, NOON, &[found("travel", "eve"), found("travel", "ann")]);
    store.order(&Order { alert: None, ..order(Action::Notify, "ann") }, NOON).unwrap();
    store.order(&Order { alert: None, ..order(Action::Notify, "bob") }, NOON).unwrap();
    for id in [1, 3] {
        succeed(&store, id);
    }
    let records = log(&store);
    let prune = |at| store.prune(&Prune { usual: Old { alerts_before: at, ..Old::default() }, ..nothing() }).unwrap();
    prune(NOON);
    assert_eq!(states(&store), ["succeeded", "pending", "succeeded", "pending"], "too young");
    prune(later(1));
    assert_eq!(states(&store), ["succeeded", "pending", "pending"], "of an alert that is open nothing is done again");
    assert_eq!(judge_at(&store, NOON, &[found("travel", "eve")]).responses, []);

    let closing = Closing::new(Verdict::TruePositive, None, None, Suppress::Never).unwrap();
    store.change_alert(AlertId(1), &Step::Close(closing), "ann", NOON).unwrap();
    prune(later(1));
    assert_eq!(states(&store), ["pending", "pending"]);
    assert_eq!(log(&store), records);
    let next = store.order(&order(Action::Notify, "ann"), NOON).unwrap();
    assert_eq!(next.id, ResponseId(5), "a number is never used again");
    // Whatever it was that is taken back, it is gone.
    let gone = store.order(&Order { reverts: Some(ResponseId(1)), ..order(Action::Restore, "ann") }, NOON).unwrap_err();
    assert!(gone.message.contains("there is no response 1"), "{gone}");
}
