//! Killed in the middle of a refresh (I4): before it is sent, before the new pair is stored, and after.

use miro_source::{
    clock::SystemClock,
    model::Instant,
    schedule::{Remedy, Status},
};
use miro_source_tests::{
    command::Ran,
    patience::until,
    stage::{Recipe, Stage, Token},
};
use simulator::{Pair, World};

use super::{account, backlog, killed, recipe, start};

/// A stage whose source has a rotating pair that the vendor no longer takes for an answer: a refresh is due.
async fn due() -> (Stage, World) {
    let world = backlog(5, 2_000);
    let stage = Stage::start(world.clone(), std::sync::Arc::new(SystemClock)).await.unwrap();
    stage.configure(&Recipe { token: Token::Rotating, ..recipe() }, Instant::system()).unwrap();
    assert!(world.expire(&std::fs::read_to_string(stage.path("acme_access_token")).unwrap()));
    (stage, world)
}

/// What `status --json` says of the source.
async fn status(stage: &Stage) -> Status {
    let ran = Ran::of(&stage.path("miro-source.toml"), &["status", "--json"]).await.unwrap();
    let report: serde_json::Value = serde_json::from_str(&ran.out).unwrap_or_else(|why| panic!("{why}: {ran:?}"));
    serde_json::from_value(report["sources"][0].clone()).unwrap()
}

fn set(stage: &Stage, pair: &Pair) {
    stage.secret("acme_access_token", &pair.access).unwrap();
    stage.secret("acme_refresh_token", &pair.refresh).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i4_killed_before_a_refresh_was_sent_the_next_start_refreshes_and_goes_on() {
    let (stage, world) = due().await;
    killed(start(&stage, Some("intent:1")), "intent").await;
    assert_eq!(account(&world).refreshes, 0, "nothing was sent");
    let account = super::finish(&stage).await;
    assert_eq!((account.held, account.lost, account.duplicates), (2_000, 0, 0), "{account:#?}");
    assert_eq!((account.refreshes, account.rotations, account.stale_refreshes), (1, 1, 0), "{account:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i4_killed_after_the_new_pair_was_stored_the_next_start_uses_it() {
    let (stage, world) = due().await;
    killed(start(&stage, Some("renewed:1")), "renewed").await;
    let before = account(&world);
    assert_eq!((before.refreshes, before.rotations, before.accepted), (1, 1, 0), "{before:#?}");
    let account = super::finish(&stage).await;
    assert_eq!((account.held, account.lost, account.duplicates), (2_000, 0, 0), "{account:#?}");
    assert_eq!((account.refreshes, account.rotations, account.unauthorized), (1, 1, before.unauthorized), "{account:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i4_killed_at_every_rotation_before_it_is_sent_or_after_it_is_stored_nothing_is_lost() {
    let (stage, world) = due().await;
    // An access token of six seconds is renewed after five, so hosts that die at every rotation still get to read.
    world.set(|settings| settings.miro.expires_in = 6);
    for place in ["intent:1", "renewed:1", "renewed:1", "intent:2", "renewed:2"] {
        killed(start(&stage, Some(place)), place).await;
        let account = account(&world);
        assert_eq!((account.stale_refreshes, account.rotations), (0, account.refreshes), "{place}: {account:#?}");
    }
    let account = super::finish(&stage).await;
    assert_eq!((account.held, account.lost, account.stale_refreshes), (2_000, 0, 0), "{account:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i4_killed_before_the_new_pair_was_stored_it_asks_a_person_after_one_more_try_and_never_loops() {
    let (stage, world) = due().await;
    killed(start(&stage, Some("answer:1")), "answer").await;
    assert_eq!((account(&world).refreshes, account(&world).rotations), (1, 1), "Miro processed it: the old pair is dead");

    // The same again and again: started anew, it says what to do, and Miro hears of it once.
    for _ in 0..3 {
        let host = start(&stage, None);
        until("it says what a person must do", || host.log().contains("run `miro-source auth acme`")).await.unwrap();
        assert!(host.terminate().unwrap().success());
        std::fs::remove_file(stage.path("host.log")).unwrap();
    }
    let refused = account(&world);
    assert_eq!((refused.refreshes, refused.stale_refreshes, refused.accepted), (2, 1, 0), "{refused:#?}");
    let problem = status(&stage).await.problem.unwrap();
    assert_eq!(problem.remedy, Remedy::Authorize, "{problem:?}");
    assert!(problem.message.contains("miro-source auth acme"), "{problem:?}");

    // While it runs and waits, it is quiet: three more polls, and nothing is sent.
    let host = start(&stage, None);
    until("it waits", || host.log().contains("run `miro-source auth acme`")).await.unwrap();
    assert_eq!(account(&world).refreshes, 2);

    // A person sets a new pair: the host that runs takes it and catches up.
    set(&stage, &world.issue(Instant::system().0));
    until("nothing is left", || account(&world).lost == 0).await.unwrap_or_else(|why| panic!("{why}\n{}", host.log()));
    assert!(host.terminate().unwrap().success());
    let account = account(&world);
    assert_eq!((account.held, account.duplicates, account.refreshes), (2_000, 0, 2), "{account:#?}");
    assert_eq!(status(&stage).await.problem, None);
}
