//! What stays whatever its age and whoever is erased, and how long the rest does.

use super::*;
use crate::{
    alert::tests::{NOON, detector, found, judgement},
    privacy::Hold,
    store::Erased,
};

#[test]
fn each_source_has_a_retention_of_its_own_and_what_is_held_stays() {
    let place = Place::new();
    let store = place.open();
    let [usual, longer, all_held, some_held] = ["usual", "longer", "all", "some"].map(|name| name.parse::<SourceName>().unwrap());
    for (number, source) in [&usual, &longer, &all_held, &some_held].into_iter().enumerate() {
        store.cursor(&sink("sumo"), source, Lane::Live).unwrap();
        for (at, about) in [About::Nothing, About::Text].into_iter().enumerate() {
            store.commit(&page(source, &[of(10 * number + at, about)], "1")).unwrap();
        }
        store.advance(&sink("sumo"), source, Lane::Live, store.head().unwrap(), &[], AT).unwrap();
        let body = format!(r#"{{"who":"{}"}}"#, ANN[1]);
        let add = "INSERT INTO behaviours (source, policy, who, end, found, fate, body) SELECT id, 'p', '', 1, 1, 0, ?2 FROM sources WHERE name = ?1";
        for body in [body.as_str(), "{}"] {
            store.write_with("fill", |db| Ok(db.execute(add, [source.as_str(), body])?)).unwrap();
        }
    }
    let far = Instant::FAR;
    let past = |hold: Hold| Old { records_before: far, behaviours_before: far, alerts_before: far, hold, ..Old::default() };
    let sources = [
        (longer.clone(), Old::default()),
        (all_held.clone(), past(Hold::All)),
        (some_held.clone(), past(Hold::Of(vec!["Ann@example.com".into()]))),
    ];
    let prune = Prune { usual: past(Hold::Nothing), sources: sources.into_iter().collect(), ..nothing() };
    assert_eq!(store.prune(&prune).unwrap(), 3);
    let left = |source: &SourceName| {
        let count = "SELECT count(*) FROM behaviours WHERE source = (SELECT id FROM sources WHERE name = ?1)";
        let found = store.read_with("count", |db| Ok(db.query_row(count, [source.as_str()], |row| row.get::<_, i64>(0))?)).unwrap();
        (store.read(&all(source, Lane::Live)).unwrap().len(), found)
    };
    assert_eq!([left(&usual), left(&longer), left(&all_held), left(&some_held)], [(0, 0), (2, 2), (2, 2), (1, 1)]);
}

#[test]
fn what_is_held_comes_in_whole_also_of_who_was_erased() {
    let place = Place::new();
    let store = place.open();
    let acme = source();
    store.keep_out(None, &ann(), NOW).unwrap();
    let mut id = 0;
    let mut commit = || {
        let events = [About::Did, About::Text].map(|about| {
            id += 1;
            of(id, about)
        });
        let committed = store.commit(&page(&acme, &events, "1")).unwrap();
        let stored = seqs(&store, Seq(0)).into_iter().filter(|(_, record)| events.iter().any(|event| event.record == *record)).count();
        (committed.erased, stored)
    };
    assert_eq!(commit(), (1, 0));
    for hold in [Hold::All, Hold::Of(vec!["Ann@example.com".into()])] {
        store.hold(&[(acme.clone(), hold)]).unwrap();
        assert_eq!(commit(), (0, 2));
    }
    store.hold(&[("other".parse().unwrap(), Hold::All)]).unwrap();
    assert_eq!(commit(), (1, 0));
}

#[test]
fn what_is_held_is_judged_also_of_who_was_erased() {
    for (hold, raised) in [(Hold::Nothing, 0), (Hold::All, 1), (Hold::Of(vec!["the-user-17@example.com".into()]), 1)] {
        let place = Place::new();
        let store = place.open();
        let acme = source();
        store.keep_out(None, &[Identity::account("the-user-17@example.com")], NOON).unwrap();
        store.hold(&[(acme.clone(), hold)]).unwrap();
        let judged = store.judge(&judgement(&acme, &detector(), &[found("p", "the-user-17")])).unwrap();
        assert_eq!(judged.raised.len(), raised);
    }
}

#[test]
fn what_names_somebody_who_is_held_stays_whole_whoever_else_is_erased() {
    let place = Place::new();
    let store = place.open();
    let (acme, free) = (source(), "free".parse::<SourceName>().unwrap());
    let on_bob = |id: usize, who: &str| {
        let record = format!(r#"{{"id":"{id}","who":{{"email":"{who}"}},"to":["{}"]}}"#, BOB[1]);
        Event { record, ..of(id, About::Nothing) }
    };
    // Bob did something to Ann, and to nobody; Ann, and then Carl, did something to Bob.
    let events = [of(0, About::Text), of(1, About::Nothing), on_bob(2, ANN[1]), on_bob(3, "carl@example.com")];
    let was: Vec<_> = events.iter().map(|event| event.record.clone()).collect();
    for (number, source) in [&acme, &free].into_iter().enumerate() {
        let events: Vec<_> = events.iter().map(|event| Event { id: format!("{number} {}", event.id), ..event.clone() }).collect();
        store.commit(&page(source, &events, "1")).unwrap();
        let add = "INSERT INTO behaviours (source, policy, who, end, found, fate, body) SELECT id, 'p', '', 1, 1, 0, ?2 FROM sources WHERE name = ?1";
        for body in [format!(r#"["{}"]"#, BOB[1]), format!(r#"["{}","{}"]"#, BOB[1], ANN[1])] {
            store.write_with("fill", |db| Ok(db.execute(add, [source.as_str(), &body])?)).unwrap();
        }
    }
    store.note("both", &format!("{} and {}", BOB[1], ANN[1])).unwrap();
    let erase = || {
        let mut events = Erased::default();
        for (source, after) in [(&acme, 0), (&free, 4)] {
            let gone = vec![Seq(after + 1), Seq(after + 2)];
            events.add(&store.erase_events(&Stretch { source: source.clone(), after: Seq(after), through: Seq(after + 4), gone }).unwrap());
        }
        (events, store.erase_rows(None).unwrap())
    };
    let left = |source: &SourceName| -> Vec<String> {
        store.read(&all(source, Lane::Live)).unwrap().into_iter().map(|event| event.record).collect()
    };
    store.hold(&[(acme.clone(), Hold::Of(vec!["Ann@example.com".into()])), (free.clone(), Hold::Nothing)]).unwrap();
    store.keep_out(None, &BOB.map(Identity::account), NOW).unwrap();
    let (events, rows) = erase();
    assert_eq!((events.removed, events.redacted, events.held), (3, 3, 2));
    assert_eq!(left(&acme), [was[0].clone(), was[2].clone(), was[3].replace(BOB[1], "[erased]")]);
    assert_eq!(left(&free), [&was[2], &was[3]].map(|was| was.replace(BOB[1], "[erased]")));
    assert_eq!((rows.rows, rows.held_rows), ([("behaviours".to_owned(), 3)].into(), 2));
    // All of a source, and then nothing of it.
    store.hold(&[(acme.clone(), Hold::All)]).unwrap();
    assert_eq!((erase().0.held, left(&acme).len()), (2, 3));
    store.hold(&[]).unwrap();
    let (events, rows) = erase();
    assert_eq!((events.removed, events.redacted, events.held, rows.held_rows), (1, 1, 0, 0));
    assert!(!left(&acme).concat().contains(BOB[1]));
}
