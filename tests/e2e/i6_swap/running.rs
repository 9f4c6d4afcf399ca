//! A running host: its file changes, or a person asks.

use std::process::{Command, Output};

use miro_source::swap::Shown;
use miro_source_tests::{host::Host as Process, patience, stage::Stage};

use super::*;

fn ask(ground: &Ground, args: &[&str]) -> Output {
    Command::new(Stage::demo_binary()).args(["host", "--config"]).arg(&ground.config).args(args).output().unwrap()
}

fn shown(ground: &Ground) -> Option<Shown> {
    let answer = ask(ground, &["components", "--json"]);
    serde_json::from_slice::<Vec<Shown>>(&answer.stdout).ok()?.pop()
}

async fn until(ground: &Ground, what: &str, holds: impl Fn(&Shown) -> bool) {
    patience::until(what, || shown(ground).is_some_and(|shown| holds(&shown))).await.unwrap();
}

fn version(shown: &Shown) -> &str {
    shown.history.iter().find(|tenure| tenure.state == TenureState::Current).map_or("", |tenure| &tenure.version)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i6_a_file_that_changes_is_taken_over_and_a_person_can_go_another_way() {
    let ground = Ground::new(1, "1s").await;
    let host = Process::start(Stage::demo_binary(), &ground.config, &["run"], &[], &ground.folder.path().join("log")).unwrap();
    until(&ground, "it polls", |shown| shown.history.iter().any(|tenure| tenure.polls > 0)).await;
    ground.replace("other");
    until(&ground, "the component is replaced", |shown| version(shown) == "other").await;
    // What differs is told, and waits.
    let louder = ground.file("louder");
    let refused = ask(&ground, &["components", "swap", "changing", louder.to_str().unwrap()]);
    let (out, err) = (String::from_utf8_lossy(&refused.stdout), String::from_utf8_lossy(&refused.stderr));
    assert_eq!(refused.status.code(), Some(1), "{out}{err}");
    assert!(out.contains("event action: differs") && err.contains("--accept-diff"), "{out}{err}");
    let taken = ask(&ground, &["components", "swap", "changing", louder.to_str().unwrap(), "--accept-diff"]);
    assert_eq!(taken.status.code(), Some(0), "{}{}", String::from_utf8_lossy(&taken.stdout), String::from_utf8_lossy(&taken.stderr));
    let text = String::from_utf8_lossy(&ask(&ground, &["components"]).stdout).into_owned();
    for part in ["changing louder", "on probation", "sha256:", "pinned by its digest", "replaced", "refused", "fields differ"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let unknown = ask(&ground, &["components", "swap", "miro", louder.to_str().unwrap()]);
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("no source runs a component `miro`"), "{unknown:?}");
    assert!(host.terminate().unwrap().success());
    // With nobody to ask, it says so.
    let nobody = ask(&ground, &["components", "swap", "changing", louder.to_str().unwrap()]);
    assert!(String::from_utf8_lossy(&nobody.stderr).contains("no host is running"), "{nobody:?}");
    assert!(String::from_utf8_lossy(&ask(&ground, &["components"]).stdout).contains("no host is running"));
}
