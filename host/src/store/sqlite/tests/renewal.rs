//! What becomes of a store that is damaged: set aside whole, replaced, and everything that can be read of it carried over.

mod owed;

use std::io::{Seek as _, SeekFrom, Write as _};

use super::*;
use crate::{
    disk,
    privacy::Identity,
    respond::{Action, Head, ResponseId, tests::order, verify},
    store::{ERASED_LOST, Privacy as _, Purpose, Responses as _, sqlite::Renewal},
};

const NOW: Instant = Instant(1_800_000_000_000);
const DAY: std::time::Duration = std::time::Duration::from_secs(86_400);

/// A store with something of everything, closed.
fn filled() -> Place {
    let (place, acme) = (Place::new(), source());
    let store = place.open();
    let events: Vec<_> = (0..500).map(|at| event(&format!("{}", at * 7919), at)).collect();
    store.commit(&page(&acme, &events, "1")).unwrap();
    store.advance(&sink("sumo"), &acme, Lane::Live, Seq(100), &[], AT).unwrap();
    let pair = Credentials { access_token: "access".into(), refresh_token: Some("refresh".into()), expires_at: Some(9) };
    store.put_grant(&acme, None, &pair, b"print", Instant(6)).unwrap();
    store.open_intent(&acme, 1, Instant(7)).unwrap();
    store.order(&order(Action::Suspend, "ann"), Instant(8)).unwrap();
    drop(store);
    place
}

/// Writes over the first page of a table, or over the beginning of the file.
fn damage(place: &Place, table: Option<&str>) {
    let at = table.map_or(0, |table| {
        let db = rusqlite::Connection::open(place.path()).unwrap();
        let root: u64 = db.query_row("SELECT rootpage FROM sqlite_schema WHERE name = ?1", [table], |row| row.get(0)).unwrap();
        let size: u64 = db.pragma_query_value(None, "page_size", |row| row.get(0)).unwrap();
        (root - 1) * size
    });
    let mut file = std::fs::File::options().write(true).open(place.path()).unwrap();
    file.seek(SeekFrom::Start(at)).unwrap();
    file.write_all(&[0xa5; 600]).unwrap();
}

/// The bytes of a store, with what stands in the log beside it.
fn as_it_is(place: &Place) -> Vec<u8> {
    let copied = Place::new();
    for ending in ["", "-wal"] {
        let (from, to) = (disk::with_ending(&place.path(), ending), disk::with_ending(&copied.path(), ending));
        if from.exists() {
            std::fs::copy(from, to).unwrap();
        }
    }
    let db = rusqlite::Connection::open(copied.path()).unwrap();
    db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    drop(db);
    std::fs::read(copied.path()).unwrap()
}

fn open(place: &Place, key: u8) -> crate::store::Result<SqliteStore> {
    SqliteStore::open(Open::new(place.path(), Key::new(&[key; 32]), Access::Owner))
}

fn renew(place: &Place, key: u8) -> crate::store::Result<Renewed> {
    super::renew(&Open::new(place.path(), Key::new(&[key; 32]), Access::Owner), &renewal(NOW))
}

fn renewal(now: Instant) -> Renewal {
    let reread = Reread { retention: 30 * DAY, keeps: 90 * DAY, lateness: DAY };
    Renewal { sources: [(source(), reread)].into(), others: Some(Reread { retention: DAY, ..reread }), now }
}

#[test]
fn i1_i4_a_damaged_log_is_set_aside_and_tokens_and_the_log_of_actions_are_carried_over() {
    let (place, acme) = (filled(), source());
    damage(&place, Some("chunks"));
    let store = open(&place, 1).unwrap();
    let met = store.read(&all(&acme, Lane::Live)).unwrap_err();
    assert_eq!(met.kind, StoreErrorKind::Damaged, "{met}");
    assert_eq!(store.note("a", "b").unwrap_err().kind, StoreErrorKind::Poisoned, "nothing is written to it any more");
    drop(store);
    let before = as_it_is(&place);
    let why = open(&place, 1).unwrap_err();
    assert!(is_damage(&why, &place.path()), "it is looked through before it is used again: {why}");

    let renewed = renew(&place, 1).unwrap();
    // SQLite counts in the first hundred bytes how often it was opened for writing.
    assert!(std::fs::read(&renewed.aside).unwrap()[100..] == before[100..], "nothing of it is gone");
    assert!(renewed.carried >= 5 && renewed.lost.is_empty(), "{renewed:?}");
    let store = place.open();
    let grant = store.grant(&acme).unwrap().unwrap();
    assert_eq!(
        (grant.version, grant.credentials.access_token.as_str(), grant.intent.map(|intent| intent.attempts)),
        (1, "access", Some(1))
    );
    assert!(!store.restored(&acme).unwrap() && !store.responses_restored().unwrap(), "it is no copy and no backup");
    assert_eq!(verify(&Head::default(), &store.governance(0, usize::MAX).unwrap()).unwrap().number, 1);
    assert!(store.response(ResponseId(1)).unwrap().is_some());
    assert!(store.head().unwrap() >= Seq(500), "no place is used twice");
    let (gaps, histories) = (store.gaps().unwrap(), store.histories().unwrap());
    assert!(gaps[0].cause.contains("set aside as") && !gaps[0].filled, "{gaps:?}");
    assert_eq!((histories[0].gap, &histories[0].purpose, histories[0].end), (Some(gaps[0].id), &Purpose::Delivery, NOW));
    assert_eq!(store.checkpoint(&acme, Stream::Live).unwrap(), None, "it begins again");

    // What is read again is stored again, behind the old places.
    let again = [event("7919", 1)];
    let read = Page { stream: Stream::History(histories[0].id), lane: Lane::History, finished: true, ..page(&acme, &again, "h") };
    assert_eq!(store.commit(&read).unwrap().new, 1);
    assert!(store.gaps().unwrap()[0].filled);
}

