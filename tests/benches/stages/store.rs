//! The store: a page in, a batch out, a cursor on. Every write is synced to disk before it returns.

use audit_pipeline::types::Event;
use criterion::{BatchSize, Criterion, Throughput};
use miro_source::{
    model::{Instant, Lane, Seq, SinkName},
    store::{Range, Store as _},
};
use tokio::runtime::Builder;

use crate::stock;

/// Events of the store that is read.
const STORED: usize = 5_000;

pub(crate) fn bench(criterion: &mut Criterion) {
    let events = Builder::new_current_thread().enable_all().build().unwrap().block_on(stock::events(STORED)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (store, acme, sumo) = (stock::open(folder.path()).unwrap(), stock::acme().unwrap(), "sumo".parse::<SinkName>().unwrap());
    for page in events.chunks(100) {
        stock::commit(&store, &acme, page).unwrap();
    }

    let mut group = criterion.benchmark_group("store");
    for size in [3, 100] {
        let mut turn = 0;
        group.throughput(Throughput::Elements(u64::try_from(size).unwrap()));
        // Ids that were not there, or nothing is stored.
        let mut fresh = || {
            turn += 1;
            events.iter().take(size).map(|event| Event { id: format!("{}#{size}/{turn}", event.id), ..event.clone() }).collect()
        };
        group.bench_function(format!("commit a page of {size}"), |b| {
            b.iter_batched(&mut fresh, |page: Vec<Event>| stock::commit(&store, &acme, &page).unwrap(), BatchSize::SmallInput);
        });
    }
    let known = events.get(..100).unwrap();
    group.bench_function("commit a page of 100 that is there already", |b| b.iter(|| stock::commit(&store, &acme, known).unwrap()));

    let range = |after| Range { source: &acme, lane: Lane::Live, after: Seq(after), sink: Some(&sumo), events: 10_000, bytes: 1_000_000 };
    group.throughput(Throughput::Elements(u64::try_from(store.read(&range(0)).unwrap().len()).unwrap()));
    group.bench_function("read a batch of 1 MB", |b| b.iter(|| store.read(&range(0)).unwrap()));
    group.throughput(Throughput::Elements(1));
    let mut to = 0;
    group.bench_function("move a cursor", |b| {
        b.iter(|| {
            to += 1;
            if to > 5_000 {
                // Cursors never go back.
                store.forget_reader(&sumo, &acme).unwrap();
                to = 1;
            }
            store.advance(&sumo, &acme, Lane::Live, Seq(to), &[], Instant(0)).unwrap();
        });
    });
}
