//! Bytes on disk an event, everything included.

use super::*;

/// A number that looks random and is the same every time.
fn scramble(number: u64) -> u64 {
    let mixed = (number ^ (number >> 31)).wrapping_mul(0x7fb5_d329_728e_a185);
    (mixed ^ (mixed >> 27)).wrapping_mul(0x81da_def4_bc2d_d44d) ^ (mixed >> 33)
}

/// A sign-in in the shape of Miro's public example (developers.miro.com), with some 900 bytes of varying content.
fn realistic(number: u64) -> Event {
    let pick = |salt: u64, of: u64| scramble(number ^ (salt << 40)) % of;
    let (user, minute, second) = (pick(1, 400), number / 60 % 1440, number % 60);
    let (hour, minute) = (minute / 60, minute % 60);
    let id = format!(
        "2024-03-05T{hour:02}:{minute:02}:{second:02}.{:06}Z#{}-DDB",
        pick(2, 1_000_000),
        3_458_764_500_000_000_000 + pick(3, 1 << 40)
    );
    let person = format!(
        "\"id\":\"{}\",\"name\":\"Person Number{user}\",\"email\":\"person.number{user}@example.com\"",
        3_458_764_500_000_000_000 + scramble(user) % (1 << 40)
    );
    let record = format!(
        "{{\"id\":\"{id}\",\"type\":\"event\",\"context\":{{\"ip\":\"203.0.113.{}\",\"userAgent\":\"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.{}.{} Safari/537.36\",\"team\":{{\"type\":\"team\",\"id\":\"{}\",\"name\":\"Team {}\"}},\"organization\":{{\"type\":\"organization\",\"id\":\"3074457345821140123\",\"name\":\"Example Organization\"}}}},\"object\":{{\"type\":\"board\",\"id\":\"uXjV{:016x}=\",\"name\":\"Quarterly planning board {}\"}},\"createdAt\":\"2024-03-05T{hour:02}:{minute:02}:{second:02}.{:03}+0000\",\"details\":{{\"authType\":\"SSO\",\"mfaFactorType\":\"NONE\",\"sessionId\":\"{:016x}{:016x}\"}},\"createdBy\":{{\"type\":\"user\",{person}}},\"event\":\"board_opened\",\"category\":\"content\"}}",
        user % 250,
        100 + user % 20,
        pick(4, 7000),
        pick(5, 200),
        3_074_457_345_710_755_000 + user % 30,
        user % 30,
        pick(6, u64::MAX),
        pick(7, 5000),
        pick(8, 1000),
        pick(9, u64::MAX),
        pick(10, u64::MAX),
    );
    Event { id, record, ..event("", number) }
}

fn bytes_an_event(events: u64, a_page: usize) -> u64 {
    let (place, acme) = (Place::new(), source());
    let store = place.open();
    store.writes.as_ref().unwrap().connection.lock().pragma_update(None, "synchronous", "OFF").unwrap();
    let events: Vec<_> = (0..events).map(realistic).collect();
    for events in events.chunks(a_page) {
        store.commit(&page(&acme, events, "1")).unwrap();
    }
    drop(store);
    std::fs::metadata(place.path()).unwrap().len() / events.len() as u64
}

#[test]
fn an_event_takes_less_than_600_bytes_in_large_pages_and_in_small() {
    for (events, a_page, most) in [(20_000, 100, 350), (5_000, 5, 500), (5_000, 2, 600), (5_000, 1, 600)] {
        let bytes = bytes_an_event(events, a_page);
        eprintln!("{bytes} bytes an event of {} in pages of {a_page}", realistic(1).record.len());
        assert!(bytes <= most, "{bytes} bytes an event in pages of {a_page}");
    }
}

#[test]
fn the_file_shrinks_as_records_go() {
    let (place, acme, sumo) = (Place::new(), source(), sink("sumo"));
    let store = place.open();
    let pages = || -> u64 {
        let db = store.writes.as_ref().unwrap().connection.lock();
        db.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap()
    };
    let empty = pages();
    let events: Vec<_> = (0..20_000).map(realistic).collect();
    for events in events.chunks(2000) {
        store.commit(&page(&acme, events, "1")).unwrap();
    }
    store.advance(&sumo, &acme, Lane::Live, store.head().unwrap(), &[], AT).unwrap();
    let before = pages();
    assert_eq!(
        store
            .prune(&Prune { usual: Old { records_before: Instant::FAR, ids_before: Instant::FAR, ..Old::default() }, ..nothing() })
            .unwrap(),
        20_000
    );
    assert!((pages() - empty) * 5 < before, "{} of {before} pages are left, {empty} of them from the beginning", pages());
}
