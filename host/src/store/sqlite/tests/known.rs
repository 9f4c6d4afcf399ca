//! What was known of an event is stored with it, and comes back with it.

use std::sync::Arc;

use audit_pipeline::detector::Network;
use rusqlite::Connection;

use super::*;
use crate::store::Known;

pub(super) fn of(asn: u32) -> Known {
    let network = Network {
        country: Some("PT".into()),
        city: None,
        latitude: Some(38.7223),
        longitude: Some(-9.1393),
        radius: None,
        asn: Some(asn),
        isp: Some("é\u{1f980}".into()),
        category: Some("vpn".into()),
        tags: vec!["tor".into()],
    };
    Known { network: Some(Arc::new(network)), standing: None }
}

fn known(store: &SqliteStore) -> Vec<Known> {
    store.read(&all(&source(), Lane::Live)).unwrap().into_iter().map(|event| event.known).collect()
}

fn contexts(place: &Place) -> Vec<Option<Vec<u8>>> {
    let db = Connection::open(place.path()).unwrap();
    let mut select = db.prepare("SELECT context FROM chunks ORDER BY last").unwrap();
    select.query_map([], |row| row.get(0)).unwrap().map(std::result::Result::unwrap).collect()
}

#[test]
fn what_was_known_comes_back_with_its_event() {
    let (place, acme) = (Place::new(), source());
    let store = place.open();
    let first = [event("a", 1), event("b", 2), event("c", 3)];
    store.commit(&Page { known: &[of(1), Known::default(), of(2)], ..page(&acme, &first, "1") }).unwrap();
    // Those that are there already are passed over, with what would be known of them now.
    let second = [event("b", 2), event("d", 4), event("a", 1), event("e", 5)];
    store.commit(&Page { known: &[of(7), of(8), of(9), of(1)], ..page(&acme, &second, "2") }).unwrap();
    let expected = [of(1), Known::default(), of(2), of(8), of(1)];
    assert_eq!(known(&store), expected);
    assert_eq!(known(&place.look()), expected);
    assert_eq!(store.event(Seq(4)).unwrap().unwrap().1.known, of(8));
    let after = store.read(&Range { after: Seq(2), ..all(&acme, Lane::Live) }).unwrap();
    assert_eq!(after[0].known, of(2), "in the middle of a chunk");
}

#[test]
fn nothing_known_costs_nothing() {
    let (place, acme) = (Place::new(), source());
    let store = place.open();
    store.commit(&page(&acme, &[event("a", 1)], "1")).unwrap();
    store.commit(&Page { known: &[Known::default()], ..page(&acme, &[event("b", 2)], "2") }).unwrap();
    assert_eq!(known(&store), [Known::default(), Known::default()]);
    assert_eq!(contexts(&place), [None, None]);
}

#[test]
fn a_page_of_several_chunks_keeps_each_event_with_what_was_known_of_it() {
    let (place, acme) = (Place::new(), source());
    let store = place.open();
    let large = |id: u64| Event { record: format!("{{\"id\":\"{}\"}}", "x".repeat(100_000)), ..event(&id.to_string(), id) };
    let events: Vec<Event> = (0..7).map(large).collect();
    let each: Vec<Known> = (0..7).map(|number| if number == 3 { Known::default() } else { of(number) }).collect();
    store.commit(&Page { known: &each, ..page(&acme, &events, "1") }).unwrap();
    assert!(contexts(&place).len() > 2);
    assert_eq!(known(&store), each);
}

#[test]
fn a_store_of_an_older_schema_is_read_before_an_owner_brought_it_up() {
    let (place, acme) = (Place::new(), source());
    std::fs::write(place.path(), zstd::bulk::decompress(super::fixture::V2, 1 << 20).unwrap()).unwrap();
    let before = known(&place.look());
    assert!(!before.is_empty() && before.iter().all(Known::is_nothing), "{before:?}");
    let store = place.open();
    store.commit(&Page { known: &[of(1)], ..page(&acme, &[event("z", 9)], "2") }).unwrap();
    assert_eq!(known(&store), [before, vec![of(1)]].concat());
}
