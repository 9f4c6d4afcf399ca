//! A step: page in, events out; and the same code without a sandbox.

use criterion::{Criterion, Throughput};
use tokio::runtime::Builder;

use crate::{
    pages,
    sandbox::{self, CONFIG},
};

pub(crate) fn bench(criterion: &mut Criterion) {
    let tokio = Builder::new_current_thread().enable_all().build().unwrap();
    let checkpoint = sandbox::checkpoint().unwrap();
    for events in [100, 500] {
        let records = pages::records(events);
        let page = pages::bodies(&records, events).remove(0);
        let source = tokio.block_on(sandbox::source(page.clone())).unwrap();
        let mut group = criterion.benchmark_group(format!("step of {events} events"));
        group.throughput(Throughput::Elements(u64::try_from(events).unwrap()));
        group.bench_function("collect, natively", |b| b.iter(|| sandbox::native(&page, &checkpoint).unwrap()));
        group.bench_function("collect, in the sandbox", |b| {
            b.iter(|| tokio.block_on(sandbox::sandboxed(&source, &checkpoint)).unwrap());
        });
        group.bench_function("normalize, natively", |b| b.iter(|| guest_miro::component::normalize(CONFIG, &records)));
        group.bench_function("normalize, in the sandbox", |b| b.iter(|| tokio.block_on(source.normalize(records.clone())).unwrap()));
    }
    let source = tokio.block_on(sandbox::source(bytes::Bytes::new())).unwrap();
    criterion.bench_function("an empty call", |b| b.iter(|| tokio.block_on(source.describe()).unwrap()));
}
