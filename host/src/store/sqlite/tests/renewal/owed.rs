//! What a new store owes: it reads again what nobody may have had, and what was open stays so.

use rusqlite::params;

use super::*;

/// A live page of one event, which just happened.
fn read(store: &SqliteStore, source: &SourceName, received: Instant, through: Instant) {
    let events = [event(&received.to_string(), received.0)];
    store.commit(&Page { received, through, ..page(source, &events, "1") }).unwrap();
}

fn deliver(store: &SqliteStore, source: &SourceName) {
    for lane in Lane::ALL {
        store.advance(&sink("sumo"), source, lane, store.head().unwrap(), &[], AT).unwrap();
    }
}

#[test]
fn i1_what_no_sink_had_and_what_was_not_read_is_read_again_whatever_its_age() {
    let (waits, dead, usual) = (source(), "dead".parse().unwrap(), "usual".parse().unwrap());
    let place = Place::new();
    let store = place.open();
    for source in [&waits, &dead, &usual] {
        read(&store, source, NOW.minus(50 * DAY), NOW.minus(40 * DAY));
        deliver(&store, source);
    }
    read(&store, &waits, NOW.minus(45 * DAY), NOW);
    read(&store, &usual, NOW.minus(50 * DAY), NOW);
    deliver(&store, &usual);
    drop(store);
    damage(&place, Some("alerts"));
    let renewed = renew(&place, 1).unwrap();
    // Each by a day more: so late events may come. Two of them only the store knows, which keep for a day.
    assert_eq!(renewed.since, [(waits, NOW.minus(46 * DAY)), (dead, NOW.minus(41 * DAY)), (usual, NOW.minus(2 * DAY))]);
    let store = place.open();
    let again: Vec<_> = store.histories().unwrap().into_iter().map(|history| (history.source, history.start)).collect();
    assert_eq!(again, renewed.since);
    assert!(store.gaps().unwrap().iter().zip(&renewed.since).all(|(gap, (_, since))| gap.start == *since && !gap.filled));
}

#[test]
fn i1_what_was_caught_up_and_no_sink_had_is_read_again_from_when_it_happened() {
    let caught_up = |event: Event, damaged| {
        let (place, acme) = (Place::new(), source());
        let store = place.open();
        read(&store, &acme, NOW.minus(60 * DAY), NOW.minus(60 * DAY));
        deliver(&store, &acme);
        // The host was away, and reads all of that now.
        store.commit(&Page { received: NOW, through: NOW, ..page(&acme, std::slice::from_ref(&event), "2") }).unwrap();
        drop(store);
        damage(&place, Some(damaged));
        renew(&place, 1).unwrap().since
    };
    let long_ago = NOW.minus(50 * DAY);
    assert_eq!(caught_up(event("a", long_ago.0), "alerts"), [(source(), long_ago.minus(DAY))]);
    assert_eq!(caught_up(event("a", 1), "alerts"), [(source(), NOW.minus(91 * DAY))], "no vendor had kept that");
    assert_eq!(caught_up(event("a", long_ago.0), "chunks"), [(source(), NOW.minus(91 * DAY))], "where it cannot be told, all that is kept");
}

