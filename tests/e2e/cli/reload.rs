//! A configuration that changes while the host runs: by `miro-source reload`, and by SIGHUP.

use std::net::TcpListener;

use miro_source::{
    control::{Reply, Request, ask},
    model::Instant,
};
use miro_source_tests::{host::Host, network::loopback, patience::until};

use super::Desk;

/// The lines of a file that a sink writes.
fn lines(desk: &Desk, name: &str) -> Vec<String> {
    let text = std::fs::read_to_string(desk.stage.path(name)).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

fn sink(desk: &Desk, name: &str) -> String {
    format!("\n[[sink]]\nname = \"{name}\"\ntype = \"file\"\npath = {:?}\n", desk.stage.path(&format!("{name}.ndjson")))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i2_sinks_and_grants_come_and_go_while_the_host_runs_and_no_event_is_lost_or_sent_twice() {
    let desk = Desk::open().await;
    let host = desk.settled().await;
    let first = std::fs::read_to_string(&desk.config).unwrap();
    let ran = desk.ends(0, &["reload"]).await;
    assert!(ran.out.contains("read again: nothing in it is different"), "{ran:?}");

    desk.edit(|text| text + &sink(&desk, "archive"));
    let ran = desk.ends(0, &["reload"]).await;
    assert!(ran.out.contains("sink archive came"), "{ran:?}");
    let filled = until("the sink that came has what was there before it", || lines(&desk, "archive.ndjson").len() == 300);
    filled.await.unwrap_or_else(|why| panic!("{why}\n{}", host.log()));

    // A grant that goes stops its source; one that comes back lets it go on.
    let granted = std::fs::read_to_string(&desk.config).unwrap();
    desk.edit(|text| with(&text, "allow", "[\"https://elsewhere.example\"]"));
    let ran = desk.ends(0, &["reload"]).await;
    assert!(ran.out.contains("source acme changed"), "{ran:?}");
    let refused = until("the source needs its grant", || host.log().contains("acme") && host.log().contains("`allow`"));
    refused.await.unwrap_or_else(|why| panic!("{why}\n{}", host.log()));
    std::fs::write(&desk.config, &granted).unwrap();
    hang_up(&host);

    for round in 0..6 {
        let now = Instant::system().0;
        desk.world.add_event(now, now, "sign_in_success");
        std::fs::write(&desk.config, if round % 2 == 0 { &first } else { &granted }).unwrap();
        desk.ends(0, &["reload"]).await;
    }
    desk.until("everything is delivered", &host, |account| account.held == 306 && account.lost == 0).await;
    let filled = until("so it is to the sink that came and went", || lines(&desk, "archive.ndjson").len() == 306);
    filled.await.unwrap_or_else(|why| panic!("{why}\n{}", host.log()));
    assert_eq!(desk.account().duplicates, 0);
    assert!(host.terminate().unwrap().success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_configuration_that_is_wrong_changes_nothing_and_is_said_why() {
    let desk = Desk::open().await;
    let host = desk.settled().await;
    let right = std::fs::read_to_string(&desk.config).unwrap();
    let listener = TcpListener::bind((loopback().unwrap(), 0)).unwrap();
    let taken = listener.local_addr().unwrap();
    for (wrong, why) in [
        (right.replace("interval = ", "intervall = "), "interval"),
        (right.replace("[store]\npath = \"", "[store]\npath = \"other-"), "[store] change with a restart only"),
        (right.replace("\"builtin:miro\"", "\"nowhere.wasm\""), "nowhere.wasm"),
        (format!("{right}\n[web]\nlisten = \"{taken}\"\n"), "name another port"),
        (authority(&right), "nowhere.pem"),
        (format!("include = [\"customers/*.toml\"]\n{right}"), "customers/one.toml"),
    ] {
        assert_ne!(wrong, right, "{why}");
        std::fs::create_dir_all(desk.stage.path("customers")).unwrap();
        std::fs::write(desk.stage.path("customers/one.toml"), "[[sorce]]\n").unwrap();
        std::fs::write(&desk.config, &wrong).unwrap();
        let answer = ask(&desk.stage.path("miro-source.db"), &Request::Reload).await.unwrap();
        let Reply::Failed(said) = answer else { panic!("{why}: {answer:?}") };
        assert!(said.contains(why), "{why}: {said}");
    }
    let now = Instant::system().0;
    desk.world.add_event(now, now, "sign_in_success");
    desk.until("it goes on as it was", &host, |account| account.held == 301 && account.lost == 0).await;
    assert!(host.log().contains("the configuration stays as it was"), "{}", host.log());
    assert!(host.terminate().unwrap().success());
    std::fs::write(&desk.config, &right).unwrap();
    let ran = desk.ends(1, &["reload"]).await;
    assert!(ran.err.contains("no host runs on"), "{ran:?}");
}

/// A configuration whose first such key has another value.
fn with(text: &str, key: &str, value: &str) -> String {
    let key = format!("{key} = ");
    let (before, rest) = text.split_once(&key).unwrap();
    format!("{before}{key}{value}{}", rest.split_once('\n').map_or(String::new(), |(_, after)| format!("\n{after}")))
}

/// A configuration with authorities that are not there. Behind a proxy it has some already.
fn authority(text: &str) -> String {
    match text.contains("ca_file = ") {
        true => with(text, "ca_file", "\"nowhere.pem\""),
        false => format!("{text}\n[network]\nca_file = \"nowhere.pem\"\n"),
    }
}

fn hang_up(host: &Host) {
    let asked = std::process::Command::new("kill").arg("-HUP").arg(host.pid().to_string()).status().unwrap();
    assert!(asked.success());
}
