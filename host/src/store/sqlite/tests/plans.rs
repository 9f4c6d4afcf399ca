//! What is asked again and again, while a host shows how it is doing, does not grow with the events in the store.

use super::*;
use crate::store::sqlite::{cursors::BACKLOG, lateness::AFTER, prune::SOME};

fn plan(store: &SqliteStore, query: &str) -> String {
    let explained = store.read_with("explain a query", |db| {
        let mut statement = db.prepare(&format!("EXPLAIN QUERY PLAN {query}"))?;
        let wanted = statement.parameter_count();
        let rows = statement.query_map(rusqlite::params_from_iter(vec![1; wanted]), |row| row.get::<_, String>(3))?;
        Ok(rows.collect::<std::result::Result<Vec<_>, _>>()?.join("\n"))
    });
    explained.unwrap()
}

#[test]
fn a_backlog_reads_the_index_of_what_is_not_delivered_alone() {
    let plan = plan(&Place::new().open(), BACKLOG);
    assert!(plan.contains("SEARCH chunks USING COVERING INDEX chunks_in_order (source=? AND lane=? AND last>?)"), "{plan}");
    assert!(!plan.contains("SCAN"), "{plan}");
}

#[test]
fn what_is_old_is_looked_for_in_the_index_alone() {
    let plan = plan(&Place::new().open(), SOME);
    assert!(plan.contains("SEARCH chunks USING COVERING INDEX chunks_in_order (source=? AND lane=? AND last>? AND last<?)"), "{plan}");
    assert!(!plan.contains("SCAN") && !plan.contains("TEMP B-TREE"), "{plan}");
}

#[test]
fn delays_are_looked_up_behind_the_last_one() {
    let plan = plan(&Place::new().open(), AFTER);
    assert!(plan.contains("SEARCH late USING PRIMARY KEY (source=? AND (received,seq)>(?,?))"), "{plan}");
    assert!(!plan.contains("SCAN") && !plan.contains("TEMP B-TREE"), "{plan}");
}

#[test]
fn delays_come_in_order_each_once_and_of_one_source() {
    let place = Place::new();
    let store = place.open();
    let (acme, other) = (source(), "other".parse::<SourceName>().unwrap());
    for (name, ids) in [(&acme, ["a", "b", "c"]), (&other, ["x", "y", "z"])] {
        store.register(name).unwrap();
        let at = Instant(1_700_000_000_000);
        store.begin(name, Stream::Live, "0", Instant::EPOCH, at).unwrap();
        let events: Vec<Event> = ids.iter().zip([1000, 2000, 3000]).map(|(id, late)| event(id, at.0 - late)).collect();
        store.commit(&Page { lane: Lane::Late, ..page(name, &events, "1") }).unwrap();
    }
    let mut last = Delay { received: Instant::EPOCH, seq: Seq(0), delay: Default::default() };
    let mut delays = Vec::new();
    while let Some(next) = store.delays(&acme, &last, 2).unwrap().last().copied() {
        delays.extend(store.delays(&acme, &last, 2).unwrap().iter().map(|delay| delay.delay.as_secs()));
        last = next;
    }
    assert_eq!(delays, [1, 2, 3]);
}
