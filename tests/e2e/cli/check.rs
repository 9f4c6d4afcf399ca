//! `check`: what is well, and each thing that is not.

use miro_source_tests::stage::Token;
use simulator::{Denial, Endpoint, Fault, Rule};

use super::Desk;

const CAUSES: [&str; 3] = ["Enterprise plan", "Company Admin", "auditlogs:read"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn check_says_line_by_line_that_all_is_well_and_changes_nothing() {
    for token in [Token::Static, Token::Rotating] {
        let desk = if token == Token::Static { Desk::open().await } else { Desk::rotating().await };
        let ran = desk.ends(0, &["check"]).await;
        assert!(ran.out.ends_with("all is well\n"), "{ran:?}");
        for line in ["ok    configuration", "ok    store", "ok    source acme", "ok    sink sumo"] {
            assert!(ran.out.contains(line), "{line}: {ran:?}");
        }
        let account = desk.account();
        assert_eq!((account.accepted, account.refreshes, account.sumo_posts), (0, 0, 0), "{account:#?}");
        assert!(!desk.stage.path("miro-source.db").exists());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn check_names_the_three_causes_of_a_403_and_a_404() {
    for denial in [Denial::Forbidden, Denial::NotFound] {
        let desk = Desk::open().await;
        desk.world.set(|settings| {
            settings.miro.enterprise = false;
            settings.miro.denial = denial;
        });
        let ran = desk.ends(3, &["check"]).await;
        for cause in CAUSES {
            assert!(ran.out.contains(cause), "{denial:?}, {cause}: {ran:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn check_tells_a_missing_scope_and_a_refused_token_apart() {
    let desk = Desk::open().await;
    desk.stage.secret("acme_access_token", &desk.world.issue_static_with("boards:read")).unwrap();
    let ran = desk.ends(3, &["check"]).await;
    assert!(ran.out.contains("auditlogs:read"), "{ran:?}");
    desk.stage.secret("acme_access_token", "eyJtaXJvLm9yaWdpbiI6ImV1MDEifQ_nonsense").unwrap();
    let ran = desk.ends(3, &["check"]).await;
    assert!(ran.out.contains("FAIL  source acme") && ran.out.contains("secrets.access_token"), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn check_says_which_side_does_not_answer() {
    let desk = Desk::open().await;
    desk.stage.secret("sumo_url", &(desk.stage.server.sumo_url.clone() + "x")).unwrap();
    let ran = desk.ends(1, &["check"]).await;
    assert!(
        ran.out.contains(&format!("FAIL  sink sumo: {} answered 401", desk.stage.sumo_host())) && ran.out.contains("Show URL"),
        "{ran:?}"
    );

    desk.stage.secret("sumo_url", "http://127.0.0.1:9/receiver/v1/http/token").unwrap();
    let ran = desk.ends(1, &["check"]).await;
    assert!(ran.out.contains("FAIL  sink sumo: failed to reach 127.0.0.1") && ran.out.contains("nothing is lost"), "{ran:?}");

    desk.stage.secret("sumo_url", &desk.stage.server.sumo_url).unwrap();
    desk.world.add_rule(Rule::new(Endpoint::Context, Fault::Status { status: 503, body: None, retry_after: None }));
    let ran = desk.ends(1, &["check"]).await;
    assert!(ran.out.contains("FAIL  source acme"), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn check_beside_a_running_host_names_it_and_stops_at_what_cannot_work() {
    let desk = Desk::open().await;
    let host = desk.settled().await;
    let ran = desk.ends(0, &["check"]).await;
    assert!(ran.out.contains(&format!("in use by process {}", host.pid())), "{ran:?}");
    desk.edit(|text| text.replace("acme_access_token", "not_there").replace("sumo_url", "nor_there"));
    let ran = desk.ends(2, &["check"]).await;
    assert!(ran.out.contains("not_there") && ran.out.contains("nor_there"), "{ran:?}");
    desk.edit(|text| text.replace(&format!("allow = [\"{}", desk.stage.server.miro_url), "allow = [\"http://127.0.0.1:9"));
    let ran = desk.ends(2, &["check"]).await;
    assert!(ran.out.contains("does not grant"), "{ran:?}");
    assert!(host.terminate().unwrap().success());
}
