//! `verify`: exactly what is missing is named, repaired, and then found; by itself and beside a running host.

use std::{collections::BTreeSet, sync::Arc};

use miro_source::{
    clock::SystemClock,
    config::SinkKind,
    egress,
    model::Instant,
    sink::sumo::search::{Look, Search, Time},
};
use miro_source_tests::{
    command::Ran,
    stage::{HOUR, Recipe, Token},
};
use serde_json::Value;

use super::Desk;

impl Desk {
    /// Gives the sink an access key.
    fn searched(&self) {
        let (id, key) = self.world.search_key();
        let (id, key) = (self.stage.secret("access_id", id).unwrap(), self.stage.secret("access_key", key).unwrap());
        let mut api = url::Url::parse(&self.stage.server.sumo_url).unwrap();
        api.set_path("/");
        self.edit(|text| {
            let keys =
                format!("category = \"miro\"\naccess_id = {{ file = {id:?} }}\naccess_key = {{ file = {key:?} }}\napi_url = \"{api}\"");
            text.replace("category = \"miro\"", &keys)
        });
    }

    /// Ids that are at the vendor, every so many.
    fn some(&self, every: usize) -> Vec<String> {
        let ids = self.world.visible(Instant::system().0).into_iter().step_by(every);
        ids.map(|record| serde_json::from_str::<Value>(&record).unwrap()["id"].as_str().unwrap().to_owned()).collect()
    }
}

fn report(ran: &Ran) -> Value {
    serde_json::from_str(ran.out.trim()).unwrap_or_else(|why| panic!("{why}: {ran:?}"))
}

/// The ids that are missing there.
fn missing(report: &Value, at: &Value) -> BTreeSet<String> {
    let all = report["missing"].as_array().unwrap().iter().filter(|missing| missing["at"] == *at);
    all.map(|missing| missing["id"].as_str().unwrap().to_owned()).collect()
}

const VERIFY: &[&str] = &["verify", "--from", "6h", "--to", "30m", "--lag", "0s"];

