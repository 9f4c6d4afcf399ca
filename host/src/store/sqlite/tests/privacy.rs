//! What an erasure leaves: everything of everybody else, and nothing of whom it is about, in any file.

use std::{collections::BTreeSet, fs};

use audit_pipeline::{detector::Profile, types::Actor};
use proptest::prelude::*;

use super::*;
use crate::{
    directory::{Member, Person, PersonState},
    privacy::{Identity, Marks},
    store::{Kept, Privacy as _, Responses as _, Stretch},
};

mod holds;

const ANN: [&str; 3] = ["3074457345618265111", "ann@example.com", "Ann Exemplar"];
const BOB: [&str; 3] = ["3074457345618265222", "bob@example.com", "Bob Exemplar"];
const NOW: Instant = Instant(1_700_000_000_000);

fn ann() -> Vec<Identity> {
    vec![Identity::account(ANN[0]), Identity::account("Ann@Example.com"), Identity::name(ANN[2]).unwrap()]
}

/// How an event is about somebody.
#[derive(Clone, Copy, Debug, PartialEq)]
enum About {
    /// They did it.
    Did,
    /// It was done to them.
    Object,
    /// A text speaks of them.
    Text,
    /// Not at all.
    Nothing,
}

fn of(id: usize, about: About) -> Event {
    let [actor, email, name] = if about == About::Did { ANN } else { BOB };
    let [other, address, called] = if matches!(about, About::Object | About::Text) { ANN } else { BOB };
    let object = match about {
        About::Object => format!(r#""object":{{"id":{other},"name":"{called}","mail":"{}"}}"#, address.to_uppercase()),
        About::Text => format!(r#""details":"shared with <{}\u0040example.com>, {called}.","by":{{"{other}":true}}"#, &address[..3]),
        _ => r#""object":{"id":"board-7"}"#.to_owned(),
    };
    Event {
        actor: Actor { id: Some(actor.into()), email: Some(email.into()), name: Some(name.into()), kind: ActorKind::User },
        record: format!(r#"{{"id":"{id}","who":{{"id":"{actor}","email":"{email}","name":"{name}"}},{object}}}"#),
        ..event(&id.to_string(), 1000 + id as u64)
    }
}

/// Everything that stands in the files of a store, and all that is compressed in it.
fn everything(place: &Place, store: &SqliteStore) -> Vec<u8> {
    let mut bytes = Vec::new();
    for file in fs::read_dir(place.path().parent().unwrap()).unwrap() {
        let path = file.unwrap().path();
        if !path.to_string_lossy().ends_with(".sock") {
            bytes.extend(fs::read(path).unwrap());
        }
    }
    for lane in Lane::ALL {
        for event in store.read(&all(&source(), lane)).unwrap() {
            bytes.extend(event.record.as_bytes());
            bytes.extend(event.action.as_bytes());
        }
    }
    bytes.make_ascii_lowercase();
    bytes
}

fn found<'a>(bytes: &[u8]) -> Vec<&'a str> {
    let holds = |text: &str| bytes.windows(text.len()).any(|window| window == text.to_lowercase().as_bytes());
    ANN.into_iter().filter(|text| holds(text)).collect()
}

/// Goes through all of the log as the command does, up to so many steps.
fn erase(store: &SqliteStore, steps: usize) -> crate::store::Erased {
    let (source, mut done) = (source(), crate::store::Erased::default());
    let mut taken = 0;
    let mut step = || {
        taken += 1;
        taken <= steps
    };
    if !step() {
        return done;
    }
    store.keep_out(None, &ann(), NOW).unwrap();
    let marks = store.kept_out(Some(&source)).unwrap();
    let mut after = Seq(0);
    loop {
        let events = store.read_all(&source, after, 7, usize::MAX).unwrap();
        let Some(last) = events.last() else { break };
        let theirs =
            |record: &str| marks.is_account(serde_json::from_str::<serde_json::Value>(record).unwrap()["who"]["id"].as_str().unwrap());
        let gone = events.iter().filter(|event| theirs(&event.record)).map(|event| event.seq).collect();
        if !step() {
            return done;
        }
        done.add(&store.erase_events(&Stretch { source: source.clone(), after, through: last.seq, gone }).unwrap());
        after = last.seq;
    }
    if !step() {
        return done;
    }
    done.add(&store.erase_rows(None).unwrap());
    store.scrub().unwrap();
    done
}

fn seqs(store: &SqliteStore, after: Seq) -> Vec<(Seq, String)> {
    let range = Range { after, ..all(&SOURCE, Lane::Live) };
    store.read(&range).unwrap().into_iter().map(|event| (event.seq, event.record)).collect()
}

static SOURCE: std::sync::LazyLock<SourceName> = std::sync::LazyLock::new(source);

fn about() -> impl Strategy<Value = About> {
    prop_oneof![Just(About::Did), Just(About::Object), Just(About::Text), Just(About::Nothing), Just(About::Nothing)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// I2 and I3 with an erasure in between, which is cut short somewhere and done again.
    #[test]
    fn of_an_erased_person_nothing_is_left_and_of_everybody_else_everything(
        pages in prop::collection::vec(prop::collection::vec(about(), 1..12), 1..8), cut in 0_usize..6, read in 0_usize..60,
    ) {
        let place = Place::new();
        let store = place.open();
        let acme = source();
        let mut id = 0;
        let pages: Vec<Vec<(About, Event)>> =
            pages.iter().map(|page| page.iter().map(|&about| { id += 1; (about, of(id, about)) }).collect()).collect();
        let commit = |store: &SqliteStore| {
            for events in &pages {
                let events: Vec<Event> = events.iter().map(|(_, event)| event.clone()).collect();
                store.commit(&page(&acme, &events, "1")).unwrap();
            }
        };
        commit(&store);
        let sink = sink("sumo");
        store.cursor(&sink, &acme, Lane::Live).unwrap();
        let before = seqs(&store, Seq(0));
        let cursor = before[read.min(before.len() - 1)].0;
        store.advance(&sink, &acme, Lane::Live, cursor, &[], AT).unwrap();
        // Read once, so that a chunk is at hand.
        seqs(&store, cursor);

        erase(&store, cut);
        let done = erase(&store, usize::MAX);

        let flat: Vec<&(About, Event)> = pages.iter().flatten().collect();
        let stays: Vec<(Seq, &(About, Event))> =
            before.iter().map(|(seq, _)| *seq).zip(flat.iter().copied()).filter(|(_, (about, _))| *about != About::Did).collect();
        let after = seqs(&store, Seq(0));
        prop_assert_eq!(after.iter().map(|(seq, _)| *seq).collect::<Vec<_>>(), stays.iter().map(|(seq, _)| *seq).collect::<Vec<_>>());
        for ((_, record), (_, (about, event))) in after.iter().zip(&stays) {
            if *about == About::Nothing {
                prop_assert_eq!(record, &event.record);
            }
            prop_assert!(serde_json::from_str::<serde_json::Value>(record).is_ok() && !record.contains('\n'), "{}", record);
        }
        let waiting: Vec<_> = stays.iter().map(|(seq, _)| *seq).filter(|seq| *seq > cursor).collect();
        prop_assert_eq!(seqs(&store, cursor).into_iter().map(|(seq, _)| seq).collect::<Vec<_>>(), waiting.clone());
        let backlog = store.backlog(&sink, &acme).unwrap();
        prop_assert_eq!(backlog.iter().map(|backlog| backlog.events).sum::<u64>(), waiting.len() as u64);
        prop_assert!(done.removed <= flat.len() as u64 && done.undelivered <= done.removed);

        // All pages again, and others of the same person.
        commit(&store);
        let more = [of(900, About::Did), of(901, About::Text), of(902, About::Nothing)];
        let committed = store.commit(&page(&acme, &more, "2")).unwrap();
        prop_assert_eq!((committed.counts(), committed.erased), ((2, 0), 1));
        let ids: Vec<String> = (1..=id).map(|id| id.to_string()).chain(["900".to_owned()]).collect();
        prop_assert!(store.remembered(&acme, &ids).unwrap().into_iter().all(|remembered| remembered.is_some()));
        store.scrub().unwrap();
        prop_assert_eq!(found(&everything(&place, &store)), Vec::<&str>::new());
    }
}

#[test]
fn an_erased_person_stands_in_no_table_and_does_not_come_back() {
    let place = Place::new();
    let store = place.open();
    let acme = source();
    let body = |who: &[&str; 3]| format!(r#"{{"story":{{"who":{{"email":"{}","name":"{}"}}}}}}"#, who[1], who[2]);
    let fill = |db: &rusqlite::Connection| {
        for who in [ANN, BOB] {
            let (lower, body) = (who.join("\n").to_lowercase(), body(&who));
            db.execute(
                "INSERT INTO behaviours (source, policy, who, end, found, fate, body) VALUES (1, 'p', ?1, 1, 1, 0, ?2)",
                [&lower, &body],
            )?;
            db.execute(
                "INSERT INTO alerts (source, policy, key, form, state, who, raised, last_seen, changed, body)
                 VALUES (1, 'p', 'p|user:' || ?3, 0, 0, ?1, 1, 1, 1, ?2)",
                [&lower, &body, who[0]],
            )?;
            db.execute("INSERT INTO alert_history (alert, at, who, change) VALUES (1, 1, ?1, ?2)", [who[1], &body])?;
            db.execute(
                "INSERT INTO suppressions (source, policy, mark, user, alert, who, since, until) VALUES (1, 'p', ?1, ?2, 1, 'op', 1, 2)",
                [who[0], who[1]],
            )?;
            db.execute("INSERT INTO alert_outbox (sink, source, alert, activity, policy, body) VALUES ('s', 1, 1, 'u', 'p', ?1)", [&body])?;
            db.execute("INSERT INTO notices (channel, alert, condition, revision, told) VALUES (?2, 1, '', 1, ?1)", [&body, &who[2][..3]])?;
            db.execute(
                "INSERT INTO responses (source, responder, action, state, due, key, who, changed, body)
                 VALUES (1, 'r', 'suspend', 'succeeded', 1, ?1, ?2, 1, ?3)",
                [who[0], &lower, &body],
            )?;
            db.execute("INSERT INTO conditions (key, body) VALUES (?1, ?2)", [&format!("k{}", &who[2][..3]), &body])?;
            db.execute("INSERT INTO notes (key, value) VALUES (?1, ?2)", [&format!("n{}", &who[2][..3]), &lower])?;
        }
        Ok(())
    };
    store.register(&acme).unwrap();
    store.write_with("fill", fill).unwrap();
    let detector: DetectorName = "detect".parse().unwrap();
    let profile = |subject: String| Profile { subject, body: b"learned".to_vec() };
    let profiles: Vec<_> =
        [ANN, BOB].iter().flat_map(|who| [format!("user:{}", who[0]), format!("alias:{}", who[1])]).map(profile).collect();
    store
        .write_with("fill", |db| {
            for profile in &profiles {
                detectors::remember(db, 1, &detector, profile)?;
            }
            Ok(())
        })
        .unwrap();
    let directory = "entra".parse().unwrap();
    let people: Vec<Person> = [ANN, BOB]
        .iter()
        .map(|who| Person {
            id: who[0].into(),
            emails: vec![who[1].into()],
            name: Some(who[2].into()),
            state: PersonState::Active,
            since: None,
            learned: NOW,
        })
        .collect();
    let members: Vec<Member> = people.iter().map(|person| Member { id: person.id.clone(), emails: person.emails.clone() }).collect();
    store.put_people(&directory, &people, "c", NOW).unwrap();
    store.put_members(&directory, "admins", &members, NOW).unwrap();
    for who in [ANN, BOB] {
        store.keep_transcript(&acme, NOW, format!(r#"{{"body":"{{\"email\":\"{}\"}}"}}"#, who[1]).as_bytes(), 10).unwrap();
    }

    let held = |marks: &Marks| {
        let mut tables = BTreeSet::new();
        let mut each = |kept: Kept| {
            tables.insert(kept.table);
            Ok(())
        };
        store.kept_of(None, marks, &mut each).unwrap();
        tables
    };
    let (of_ann, of_bob) = (Marks::plain(&ann()), Marks::plain(&[Identity::account(BOB[0]), Identity::account(BOB[1])]));
    let everywhere = held(&of_bob);
    assert_eq!(held(&of_ann), everywhere);
    assert_eq!(everywhere.len(), 14, "{everywhere:?}");

    let done = erase(&store, usize::MAX);
    assert_eq!(done.rows.keys().map(String::as_str).collect::<BTreeSet<_>>(), everywhere);
    assert!(held(&of_ann).is_empty());
    assert_eq!(held(&of_bob), everywhere, "everybody else stays");
    // What the directory says again, and what is on its way.
    store.put_people(&directory, &people, "d", NOW).unwrap();
    store.put_members(&directory, "admins", &members, NOW).unwrap();
    store.keep_transcript(&acme, NOW, ANN[1].as_bytes(), 10).unwrap();
    assert_eq!((store.people_count(&directory).unwrap(), store.members(&directory, "admins").unwrap().unwrap().len()), (1, 1));
    store.scrub().unwrap();
    assert_eq!(found(&everything(&place, &store)), Vec::<&str>::new());
}

#[test]
fn a_response_that_is_not_over_stays_until_it_is_and_is_counted() {
    let place = Place::new();
    let store = place.open();
    store.register(&source()).unwrap();
    let add = "INSERT INTO responses (source, responder, action, state, due, who, changed, body) VALUES (1, 'r', 'suspend', 'pending', 1, ?1, 1, '{}')";
    store.write_with("fill", |db| Ok(db.execute(add, [ANN[1]])?)).unwrap();
    let done = erase(&store, usize::MAX);
    assert_eq!((done.waiting, done.rows.len()), (1, 0));
    store.write_with("end", |db| Ok(db.execute("UPDATE responses SET state = 'succeeded'", [])?)).unwrap();
    let done = erase(&store, usize::MAX);
    assert_eq!((done.waiting, done.rows.get("responses")), (0, Some(&1)));
}

#[test]
fn what_whoever_was_erased_does_later_is_anybodys_until_they_are_erased_again() {
    let place = Place::new();
    let store = place.open();
    let acme = source();
    assert_eq!(store.keep_out(None, &ann(), NOW).unwrap(), 3);
    let later = Instant(NOW.0 + 1);
    let events = [NOW, later].map(|at| Event { time: at.0, ..of(at.0 as usize, About::Did) });
    let committed = store.commit(&page(&acme, &events, "1")).unwrap();
    assert_eq!((committed.counts(), committed.erased), ((1, 0), 1), "only what is of before is kept out");
    let add = "INSERT INTO behaviours (source, policy, who, end, found, fate, body) VALUES (1, 'p', ?1, ?2, 1, 0, '{}')";
    for at in [NOW, later] {
        store.write_with("fill", |db| Ok(db.execute(add, rusqlite::params![ANN[1], at.0 as i64])?)).unwrap();
    }

    // Somebody else is erased: what is of later stays.
    let all = Stretch { source: acme.clone(), after: Seq(0), through: store.head().unwrap(), gone: Vec::new() };
    assert_eq!(store.erase_events(&all).unwrap().redacted, 0);
    assert_eq!(store.erase_rows(None).unwrap().rows.get("behaviours"), Some(&1));
    assert_eq!(seqs(&store, Seq(0))[0].1, events[1].record);

    assert_eq!(store.keep_out(None, &ann(), later).unwrap(), 3, "again, which moves on");
    assert_eq!((store.erase_events(&all).unwrap().redacted, store.erase_rows(None).unwrap().rows.get("behaviours")), (1, Some(&1)));
    assert_eq!(store.keep_out(None, &ann(), NOW).unwrap(), 0, "and never back");
}

#[test]
fn an_erasure_of_one_source_leaves_the_others() {
    let place = Place::new();
    let store = place.open();
    let (acme, other): (SourceName, SourceName) = (source(), "other".parse().unwrap());
    store.register(&acme).unwrap();
    store.keep_out(Some(&acme), &ann(), NOW).unwrap();
    let event = [of(1, About::Did)];
    let (erased, kept) = (store.commit(&page(&acme, &event, "1")).unwrap(), store.commit(&page(&other, &event, "1")).unwrap());
    assert_eq!((erased.counts(), erased.erased, kept.counts(), kept.erased), ((0, 0), 1, (1, 0), 0));
    assert_eq!(store.notes("erased/").unwrap(), [("erased/acme".to_owned(), "1".to_owned())]);
}

#[test]
fn who_is_erased_stays_so_with_another_key_and_nobody_is_remembered_where_the_key_is_lost() {
    let place = Place::new();
    let store = place.open();
    store.keep_out(None, &ann(), NOW).unwrap();
    assert_eq!(store.keep_out(None, &ann(), NOW).unwrap(), 0, "known already");
    store.rekey(&Key::new(&[2; 32])).unwrap();
    drop(store);
    let store = SqliteStore::open(Open::new(place.path(), Key::new(&[2; 32]), Access::Owner)).unwrap();
    assert!(store.kept_out(None).unwrap().is_account(ANN[1]));
    assert_eq!(store.erasures().unwrap(), 3);
    drop(store);
    forget_sealed(&place.path(), &Key::new(&[3; 32])).unwrap();
    let store = SqliteStore::open(Open::new(place.path(), Key::new(&[3; 32]), Access::Owner)).unwrap();
    assert_eq!(store.erasures().unwrap(), 0);
}
