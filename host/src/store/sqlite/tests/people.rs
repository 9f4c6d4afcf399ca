//! Who is in a directory, who left, and who belongs to what.

use super::*;
use crate::{
    directory::{Member, Person, PersonState},
    model::ResponderName,
    store::Responses as _,
};

fn entra() -> ResponderName {
    "entra".parse().unwrap()
}

fn person(id: &str, state: PersonState, emails: &[&str]) -> Person {
    let emails = emails.iter().map(|email| (*email).to_owned()).collect();
    Person { id: id.into(), emails, name: None, state, since: None, learned: Instant(0) }
}

fn put(store: &SqliteStore, people: &[Person], checkpoint: &str, at: u64) -> Vec<String> {
    store.put_people(&entra(), people, checkpoint, Instant(at)).unwrap().into_iter().map(|person| person.id).collect()
}

fn find(store: &SqliteStore, text: &str) -> Option<Person> {
    store.person(&entra(), text).unwrap()
}

use PersonState::{Active, Deleted, Disabled};

#[test]
fn who_left_is_told_once_with_the_checkpoint() {
    let place = Place::new();
    let store = place.open();
    assert_eq!(store.people_checkpoint(&entra()).unwrap(), None);
    let first = [person("1", Active, &["eve@example.com"]), person("2", Disabled, &["ann@example.com"])];
    assert_eq!(put(&store, &first, "one", 10), ["2"], "the caller knows that it is the first time");
    assert_eq!(put(&store, &first, "two", 20), Vec::<String>::new());
    assert_eq!(put(&store, &[person("1", Disabled, &[])], "three", 30), ["1"]);
    assert_eq!(put(&store, &[person("1", Deleted, &[]), person("3", Deleted, &[])], "four", 40), ["1", "3"]);
    assert_eq!(
        put(&store, &[person("1", Active, &[]), person("2", Active, &[]), person("2", Disabled, &[])], "five", 50),
        Vec::<String>::new()
    );
    drop(store);
    let store = place.open();
    assert_eq!(store.people_checkpoint(&entra()).unwrap().as_deref(), Some("five"));
    assert_eq!(store.departed_people(&entra()).unwrap().iter().map(|person| person.id.as_str()).collect::<Vec<_>>(), ["2", "3"]);
    assert_eq!(store.people_count(&entra()).unwrap(), 1, "who is there");
    assert_eq!(store.people_count(&"okta".parse().unwrap()).unwrap(), 0);
}

#[test]
fn what_the_directory_does_not_say_again_is_kept() {
    let place = Place::new();
    let store = place.open();
    let named = Person { name: Some("Eve".into()), ..person("1", Active, &["Eve@Example.com", "second@example.com", " "]) };
    put(&store, &[named], "1", 10);
    put(&store, &[person("1", Deleted, &[])], "2", 20);
    let known = find(&store, "1").unwrap();
    assert_eq!(
        (known.emails.as_slice(), known.name.as_deref()),
        (&["eve@example.com".to_owned(), "second@example.com".into()][..], Some("Eve"))
    );
    put(&store, &[person("1", Deleted, &["new@example.com"])], "3", 30);
    assert_eq!(find(&store, "new@example.com").unwrap().emails, ["new@example.com"]);
    assert_eq!(find(&store, "eve@example.com"), None, "an address that was given up is somebody else's");
}

#[test]
fn a_state_is_as_old_as_the_directory_says_or_as_it_was_learned() {
    let place = Place::new();
    let store = place.open();
    let since = |since| Person { since, ..person("1", Disabled, &[]) };
    let at = |time, since_said| {
        put(&store, &[since(since_said)], "c", time);
        let known = find(&store, "1").unwrap();
        (known.since.unwrap().0, known.learned.0)
    };
    assert_eq!(at(10, None), (10, 10));
    assert_eq!(at(20, None), (10, 10), "not as when it was last said");
    assert_eq!(at(30, Some(Instant(5))), (5, 10));
    assert_eq!(at(40, None), (5, 10));
    put(&store, &[person("1", Active, &[])], "c", 50);
    assert_eq!(at(60, None), (60, 60), "they came back and left again");
}

#[test]
fn nobody_is_guessed() {
    let place = Place::new();
    let store = place.open();
    let shared = [person("1", Active, &["eve@example.com", "team@example.com"]), person("2", Deleted, &["team@example.com"])];
    put(&store, &shared, "1", 10);
    assert_eq!(find(&store, " EVE@example.COM ").unwrap().id, "1");
    assert_eq!(find(&store, "team@example.com"), None, "two share it");
    assert_eq!(find(&store, "2").unwrap().state, Deleted);
    assert_eq!(find(&store, "example.com"), None);
    assert_eq!(store.person(&"okta".parse().unwrap(), "1").unwrap(), None, "another directory");
}

#[test]
fn people_and_their_checkpoint_are_stored_together() {
    let place = Place::new();
    let store = place.open();
    put(&store, &[person("1", Active, &["eve@example.com"])], "one", 10);
    let raw = rusqlite::Connection::open(place.path()).unwrap();
    raw.execute_batch("CREATE TRIGGER refuse BEFORE INSERT ON directories BEGIN SELECT RAISE(ABORT, 'refused'); END").unwrap();
    store.put_people(&entra(), &[person("1", Disabled, &[])], "two", Instant(20)).unwrap_err();
    assert_eq!(find(&store, "1").unwrap().state, Active);
    assert_eq!(store.people_checkpoint(&entra()).unwrap().as_deref(), Some("one"));
}

#[test]
fn retention_takes_nobody() {
    let place = Place::new();
    let store = place.open();
    put(&store, &[person("1", Deleted, &[])], "one", 10);
    let far = Instant::FAR;
    store
        .prune(&Prune {
            usual: Old { records_before: far, behaviours_before: far, alerts_before: far, ids_before: far, ..Old::default() },
            ..nothing()
        })
        .unwrap();
    assert_eq!(store.departed_people(&entra()).unwrap().len(), 1);
}

#[test]
fn a_group_is_replaced_whole() {
    let place = Place::new();
    let store = place.open();
    let member = |id: &str, email: &str| Member { id: id.into(), emails: vec![email.into()] };
    let members = |store: &SqliteStore| store.members(&entra(), "VIPs").unwrap();
    assert_eq!(members(&store), None, "not known is not empty");
    store
        .put_members(
            &entra(),
            "VIPs",
            &[member("2", "Ann@example.com"), member("1", "eve@example.com"), member("1", "eve@example.com")],
            Instant(1),
        )
        .unwrap();
    store.put_members(&entra(), "others", &[member("9", "z@example.com")], Instant(1)).unwrap();
    assert_eq!(members(&store).unwrap(), [member("1", "eve@example.com"), member("2", "ann@example.com")]);
    store.put_members(&entra(), "VIPs", &[member("3", "bob@example.com")], Instant(2)).unwrap();
    drop(store);
    let store = place.open();
    assert_eq!(members(&store).unwrap(), [member("3", "bob@example.com")]);
    store.put_members(&entra(), "VIPs", &[], Instant(3)).unwrap();
    assert_eq!(members(&store), Some(Vec::new()));
    assert_eq!(store.members(&entra(), "others").unwrap().unwrap().len(), 1);
}
