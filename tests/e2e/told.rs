//! Being told: what goes wrong and what is over, once each, by ways that do not depend on what it is about.

use std::{collections::BTreeMap, time::Duration};

use miro_source::{clock::Clock as _, condition::Known};
use miro_source_tests::{
    command::Ran,
    drive::Drive,
    hook::{Hook, Posted},
    stage::{HOUR, MINUTE, ORIGIN, Recipe, Stage},
};
use serde_json::Value;
use simulator::{Endpoint, Fault, Organization, Rule, Settings, Spec, World};

fn day() -> World {
    let spec = Spec { from: ORIGIN, to: ORIGIN + 12 * HOUR, events: 1_000, late_share: 0.0, ..Spec::default() };
    World::new(Organization::generate(8, spec), Settings::default())
}

fn hooked(stage: &Stage, config: &std::path::Path, hook: &Hook, more: &str) {
    let url = stage.secret("hook_url", &hook.url).unwrap();
    let text = std::fs::read_to_string(config).unwrap();
    stage.write(&format!("{text}\n[[notify]]\nname = \"soc\"\ntype = \"webhook\"\nurl = {{ file = {url:?} }}\n{more}\n")).unwrap();
}

/// What was told of each condition, in order.
fn told(hook: &Hook) -> BTreeMap<String, Vec<String>> {
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for posted in hook.posted().iter().map(Posted::json).filter(|body| body["condition"].is_string()) {
        let text = |key: &str| posted[key].as_str().unwrap().to_owned();
        all.entry(format!("{}/{}", text("condition"), text("subject"))).or_default().push(text("event"));
    }
    all
}

/// The health events that Sumo Logic accepted.
fn health(stage: &Stage) -> Vec<Value> {
    let lines = stage.world.others().into_iter().map(|record| serde_json::from_slice::<Value>(&record.line).unwrap());
    lines.filter(|line| line["eventFormatVersion"] == "1.0").collect()
}

fn open(drive: &Drive) -> Vec<String> {
    let known = drive.store.conditions().unwrap();
    known.into_iter().filter(Known::is_open).map(|known| known.condition.key().as_str().to_owned()).collect()
}

#[tokio::test]
async fn i2_a_revoked_source_is_told_once_and_resolved_once_while_the_sink_is_down_and_the_host_restarts() {
    let (stage, clock) = Stage::stepped(day()).await.unwrap();
    let config = stage.configure(&Recipe::default(), clock.now()).unwrap();
    let hook = Hook::start().await.unwrap();
    hooked(&stage, &config, &hook, "");
    let down = stage.world.add_rule(Rule::new(Endpoint::Sumo, Fault::Status { status: 503, body: None, retry_after: None }));
    let token = std::fs::read_to_string(stage.path("acme_access_token")).unwrap();
    let mut drive = Drive::open(&config, &clock).await.unwrap().watched();
    drive.pass(Duration::from_secs(3600)).await.unwrap();
    assert!(stage.world.revoke(&token));
    // Three times whatever ran is gone in the middle of it, as after a crash.
    for _ in 0..3 {
        drive.pass(Duration::from_secs(1200)).await.unwrap();
        assert!(open(&drive).contains(&"source/acme".to_owned()), "{:?}", open(&drive));
        drop(drive);
        drive = Drive::open(&config, &clock).await.unwrap().watched();
    }
    stage.secret("acme_access_token", &stage.world.issue_static()).unwrap();
    drive.pass(Duration::from_secs(2 * 3600)).await.unwrap();
    let names = ["begun".to_owned(), "resolved".to_owned()];
    assert_eq!(told(&hook)["source/acme"], names, "nothing has reached the sink: {:#?}", told(&hook));
    assert_eq!(told(&hook)["undelivered/sumo/acme"], names[..1]);
    assert!(health(&stage).is_empty());

    // The sink is back: it hears all of it, too, and of the heartbeats that waited only the latest.
    stage.world.remove_rule(down);
    let before = clock.now();
    drive.pass(Duration::from_secs(1200)).await.unwrap();
    assert_eq!(told(&hook)["undelivered/sumo/acme"], names);
    let lines = health(&stage);
    let of = |tracker: &str| lines.iter().filter(|line| line["details"]["trackerId"] == tracker).collect::<Vec<_>>();
    let status: Vec<_> = of("SourceError").iter().map(|line| line["status"].as_str().unwrap()).collect();
    assert_eq!(status, ["UnHealthy", "Healthy"], "{lines:#?}");
    let error = of("ThirdPartyConfigError");
    assert!(!error.is_empty() && error.iter().all(|line| line["resourceIdentity"]["name"] == "acme"), "{lines:#?}");
    let beats = of("Heartbeat");
    let waited = beats.iter().filter(|line| line["eventTime"].as_str().unwrap() < before.to_string().as_str()).count();
    assert!(waited <= 1, "{beats:#?}");
    assert!(beats.iter().all(|beat| beat["heartbeat"]["eventsCollected"].is_u64()), "{beats:#?}");
    let ids: std::collections::BTreeSet<_> = lines.iter().map(|line| line["eventId"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), lines.len(), "each has a name of its own, and came once");
    let categories: std::collections::BTreeSet<_> = stage.world.others().iter().map(|record| record.metadata.category.clone()).collect();
    assert_eq!(categories, [Some("miro/alerts".to_owned())].into());
    assert_eq!(stage.world.account(clock.now().0).lost, 0);
}

