//! The log of what is done: only added to, told to the sinks, and missed where it was cut.

use audit_pipeline::responder::Effect;

use super::{
    responses::{changed, entra, go, judge_at, later, log, seen, states, succeed},
    *,
};
use crate::{
    alert::{
        AlertFormat,
        tests::{NOON, found},
    },
    control::{Request, carry_out},
    respond::{
        Action, Deed, Kind, Move, Order, Record, ResponseId, Said, State, Stopped, Switch, Switched, Wait,
        tests::{order, reaction, step},
    },
    store::{Purpose, Responses as _},
};

#[test]
fn the_log_is_only_added_to() {
    let place = Place::new();
    let store = place.open();
    for who in ["ann", "bob", "cid"] {
        store.order(&order(Action::Notify, who), NOON).unwrap();
    }
    let before = log(&store);
    assert_eq!(store.governance(1, 1).unwrap(), [before[1].clone()]);
    let raw = rusqlite::Connection::open(place.path()).unwrap();
    for statement in [
        "UPDATE governance SET body = '{}' WHERE number = 2",
        "UPDATE governance SET number = 9 WHERE number = 3",
        "DELETE FROM governance WHERE number = 3",
        "DELETE FROM governance",
        "INSERT OR REPLACE INTO governance VALUES (2, '{}', '', '')",
        "REPLACE INTO governance VALUES (3, '{}', '', '')",
        "INSERT INTO governance VALUES (5, '{}', '', '')",
        "INSERT INTO governance VALUES (0, '{}', '', '')",
    ] {
        let why = raw.execute(statement, []).unwrap_err().to_string();
        assert!(why.contains("the governance log is only added to"), "{statement}: {why}");
    }
    assert_eq!(log(&store), before);
}

#[test]
fn the_log_goes_to_the_sinks_of_its_source_whole() {
    let place = Place::new();
    let store = place.open();
    let outlet = |name: &str, source: &str, format| Outlet { sink: sink(name), source: source.parse().unwrap(), format };
    let outlets =
        [outlet("sumo", "acme", AlertFormat::Ocsf), outlet("file", "acme", AlertFormat::Cef), outlet("other", "other", AlertFormat::Ocsf)];
    store.set_outlets(&outlets).unwrap();
    store.set_reactions(&[reaction(Action::Suspend)], Instant(5)).unwrap();
    let mut found = found("travel", "eve");
    found.story.title = "\u{202e}gpj \u{1b}[2J".into();
    judge_at(&store, NOON, std::slice::from_ref(&found));
    for _ in 0..3 {
        go(&store, 1, &Move::Retry { unsure: false, why: "503".into(), trace: None, due: NOON });
        judge_at(&store, NOON, std::slice::from_ref(&found));
    }
    let lines: Vec<String> = log(&store).iter().map(Record::line).collect();
    for name in ["sumo", "file"] {
        let told = store.outbox(&sink(name), 100, usize::MAX).unwrap();
        let records: Vec<_> = told.iter().filter(|line| line.policy == "governance").map(|line| line.body.clone()).collect();
        let carried: Vec<String> = records.iter().map(|line| Record::parse(line).unwrap().line()).collect();
        assert_eq!(carried, lines, "{name}: every one, none replaced by a later one");
        assert_eq!(records == lines, name == "file", "as an event of OCSF where the alerts are");
        assert_eq!(told.len(), lines.len() + 2, "beside the alert and its latest change");
        assert!(!records.concat().contains(['\u{202e}', '\u{1b}']));
    }
    assert_eq!(store.outbox(&sink("other"), 100, usize::MAX).unwrap(), []);
}

fn switched(switch: Switch, why: Option<&str>) -> Switched {
    Switched { at: NOON, who: "ann".into(), switch, why: why.map(str::to_owned) }
}

#[test]
fn who_stops_and_resumes_is_in_the_log_and_every_sink_is_told_once() {
    let place = Place::new();
    let store = place.open();
    let outlet = |name: &str, source: &str| Outlet { sink: sink(name), source: source.parse().unwrap(), format: AlertFormat::Cef };
    store.set_outlets(&[outlet("sumo", "acme"), outlet("sumo", "beta"), outlet("file", "beta")]).unwrap();
    store.order(&order(Action::Notify, "ann"), NOON).unwrap();
    assert!(!store.switch(&switched(Switch::Resume, None)).unwrap(), "nothing was stopped");
    let stop = switched(Switch::Stop, Some("a drill \u{202e}"));
    assert!(store.switch(&stop).unwrap());
    assert_eq!(Stopped::find(&store).unwrap().map(|stopped| (stopped.who, stopped.at)), Some(("ann".into(), NOON)));
    let resume = switched(Switch::Resume, None);
    assert!(store.switch(&resume).unwrap());
    assert_eq!(Stopped::find(&store).unwrap(), None);
    let records = log(&store);
    let said: Vec<Said> = records[1..].iter().map(|record| record.said().unwrap()).collect();
    assert_eq!(said, [Said::Switch(stop), Said::Switch(resume)]);
    assert!(!records[1].body.contains('\u{202e}'));
    let lines: Vec<String> = records[1..].iter().map(Record::line).collect();
    for name in ["sumo", "file"] {
        let told: Vec<String> = store.outbox(&sink(name), 100, usize::MAX).unwrap().into_iter().map(|line| line.body).collect();
        assert!(told.ends_with(&lines) && told.iter().filter(|line| line.contains("switch")).count() == 2, "{name}: {told:#?}");
    }
}

