//! Swaps under load: many sources poll while their component is replaced again and again.

use miro_source::clock::SystemClock;
use miro_source_tests::patience::until;
use tokio_util::sync::CancellationToken;

use super::*;

const SOURCES: usize = 200;
const SWAPS: usize = 100;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i6_a_hundred_swaps_under_two_hundred_polling_sources_lose_no_step_and_repeat_none() {
    let ground = Ground::new(SOURCES, "1s").await;
    let config = config::load(&ground.config).unwrap();
    let pipeline = Pipeline::assemble(&config, Edges::real(&config, Arc::new(SystemClock)).unwrap()).await.unwrap();
    let (swaps, store, stop) = (pipeline.swaps(), pipeline.store(), CancellationToken::new());
    let running = tokio::spawn(pipeline.run(stop.clone()));
    let mut versions = ["other", "third", "plain"].into_iter().cycle();
    let (mut done, mut crossed, mut last) = (0, 0, 0);
    // The first pages are what candidates are compared on.
    let asked_twice = || ground.sources.iter().all(|source| ground.vendor.steps(source.as_str()).len() >= 2);
    until("every source has two pages", asked_twice).await.unwrap();
    for version in versions.by_ref().take(SWAPS) {
        let promoted = swaps.offer(ground.offer(version, Consent::Same)).await.unwrap();
        assert_eq!((promoted.version.as_str(), promoted.differences.len()), (version, 0));
        assert!(promoted.transcripts > 0);
        done += 1;
        let total = ground.vendor.total();
        crossed += usize::from(total > last);
        last = total;
    }
    stop.cancel();
    running.await.unwrap().unwrap();
    let mut steps = 0;
    for source in &ground.sources {
        let asked = ground.vendor.steps(source.as_str());
        assert_eq!(asked, (0..asked.len() as u64).collect::<Vec<_>>(), "{source}: every step once, in order");
        assert_eq!(logged(store.as_ref(), source), counted(asked.len()), "{source}: and every event");
        steps += asked.len();
    }
    println!("{done} swaps, {steps} steps of {SOURCES} sources; {crossed} swaps had steps during them");
    assert!(crossed > SWAPS / 2, "the load was real: {crossed}");
}
