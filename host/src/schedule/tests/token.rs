//! What becomes of a rotating pair.

use std::sync::atomic::{AtomicU16, AtomicU32, Ordering};

use secrecy::ExposeSecret as _;

use super::*;

const HOUR: Duration = Duration::from_secs(3600);

#[tokio::test]
async fn i4_i8_a_pair_is_sent_again_until_the_vendor_says_that_it_is_spent_and_then_never_again() {
    let (status, asked) = (Arc::new(AtomicU16::new(503)), Arc::new(AtomicU32::new(0)));
    let (says, count) = (Arc::clone(&status), Arc::clone(&asked));
    let answers: Answers = Box::new(move |request| {
        assert!(refreshes(request), "nothing is read with a pair that may be spent");
        count.fetch_add(1, Ordering::SeqCst);
        (says.load(Ordering::SeqCst), r#"{"error":"invalid_grant"}"#)
    });
    let mut office = Office::open(&pair("first", Some(NOW.0)), |_| answers).await;
    let seen = office.pass(HOUR * 2).await;
    let problems: Vec<_> = seen.iter().filter_map(|status| status.problem.clone()).collect();
    assert!(problems.iter().all(|problem| *problem == problems[0]), "told once: {problems:#?}");
    assert_eq!(problems[0].remedy, Remedy::Wait);
    assert!(problems[0].message.contains("run `miro-source auth acme`"), "{}", problems[0].message);
    assert!((8..20).contains(&asked.load(Ordering::SeqCst)), "ever less often: {asked:?}");

    status.store(400, Ordering::SeqCst);
    office.pass(HOUR).await;
    let before = asked.load(Ordering::SeqCst);
    let problem = office.status().problem.unwrap();
    assert_eq!((problem.kind, problem.remedy), (Kind::ThirdPartyConfig, Remedy::Authorize), "{problem:?}");
    office.pass(HOUR * 5).await;
    assert_eq!(asked.load(Ordering::SeqCst), before);
}

#[tokio::test]
async fn i4_a_person_who_authorizes_during_a_refresh_is_heard_and_the_worker_goes_on() {
    let mut office = Office::open(&pair("first", Some(NOW.0)), |store| {
        let store = Arc::clone(store);
        Box::new(move |request| {
            if refreshes(request) {
                store.put_grant(&acme(), Some(1), &pair("person", None), b"", NOW).unwrap();
                return (200, GRANTED);
            }
            assert_eq!(request.headers()["authorization"], "Bearer access-person");
            (200, EMPTY)
        })
    })
    .await;
    office.pass(Duration::from_secs(60)).await;
    let status = office.status();
    assert_eq!((status.state, status.problem, status.polls, status.token.version), (State::Collecting, None, 1, 2));
}

#[tokio::test]
async fn i4_a_worker_leaves_with_the_pair_stored_that_the_store_did_not_take_at_first() {
    let (mut office, jam) = jammed().await;
    office.pass(Duration::ZERO).await;
    assert_eq!(stored(&office), "access-first");
    let mended = mend(office.clock.clone(), jam);
    tokio::join!(office.worker.leave(), mended);
    assert_eq!(stored(&office), "access-host");
}

#[tokio::test]
async fn i4_whoever_asks_but_once_waits_until_the_pair_that_came_is_stored() {
    let (mut office, jam) = jammed().await;
    let mended = mend(office.clock.clone(), jam);
    let (access, ()) = tokio::join!(office.custody.obtain(&office.clock), mended);
    assert!(matches!(access, Ok(Access::Token(token)) if token.expose_secret() == "access-host"));
    assert_eq!(stored(&office), "access-host");
}
