//! What a backfill that fails costs.

use std::sync::atomic::{AtomicU16, Ordering};

use super::*;
use crate::store::{History, Purpose};

const HOUR: Duration = Duration::from_secs(3600);

#[tokio::test]
async fn a_backfill_that_fails_holds_only_itself_up_and_is_told_beside_the_source() {
    let status = Arc::new(AtomicU16::new(405));
    let says = Arc::clone(&status);
    let answers: Answers = Box::new(move |request| {
        let past = request.uri().query().is_some_and(|query| query.contains("2024-01"));
        (if past { says.load(Ordering::SeqCst) } else { 200 }, EMPTY)
    });
    let mut office = Office::open(&pair("first", None), |_| answers).await;
    // 2024-01-10 to 2024-01-11, and the same of February.
    for start in [Instant(1_704_844_800_000), Instant(1_707_523_200_000)] {
        let (end, purpose) = (start.plus(HOUR * 24), Purpose::Delivery);
        let history = History { id: 0, source: acme(), start, end, purpose, gap: None, through: start, events: 0, finished: false };
        office.store.add_history(&history).unwrap();
    }

    // What only a person mends, and what only time does.
    for (answer, kind, remedy) in [(405, Kind::ThirdPartyConfig, Remedy::Configure), (418, Kind::ThirdPartyGeneric, Remedy::Wait)] {
        status.store(answer, Ordering::SeqCst);
        office.pass(HOUR).await;
        let finished: Vec<_> = office.store.histories().unwrap().iter().map(|history| history.finished).collect();
        assert_eq!(finished, [false, true], "the other one is read");
        let (before, since) = (office.status(), office.status().backfills[&1].since);
        let seen = office.pass(HOUR * 2).await;
        assert!(seen.iter().all(|status| (status.state, &status.problem) == (State::Collecting, &None)), "{answer}: {seen:#?}");
        let held = office.status().backfills;
        let problem = &held[&1];
        assert_eq!(held.len(), 1, "{held:?}");
        assert_eq!((problem.kind, problem.remedy, problem.since), (kind, remedy, since), "{problem:?}");
        assert!(problem.message.starts_with("backfill 1: "), "{}", problem.message);
        assert_eq!(office.status().polls, before.polls + 24, "each poll in its time");
        assert!((2..60).contains(&(office.status().failures - before.failures)), "{answer}: ever less often");
    }

    status.store(200, Ordering::SeqCst);
    office.pass(HOUR).await;
    assert!(office.status().backfills.is_empty());
    assert!(office.worker.caught_up());
}
