//! A feed from the catalogue to the alert's evidence: added, fetched, used, and still used when its publisher fails. And what comes of it
//! when the publisher says something new.

use std::time::Duration;

use miro_source::{
    alert::{Alert, AlertQuery, Cause, Form, Wanted},
    clock::Clock as _,
    config,
    feeds::{Came, Standing, orders, upkeep},
    model::{Lane, Seq},
    pipeline::{Edges, keeper},
    store::Range,
};
use miro_source_tests::{
    command::Ran,
    drive::Drive,
    stage::{HOUR, MINUTE, ORIGIN, Recipe, Stage},
};
use serde_json::json;
use simulator::{Endpoint, Fault, Organization, Rule, Settings, Spec, World};
use tokio_util::sync::CancellationToken;

/// The addresses of a few networks, as the Tor Project publishes its exits.
fn exits() -> String {
    (0..=255).map(|last| format!("203.0.113.{last}\n198.51.100.{last}\n")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_feed_is_added_and_fetched_and_serves_on_while_its_publisher_fails() {
    let spec = Spec { from: ORIGIN - HOUR, to: ORIGIN, events: 60, late_share: 0.0, ..Spec::default() };
    let (stage, clock) = Stage::stepped(World::new(Organization::generate(8, spec), Settings::default())).await.unwrap();
    stage.world.publish("/torbulkexitlist", exits());
    let path = stage.configure(&Recipe { since: "2h".into(), ..Recipe::default() }, clock.now()).unwrap();

    let url = format!("{}/torbulkexitlist", stage.server.feed_url);
    let added = Ran::of(&path, &["feeds", "add", "tor", "--accept-licence", "--url", &url]).await.unwrap();
    assert!(added.code == 0 && added.out.contains("The Tor Project"), "{added:?}");

    let config = config::load(&path).unwrap();
    let keeper = keeper(&config, &Edges::real(&config, std::sync::Arc::new(clock.clone())).unwrap()).unwrap();
    let (order, stop) = (orders(&config).remove(0), CancellationToken::new());
    assert_eq!(keeper.fetch(&order, &stop).await, Came::New(512));
    assert_eq!(keeper.fetch(&order, &stop).await, Came::Unchanged);

    // Its publisher fails in every way; what came first is what events are judged by.
    let faults = [
        Fault::Html,
        Fault::Truncate { after: 100 },
        Fault::Status { status: 429, body: None, retry_after: Some(60) },
        Fault::ContentType { value: "text/html".into() },
        Fault::Redirect { to: "https://evil.example/".into() },
    ];
    stage.world.publish("/torbulkexitlist", "192.0.2.1\n");
    for fault in faults {
        let rule = stage.world.add_rule(Rule::new(Endpoint::Feed, fault.clone()));
        let came = keeper.fetch(&order, &stop).await;
        assert!(matches!(came, Came::Failed(_)), "{fault:?}: {came:?}");
        stage.world.remove_rule(rule);
    }
    assert!(matches!(keeper.fetch(&order, &stop).await, Came::Failed(why) if why.contains("not plausible")));

    let mut drive = Drive::open(&path, &clock).await.unwrap();
    drive.pass(Duration::from_secs(600)).await.unwrap();
    let source = "acme".parse().unwrap();
    let range = Range { source: &source, lane: Lane::Live, after: Seq(0), sink: None, events: 1000, bytes: usize::MAX };
    let events = drive.store.read(&range).unwrap();
    assert_eq!(events.len(), 60);
    let mut listed = 0;
    for event in events {
        let record: serde_json::Value = serde_json::from_str(&event.record).unwrap();
        let ip = record["context"]["ip"].as_str().unwrap_or_default().to_owned();
        let tags = event.known.network.as_ref().map(|network| network.tags.clone()).unwrap_or_default();
        let meant = ip.starts_with("203.0.113.") || ip.starts_with("198.51.100.");
        assert_eq!(tags, if meant { vec!["tor".to_owned()] } else { Vec::new() }, "{ip}");
        listed += u32::from(meant);
    }
    assert!(listed > 0);
    drop(drive);

    clock.step_to(clock.now().plus(Duration::from_secs(4 * 3600)));
    let kept = upkeep(&config, clock.now()).remove(0);
    assert_eq!((kept.standing, kept.entries, kept.failures), (Standing::Stale, Some(512), 6));
    // The command's clock is this machine's, months after the stage's.
    let status = Ran::of(&path, &["status"]).await.unwrap();
    assert!(status.code == 1 && status.out.contains("fetched threat-list tor: stale, 512 entries"), "{status:?}");
    assert!(status.out.contains("not plausible"), "{status:?}");
}

/// Something that a user does from an address, `minute` minutes after the beginning.
fn acts(world: &World, minute: u64, action: &str, user: &str, ip: &str) {
    let at = ORIGIN + minute * MINUTE;
    world.add_event_with(at, at, action, |record| {
        record["createdBy"] = json!({"type": "user", "id": user, "name": user, "email": format!("{user}@example.com")});
        record["context"]["ip"] = json!(ip);
    });
}

fn alerts(drive: &Drive, wanted: Wanted) -> Vec<Alert> {
    let query = AlertQuery { wanted, policy: None, user: None, since: None, address: None, incident: None, most: 1000 };
    drive.store.alerts(&query).unwrap()
}

/// The publisher of Tor's exits adds the company's own, from which everybody comes. Who came from a real exit, and who only guesses a
/// password from the company's, rests on something else.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn alerts_that_rest_on_a_swapped_list_are_one_incident_that_names_it_and_others_stay_out() {
    let spec = Spec { from: ORIGIN - HOUR, to: ORIGIN, events: 60, late_share: 0.0, ..Spec::default() };
    let (stage, clock) = Stage::stepped(World::new(Organization::generate(8, spec), Settings::default())).await.unwrap();
    stage.world.publish("/torbulkexitlist", exits());
    let sink = "category = \"miro\"\n[[detector]]\nname = \"detect\"\nconfig = { sensitivity = \"high\" }\n";
    let path = stage.configure(&Recipe { detect: true, sink: sink.into(), ..Recipe::default() }, clock.now()).unwrap();
    let url = format!("{}/torbulkexitlist", stage.server.feed_url);
    let added = Ran::of(&path, &["feeds", "add", "tor", "--accept-licence", "--url", &url]).await.unwrap();
    assert_eq!(added.code, 0, "{added:?}");
    let config = config::load(&path).unwrap();
    let fetching = || keeper(&config, &Edges::real(&config, std::sync::Arc::new(clock.clone())).unwrap()).unwrap();
    let (order, stop) = (orders(&config).remove(0), CancellationToken::new());
    assert_eq!(fetching().fetch(&order, &stop).await, Came::New(512));

    let mut drive = Drive::open(&path, &clock).await.unwrap();
    for user in 0..25 {
        acts(&stage.world, 5, "sign_in_succeeded", &format!("staff{user}"), &format!("192.0.2.{user}"));
    }
    for user in 0..5 {
        acts(&stage.world, 6, "sign_in_succeeded", &format!("early{user}"), &format!("203.0.113.{user}"));
    }
    drive.pass(Duration::from_secs(20 * 60)).await.unwrap();
    let before = alerts(&drive, Wanted::All);
    assert_eq!(before.len(), 5, "nobody of the staff: {before:#?}");

    // Under the running host.
    let company: String = (0..=255).map(|last| format!("192.0.2.{last}\n")).collect();
    stage.world.publish("/torbulkexitlist", format!("{}{company}", exits()));
    let serving = fetching().serving(std::sync::Arc::clone(&drive.enricher), std::sync::Arc::clone(&drive.store));
    let changed = clock.now();
    assert_eq!(serving.fetch(&order, &stop).await, Came::New(768));
    for user in 0..25 {
        acts(&stage.world, 25, "sign_in_succeeded", &format!("staff{user}"), &format!("192.0.2.{user}"));
    }
    for user in 0..3 {
        acts(&stage.world, 26, "sign_in_succeeded", &format!("late{user}"), &format!("198.51.100.{user}"));
    }
    for _ in 0..14 {
        acts(&stage.world, 27, "sign_in_failed", "guessed", "192.0.2.200");
    }
    drive.pass(Duration::from_secs(20 * 60)).await.unwrap();

    let open = alerts(&drive, Wanted::Unresolved);
    let named = open.iter().find(|alert| matches!(alert.form, Form::Incident(Cause::Feed(_)))).unwrap_or_else(|| panic!("{open:#?}"));
    assert_eq!(
        named.story.title,
        format!("Incident: 25 alerts rest on what threat-list tor says only since {changed}, more than 20 within a day")
    );
    let advice = named.story.reasons.join("\n");
    assert!(advice.contains("`miro-source feeds`") && advice.contains("[[range]]"), "{advice}");
    let all = alerts(&drive, Wanted::All);
    let user = |alert: &Alert| alert.story.who.id.clone().unwrap_or_default();
    let held: Vec<&Alert> = all.iter().filter(|alert| alert.incident == Some(named.id)).collect();
    assert!(held.iter().all(|alert| user(alert).starts_with("staff") && alert.policy == "anonymous-ip"), "{held:#?}");
    let others: Vec<&Alert> = all.iter().filter(|alert| alert.form == Form::Single && alert.incident != Some(named.id)).collect();
    assert!(others.iter().all(|alert| !user(alert).starts_with("staff") && alert.story.changes.is_empty()), "{others:#?}");
    let count = |policy: &str| others.iter().filter(|alert| alert.policy == policy).count();
    assert_eq!((count("anonymous-ip"), count("failed-logins"), others.len()), (8, 1, 9), "{others:#?}");
}
