use super::*;

fn pair(name: &str) -> Credentials {
    Credentials { access_token: format!("access-{name}"), refresh_token: Some(format!("refresh-{name}")), expires_at: Some(5) }
}

fn put(store: &SqliteStore, after: Option<u64>, name: &str) -> Result<u64> {
    store.put_grant(&source(), after, &pair(name), b"print", Instant(7))
}

#[test]
fn i4_a_newer_pair_replaces_only_the_latest() {
    let place = Place::new();
    let store = place.open();
    assert!(store.grant(&source()).unwrap().is_none());
    assert_eq!(put(&store, Some(3), "x").unwrap_err().kind, StoreErrorKind::Conflict);
    assert_eq!(put(&store, None, "one").unwrap(), 1);
    assert_eq!(put(&store, None, "x").unwrap_err().kind, StoreErrorKind::Conflict);
    assert_eq!(put(&store, Some(1), "two").unwrap(), 2);
    assert_eq!(put(&store, Some(1), "x").unwrap_err().kind, StoreErrorKind::Conflict);
    drop(store);
    let grant = place.open().grant(&source()).unwrap().unwrap();
    assert_eq!((grant.version, grant.obtained, grant.fingerprint.as_slice()), (2, Instant(7), b"print".as_slice()));
    let Credentials { access_token, refresh_token, expires_at } = grant.credentials;
    assert_eq!((access_token.as_str(), refresh_token.as_deref(), expires_at), ("access-two", Some("refresh-two"), Some(5)));
}

#[test]
fn i4_the_old_pair_stays_when_the_new_one_is_not_stored() {
    let place = Place::new();
    let store = place.open();
    put(&store, None, "one").unwrap();
    let raw = rusqlite::Connection::open(place.path()).unwrap();
    raw.execute_batch("CREATE TRIGGER refuse AFTER INSERT ON grants BEGIN SELECT RAISE(ABORT, 'refused'); END").unwrap();
    put(&store, Some(1), "two").unwrap_err();
    assert_eq!(store.grant(&source()).unwrap().unwrap().credentials.access_token, "access-one");
}

#[test]
fn i4_each_time_a_pair_is_sent_is_journaled_until_it_is_known_to_be_spent_and_the_journal_survives() {
    let place = Place::new();
    let store = place.open();
    put(&store, None, "one").unwrap();
    let since = Instant(10);
    assert_eq!(store.open_intent(&source(), 1, since).unwrap(), Intent { since, attempts: 1 });
    drop(store);
    let store = place.open();
    assert_eq!(store.grant(&source()).unwrap().unwrap().intent, Some(Intent { since, attempts: 1 }));
    assert_eq!(store.open_intent(&source(), 1, Instant(20)).unwrap(), Intent { since, attempts: 2 });
    assert_eq!(store.open_intent(&source(), 1, Instant(30)).unwrap(), Intent { since, attempts: 3 }, "nobody knows, so it is asked again");

    store.close_intent(&source(), 1).unwrap();
    assert_eq!(store.grant(&source()).unwrap().unwrap().intent, Some(Intent { since, attempts: 2 }), "those before are still unknown");
    store.close_intent(&source(), 1).unwrap();
    store.close_intent(&source(), 1).unwrap();
    assert_eq!(store.grant(&source()).unwrap().unwrap().intent, None);
    assert_eq!(store.open_intent(&source(), 1, Instant(40)).unwrap(), Intent { since: Instant(40), attempts: 1 });

    store.bury_grant(&source(), 1, "refused by the vendor").unwrap();
    assert_eq!(store.grant(&source()).unwrap().unwrap().dead.as_deref(), Some("refused by the vendor"));
    put(&store, Some(1), "two").unwrap();
    let fresh = store.grant(&source()).unwrap().unwrap();
    assert_eq!((fresh.intent, fresh.dead), (None, None), "a new pair begins anew");
    assert_eq!(store.open_intent(&source(), 1, Instant(50)).unwrap_err().kind, StoreErrorKind::Conflict);
}

#[test]
fn i5_no_token_lies_unsealed_in_any_file() {
    let place = Place::new();
    let store = place.open();
    put(&store, None, "one").unwrap();
    put(&store, Some(1), "two").unwrap();
    for file in std::fs::read_dir(place.path().parent().unwrap()).unwrap() {
        let path = file.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        for secret in [b"access-".as_slice(), b"refresh-"] {
            assert!(!bytes.windows(secret.len()).any(|window| window == secret), "{}", path.display());
        }
    }
    let shown = format!("{store:?} {:?}", store.grant(&source()).unwrap());
    assert!(!shown.contains("access-") && !shown.contains("refresh-"), "{shown}");
}

#[test]
fn i5_a_sealed_pair_opens_only_as_its_own_source_and_version() {
    let place = Place::new();
    let store = place.open();
    put(&store, None, "one").unwrap();
    let raw = rusqlite::Connection::open(place.path()).unwrap();
    raw.execute("UPDATE grants SET version = 9", []).unwrap();
    assert_eq!(store.grant(&source()).unwrap_err().kind, StoreErrorKind::Unusable);
    raw.execute_batch("UPDATE grants SET version = 1; UPDATE sources SET name = 'other'").unwrap();
    let other = "other".parse().unwrap();
    assert_eq!(store.grant(&other).unwrap_err().kind, StoreErrorKind::Unusable);
}

#[test]
fn i4_a_restored_database_is_noticed_until_a_person_confirms_or_authorizes_again() {
    let place = Place::new();
    let store = place.open();
    put(&store, None, "one").unwrap();
    drop(store);
    let backup = place.path().with_extension("backup");
    std::fs::copy(place.path(), &backup).unwrap();
    let restore = || {
        let store = place.open();
        let version = store.grant(&source()).unwrap().unwrap().version;
        put(&store, Some(version), "newer").unwrap();
        assert!(!store.restored(&source()).unwrap());
        drop(store);
        std::fs::copy(&backup, place.path()).unwrap();
    };

    restore();
    let store = place.open();
    assert!(store.restored(&source()).unwrap());
    assert!(!store.restored(&"other".parse().unwrap()).unwrap());
    store.confirm(&source()).unwrap();
    assert!(!store.restored(&source()).unwrap());
    drop(store);

    restore();
    let store = place.open();
    assert_eq!(put(&store, Some(1), "again").unwrap(), 3, "beyond every version ever issued");
    assert!(!store.restored(&source()).unwrap());
}

#[test]
fn i4_a_marker_behind_the_database_or_damaged_costs_nothing() {
    let place = Place::new();
    let store = place.open();
    put(&store, None, "one").unwrap();
    let marker = place.path().with_extension("db.grants");
    std::fs::write(&marker, r#"{"acme": 0}"#).unwrap();
    assert!(!store.restored(&source()).unwrap(), "as an older version wrote it");
    std::fs::write(&marker, "{").unwrap();
    assert_eq!(put(&store, Some(1), "two").unwrap(), 2, "the only copy of a pair is kept");
    assert_eq!(store.grant(&source()).unwrap().unwrap().version, 2);
    assert_eq!(store.restored(&source()).unwrap_err().kind, StoreErrorKind::Unusable);
}

#[test]
fn fingerprints_tell_tokens_apart() {
    let place = Place::new();
    let store = place.open();
    assert_eq!(store.fingerprint(&["a", "b"]), store.fingerprint(&["a", "b"]));
    assert_ne!(store.fingerprint(&["a", "b"]), store.fingerprint(&["b", "a"]));
}