fn verify<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [VERIFY, more].concat()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_removed_at_sumo_is_named_exactly_and_sent_again() {
    let desk = Desk::open().await;
    desk.searched();
    desk.ends(0, &["once"]).await;
    let whole = desk.ends(0, &verify(&[])).await;
    assert!(whole.out.contains("complete: nothing is missing") && whole.out.contains("found there 300"), "{whole:?}");
    assert!(whole.out.lines().all(|line| line.chars().count() <= 100), "{whole:?}");

    let removed = desk.some(23);
    desk.world.remove_at_sumo(&removed);
    let found = report(&desk.ends(1, &verify(&["--json"])).await);
    let at = serde_json::json!({ "sink": "sumo" });
    assert_eq!(missing(&found, &at), removed.iter().cloned().collect());
    assert_eq!(found["missing"].as_array().unwrap().len(), removed.len(), "and nothing else");
    let file = desk.stage.path("report.json").display().to_string();
    let repaired = desk.ends(0, &verify(&["--repair", "--report", &file])).await;
    assert!(repaired.out.contains("complete: nothing is missing"), "{repaired:?}");
    let written: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    assert_eq!((&written["complete"], &written["totals"]["sinks"][0]["found"]), (&true.into(), &300.into()));
    assert_eq!(desk.account().duplicates, removed.len() as u64, "nothing else was sent again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_arrived_masked_is_found_by_its_id() {
    let mask = "category = \"miro\"\nmask = [\"user.name\", \"user.email\", \"user.id\", \"ip.address\", \"object.name\"]";
    let desk = Desk::with(Recipe { sink: mask.into(), ..Recipe::default() }).await;
    desk.searched();
    desk.ends(0, &["once"]).await;
    let whole = desk.ends(0, &verify(&[])).await;
    assert!(whole.out.contains("complete: nothing is missing") && whole.out.contains("found there 300"), "{whole:?}");
    let lines: Vec<Value> = desk.world.records().iter().map(|record| serde_json::from_slice(&record.line).unwrap()).collect();
    let masked = |line: &Value| line["createdBy"]["email"].as_str().is_none_or(|email| email.ends_with("@masked.invalid"));
    assert!(lines.len() >= 300 && lines.iter().all(masked), "{lines:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_store_lacks_is_named_exactly_and_read_again() {
    let desk = Desk::with(Recipe { since: "10m".into(), revisit: r#"["10m"]"#.into(), ..Recipe::default() }).await;
    desk.searched();
    desk.ends(0, &["once"]).await;
    // A whole second, as far as the time of a record is compared with below.
    let half = Instant((Instant::system().0 - 3 * HOUR) / 1000 * 1000).to_string();
    let stretch = |more: &[&'static str]| {
        [&["verify", "--from", &half, "--to", "30m", "--lag", "0s"], more].concat().into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let run = async |code, more: &[&'static str]| {
        let args = stretch(more);
        desk.ends(code, &args.iter().map(String::as_str).collect::<Vec<_>>()).await
    };
    let found = report(&run(1, &["--json"]).await);
    let lacking = missing(&found, &"store".into());
    let of_then = |record: &String| serde_json::from_str::<Value>(record).unwrap()["createdAt"].as_str().unwrap() >= &half[..19];
    let expected = desk.world.visible(Instant::system().0).iter().filter(|record| of_then(record)).count();
    assert_eq!((lacking.len(), found["missing"].as_array().unwrap().len()), (expected, expected));
    run(0, &["--repair"]).await;
    let account = desk.account();
    assert_eq!((account.accepted, account.duplicates), (expected as u64, 0), "exactly this, and once: {account:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn beside_a_running_host_the_host_repairs() {
    let desk = Desk::with(Recipe { token: Token::Rotating, ..Recipe::default() }).await;
    desk.searched();
    let host = desk.settled().await;
    let removed = desk.some(50);
    desk.world.remove_at_sumo(&removed);
    let found = report(&desk.ends(1, &verify(&["--json", "--sink", "sumo"])).await);
    assert_eq!(missing(&found, &serde_json::json!({ "sink": "sumo" })), removed.iter().cloned().collect());
    // What is sent again is not found by the first look after it, and is sent but once.
    desk.world.set(|settings| settings.search.unseen = 2);
    desk.ends(0, &verify(&["--repair"])).await;
    assert!(host.terminate().unwrap().success());
    let account = desk.account();
    assert_eq!((account.lost, account.duplicates, account.stale_refreshes), (0, removed.len() as u64, 0), "{account:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_verify_that_cannot_be_says_why() {
    let desk = Desk::open().await;
    desk.ends(0, &["once"]).await;
    let unasked = desk.ends(0, &verify(&[])).await;
    assert!(unasked.out.contains("`access_id`"), "{unasked:?}");
    for (args, says) in [(&["verify"][..], "--from"), (&["verify", "--from", "5m", "--to", "1h"], "must be the earlier")] {
        let ran = desk.ends(2, args).await;
        assert!(ran.err.contains(says), "{ran:?}");
    }
    desk.searched();
    let checked = desk.ends(0, &["check"]).await;
    assert!(checked.out.contains("the access key may search at"), "{checked:?}");
    desk.stage.secret("access_key", "wrong").unwrap();
    let checked = desk.ends(1, &["check"]).await;
    assert!(checked.out.contains("only `verify` cannot look") && !checked.said().contains("wrong"), "{checked:?}");
    let refused = desk.ends(1, &verify(&[])).await;
    assert!(refused.err.contains("refuses the access key") && !refused.said().contains("wrong"), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_search_that_does_not_fit_is_split_and_one_that_is_throttled_or_cancelled_is_done_again() {
    let desk = Desk::open().await;
    desk.searched();
    desk.ends(0, &["once"]).await;
    desk.world.set(|settings| {
        settings.search.rows = 100;
        (settings.search.throttled, settings.search.cancelled) = (2, 2);
    });
    let config = miro_source::config::load(&desk.config).unwrap();
    let SinkKind::Sumo(sumo) = &config.sinks[0].kind else { panic!("{:?}", config.sinks) };
    let client = egress::client::build(&config.network, egress::Purpose::Sink).unwrap();
    let mut search = Search::open(sumo, config.sinks[0].format, client, Arc::new(SystemClock)).await.unwrap().giving(100);
    let now = Instant::system();
    let look = Look { start: Instant(now.0 - 6 * HOUR), end: now, by: Time::Message, among: None };
    let counts = search.counts(&look).await.unwrap();
    assert_eq!((counts.len(), counts.values().sum::<u64>()), (300, 300));
    let receipt = search.counts(&Look { by: Time::Receipt, among: Some(&desk.some(100)), ..look }).await.unwrap();
    assert_eq!(receipt.into_keys().collect::<Vec<_>>(), desk.some(100));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_person_does_is_in_the_log_and_a_flipped_byte_of_it_is_named() {
    let desk = Desk::open().await;
    desk.ends(0, &["once"]).await;
    desk.ends(0, &["backfill", "--from", "6h", "--to", "30m", "--yes"]).await;
    desk.edit(|text| text.replace("category = \"miro\"", "category = \"miro/audit\""));
    desk.ends(0, &["once"]).await;
    let log = desk.ends(0, &["respond", "log"]).await.out;
    let said: Vec<Value> = log.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["said"].clone()).collect();
    assert_eq!((&said[0]["deed"], &said[1]["deed"], said.len()), (&"asks".into(), &"configuration".into(), 2), "{log}");
    assert!(
        said[0]["who"].as_str().is_some_and(|who| !who.is_empty()) && said[1]["about"].as_str().unwrap().starts_with("sink sumo changed")
    );
    let whole = desk.ends(0, &["verify", "--governance"]).await;
    assert!(whole.out.contains("2 records are as they were written"), "{whole:?}");

    let file = desk.stage.path("governance.ndjson");
    std::fs::write(&file, log.replace("sink sumo changed", "sinc sumo changed")).unwrap();
    let broken = desk.ends(1, &["verify", "--governance", &file.display().to_string()]).await;
    assert!(broken.out.contains("record 2 is not as it was written"), "{broken:?}");
    let delivered = desk.world.others().iter().filter(|record| String::from_utf8_lossy(&record.line).contains("governance")).count();
    assert_eq!(delivered, 2, "each record went to the sink");
}