#[tokio::test]
async fn a_sink_that_needs_a_person_is_told_by_the_channel_and_resolved_when_it_is_mended() {
    let (stage, clock) = Stage::stepped(day()).await.unwrap();
    let config = stage.configure(&Recipe { sink: "category = \"miro\"\nhealth = false".into(), ..Recipe::default() }, clock.now()).unwrap();
    let hook = Hook::start().await.unwrap();
    hooked(&stage, &config, &hook, "template = \"pagerduty\"\nrouting_key = { env = \"PATH\" }");
    let mut drive = Drive::open(&config, &clock).await.unwrap().watched();
    drive.pass(Duration::from_secs(3600)).await.unwrap();
    let token = stage.world.regenerate_sumo();
    drive.pass(Duration::from_secs(1200)).await.unwrap();
    let url = stage.server.sumo_url.rsplit_once('/').unwrap().0.to_owned() + "/" + &token;
    stage.secret("sumo_url", &url).unwrap();
    drive.pass(Duration::from_secs(3600)).await.unwrap();
    let mut pages: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for page in hook.posted().iter().map(Posted::json) {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        pages.entry(text(&page["dedup_key"])).or_default().push(text(&page["event_action"]));
    }
    let sink = hook.posted().iter().map(Posted::json).find(|page| page["payload"]["summary"] == "sink sumo needs a person").unwrap();
    assert_eq!(pages[sink["dedup_key"].as_str().unwrap()], ["trigger", "resolve"], "{pages:#?}");
    assert_eq!(open(&drive).iter().filter(|key| key.starts_with("sink/") || key.starts_with("undelivered/")).count(), 0);
    assert!(health(&stage).is_empty(), "the sink is to get none");
}

#[tokio::test]
async fn status_names_what_is_open_and_once_tells_of_it() {
    let now = miro_source::model::Instant::system();
    let spec = Spec { from: now.0 - 10 * MINUTE, to: now.0 - 1_000, events: 5, late_share: 0.0, ..Spec::default() };
    let world = World::new(Organization::generate(8, spec), Settings::default());
    let stage = Stage::start(world, std::sync::Arc::new(miro_source::clock::SystemClock)).await.unwrap();
    let config = stage.configure(&Recipe::default(), now).unwrap();
    let hook = Hook::start().await.unwrap();
    hooked(&stage, &config, &hook, "");
    let token = std::fs::read_to_string(stage.path("acme_access_token")).unwrap();
    assert!(stage.world.revoke(&token));
    for _ in 0..2 {
        assert_eq!(Ran::of(&config, &["once"]).await.unwrap().code, 3);
    }
    assert_eq!(told(&hook)["source/acme"], ["begun"]);
    let ran = Ran::of(&config, &["status"]).await.unwrap();
    assert!(ran.code == 1 && ran.out.contains("\nso it is since "), "{ran:?}");
    assert!(ran.out.contains("high    source acme needs a person to authorize it again"), "{ran:?}");
    let ran = Ran::of(&config, &["status", "--json"]).await.unwrap();
    let report: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(report["conditions"][0]["kind"], "source");
    stage.secret("acme_access_token", &stage.world.issue_static()).unwrap();
    let ran = Ran::of(&config, &["once"]).await.unwrap();
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(told(&hook)["source/acme"], ["begun", "resolved"]);
}

#[tokio::test]
async fn the_daily_check_runs_by_itself_and_what_two_in_a_row_find_is_told_until_one_finds_nothing() {
    let now = miro_source::model::Instant::system();
    let world =
        World::new(Organization::generate(8, Spec { from: now.0 - MINUTE, to: now.0, events: 1, ..Spec::default() }), Settings::default());
    let stage = Stage::start(world, std::sync::Arc::new(miro_source::clock::SystemClock)).await.unwrap();
    let config = stage.configure(&Recipe::default(), now).unwrap();
    let hook = Hook::start().await.unwrap();
    let missing = stage.path("missing");
    let broken = format!("[[notify]]\nname = \"broken\"\ntype = \"webhook\"\nhealth = false\nurl = {{ file = {missing:?} }}");
    hooked(&stage, &config, &hook, &broken);
    // The last check was a while ago.
    let loaded = miro_source::config::load(&config).unwrap();
    let age = |by: Duration| {
        let store = miro_source::pipeline::own(&loaded).unwrap();
        let [(_, text)] = <[_; 1]>::try_from(store.notes("checkup").unwrap()).unwrap();
        let mut noted: Value = serde_json::from_str(&text).unwrap();
        let at = noted["at"].as_u64().unwrap();
        noted["at"] = (at - u64::try_from(by.as_millis()).unwrap()).into();
        store.note("checkup", &noted.to_string()).unwrap();
    };
    let once = async || assert_eq!(Ran::of(&config, &["once"]).await.unwrap().code, 0);
    once().await;
    age(Duration::from_secs(25 * 3600));
    once().await;
    assert!(!told(&hook).contains_key("check/channel broken"), "one alone may be chance: {:?}", told(&hook));
    once().await;
    assert!(!told(&hook).contains_key("check/channel broken"), "no check is due: {:?}", told(&hook));
    age(Duration::from_secs(3600));
    once().await;
    assert_eq!(told(&hook)["check/channel broken"], ["begun"]);
    stage.secret("missing", &hook.url).unwrap();
    age(Duration::from_secs(3600));
    once().await;
    assert_eq!(told(&hook)["check/channel broken"], ["begun", "resolved"]);
    assert!(told(&hook).keys().all(|key| key == "check/channel broken" || key == "names/acme"), "{:?}", told(&hook));
}