#[test]
fn i1_gaps_and_backfills_that_were_open_stay_so_and_one_that_is_not_delivered_is_read_again() {
    let (place, acme) = (Place::new(), source());
    let store = place.open();
    let gap = |from, to| audit_pipeline::source::Gap { start: from, end: to, cause: format!("away {from}") };
    store.commit(&Page { gaps: &[gap(100, 200), gap(300, 400)], ..page(&acme, &[], "1") }).unwrap();
    let add = |start, gap| {
        let (start, end) = (Instant(start), Instant(start + 100));
        let purpose = Purpose::Delivery;
        let history = History { id: 0, source: acme.clone(), start, end, purpose, gap, through: start, events: 0, finished: false };
        store.add_history(&history).unwrap()
    };
    let (filled, open, over) = (add(100, Some(1)), add(300, Some(2)), add(500, None));
    let read = |store: &SqliteStore, id: i64, finished| {
        let (stream, lane, events) = (Stream::History(id), Lane::History, [event(&format!("of {id}"), 1)]);
        store.commit(&Page { stream, lane, finished, through: Instant(550), ..page(&acme, &events, "h") }).unwrap();
    };
    read(&store, filled, true);
    read(&store, over, true);
    deliver(&store, &acme);
    let copy = Place::new();
    crate::store::sqlite::copy(&place.path(), &Key::new(&[1; 32]), &copy.path()).unwrap();
    read(&store, open, false);
    drop(store);

    let open_ones = |place: &Place| {
        renew(place, 1).unwrap();
        let store = place.open();
        let gaps: Vec<_> = store.gaps().unwrap().into_iter().map(|gap| (gap.start.0, gap.filled)).collect();
        assert_eq!(gaps[0], (300, false), "{gaps:?}");
        assert_eq!(gaps.len(), 2);
        let own = store.histories().unwrap().into_iter().filter(|history| history.start < Instant(1000));
        own.map(|history| (history.start.0, history.through.0, history.events, history.gap, history.finished)).collect::<Vec<_>>()
    };
    assert_eq!(open_ones(&copy), [(300, 300, 0, Some(2), false)], "what was delivered is over");
    let all = [(100, 100, 0, None, false), (300, 300, 0, Some(2), false), (500, 500, 0, None, false)];
    assert_eq!(open_ones(&place), all);
}

#[test]
fn i7_what_is_so_and_what_channels_know_of_it_is_carried_over_and_what_refers_to_nothing_is_not() {
    let place = filled();
    let store = place.open();
    let fill = |db: &rusqlite::Connection| {
        db.execute("INSERT INTO conditions (key, body) VALUES ('silent/acme', '{}')", [])?;
        for (alert, condition) in [(0, "silent/acme"), (0, "silent/gone"), (7, "")] {
            let add = "INSERT INTO notices (channel, alert, condition, revision, told) VALUES ('soc', ?1, ?2, 1, 'began')";
            db.execute(add, params![alert, condition])?;
        }
        Ok(())
    };
    store.write_with("fill", fill).unwrap();
    for key in ["checkup", "keeping/acme", "state/acme"] {
        store.note(key, "said").unwrap();
    }
    drop(store);
    damage(&place, Some("chunks"));
    renew(&place, 1).unwrap();
    let store = place.open();
    let known = store
        .read_with("count", |db| {
            let sql = "SELECT (SELECT count(*) FROM conditions), group_concat(alert || condition || told) FROM notices";
            Ok(db.query_row(sql, [], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)))?)
        })
        .unwrap();
    assert_eq!(known, (1, "0silent/acmebegan".to_owned()));
    let notes: Vec<String> = store.notes("").unwrap().into_iter().map(|(key, _)| key).collect();
    assert_eq!(notes, ["checkup", "ids/forgotten/acme", "keeping/acme"]);
}

#[test]
fn what_stood_in_the_log_of_a_store_that_ended_badly_is_in_the_file_that_is_set_aside() {
    let (place, left) = (filled(), Place::new());
    let store = place.open();
    store.note("last", "word").unwrap();
    for ending in ["", "-wal"] {
        std::fs::copy(disk::with_ending(&place.path(), ending), disk::with_ending(&left.path(), ending)).unwrap();
    }
    drop(store);
    let aside = renew(&left, 1).unwrap().aside;
    assert!(!disk::with_ending(&aside, "-wal").exists());
    let db = rusqlite::Connection::open(aside).unwrap();
    assert_eq!(db.query_row("SELECT value FROM notes WHERE key = 'last'", [], |row| row.get::<_, String>(0)).unwrap(), "word");
}
