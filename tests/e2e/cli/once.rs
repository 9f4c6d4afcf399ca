//! `once`: its exit codes, each with a cause that happens.

use miro_source_tests::stage::Stage;
use simulator::{Endpoint, Fault, Rule};

use super::Desk;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn once_ends_with_0_where_everything_was_accepted_and_again_where_nothing_is_new() {
    let desk = Desk::open().await;
    desk.ends(0, &["once"]).await;
    let account = desk.account();
    assert_eq!((account.held, account.lost, account.duplicates), (300, 0, 0), "{account:#?}");
    let again = desk.ends(0, &["once"]).await;
    assert_eq!(desk.account().duplicates, 0);
    assert_eq!(again.out, "", "cron sends mail for every word");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn once_ends_with_1_where_sumo_logic_refuses_and_says_so_and_loses_nothing() {
    let desk = Desk::open().await;
    let dead = desk.stage.server.sumo_url.clone() + "x";
    desk.stage.secret("sumo_url", &dead).unwrap();
    let ran = desk.ends(1, &["once"]).await;
    assert!(ran.err.contains(&format!("left: sink `sumo`: {} answered 401", desk.stage.sumo_host())), "{ran:?}");
    assert!(!ran.said().contains(&dead), "{ran:?}");
    let status = desk.ends(1, &["status"]).await;
    assert!(
        status.out.contains("sink sumo: paused") && status.out.contains("answered 401") && status.out.contains("live 300 events"),
        "{status:?}"
    );
    desk.stage.secret("sumo_url", &desk.stage.server.sumo_url).unwrap();
    desk.ends(0, &["once"]).await;
    assert_eq!((desk.account().lost, desk.account().duplicates), (0, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn once_ends_with_1_where_an_event_is_parked_and_says_where_to_look() {
    let desk = Desk::open().await;
    let poison = desk.world.visible(miro_source::model::Instant::system().0)[150].clone();
    let id = serde_json::from_str::<serde_json::Value>(&poison).unwrap()["id"].as_str().unwrap().to_owned();
    desk.world.set(|settings| settings.sumo.poison_ids.extend([id]));
    let ran = desk.ends(1, &["once"]).await;
    assert!(ran.err.contains("1 event is parked: see `miro-source parked list`"), "{ran:?}");
    assert_eq!(desk.account().lost, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn once_ends_with_2_where_the_configuration_cannot_work() {
    let desk = Desk::open().await;
    let right = std::fs::read_to_string(&desk.config).unwrap();
    for (wrong, says) in [
        (right.replace("interval = ", "intervall = "), "intervall"),
        (right.replace("since = ", "sinse = "), "sinse"),
        (right.replace("acme_access_token", "not_there"), "not_there"),
        (right.replace("key = { file", "key = { env = \"NO_SUCH_KEY\" } #"), "NO_SUCH_KEY"),
        (right.replace(&format!("allow = [\"{}", desk.stage.server.miro_url), "allow = [\"http://127.0.0.1:9"), "does not grant"),
    ] {
        std::fs::write(&desk.config, wrong).unwrap();
        let ran = desk.ends(2, &["once"]).await;
        assert!(ran.err.contains(says), "{says}: {ran:?}");
    }
    assert_eq!(desk.account().requests, 0, "nothing was asked of anybody");
    std::fs::remove_file(&desk.config).unwrap();
    desk.ends(2, &["once"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn once_ends_with_2_where_an_included_file_cannot_be_used_and_it_is_told_until_it_can() {
    let desk = Desk::open().await;
    let beta = desk.stage.path("beta.toml");
    std::fs::write(&beta, "[[source\n").unwrap();
    desk.edit(|text| format!("include = [{beta:?}]\n{text}"));
    let ran = desk.ends(2, &["once"]).await;
    assert!(ran.err.contains("left: nothing of an included file runs: ") && ran.err.contains("beta.toml:1:"), "{ran:?}");
    assert_eq!(desk.account().lost, 0, "the others go on");
    let status = desk.ends(1, &["status"]).await;
    assert!(status.out.contains("something that is configured does not run") && status.out.contains("beta.toml:1:"), "{status:?}");
    std::fs::write(&beta, "").unwrap();
    desk.ends(0, &["once"]).await;
    desk.ends(0, &["status"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn once_ends_with_3_where_a_person_must_authorize() {
    let desk = Desk::rotating().await;
    desk.world.add_rule(Rule::new(Endpoint::Audit, Fault::RevokeToken).once());
    let ran = desk.ends(3, &["once"]).await;
    assert!(ran.err.contains("left: source `acme`") && ran.err.contains("run `miro-source auth acme`"), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn once_ends_with_3_where_plan_role_or_scope_are_missing() {
    let desk = Desk::open().await;
    desk.world.set(|settings| settings.miro.enterprise = false);
    let ran = desk.ends(3, &["once"]).await;
    assert!(ran.err.contains("Enterprise plan") && ran.err.contains("Company Admin") && ran.err.contains("auditlogs:read"), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn once_and_run_end_with_4_where_another_process_owns_the_store_and_name_it() {
    let desk = Desk::open().await;
    let host = desk.settled().await;
    for command in ["once", "run"] {
        let ran = desk.ends(4, &[command]).await;
        assert!(ran.err.contains(&format!("process {}", host.pid())), "{ran:?}");
        let program = Stage::demo_binary().file_name().unwrap().to_str().unwrap();
        assert!(ran.err.contains(program), "it says what that process is: {ran:?}");
    }
    assert!(host.terminate().unwrap().success());
    desk.ends(0, &["once"]).await;
}
