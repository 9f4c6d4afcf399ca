//! The sink: a batch to gzip, and to an HTTP source that takes it.

use std::sync::Arc;

use criterion::{Criterion, Throughput};
use miro_source::{
    config::{NetworkConfig, SecretRef, SumoConfig},
    egress::{Purpose, client},
    model::{Lane, Seq},
    sink::{
        Batch, Line, Outcome, Sink as _,
        sumo::{SumoSecrets, SumoSink, body},
    },
};
use tokio::runtime::Builder;

use crate::{door::Door, pages, stock};

pub(crate) fn bench(criterion: &mut Criterion) {
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
