//! A store that is copied while it is in use, and one that is put back.

use super::*;
use crate::{
    privacy::Identity,
    respond::{Said, Stopped, Switch, Switched},
    store::{
        Privacy as _, Responses as _,
        sqlite::{Put, copy, examine, put_in_place},
    },
};
use rusqlite::Connection;

const ASIDE: &str = ".replaced";

fn key() -> Key {
    Key::new(&[1; 32])
}

fn ids(store: &SqliteStore) -> Vec<String> {
    let id = |record: &str| serde_json::from_str::<serde_json::Value>(record).unwrap()["id"].as_str().unwrap().to_owned();
    store.read(&all(&source(), Lane::Live)).unwrap().into_iter().map(|event| id(&event.record)).collect()
}

#[test]
fn i3_a_copy_is_one_state_while_the_owner_goes_on_writing() {
    let place = Place::new();
    let store = place.open();
    for number in 0..50 {
        store.commit(&page(&source(), &[event(&format!("before-{number}"), number)], "1")).unwrap();
    }
    let to = place.path().with_extension("backup");
    std::thread::scope(|scope| {
        let copying = scope.spawn(|| copy(&place.path(), &key(), &to));
        for number in 50..100 {
            store.commit(&page(&source(), &[event(&format!("during-{number}"), number)], "2")).unwrap();
        }
        copying.join().unwrap().unwrap();
    });
    drop(store);
    let copied = SqliteStore::open(Open::new(&to, key(), Access::Reader)).unwrap();
    let (copied, whole) = (ids(&copied), ids(&place.open()));
    assert!(copied.len() >= 50 && whole.starts_with(&copied), "{copied:?}");
    assert_eq!(whole.len(), 100);
}

#[test]
fn a_copy_that_is_damaged_of_another_key_or_no_store_takes_no_place() {
    let place = Place::new();
    let store = place.open();
    store.commit(&page(&source(), &[event("a", 1)], "1")).unwrap();
    drop(store);
    let good = place.path().with_extension("good");
    copy(&place.path(), &key(), &good).unwrap();
    let bad = place.path().with_extension("bad");
    let refused = |key: &Key| put_in_place(&bad, &place.path(), key, ASIDE).unwrap_err().message;

    std::fs::write(&bad, b"not a database, but long enough to be looked at as one").unwrap();
    assert!(refused(&key()).contains("not a database"), "{}", refused(&key()));
    std::fs::copy(&good, &bad).unwrap();
    assert!(refused(&Key::new(&[2; 32])).contains("key does not fit"));
    Connection::open(&bad).unwrap().pragma_update(None, "user_version", 1000).unwrap();
    assert!(refused(&key()).contains("newer miro-source (schema 1000"));
    let mut bytes = std::fs::read(&good).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..].fill(0xa5);
    std::fs::write(&bad, bytes).unwrap();
    refused(&key());
    assert_eq!(ids(&place.open()), ["a"], "what was there is as it was");
    assert!(!place.path().with_extension("db.replaced").exists());
}

#[test]
fn a_store_in_use_is_not_replaced() {
    let place = Place::new();
    let store = place.open();
    store.commit(&page(&source(), &[event("a", 1)], "1")).unwrap();
    let to = place.path().with_extension("backup");
    copy(&place.path(), &key(), &to).unwrap();
    assert_eq!(put_in_place(&to, &place.path(), &key(), ASIDE).unwrap_err().kind, StoreErrorKind::Locked);
}

#[test]
fn what_is_put_back_is_what_was_copied_and_what_was_there_is_kept() {
    let place = Place::new();
    let store = place.open();
    store.commit(&page(&source(), &[event("a", 1)], "1")).unwrap();
    let to = place.path().with_extension("backup");
    copy(&place.path(), &key(), &to).unwrap();
    store.commit(&page(&source(), &[event("b", 2)], "2")).unwrap();
    drop(store);
    let kept = put_in_place(&to, &place.path(), &key(), ASIDE).unwrap().kept.unwrap();
    assert_eq!(ids(&place.open()), ["a"]);
    assert_eq!(ids(&SqliteStore::open(Open::new(kept, key(), Access::Reader)).unwrap()), ["a", "b"]);
    examine(&to, &key()).unwrap();
}

#[test]
fn where_no_store_is_a_copy_takes_its_place_and_a_damaged_one_is_kept_as_it_is() {
    let (place, other) = (Place::new(), Place::new());
    let store = other.open();
    store.commit(&page(&source(), &[event("a", 1)], "1")).unwrap();
    let to = other.path().with_extension("backup");
    copy(&other.path(), &key(), &to).unwrap();
    assert_eq!(put_in_place(&to, &place.path(), &key(), ASIDE).unwrap().kept, None);
    assert_eq!(ids(&place.open()), ["a"]);

    std::fs::write(place.path(), [b'x'; 5000]).unwrap();
    std::fs::write(place.path().with_extension("db-wal"), b"its log").unwrap();
    let kept = put_in_place(&to, &place.path(), &key(), ASIDE).unwrap().kept.unwrap();
    assert_eq!(std::fs::read(&kept).unwrap(), [b'x'; 5000]);
    assert_eq!(std::fs::read(place.path().with_extension("db.replaced-wal")).unwrap(), b"its log");
    assert_eq!(ids(&place.open()), ["a"]);
}

