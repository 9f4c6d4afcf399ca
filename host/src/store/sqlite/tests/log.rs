use super::*;

#[test]
fn i2_a_page_read_twice_is_stored_once() {
    let (place, acme) = (Place::new(), source());
    let store = place.open();
    let events = [event("a", 1), event("b", 2), event("a", 1)];
    assert_eq!(store.commit(&page(&acme, &events, "1")).unwrap(), Committed { new: 2, known: 1 });
    assert_eq!(store.commit(&page(&acme, &events, "2")).unwrap(), Committed { new: 0, known: 3 });
    let read = store.read(&all(&acme, Lane::Live)).unwrap();
    assert_eq!(read.iter().map(|event| (event.seq, event.time)).collect::<Vec<_>>(), [(Seq(1), Instant(1)), (Seq(2), Instant(2))]);
    assert_eq!(store.checkpoint(&acme, Stream::Live).unwrap().unwrap().body, "2");
}
