//! What becomes current, and what does not.

use miro_source::swap::{Part, Step};

use super::*;

#[tokio::test]
async fn i6_a_version_that_does_the_same_becomes_current_after_one_poll_of_one_source() {
    let ground = Ground::new(3, "5m").await;
    let mut host = Host::open(&ground, &clock()).await;
    host.poll().await;
    let promoted = host.offer(ground.offer("other", Consent::Same)).await.unwrap();
    assert_eq!((promoted.version.as_str(), promoted.transcripts, promoted.differences.len()), ("other", 3, 0));
    assert!(promoted.vouched.contains("pinned"), "{}", promoted.vouched);
    host.poll().await;
    let current = host.current();
    assert_eq!((current.version.as_str(), current.number, current.probation), ("other", promoted.number, true));
    for source in &ground.sources {
        let asked = ground.vendor.steps(source.as_str());
        assert_eq!(asked, (0..asked.len() as u64).collect::<Vec<_>>(), "every step once");
        assert_eq!(logged(host.store().as_ref(), source), counted(asked.len()));
    }
    // In force from the first poll after: five polls each end the probation.
    for _ in 0..5 {
        host.poll().await;
    }
    assert!(!host.current().probation);
}

#[tokio::test]
async fn i6_without_a_page_to_compare_a_person_must_accept() {
    let ground = Ground::new(1, "5m").await;
    let mut host = Host::open(&ground, &clock()).await;
    let refused = host.offer(ground.offer("other", Consent::Same)).await.unwrap_err();
    assert_eq!((refused.step, refused.lasting), (Step::Replay, false), "{refused}");
    assert!(refused.reason.contains("--accept-diff"), "{refused}");
    assert_eq!(host.current().version, "plain");
    host.offer(ground.offer("other", Consent::Any)).await.unwrap();
    assert_eq!(host.current().version, "other");
}

#[tokio::test]
async fn i6_another_normalization_is_shown_by_field_and_waits_for_consent() {
    let ground = Ground::new(1, "5m").await;
    let mut host = Host::open(&ground, &clock()).await;
    host.poll().await;
    let refused = host.offer(ground.offer("louder", Consent::Same)).await.unwrap_err();
    assert_eq!((refused.step, refused.lasting), (Step::Replay, true), "{refused}");
    assert_eq!(fields(&refused), ["event action", "event record.action"].map(str::to_owned).into());
    let action = refused.differences.iter().find(|each| each.field == "action").unwrap();
    assert_eq!((action.before.as_deref(), action.after.as_deref()), (Some("event 0"), Some("EVENT 0")));
    assert!(action.example.contains("s000-0"), "{}", action.example);
    assert_eq!(host.current().version, "plain");
    host.poll().await;
    assert_eq!(logged(host.store().as_ref(), &ground.sources[0]), counted(2), "nothing of it was used");
    let promoted = host.offer(ground.offer("louder", Consent::Any)).await.unwrap();
    assert_eq!(promoted.differences.len(), 2);
    assert_eq!(logged(host.store().as_ref(), &ground.sources[0]).last().unwrap(), "EVENT 2");
}

#[tokio::test]
async fn i6_another_request_is_shown_apart_from_its_events() {
    let ground = Ground::new(1, "5m").await;
    let mut host = Host::open(&ground, &clock()).await;
    host.poll().await;
    let refused = host.offer(ground.offer("asking", Consent::Same)).await.unwrap_err();
    assert_eq!(fields(&refused), ["request query.more".to_owned()].into(), "the same answer made the same events");
    assert!(refused.differences.iter().all(|each| each.part == Part::Request && each.after.as_deref() == Some("1")));
    let text = format!("{refused:?}");
    assert!(!text.contains("token-of"), "{text}");
}

#[tokio::test]
async fn i6_what_fails_a_step_is_refused_by_name_and_the_current_one_serves_on() {
    let ground = Ground::new(2, "5m").await;
    let mut host = Host::open(&ground, &clock()).await;
    host.poll().await;
    let cases = [
        ("mute", Step::Describe, "stopped"),
        ("greedy", Step::Origins, "https://elsewhere.example"),
        ("deaf", Step::Checkpoint, "checkpoint"),
    ];
    for (version, step, text) in cases {
        let refused = host.offer(ground.offer(version, Consent::Any)).await.unwrap_err();
        assert_eq!((refused.step, refused.lasting), (step, true), "{version}: {refused}");
        assert!(refused.reason.contains(text), "{version}: {refused}");
        let noted = host.history().pop().unwrap();
        assert_eq!((noted.state, noted.lasting), (TenureState::Refused, true), "{version}");
        assert!(noted.reason.contains(text), "{version}: {}", noted.reason);
    }
    let unknown = host.offer(ground.offer("unpinned", Consent::Any)).await.unwrap_err();
    assert_eq!(unknown.step, Step::Trust, "{unknown}");
    let mut garbage = ground.offer("other", Consent::Any);
    garbage.package = Arc::new(Package { wasm: b"\0asm\x0d\0\x01\0no".to_vec(), ..(*garbage.package).clone() });
    assert_eq!(host.offer(garbage).await.unwrap_err().step, Step::Trust, "nobody vouches for garbage either");
    host.poll().await;
    assert_eq!(host.current().version, "plain");
    for source in &ground.sources {
        assert_eq!(logged(host.store().as_ref(), source), counted(2));
    }
}

#[tokio::test]
async fn i6_a_canary_that_traps_leaves_nothing_behind() {
    let ground = Ground::new(2, "5m").await;
    let mut host = Host::open(&ground, &clock()).await;
    host.poll().await;
    // It plays the recorded page like the others, and falls over the next live one.
    let refused = host.offer(ground.offer("stumbling", Consent::Same)).await.unwrap_err();
    assert_eq!((refused.step, refused.lasting), (Step::Canary, true), "{refused}");
    host.poll().await;
    assert_eq!(host.current().version, "plain");
    for source in &ground.sources {
        let steps = ground.vendor.steps(source.as_str());
        assert_eq!(logged(host.store().as_ref(), source), counted(steps.iter().max().map_or(0, |n| *n as usize + 1)));
    }
    let polled = ground.sources.iter().filter(|source| ground.vendor.steps(source.as_str()).windows(2).any(|two| two[0] == two[1])).count();
    assert_eq!(polled, 1, "only the canary's step was asked for twice");
}

#[tokio::test]
async fn i6_a_vendor_that_is_down_says_nothing_about_a_candidate() {
    let ground = Ground::new(1, "5m").await;
    let mut host = Host::open(&ground, &clock()).await;
    host.poll().await;
    ground.vendor.set_down(true);
    let slot = Arc::clone(host.swaps.slots().next().unwrap());
    let mut called = std::pin::pin!(slot.called());
    let (swaps, offer) = (Arc::clone(&host.swaps), ground.offer("other", Consent::Same));
    let offering = tokio::spawn(async move { swaps.offer(offer).await });
    called.as_mut().await;
    while slot.canary().is_some() {
        host.drive.pass(std::time::Duration::from_secs(60)).await.unwrap();
    }
    let refused = offering.await.unwrap().unwrap_err();
    assert_eq!((refused.step, refused.lasting), (Step::Canary, false), "{refused}");
    ground.vendor.set_down(false);
    host.poll().await;
    assert_eq!(host.offer(ground.offer("other", Consent::Same)).await.unwrap().version, "other");
}
