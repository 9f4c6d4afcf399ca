//! The sink: a batch to gzip, and to an HTTP source that takes it.

use std::sync::Arc;

use criterion::{Criterion, Throughput};
use miro_source::{
    config::{Masked, NetworkConfig, SecretRef, SumoConfig},
    egress::{Purpose, client},
    model::{Lane, Seq},
    sink::{
        Batch, Line, Mask, Normalize, Outcome, Sink as _,
        sumo::{SumoSecrets, SumoSink, body},
    },
    store::{Range, Store as _},
};
use tokio::runtime::Builder;

use crate::{door::Door, pages, stock};

/// What a mask costs: to know whom the events are about, without the component's own reading, and to mask their lines.
fn masked(criterion: &mut Criterion) {
    let tokio = Builder::new_current_thread().enable_all().build().unwrap();
    let (folder, acme) = (tempfile::tempdir().unwrap(), stock::acme().unwrap());
    let store = Arc::new(stock::open(folder.path()).unwrap());
    let events = tokio.block_on(stock::events(800)).unwrap();
    stock::commit(&store, &acme, &events).unwrap();
    let range = Range { source: &acme, lane: Lane::Live, after: Seq(0), sink: None, events: 800, bytes: usize::MAX };
    let stored = store.read(&range).unwrap();
    let normalize: Normalize = Arc::new(move |_, _| Box::pin(std::future::ready(Ok(events.iter().cloned().map(Ok).collect()))));
    let mask = Mask::new(&Masked::ALL, store, normalize);
    let known = tokio.block_on(mask.known(&acme, &stored)).unwrap();
    let mut group = criterion.benchmark_group("mask");
    group.throughput(Throughput::Elements(u64::try_from(stored.len()).unwrap()));
    group.bench_function("know of 800 events", |b| b.iter(|| tokio.block_on(mask.known(&acme, &stored)).unwrap().len()));
    group.bench_function("mask 800 lines", |b| {
        b.iter(|| {
            let lines = stored.iter().zip(&known).map(|(event, known)| mask.line(&event.record, known.as_ref().unwrap()).len());
            lines.sum::<usize>()
        });
    });
}

pub(crate) fn bench(criterion: &mut Criterion) {
    masked(criterion);
    let tokio = Builder::new_current_thread().enable_all().build().unwrap();
    let line = |(at, record): (usize, String)| Line { seq: Seq(i64::try_from(at).unwrap()), action: String::new(), bytes: record.into() };
    let lines: Vec<Line> = pages::records(800).into_iter().enumerate().map(line).collect();
    let door = Door::accepting().unwrap();
    let url = door.url.clone();
    let config = SumoConfig {
        url: SecretRef::Env(String::new()),
        token: None,
        source_name: None,
        category: None,
        alert_category: None,
        host: None,
        fields: std::collections::BTreeMap::new(),
        batch_bytes: 1_000_000,
        search: None,
    };
    let secrets = SumoSecrets { url: Arc::new(move || Ok(url.clone().into())), token: None };
    let mut sink = SumoSink::new(client::build(&NetworkConfig::default(), Purpose::Sink).unwrap(), &config, secrets).unwrap();
    let acme = stock::acme().unwrap();

    let mut group = criterion.benchmark_group("sink");
    for size in [100, 800] {
        let events = lines.get(..size).unwrap();
        group.throughput(Throughput::Elements(u64::try_from(size).unwrap()));
        group.bench_function(format!("compress {size} events"), |b| b.iter(|| body::encode(events).unwrap()));
        group.bench_function(format!("compress and post {size} events"), |b| {
            b.iter(|| {
                let outcome = tokio.block_on(sink.deliver(Batch { source: &acme, lane: Lane::Live, events }));
                assert_eq!(outcome, Outcome::Accepted { warning: None });
            });
        });
    }
}
