use super::*;
use rusqlite::Connection;

fn refusal(place: &Place, key: u8) -> crate::store::StoreError {
    let error = SqliteStore::open(Open::new(place.path(), Key::new(&[key; 32]), Access::Owner)).unwrap_err();
    assert_eq!(error.kind, StoreErrorKind::Unusable, "{error}");
    error
}

#[test]
fn another_key_is_refused_with_what_to_do() {
    let place = Place::new();
    drop(place.open());
    let text = refusal(&place, 2).message;
    assert!(text.contains("key does not fit") && text.contains("put back the key"), "{text}");
    place.open();
}

#[test]
fn a_newer_schema_is_refused() {
    let place = Place::new();
    drop(place.open());
    Connection::open(place.path()).unwrap().pragma_update(None, "user_version", 1000).unwrap();
    let text = refusal(&place, 1).message;
    assert!(text.contains("newer miro-source (schema 1000"), "{text}");
}

#[test]
fn what_is_no_store_is_refused_and_left_alone() {
    let place = Place::new();
    Connection::open(place.path()).unwrap().execute_batch("CREATE TABLE theirs (x)").unwrap();
    let before = std::fs::read(place.path()).unwrap();
    assert!(refusal(&place, 1).message.contains("database of something else"));
    assert_eq!(std::fs::read(place.path()).unwrap(), before);
    std::fs::write(place.path(), [b'x'; 5000]).unwrap();
    refusal(&place, 1);
    assert_eq!(std::fs::read(place.path()).unwrap(), [b'x'; 5000]);
}

#[test]
fn i4_a_second_owner_is_refused_and_a_reader_is_not() {
    let (place, acme) = (Place::new(), source());
    let missing = SqliteStore::open(Open::new(place.path(), Key::new(&[1; 32]), Access::Reader)).unwrap_err();
    assert!(missing.message.contains("there is no store"), "{missing}");
    let store = place.open();
    let second = SqliteStore::open(Open::new(place.path(), Key::new(&[1; 32]), Access::Owner)).unwrap_err();
    assert_eq!(second.kind, StoreErrorKind::Locked);

    let reader = place.look();
    store.commit(&page(&acme, &[event("a", 1)], "1")).unwrap();
    assert_eq!(reader.read(&all(&acme, Lane::Live)).unwrap().len(), 1, "it sees what was committed after it opened");
    assert_eq!(reader.commit(&page(&acme, &[], "2")).unwrap_err().kind, StoreErrorKind::Unusable);
    assert_eq!(reader.confirm(&acme).unwrap_err().kind, StoreErrorKind::Unusable);
    assert_eq!(reader.cursor(&sink("sumo"), &acme, Lane::Live).unwrap(), Seq(0));
    assert_eq!(store.readers().unwrap(), [], "to look is not to join");
    drop(store);
    assert_eq!(place.look().head().unwrap(), Seq(1), "it works without an owner too");
}

#[test]
fn a_reader_does_not_wait_for_a_writer() {
    let (place, acme) = (Place::new(), source());
    let store = place.open();
    store.commit(&page(&acme, &[event("a", 1)], "1")).unwrap();
    let writing = store.writes.as_ref().unwrap().connection.lock();
    writing.execute_batch("BEGIN IMMEDIATE; DELETE FROM chunks").unwrap();
    assert_eq!(store.read(&all(&acme, Lane::Live)).unwrap().len(), 1);
    assert_eq!(place.look().head().unwrap(), Seq(1));
    writing.execute_batch("ROLLBACK").unwrap();
}

#[cfg(unix)]
#[test]
fn i5_every_file_is_readable_by_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let (place, acme) = (Place::new(), source());
    std::fs::write(place.path(), "").unwrap();
    std::fs::set_permissions(place.path(), std::fs::Permissions::from_mode(0o644)).unwrap();
    let store = place.open();
    store
        .put_grant(&acme, None, &Credentials { access_token: "a".into(), refresh_token: None, expires_at: None }, b"", Instant(0))
        .unwrap();
    let files: Vec<_> = std::fs::read_dir(place.path().parent().unwrap()).unwrap().map(|file| file.unwrap()).collect();
    assert_eq!(files.len(), 6, "{files:?}");
    for file in files {
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{}", file.path().display());
    }
}

#[test]
fn i3_a_failed_commit_poisons_the_handle_until_it_is_opened_again() {
    let (place, acme) = (Place::new(), source());
    let store = place.open();
    store.commit(&page(&acme, &[event("a", 1)], "1")).unwrap();
    store.writes.as_ref().unwrap().connection.lock().commit_hook(Some(|| true));
    let failed = store.commit(&page(&acme, &[event("b", 1)], "2")).unwrap_err();
    assert_eq!(failed.kind, StoreErrorKind::Poisoned, "{failed}");
    store.writes.as_ref().unwrap().connection.lock().commit_hook(None::<fn() -> bool>);
    assert_eq!(store.note("a", "b").unwrap_err().kind, StoreErrorKind::Poisoned);
    assert_eq!(store.head().unwrap(), Seq(1), "reading goes on");
    drop(store);
    place.open().commit(&page(&acme, &[event("b", 1)], "2")).unwrap();
}

#[test]
fn i8_a_full_disk_is_tried_again_and_nothing_half_is_left() {
    let (place, acme) = (Place::new(), source());
    let store = place.open();
    let events: Vec<_> = (0..5000).map(|at| event(&format!("{}", at * 7919), at)).collect();
    let limit = |pages: i64| {
        let db = store.writes.as_ref().unwrap().connection.lock();
        db.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(())).unwrap();
    };
    limit(1);
    let full = store.commit(&page(&acme, &events, "1")).unwrap_err();
    assert_eq!(full.kind, StoreErrorKind::Retry, "{full}");
    assert_eq!((store.head().unwrap(), store.checkpoint(&acme, Stream::Live).unwrap()), (Seq(0), None));
    limit(i64::from(u32::MAX) - 1);
    assert_eq!(store.commit(&page(&acme, &events, "1")).unwrap().new, 5000);
}

#[test]
fn damage_is_found_and_poisons() {
    let (place, acme) = (Place::new(), source());
    let store = place.open();
    store.commit(&page(&acme, &[event("a", 1)], "1")).unwrap();
    Connection::open(place.path()).unwrap().execute("UPDATE chunks SET body = x'01ff'", []).unwrap();
    assert_eq!(store.read(&all(&acme, Lane::Live)).unwrap_err().kind, StoreErrorKind::Damaged);
    assert_eq!(store.note("a", "b").unwrap_err().kind, StoreErrorKind::Poisoned);
}
