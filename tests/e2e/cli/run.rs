//! `run`, and what may be looked at beside it.

use miro_source::{control, schedule::State, store::lock::StoreLock};

use super::Desk;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn run_ends_with_0_on_sigterm_loses_nothing_and_lets_go_of_the_store() {
    let desk = Desk::open().await;
    let store = desk.stage.path("miro-source.db");
    let host = desk.host();
    // In the middle of it.
    desk.until("some events are delivered", &host, |account| account.accepted > 0).await;
    assert_eq!(StoreLock::holder(&store).unwrap().pid, host.pid());
    let log = desk.stage.path("host.log");
    assert!(host.terminate().unwrap().success());
    let log = std::fs::read_to_string(log).unwrap();
    assert!(log.contains("stopping") && log.trim_end().ends_with("stopped"), "{log}");
    assert_eq!(StoreLock::holder(&store), None);
    assert!(!control::socket_path(&store).exists());
    desk.ends(0, &["once"]).await;
    let account = desk.account();
    assert_eq!((account.held, account.lost, account.duplicates), (300, 0, 0), "{account:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn status_reads_beside_a_running_host_as_text_and_as_json() {
    let desk = Desk::rotating().await;
    let host = desk.settled().await;
    // The host notes what it is at after Sumo Logic has accepted, and has noted it between two pages: look until nothing waits.
    let idle = async { while !desk.ran(&["status"]).await.out.contains("sink sumo: idle\n  waiting    nothing") {} };
    tokio::time::timeout(miro_source_tests::patience::LONG, idle).await.unwrap();
    let json = desk.ends(0, &["status", "--json"]).await;
    let report: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(report["owner"], host.pid(), "{report:#}");
    assert_eq!(report["sources"][0]["state"], serde_json::json!(State::Collecting), "{report:#}");
    assert_eq!(report["sources"][0]["source"], "acme");
    assert_eq!(report["sinks"][0]["status"]["state"], "idle", "{report:#}");
    let text = desk.ends(0, &["status"]).await;
    assert!(text.out.contains(&format!("collecting: process {}", host.pid())), "{text:?}");
    assert!(text.out.contains("sink sumo: idle\n  waiting    nothing"), "{text:?}");
    assert!(host.terminate().unwrap().success());
    let after = desk.ends(0, &["status"]).await;
    assert!(after.out.contains("no process"), "{after:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopped_host_leaves_its_problem_in_sight() {
    let desk = Desk::open().await;
    desk.world.set(|settings| settings.miro.enterprise = false);
    let host = desk.host();
    miro_source_tests::patience::until("the problem is said", || host.log().contains("Enterprise plan")).await.unwrap();
    let ran = desk.ends(1, &["status"]).await;
    assert!(ran.out.contains("Company Admin"), "{ran:?}");
    assert!(host.terminate().unwrap().success());
    let ran = desk.ends(1, &["status"]).await;
    assert!(ran.out.contains("Stopping") && ran.out.contains("Company Admin"), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_and_tail_list_what_is_stored_beside_a_running_host() {
    let desk = Desk::open().await;
    let host = desk.settled().await;
    let events = desk.ends(0, &["events"]).await;
    assert!(events.out.contains("sign_in_succeeded") && events.out.contains("board_opened"), "{events:?}");
    let counted: u64 = desk
        .ends(0, &["events", "--json"])
        .await
        .out
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["count"].as_u64().unwrap())
        .sum();
    assert_eq!(counted, 300);
    let ten = desk.ends(0, &["tail", "--no-follow"]).await;
    assert_eq!(ten.out.lines().count(), 10, "{ten:?}");
    let all = desk.ran(&["tail", "--no-follow", "-n", "1000", "--event", "board_*"]).await;
    assert!(all.out.lines().count() > 10 && all.out.lines().all(|line| line.contains("board_")), "{all:?}");
    let escaped = desk.ran(&["tail", "--no-follow", "-n", "1000", "--record"]).await;
    assert_eq!(escaped.out.lines().count(), 300);
    assert!(!escaped.out.contains('\u{1b}') && !escaped.out.contains('\u{202e}'), "nothing steers the terminal");
    assert!(host.terminate().unwrap().success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn components_shows_what_is_used_and_granted() {
    let desk = Desk::open().await;
    let ran = desk.ends(0, &["components"]).await;
    assert!(ran.out.contains("sha256:") && ran.out.contains("wasi:http") && ran.out.contains(&desk.stage.server.miro_url), "{ran:?}");
}
