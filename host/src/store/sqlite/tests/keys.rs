//! A store that gets another key.

use super::*;
use crate::store::sqlite::{copy, forget_sealed};

fn key(byte: u8) -> Key {
    Key::new(&[byte; 32])
}

fn pair(text: &str) -> Credentials {
    Credentials { access_token: format!("access-{text}"), refresh_token: Some(format!("refresh-{text}")), expires_at: None }
}

fn open(place: &Place, byte: u8) -> Result<SqliteStore> {
    SqliteStore::open(Open::new(place.path(), key(byte), Access::Owner))
}

/// A store with one of everything that is sealed.
fn filled(place: &Place) -> SqliteStore {
    let store = place.open();
    store.commit(&page(&source(), &[event("a", 1)], "1")).unwrap();
    store.put_grant(&source(), None, &pair("one"), &store.fingerprint(&["configured"]), Instant(1)).unwrap();
    store.keep_transcript(&source(), Instant(1), b"a page", 3).unwrap();
    let successor = Successor {
        component: "miro",
        digest: "d1",
        name: "miro",
        version: "1.0.0",
        package: b"component",
        configured: "d1",
        reason: "asked for",
        probation: None,
        at: Instant(1),
    };
    store.install(&successor).unwrap();
    store
}

fn everything_opens(store: &SqliteStore) {
    let grant = store.grant(&source()).unwrap().unwrap();
    assert_eq!(grant.credentials, pair("one"));
    assert_eq!(grant.fingerprint, store.fingerprint(&["configured"]), "configured tokens do not count as changed");
    assert_eq!(store.transcripts(&source()).unwrap(), [b"a page"]);
    let number = store.tenures().unwrap()[0].number;
    assert_eq!(store.package(number).unwrap().unwrap(), b"component");
}

#[test]
fn i5_everything_opens_with_the_new_key_at_once_and_after_a_restart_and_nothing_with_the_old_one() {
    let place = Place::new();
    let store = filled(&place);
    store.rekey(&key(2)).unwrap();
    everything_opens(&store);
    store.rekey(&key(3)).unwrap();
    everything_opens(&store);
    drop(store);
    for old in [1, 2] {
        assert_eq!(open(&place, old).unwrap_err().kind, StoreErrorKind::Unusable);
    }
    everything_opens(&open(&place, 3).unwrap());
    let copied = place.path().with_extension("copy");
    copy(&place.path(), &key(3), &copied).unwrap();
}

#[test]
fn i4_a_pair_that_comes_while_the_key_changes_is_sealed_with_one_of_the_two_and_opens() {
    let place = Place::new();
    let store = filled(&place);
    std::thread::scope(|scope| {
        let renewing = scope.spawn(|| {
            for version in 1..60 {
                assert_eq!(store.put_grant(&source(), Some(version), &pair("one"), &[], Instant(1)).unwrap(), version + 1);
                assert_eq!(store.grant(&source()).unwrap().unwrap().credentials, pair("one"));
            }
        });
        for byte in 2..30 {
            store.rekey(&key(byte)).unwrap();
        }
        renewing.join().unwrap();
    });
    drop(store);
    assert_eq!(open(&place, 29).unwrap().grant(&source()).unwrap().unwrap().credentials, pair("one"));
}

#[test]
fn what_does_not_open_leaves_everything_with_the_old_key() {
    let place = Place::new();
    let store = filled(&place);
    rusqlite::Connection::open(place.path()).unwrap().execute("UPDATE generations SET package = x'00'", []).unwrap();
    let why = store.rekey(&key(2)).unwrap_err();
    assert!(why.message.contains("the key stays as it is"), "{why}");
    assert_eq!(store.grant(&source()).unwrap().unwrap().credentials, pair("one"));
    drop(store);
    assert_eq!(open(&place, 1).unwrap().grant(&source()).unwrap().unwrap().credentials, pair("one"));
}

#[test]
fn a_lost_key_costs_what_it_sealed_and_nothing_else() {
    let place = Place::new();
    let held = filled(&place);
    assert_eq!(forget_sealed(&place.path(), &key(2)).unwrap_err().kind, StoreErrorKind::Locked);
    drop(held);
    forget_sealed(&place.path(), &key(2)).unwrap();
    assert_eq!(open(&place, 1).unwrap_err().kind, StoreErrorKind::Unusable);
    let store = open(&place, 2).unwrap();
    assert!(store.grant(&source()).unwrap().is_none());
    assert_eq!(store.read(&all(&source(), Lane::Live)).unwrap().len(), 1);
    assert_eq!(store.checkpoint(&source(), Stream::Live).unwrap().unwrap().body, "1");
    assert_eq!(store.put_grant(&source(), None, &pair("two"), &[], Instant(2)).unwrap(), 2, "beyond every version ever issued");
    assert!(!store.restored(&source()).unwrap());
}
