//! The comparison, against what it must be: set differences, and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use proptest::{collection::btree_map, prelude::*};

use super::*;
use crate::model::{Instant, Lane, Seq, SinkName};

/// Where an event is.
#[derive(Clone, Copy, Debug)]
struct Spot {
    vendor: bool,
    erased: bool,
    held: bool,
    remembered: bool,
    logged: bool,
    passed: bool,
    parked: bool,
    found: u64,
}

fn spot() -> impl Strategy<Value = Spot> {
    (any::<[bool; 7]>(), 0..3_u64).prop_map(|([vendor, erased, held, remembered, logged, passed, parked], found)| Spot {
        vendor,
        erased: vendor && erased,
        held: vendor && erased && held,
        // What lies in the log was stored.
        remembered: remembered || logged,
        logged,
        passed,
        parked,
        found,
    })
}

fn sides(spots: &BTreeMap<u16, Spot>) -> Sides {
    let name = |id: &u16| format!("id-{id}");
    let ids = |is: fn(&Spot) -> bool| -> BTreeSet<String> { spots.iter().filter(|(_, spot)| is(spot)).map(|(id, _)| name(id)).collect() };
    let time = |id: &u16| Instant(u64::from(*id));
    let held = |id: &u16, spot: &Spot| Held {
        seq: Seq(i64::from(*id)),
        lane: Lane::Live,
        time: time(id),
        received: time(id),
        taken: time(id),
        passed: spot.passed,
        parked: spot.parked,
    };
    let sink: SinkName = "sumo".parse().unwrap();
    let found = spots.iter().filter(|(_, spot)| spot.found > 0).map(|(id, spot)| (name(id), spot.found)).collect();
    let meant = spots.iter().filter(|(_, spot)| spot.logged).map(|(id, spot)| (name(id), held(id, spot))).collect();
    Sides {
        vendor: spots.iter().filter(|(_, spot)| spot.vendor).map(|(id, _)| (name(id), time(id))).collect(),
        erased: ids(|spot| spot.erased),
        held: ids(|spot| spot.held),
        forgotten: Instant::EPOCH,
        remembered: spots.iter().filter(|(_, spot)| spot.vendor && spot.remembered).map(|(id, _)| (name(id), time(id))).collect(),
        logged: ids(|spot| spot.logged),
        searchable: Instant::FAR,
        sinks: vec![Arrived { sink, meant, gone: Gone::Since(Instant::EPOCH), found: Some(found) }],
    }
}

proptest! {
    #[test]
    fn what_is_missing_is_exactly_the_difference(spots in btree_map(any::<u16>(), spot(), 0..60), forgotten in 0..70_000_u64) {
        let sides = Sides { forgotten: Instant(forgotten), ..sides(&spots) };
        let (window, missing) = compare(Instant(0), Instant(70_000), &sides);
        let named = |at: fn(&Place) -> bool| -> BTreeSet<String> {
            missing.iter().filter(|each| at(&each.at)).map(|each| each.id.clone()).collect()
        };
        let those = |is: fn(&Spot) -> bool| -> BTreeSet<String> {
            spots.iter().filter(|(_, spot)| is(spot)).map(|(id, _)| format!("id-{id}")).collect()
        };
        let unknown = |id: &u16, spot: &Spot| {
            let lacking = spot.vendor && !spot.remembered && (!spot.erased || spot.held);
            lacking.then(|| (u64::from(*id) >= forgotten, format!("id-{id}")))
        };
        let (lacking, old): (Vec<_>, Vec<_>) = spots.iter().filter_map(|(id, spot)| unknown(id, spot)).partition(|(recent, _)| *recent);
        prop_assert_eq!(named(|at| *at == Place::Store), lacking.into_iter().map(|(_, id)| id).collect());
        prop_assert_eq!(window.forgotten, old.len() as u64);
        let lost = those(|spot| {
            let accepted = if spot.logged { spot.passed && !spot.parked } else { spot.vendor && spot.remembered && !spot.erased };
            accepted && spot.found == 0
        });
        prop_assert_eq!(window.sinks[0].missing, lost.len() as u64);
        prop_assert_eq!(named(|at| *at != Place::Store), lost);
        prop_assert_eq!(window.vendor, window.stored + window.missing + window.forgotten);
        prop_assert_eq!(window.erased, those(|spot| spot.erased && !spot.held && !spot.logged).len() as u64);
        prop_assert_eq!(window.only_stored, those(|spot| spot.logged && !spot.vendor).len() as u64);
        let seen = &window.sinks[0];
        prop_assert_eq!(seen.meant, seen.accepted + seen.waiting + seen.parked);
        let copies: u64 = spots.values().filter(|spot| spot.vendor || spot.logged).map(|spot| spot.found.saturating_sub(1)).sum();
        prop_assert_eq!(seen.duplicates, copies);
    }
}

#[test]
fn a_sink_that_was_not_asked_misses_nothing_and_says_so() {
    let there = Spot { vendor: true, erased: false, held: false, remembered: true, logged: true, passed: true, parked: false, found: 0 };
    let mut sides = sides(&[(1, there)].into());
    sides.sinks[0].found = None;
    let (window, missing) = compare(Instant(0), Instant(10), &sides);
    assert_eq!((window.sinks[0].found, window.sinks[0].accepted, missing), (None, 1, vec![]));
}