#[test]
fn i4_a_copy_refreshes_nothing_until_a_person_confirms_or_authorizes_again() {
    let place = Place::new();
    let store = place.open();
    let pair = Credentials { access_token: "access".into(), refresh_token: Some("refresh".into()), expires_at: None };
    store.put_grant(&source(), None, &pair, &[], Instant(1)).unwrap();
    let to = place.path().with_extension("backup");
    copy(&place.path(), &key(), &to).unwrap();
    assert!(!store.restored(&source()).unwrap());
    drop(store);

    // By itself, and with all that stands beside the database.
    for with_marker in [false, true] {
        let elsewhere = Place::new();
        std::fs::copy(&to, elsewhere.path()).unwrap();
        if with_marker {
            std::fs::copy(place.path().with_extension("db.grants"), elsewhere.path().with_extension("db.grants")).unwrap();
        }
        let clone = elsewhere.open();
        assert!(clone.restored(&source()).unwrap(), "with its marker: {with_marker}");
        drop(clone);
        let clone = elsewhere.open();
        assert!(clone.restored(&source()).unwrap(), "opening it again is no answer");
        clone.confirm(&source()).unwrap();
        assert!(!clone.restored(&source()).unwrap());
    }

    // The same pair as before, and yet a person says so.
    put_in_place(&to, &place.path(), &key(), ASIDE).unwrap();
    assert!(place.open().restored(&source()).unwrap());
}

#[test]
fn i4_a_store_that_is_renamed_is_the_same() {
    let place = Place::new();
    let store = place.open();
    let pair = Credentials { access_token: "access".into(), refresh_token: Some("refresh".into()), expires_at: None };
    store.put_grant(&source(), None, &pair, &[], Instant(1)).unwrap();
    drop(store);
    let moved = place.path().with_extension("moved");
    std::fs::rename(place.path(), &moved).unwrap();
    std::fs::rename(place.path().with_extension("db.grants"), moved.with_extension("moved.grants")).unwrap();
    let store = SqliteStore::open(Open::new(&moved, key(), Access::Owner)).unwrap();
    assert!(!store.restored(&source()).unwrap());
}

/// The files beside a store whose names go on so, in order.
fn beside(place: &Place, ending: &str) -> Vec<PathBuf> {
    let files = std::fs::read_dir(place.path().parent().unwrap()).unwrap().map(|file| file.unwrap().path());
    let mut found: Vec<PathBuf> = files.filter(|file| file.to_string_lossy().contains(ending)).collect();
    found.sort();
    found
}

#[test]
fn an_upgrade_keeps_the_store_as_it_was_and_one_that_was_cut_short_begins_again() {
    let place = Place::new();
    let before = zstd::bulk::decompress(super::fixture::V2, 1 << 20).unwrap();
    std::fs::write(place.path(), &before).unwrap();
    let version = |path: &std::path::Path| -> i64 {
        Connection::open(path).unwrap().pragma_query_value(None, "user_version", |row| row.get(0)).unwrap()
    };
    // Left by an upgrade that ended in the middle of the copy.
    let kept = place.path().with_extension("db.schema-2");
    std::fs::write(kept.with_extension("schema-2.new"), "half").unwrap();
    drop(place.open());
    assert_eq!(version(&kept), 2);
    assert!(version(&place.path()) > 2);
    assert_eq!(beside(&place, ".new"), Vec::<PathBuf>::new());
    examine(&kept, &key()).unwrap();
    // Ended before the tables were brought up: begun again, nothing is kept twice.
    std::fs::write(place.path(), &before).unwrap();
    drop(place.open());
    assert_eq!(beside(&place, ".schema-"), std::slice::from_ref(&kept));

    // Back to the older version, which goes on, and forward again.
    put_in_place(&kept, &place.path(), &key(), ASIDE).unwrap();
    assert_eq!(version(&place.path()), 2);
    let note = |path: &std::path::Path| -> bool {
        Connection::open(path).unwrap().query_row("SELECT count(*) FROM notes WHERE key = 'of/the/older'", [], |row| row.get(0)).unwrap()
    };
    Connection::open(place.path()).unwrap().execute("INSERT INTO notes (key, value) VALUES ('of/the/older', '1')", []).unwrap();
    drop(place.open());
    let both = beside(&place, ".schema-");
    assert_eq!(both.iter().map(|file| (version(file), note(file))).collect::<Vec<_>>(), [(2, false), (2, true)], "{both:?}");
}