#[test]
fn i5_a_deed_is_told_where_its_source_is_heard_of_and_one_of_the_host_where_every_source_is() {
    let place = Place::new();
    let store = place.open();
    let outlet = |name: &str, source: &str| Outlet { sink: sink(name), source: source.parse().unwrap(), format: AlertFormat::Cef };
    store.set_outlets(&[outlet("all", "acme"), outlet("all", "globex"), outlet("its", "acme"), outlet("theirs", "globex")]).unwrap();
    let globex: SourceName = "globex".parse().unwrap();
    let history = |source: &SourceName| {
        let (source, start, end, purpose) = (source.clone(), Instant(1), Instant(2), Purpose::Delivery);
        History { id: 0, source, start, end, purpose, gap: None, through: start, events: 0, finished: false }
    };
    let told = |request: &Request| {
        let before = log(&store).len();
        carry_out(&store, "ann", request, NOON);
        let records: Vec<String> = log(&store)[before..].iter().map(Record::line).collect();
        assert!(!records.is_empty() && !records.concat().contains(r#""source""#), "{records:?}");
        let whole = |name: &str| {
            let mut lines = Vec::new();
            loop {
                // Those of one source at a time.
                let some = store.outbox(&sink(name), 100, usize::MAX).unwrap();
                if some.is_empty() {
                    break;
                }
                store.dispatched(&some.iter().map(|line| line.id).collect::<Vec<_>>()).unwrap();
                lines.extend(some.into_iter().map(|line| line.body));
            }
            let heard = records.iter().filter(|record| lines.contains(record)).count();
            assert!(heard == lines.len() && (heard == 0 || heard == records.len()), "{name}: {lines:?}");
            heard > 0
        };
        ["all", "its", "theirs"].map(whole)
    };
    let host = Request::Remember { about: "copy the store".into(), source: None };
    // This one fails, and that is told there too.
    assert_eq!(told(&Request::Confirm(globex.clone())), [true, false, true]);
    assert_eq!(told(&Request::AddHistories(vec![history(&source())])), [true, true, false]);
    assert_eq!(told(&Request::AddHistories(vec![history(&source()), history(&globex)])), [true, false, false]);
    assert_eq!(told(&Request::Remember { about: "revoke".into(), source: Some(source()) }), [true, true, false]);
    assert_eq!(told(&host), [true, false, false]);
    // There is one that none of them hears of.
    store.note(Outlet::SOURCES, "3").unwrap();
    assert_eq!(told(&host), [false, false, false]);
}

#[test]
fn the_switch_is_not_thrown_without_its_record() {
    let place = Place::new();
    let store = place.open();
    let raw = rusqlite::Connection::open(place.path()).unwrap();
    raw.execute_batch("CREATE TRIGGER refuse BEFORE INSERT ON governance BEGIN SELECT RAISE(ABORT, 'refused'); END").unwrap();
    assert!(store.switch(&switched(Switch::Stop, Some("a drill"))).unwrap_err().message.contains("refused"));
    assert_eq!((Stopped::find(&store).unwrap(), log(&store)), (None, vec![]));
}

#[test]
fn after_a_restore_nothing_goes_on_by_itself() {
    let place = Place::new();
    let store = place.open();
    store.set_reactions(&[reaction(Action::Suspend)], Instant(5)).unwrap();
    judge_at(&store, NOON, &[found("travel", "eve"), found("travel", "ann"), found("travel", "bob")]);
    go(&store, 2, &Move::Stepped(step(Effect::Once), None));
    go(&store, 3, &Move::Fail("403".into(), None));
    store.order(&Order { four_eyes: true, ..order(Action::Suspend, "ann") }, NOON).unwrap();
    store.order(&Order { dry_run: true, ..order(Action::Suspend, "ann") }, NOON).unwrap();
    drop(store);
    let backup = place.path().with_extension("backup");
    std::fs::copy(place.path(), &backup).unwrap();
    let store = place.open();
    assert!(!store.responses_restored().unwrap());
    succeed(&store, 1);
    drop(store);
    std::fs::copy(&backup, place.path()).unwrap();

    assert!(place.look().responses_restored().unwrap(), "who only looks is told too");
    let store = place.open();
    assert!(store.responses_restored().unwrap());
    // It goes beyond what there was, which hides nothing.
    for number in 0..8 {
        let about = format!("command {number}");
        store.deed(&Deed { at: NOON, who: Some("ann".into()), deed: Kind::Asks, about, source: None }, None).unwrap();
    }
    assert!(store.responses_restored().unwrap());
    assert_eq!(store.hold_restored(later(1)).unwrap(), 3);
    assert!(!store.responses_restored().unwrap());
    let held = store.response(ResponseId(1)).unwrap().unwrap();
    assert_eq!(held.state, State::Waiting(Wait::Restored));
    assert_eq!(states(&store)[..4], ["waiting", "waiting", "failed", "waiting"]);
    let waits = store.response(ResponseId(4)).unwrap().unwrap();
    let people: Vec<&str> = waits.approvals.iter().map(|each| each.who.as_str()).collect();
    assert_eq!(
        (waits.state, waits.wants, people),
        (State::Waiting(Wait::Restored), 2, vec!["ann"]),
        "since then it may have been rejected"
    );
    let tried = store.due_response(&entra(), Instant::FAR).unwrap().next.unwrap();
    assert_eq!((tried.id, tried.dry_run), (ResponseId(5), true), "what is only tried out goes on so");
    let mut log = log(&store);
    let told = log.pop().unwrap().said().unwrap();
    assert!(matches!(&told, Said::Deed(Deed { deed: Kind::Restored, who: None, about, .. }) if about.ends_with(": 3")), "{told:?}");
    let last = changed(&log.pop().unwrap());
    assert_eq!((last.response, last.at, last.after.state), (ResponseId(4), later(1), State::Waiting(Wait::Restored)));

    // The events of the lost time are read again: what they call for was perhaps done.
    let again = judge_at(&store, later(1), &[seen("travel", "zoe", Instant(later(1).0 - 1))]);
    assert_eq!(store.response(again.responses[0]).unwrap().unwrap().state, State::Skipped);
    let new = judge_at(&store, later(2), &[seen("travel", "kim", later(2))]);
    assert_eq!(store.response(new.responses[0]).unwrap().unwrap().state, State::Pending);
    drop(store);
    assert!(!place.open().responses_restored().unwrap(), "asked once");
}

#[test]
fn a_restore_is_known_until_it_is_dealt_with_however_much_is_recorded_and_however_often_it_is_opened() {
    let place = Place::new();
    let store = place.open();
    store.order(&order(Action::Suspend, "ann"), NOON).unwrap();
    drop(store);
    let backup = place.path().with_extension("backup");
    std::fs::copy(place.path(), &backup).unwrap();
    let store = place.open();
    succeed(&store, 1);
    drop(store);
    let elsewhere = Place::new();
    // On another machine, and in the place of the store.
    for place in [&elsewhere, &place] {
        std::fs::copy(&backup, place.path()).unwrap();
        for command in 0..4 {
            let store = place.open();
            let deed =
                Deed { at: later(command), who: Some("ann".into()), deed: Kind::Asks, about: format!("command {command}"), source: None };
            store.deed(&deed, None).unwrap();
            drop(store);
            assert!(place.look().responses_restored().unwrap(), "after command {command}");
        }
        let store = place.open();
        assert!(store.responses_restored().unwrap());
        assert_eq!(store.hold_restored(later(5)).unwrap(), 1);
        assert_eq!(store.response(ResponseId(1)).unwrap().unwrap().state, State::Waiting(Wait::Restored));
        drop(store);
        assert!(!place.open().responses_restored().unwrap(), "asked once");
    }
}

#[test]
fn an_end_of_the_log_that_was_cut_off_is_noticed_like_a_restore() {
    let place = Place::new();
    let store = place.open();
    store.order(&order(Action::Notify, "ann"), NOON).unwrap();
    store.order(&order(Action::Notify, "bob"), NOON).unwrap();
    drop(store);
    let raw = rusqlite::Connection::open(place.path()).unwrap();
    raw.execute_batch("DROP TRIGGER governance_is_not_cut; DELETE FROM governance WHERE number = 2").unwrap();
    drop(raw);
    let store = place.open();
    assert!(store.responses_restored().unwrap());
    log(&store);
}

#[test]
fn what_stands_beside_the_database_may_lag_and_costs_nothing() {
    let place = Place::new();
    let store = place.open();
    let marker = place.path().with_extension("db.responses");
    store.order(&order(Action::Notify, "ann"), NOON).unwrap();
    let older = std::fs::read(&marker).unwrap();
    store.order(&order(Action::Notify, "bob"), NOON).unwrap();
    for text in [older, br#"{"governance":1}"#.to_vec()] {
        std::fs::write(&marker, text).unwrap();
        assert!(!place.look().responses_restored().unwrap());
    }
    std::fs::write(&marker, "{").unwrap();
    store.order(&order(Action::Notify, "cid"), NOON).unwrap();
    assert_eq!(store.responses_restored().unwrap_err().kind, StoreErrorKind::Unusable);
    drop(store);
    let store = place.open();
    assert_eq!(store.responses_restored().unwrap_err().kind, StoreErrorKind::Unusable, "it is not guessed");
    std::fs::remove_file(&marker).unwrap();
    assert!(store.responses_restored().unwrap(), "with nothing beside it, it may be a copy");
    assert!(!store.governance_shortened().unwrap());
    store.hold_restored(NOON).unwrap();
    assert!(!store.responses_restored().unwrap());
}
