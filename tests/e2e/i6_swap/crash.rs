//! Killed in the middle of a swap: either it happened or it did not.

use std::process::Command;

use miro_source_tests::stage::Stage;

use super::*;

fn once(ground: &Ground, kill_at: Option<&str>) -> (Option<i32>, String) {
    let mut command = Command::new(Stage::demo_binary());
    command.args(["host", "--config"]).arg(&ground.config).arg("once");
    if let Some(place) = kill_at {
        command.env("MIRO_SOURCE_KILL_AT", place);
    }
    let ended = command.output().unwrap();
    (ended.status.code(), String::from_utf8_lossy(&ended.stderr).into_owned())
}

fn account(ground: &Ground) -> (String, Vec<String>, Vec<u64>) {
    let config = config::load(&ground.config).unwrap();
    let store = miro_source::pipeline::look(&config).unwrap();
    let current = store.tenures().unwrap().into_iter().find(|tenure| tenure.state == TenureState::Current).unwrap();
    (current.version, logged(store.as_ref(), &ground.sources[0]), ground.vendor.steps("s000"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i6_killed_with_a_canarys_page_in_hand_nothing_was_swapped() {
    let ground = Ground::new(1, "5m").await;
    assert_eq!(once(&ground, None).0, Some(0));
    ground.replace("other");
    let (code, log) = once(&ground, Some("rehearsed:1"));
    assert_eq!(code, None, "it was to die: {log}");
    assert_eq!(account(&ground), ("plain".into(), counted(1), vec![0, 1]));
    let (code, log) = once(&ground, None);
    assert_eq!(code, Some(0), "{log}");
    assert_eq!(account(&ground), ("other".into(), counted(2), vec![0, 1, 1]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i6_killed_between_promotion_and_page_the_page_is_read_again() {
    let ground = Ground::new(1, "5m").await;
    assert_eq!(once(&ground, None).0, Some(0));
    ground.replace("other");
    let (code, log) = once(&ground, Some("promoted:1"));
    assert_eq!(code, None, "it was to die: {log}");
    assert_eq!(account(&ground), ("other".into(), counted(1), vec![0, 1]));
    let (code, log) = once(&ground, None);
    assert_eq!(code, Some(0), "{log}");
    assert_eq!(account(&ground), ("other".into(), counted(2), vec![0, 1, 1]));
}
