//! Filters of a sink: what is dropped is passed once, counted once, and never sent.

use serde_json::json;

use super::*;
use crate::{config::SieveConfig, sink::Normalize};

/// Drops the events of these numbers.
fn dropping(numbers: &[usize]) -> Sieve {
    let ids: Vec<String> = numbers.iter().map(|number| format!("id-{number}")).collect();
    let policy =
        json!({"name": "drop-1", "severity": "low", "category": "compliance", "match": [{"filter": "activity.id", "equals": ids}]});
    let filters = SieveConfig { keep: Vec::new(), drop: vec![activity_policy::check(&policy).unwrap()] };
    let normalize: Normalize = Arc::new(|_, records| {
        let read = |record: String| {
            let id = record.split('"').nth(3).unwrap().to_owned();
            if id == "id-3" { Err("not readable any more".to_owned()) } else { Ok(Event { id, ..event(0) }) }
        };
        Box::pin(future::ready(Ok(records.into_iter().map(read).collect())))
    });
    Sieve::new(filters, normalize)
}

fn sifted(world: &World, numbers: &[usize]) -> Delivery {
    worker(&world.store, &world.clock, &world.far, &world.crash, &world.lines).sifted_by(dropping(numbers))
}

#[tokio::test]
async fn i2_what_is_dropped_is_counted_once_and_the_cursor_passes_it_also_while_the_sink_fails() {
    let mut world = World::new();
    let seqs = world.store(0, Lane::Live, 40);
    world.far().script = [Turn::Retry, Turn::Ambiguous(2), Turn::Retry, Turn::TooLarge].into();
    // The first, the one that cannot be read, some in a row, and the end.
    let dropped: Vec<usize> = [0, 3].into_iter().chain(10..30).chain(38..40).collect();
    world.worker = sifted(&world, &dropped);
    world.until_idle().await;
    let expected: BTreeSet<Seq> = (0..40).filter(|number| *number == 3 || !dropped.contains(number)).map(|number| seqs[number]).collect();
    assert_eq!(world.taken().into_iter().collect::<BTreeSet<_>>(), expected, "in doubt it is delivered");
    let counted = world.worker.status().borrow().filtered.clone();
    assert_eq!(counted, [("drop-1".to_owned(), dropped.len() as u64 - 1)].into());
    assert_eq!(world.store.cursor(&name(), &sources()[0], Lane::Live).unwrap(), *seqs.last().unwrap());
    assert!(world.store.backlog(&name(), &sources()[0]).unwrap().iter().all(|backlog| backlog.events == 0), "nothing waits");
}

#[tokio::test]
async fn a_filter_over_the_app_sees_the_app_of_each_source() {
    let mut world = World::new();
    let seqs = world.store(0, Lane::Live, 2);
    world.store(1, Lane::Live, 2);
    let policy =
        json!({"name": "drop-1", "severity": "low", "category": "compliance", "match": [{"filter": "app", "does_not_equal": "miro"}]});
    let filters = SieveConfig { keep: Vec::new(), drop: vec![activity_policy::check(&policy).unwrap()] };
    let normalize: Normalize = Arc::new(|_, records| Box::pin(future::ready(Ok(records.into_iter().map(|_| Ok(event(0))).collect()))));
    let apps = [(sources()[0].clone(), "miro".to_owned()), (sources()[1].clone(), "entra".to_owned())];
    let sieve = Sieve::new(filters, normalize).over(apps.into());
    world.worker = worker(&world.store, &world.clock, &world.far, &world.crash, &world.lines).sifted_by(sieve);
    world.until_idle().await;
    assert_eq!(world.taken(), seqs);
}

#[tokio::test]
async fn a_sink_that_gets_nothing_is_idle_and_not_asked() {
    let mut world = World::new();
    world.store(0, Lane::Live, 3);
    world.store(1, Lane::History, 3);
    world.worker = sifted(&world, &(0..3).chain(4..10).collect::<Vec<_>>());
    world.until_idle().await;
    assert_eq!((world.far().attempts, world.worker.status().borrow().filtered["drop-1"]), (1, 5), "but for the one in doubt");
}
