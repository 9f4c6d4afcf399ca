//! A generation that fails in its first polls is taken back, with everything it moved.

use super::*;

#[tokio::test]
async fn i6_one_that_traps_on_its_third_poll_goes_back_to_the_checkpoint_it_began_from() {
    let ground = Ground::new(2, "5m").await;
    let clock = clock();
    let mut host = Host::open(&ground, &clock).await;
    host.poll().await;
    let began: Vec<String> = ground.sources.iter().map(|source| host.checkpoint(source)).collect();
    let promoted = host.offer(ground.offer("fragile", Consent::Any)).await.unwrap();
    assert!(host.checkpoint(&ground.sources[0]).contains("\"v\":2"), "{}", host.checkpoint(&ground.sources[0]));
    while host.current().number == promoted.number {
        host.poll().await;
    }
    let back = host.current();
    assert_eq!(back.version, "plain");
    let failed = host.history().into_iter().find(|tenure| tenure.number == promoted.number).unwrap();
    assert_eq!(failed.state, TenureState::TakenBack);
    assert!(failed.reason.contains("stopped") && failed.reason.contains("s00"), "{}", failed.reason);
    host.poll().await;
    for (source, began) in ground.sources.iter().zip(&began) {
        // From where it stood, whatever schema the failed one had written; what was stored stays, each event once.
        assert!(began.contains("\"v\":1") && host.checkpoint(source).contains("\"v\":1"), "{}", host.checkpoint(source));
        let steps = ground.vendor.steps(source.as_str());
        assert!(steps.iter().filter(|n| **n == 1).count() >= 2, "read again from the checkpoint it began from: {steps:?}");
        let mut all = logged(host.store().as_ref(), source);
        all.sort_by_key(|action| action.trim_start_matches("event ").parse::<usize>().unwrap());
        assert_eq!(all, counted(all.len()), "each once, none missing");
    }
    // A restart does not try it again, though it lies where the configuration points.
    ground.replace("fragile");
    drop(host);
    let mut host = Host::open(&ground, &clock).await;
    assert_eq!(host.current().version, "plain");
    host.poll().await;
    assert_eq!(host.current().version, "plain");
}

#[tokio::test]
async fn i6_a_restart_on_probation_can_still_go_back() {
    let ground = Ground::new(1, "5m").await;
    let clock = clock();
    let mut host = Host::open(&ground, &clock).await;
    host.poll().await;
    host.offer(ground.offer("fragile", Consent::Any)).await.unwrap();
    drop(host);
    let mut host = Host::open(&ground, &clock).await;
    assert_eq!(host.current().version, "fragile", "what was swapped in serves on");
    for _ in 0..4 {
        host.poll().await;
    }
    assert_eq!(host.current().version, "plain");
    assert!(host.checkpoint(&ground.sources[0]).contains("\"v\":1"));
    let all = logged(host.store().as_ref(), &ground.sources[0]);
    assert_eq!(all, counted(all.len()));
}

#[tokio::test]
async fn i6_a_newer_schema_that_proves_itself_stays() {
    let ground = Ground::new(1, "5m").await;
    let mut host = Host::open(&ground, &clock()).await;
    host.poll().await;
    let refused = host.offer(ground.offer("newer", Consent::Same)).await.unwrap_err();
    assert!(fields(&refused).iter().all(|field| field.starts_with("page checkpoint")), "{:?}", fields(&refused));
    host.offer(ground.offer("newer", Consent::Any)).await.unwrap();
    for _ in 0..6 {
        host.poll().await;
    }
    let current = host.current();
    assert_eq!((current.version.as_str(), current.probation), ("newer", false));
    // The older one no longer reads where it stands, and is refused for it.
    let refused = host.offer(ground.offer("other", Consent::Any)).await.unwrap_err();
    assert!(refused.reason.contains("schema 2"), "{refused}");
}