#[test]
fn who_was_erased_since_a_copy_was_made_is_kept_out_of_it_from_the_moment_that_it_is_the_store_whatever_its_version() {
    for older in [false, true] {
        let place = Place::new();
        let store = place.open();
        store.commit(&page(&source(), &[event("a", 1)], "1")).unwrap();
        let to = place.path().with_extension("backup");
        if older {
            std::fs::write(&to, zstd::bulk::decompress(super::fixture::V2, 1 << 20).unwrap()).unwrap();
        } else {
            copy(&place.path(), &key(), &to).unwrap();
        }
        let ann = Identity::account("ann@example.com");
        store.keep_out(Some(&source()), std::slice::from_ref(&ann), Instant(1)).unwrap();
        store.keep_out(None, &[Identity::account("bob@example.com")], Instant(1)).unwrap();
        drop(store);
        // Left by one that was cut short.
        std::fs::write(place.path().with_extension("db.restoring-wal"), "half").unwrap();
        assert_eq!(put_in_place(&to, &place.path(), &key(), ASIDE).unwrap().erased.unwrap(), 2, "older: {older}");
        // The file by itself, with nothing done to it since.
        let alone = Place::new();
        std::fs::copy(place.path(), alone.path()).unwrap();
        let marks = alone.look().kept_out(Some(&source())).unwrap();
        assert!(marks.is_account("ann@example.com") && marks.is_account("bob@example.com"), "older: {older}");
        assert_eq!(beside(&place, ".restoring"), Vec::<PathBuf>::new());
        assert!(place.open().kept_out(None).unwrap().is_account("bob@example.com"));
    }
}

fn switched(switch: Switch, at: u64) -> Switched {
    Switched { at: Instant(at), who: "ann".into(), switch, why: Some("a drill".into()) }
}

fn switches(store: &SqliteStore) -> Vec<Switched> {
    let said = store.governance(0, usize::MAX).unwrap().into_iter().map(|record| record.said().unwrap());
    said.filter_map(|said| if let Said::Switch(switched) = said { Some(switched) } else { None }).collect()
}

#[test]
fn where_nothing_acts_nothing_does_in_a_copy_from_the_moment_that_it_is_the_store_whatever_its_version() {
    for older in [false, true] {
        let place = Place::new();
        let store = place.open();
        let to = place.path().with_extension("backup");
        if older {
            std::fs::write(&to, zstd::bulk::decompress(super::fixture::V2, 1 << 20).unwrap()).unwrap();
        } else {
            copy(&place.path(), &key(), &to).unwrap();
        }
        let stop = switched(Switch::Stop, 7);
        store.switch(&stop).unwrap();
        drop(store);
        let thrown = Stopped { who: "ann".into(), at: Instant(7), why: "a drill".into() };
        for _ in 0..2 {
            let put = put_in_place(&to, &place.path(), &key(), ASIDE);
            assert_eq!(put.unwrap().stopped.as_ref(), Some(&thrown), "older: {older}");
            // The file by itself, with nothing done to it since.
            let version: i64 = Connection::open(place.path()).unwrap().pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
            assert_eq!(version == 2, older, "the older version can go on with it");
            let alone = Place::new();
            std::fs::copy(place.path(), alone.path()).unwrap();
            let alone = alone.open();
            assert_eq!(Stopped::find(&alone).unwrap().as_ref(), Some(&thrown), "older: {older}");
            assert_eq!(switches(&alone), if older { vec![] } else { vec![stop.clone()] });
            std::fs::remove_file(place.path().with_extension("db.replaced")).unwrap();
            assert_eq!(beside(&place, ".restoring"), Vec::<PathBuf>::new());
        }
    }
}

#[test]
fn a_copy_lets_act_again_nobody_that_was_stopped_in_it_or_that_nobody_knows_of() {
    let place = Place::new();
    let store = place.open();
    let to = place.path().with_extension("backup");
    store.switch(&switched(Switch::Stop, 7)).unwrap();
    copy(&place.path(), &key(), &to).unwrap();
    store.switch(&switched(Switch::Resume, 8)).unwrap();
    drop(store);
    assert_eq!(put_in_place(&to, &place.path(), &key(), ASIDE).unwrap().stopped, None);
    let store = place.open();
    assert_eq!((Stopped::find(&store).unwrap().unwrap().at, switches(&store)), (Instant(7), vec![switched(Switch::Stop, 7)]));

    // Nothing was to be stopped in either, and what is there cannot be read.
    store.switch(&switched(Switch::Resume, 9)).unwrap();
    std::fs::remove_file(&to).unwrap();
    copy(&place.path(), &key(), &to).unwrap();
    drop(store);
    for there in ["", "not a database, but long enough to be looked at as one"] {
        let other = Place::new();
        std::fs::write(other.path(), there).unwrap();
        let Put { stopped, .. } = put_in_place(&to, &other.path(), &key(), ASIDE).unwrap();
        assert_eq!(stopped.map(|stopped| stopped.who).as_deref(), (!there.is_empty()).then_some("miro-source"), "{there}");
        let store = other.open();
        assert_eq!(Stopped::find(&store).unwrap().is_some(), !there.is_empty());
        assert_eq!(switches(&store).len(), 2 + usize::from(!there.is_empty()));
    }
}