#[test]
fn an_event_that_no_record_is_left_of_is_missing_where_it_was_meant_for_the_sink_and_unchecked_where_nobody_knows() {
    let gone = Spot { vendor: true, erased: false, held: false, remembered: true, logged: false, passed: false, parked: false, found: 0 };
    let there = Spot { found: 1, ..gone };
    let at = |gone_of: Gone| {
        let mut sides = sides(&[(5, gone), (6, there)].into());
        sides.sinks[0].gone = gone_of;
        let (window, missing) = compare(Instant(0), Instant(10), &sides);
        let ids: Vec<(String, Option<Seq>)> = missing.into_iter().map(|each| (each.id, each.seq)).collect();
        let clean = Totals::of(std::slice::from_ref(&window)).are_clean();
        (ids, window.sinks[0].unchecked, clean)
    };
    let named = vec![("id-5".to_owned(), None)];
    assert_eq!(at(Gone::Since(Instant::EPOCH)), (named.clone(), 0, false));
    assert_eq!(at(Gone::Since(Instant(5))), (named, 0, false), "stored when the sink was there already");
    assert_eq!(at(Gone::Since(Instant(6))), (vec![], 0, true), "let go before the sink joined");
    assert_eq!(at(Gone::Unknown), (vec![], 1, false), "what is found was meant for it, of the other nobody knows");
}

#[test]
fn what_an_erased_person_did_is_missed_neither_in_the_store_nor_at_a_sink_and_is_counted() {
    let dropped = Spot { vendor: true, erased: true, held: false, remembered: true, logged: false, passed: false, parked: false, found: 0 };
    let never = Spot { remembered: false, ..dropped };
    let (window, missing) = compare(Instant(0), Instant(10), &sides(&[(1, dropped), (2, never)].into()));
    assert_eq!((window.erased, window.stored, window.missing, missing), (2, 2, 0, vec![]));
    assert!(Totals::of(&[window]).are_clean());
}

#[test]
fn what_was_taken_so_recently_that_it_need_not_be_found_yet_is_on_its_way_and_not_missing() {
    let sent = Spot { vendor: true, erased: false, held: false, remembered: true, logged: true, passed: true, parked: false, found: 0 };
    let mut sides = sides(&[(4, sent), (5, sent), (6, Spot { found: 1, ..sent })].into());
    sides.searchable = Instant(4);
    let (window, missing) = compare(Instant(0), Instant(10), &sides);
    assert_eq!(missing.iter().map(|each| each.id.as_str()).collect::<Vec<_>>(), ["id-4"]);
    assert_eq!((window.sinks[0].missing, window.sinks[0].on_its_way), (1, 1));
    sides.searchable = Instant(3);
    let (window, missing) = compare(Instant(0), Instant(10), &sides);
    assert_eq!((window.sinks[0].on_its_way, missing), (2, vec![]));
    assert!(!Totals::of(&[window]).are_clean(), "nobody has seen it there");
    // The sink was down, and took it long after it was stored.
    (sides.searchable, sides.sinks[0].meant.get_mut("id-4").unwrap().taken) = (Instant(5), Instant(9));
    let (window, missing) = compare(Instant(0), Instant(10), &sides);
    assert_eq!(missing.iter().map(|each| each.id.as_str()).collect::<Vec<_>>(), ["id-5"]);
    assert_eq!((window.sinks[0].missing, window.sinks[0].on_its_way), (1, 1));
}

#[test]
fn i2_what_is_not_known_because_ids_are_forgotten_is_not_missing_and_not_proved_either() {
    let unknown =
        Spot { vendor: true, erased: false, held: false, remembered: false, logged: false, passed: false, parked: false, found: 0 };
    let sides =
        Sides { forgotten: Instant(5), ..sides(&[(4, unknown), (5, unknown), (3, Spot { remembered: true, found: 1, ..unknown })].into()) };
    let (window, missing) = compare(Instant(0), Instant(10), &sides);
    assert_eq!(missing.iter().map(|each| each.id.as_str()).collect::<Vec<_>>(), ["id-5"]);
    assert_eq!((window.stored, window.missing, window.forgotten), (1, 1, 1));
    let old = Window { missing: 0, ..window };
    assert!(!Totals::of(&[old]).are_clean());
}

#[test]
fn what_an_erased_person_did_who_is_held_is_missed_in_the_store_and_unchecked_where_it_may_have_been_kept_out_before() {
    let gone = Spot { vendor: true, erased: true, held: true, remembered: true, logged: false, passed: false, parked: false, found: 0 };
    let lost = Spot { remembered: false, ..gone };
    let (window, missing) = compare(Instant(0), Instant(10), &sides(&[(1, gone), (2, lost), (3, Spot { found: 1, ..gone })].into()));
    assert_eq!(missing.iter().map(|each| (each.id.as_str(), &each.at)).collect::<Vec<_>>(), [("id-2", &Place::Store)]);
    assert_eq!((window.erased, window.stored, window.sinks[0].missing, window.sinks[0].unchecked), (0, 2, 0, 1));
}