#[test]
fn damaged_tokens_cost_only_the_tokens() {
    let (place, acme) = (filled(), source());
    damage(&place, Some("grants"));
    let met = open(&place, 1).and_then(|store| store.grant(&acme).map(drop)).unwrap_err();
    assert!(is_damage(&met, &place.path()), "{met}");
    let renewed = renew(&place, 1).unwrap();
    assert_eq!(renewed.lost, ["grants"]);
    let store = place.open();
    assert!(store.grant(&acme).unwrap().is_none());
    assert!(store.response(ResponseId(1)).unwrap().is_some());
}

#[test]
fn a_file_that_was_a_store_and_is_none_any_more_is_damaged_and_stops_all_actions() {
    let place = filled();
    damage(&place, None);
    let why = open(&place, 1).unwrap_err();
    assert!(is_damage(&why, &place.path()), "{why}");
    let renewed = renew(&place, 1).unwrap();
    assert_eq!(renewed.carried, 0);
    assert_eq!(renewed.since, [(source(), NOW.minus(91 * DAY))], "nobody knows how far anything got");
    let store = place.open();
    assert!(crate::respond::Stopped::find(&store).unwrap().is_some(), "whether anything may act is not known");
    assert!(store.responses_restored().unwrap(), "nor is what was done");
    assert_eq!(store.histories().unwrap().len(), 1);
}

#[test]
fn i4_a_renewal_that_is_cut_short_leaves_no_copy() {
    for takes_its_place in [false, true] {
        let (place, acme) = (filled(), source());
        damage(&place, Some("chunks"));
        drop(open(&place, 1).map(|store| store.read(&all(&acme, Lane::Live)).unwrap_err()));
        let options = Open::new(place.path(), Key::new(&[1; 32]), Access::Owner);
        let (new, _) = crate::store::sqlite::renewal::prepare(&options, &renewal(NOW)).unwrap();
        if takes_its_place {
            disk::put(&new, &place.path()).unwrap();
        } else {
            assert!(is_damage(&open(&place, 1).unwrap_err(), &place.path()), "it begins again");
            super::renew(&options, &renewal(NOW.plus(DAY))).unwrap();
        }
        let store = place.open();
        assert!(store.grant(&acme).unwrap().is_some() && !store.restored(&acme).unwrap() && !store.responses_restored().unwrap());
    }
}

#[test]
fn where_nobody_can_tell_who_was_erased_that_is_noted_until_an_erasure_is_over() {
    let (place, ann) = (filled(), [Identity::account("ann@example.com")]);
    let noted = || place.open().notes(ERASED_LOST).unwrap().len();
    place.open().keep_out(None, &ann, NOW).unwrap();
    damage(&place, Some("chunks"));
    renew(&place, 1).unwrap();
    assert_eq!((noted(), place.open().erasures().unwrap()), (0, 1));
    damage(&place, Some("erased"));
    for days in 1..3 {
        let options = Open::new(place.path(), Key::new(&[1; 32]), Access::Owner);
        super::renew(&options, &renewal(NOW.plus(DAY * days))).unwrap();
        assert_eq!((noted(), place.open().erasures().unwrap()), (1, 0));
    }
    place.open().scrub().unwrap();
    assert_eq!(noted(), 0);
}

#[test]
fn a_store_that_was_restored_and_is_damaged_before_that_is_dealt_with_stays_restored() {
    let place = filled();
    // With nothing beside it, it is a copy.
    std::fs::remove_file(place.path().with_extension("db.responses")).unwrap();
    drop(open(&place, 1).unwrap());
    damage(&place, Some("chunks"));
    drop(open(&place, 1).map(|store| store.read(&all(&source(), Lane::Live)).unwrap_err()));
    renew(&place, 1).unwrap();
    assert!(place.open().responses_restored().unwrap());
}

#[test]
fn another_key_another_database_and_a_newer_version_are_no_damage() {
    let place = filled();
    let why = open(&place, 2).unwrap_err();
    assert!(!is_damage(&why, &place.path()), "{why}");
    damage(&place, Some("chunks"));
    drop(open(&place, 1).map(|store| store.read(&all(&source(), Lane::Live)).unwrap_err()));
    let before = std::fs::read(place.path()).unwrap();
    renew(&place, 2).unwrap_err();
    assert_eq!(std::fs::read(place.path()).unwrap(), before, "a damaged one is not taken by whoever has another key");
    let other = Place::new();
    std::fs::write(other.path(), [b'x'; 5000]).unwrap();
    assert!(!is_damage(&open(&other, 1).unwrap_err(), &other.path()));
}

#[test]
fn suspicion_that_is_not_confirmed_is_forgotten_and_confirmed_by_meeting_damage_again() {
    let place = filled();
    let damage = || rusqlite::Connection::open(place.path()).unwrap().execute("UPDATE responses SET body = 'no json'", []).unwrap();
    super::suspicion::raise(&place.path());
    drop(open(&place, 1).unwrap());
    drop(open(&place, 1).unwrap());
    damage();
    super::suspicion::raise(&place.path());
    assert_eq!(open(&place, 1).unwrap_err().kind, StoreErrorKind::Damaged);
    renew(&place, 1).unwrap();
    open(&place, 1).unwrap();
}
