//! From Miro's log to an alert in Sumo Logic: a password that is guessed, seen by the built-in detector.

use std::{sync::Arc, time::Duration};

use miro_source::{
    alert::{AlertQuery, BehaviourQuery, Severity, State, Wanted},
    clock::Clock as _,
    config,
    detect::{self, Backtest, Rulebook},
    egress::HttpTransport,
    model::Seq,
    pipeline::{self, Components},
    runtime::Runtime,
    trust::Trust,
};
use miro_source_tests::{
    command::Ran,
    component,
    drive::Drive,
    stage::{HOUR, MINUTE, ORIGIN, Recipe, Stage},
};
use serde_json::{Value, json};
use simulator::{Organization, Settings, Spec, World};

/// An ordinary morning.
pub(super) fn world() -> World {
    let spec = Spec { from: ORIGIN - HOUR, to: ORIGIN, events: 200, late_share: 0.0, ..Spec::default() };
    World::new(Organization::generate(8, spec), Settings::default())
}

/// Somebody guesses the password of one account, a try every ten seconds, and gets in.
pub(super) fn guess(world: &World, start: u64) {
    guess_every(world, start, 10_000);
}

fn guess_every(world: &World, start: u64, pause: u64) {
    for nth in 0..15 {
        let at = start + nth * pause;
        let name = if nth < 14 { "sign_in_failed" } else { "sign_in_succeeded" };
        world.add_event_with(at, at, name, |record| {
            record["createdBy"] =
                json!({"type": "user", "id": "3074457345618265000", "name": "Ana\u{202e}<b>", "email": "ana@example.com"});
            record["context"]["ip"] = json!("203.0.113.66");
        });
    }
}

fn alerts() -> AlertQuery {
    AlertQuery { wanted: Wanted::All, policy: None, user: None, since: None, address: None, incident: None, most: 100 }
}

fn behaviours() -> BehaviourQuery {
    BehaviourQuery { policy: None, user: None, since: None, address: None, alert: None, most: 100 }
}

/// The lines of alerts that Sumo Logic accepted.
fn told(world: &World) -> Vec<Value> {
    let lines = world.records().into_iter().filter_map(|record| serde_json::from_slice::<Value>(&record.line).ok());
    lines.filter(|line| line["class_uid"] == 2004).collect()
}

#[tokio::test]
async fn a_guessed_password_becomes_one_alert_that_reaches_sumo_logic() {
    let (stage, clock) = Stage::stepped(world()).await.unwrap();
    // Over more than one poll, so that it rests on events of several batches.
    guess_every(&stage.world, ORIGIN + 8 * MINUTE, 30_000);
    let config = stage.configure(&Recipe { detect: true, ..Recipe::default() }, clock.now()).unwrap();
    let mut drive = Drive::open(&config, &clock).await.unwrap();
    drive.pass(Duration::from_secs(1800)).await.unwrap();

    let alerts = drive.store.alerts(&alerts()).unwrap();
    assert_eq!(alerts.len(), 1, "{alerts:#?}");
    let alert = &alerts[0];
    assert_eq!((alert.policy.as_str(), &alert.state), ("failed-logins", &State::Open));
    let reasons = ["a sign-in succeeded from 203.0.113.66, 30 seconds after 14 failed sign-ins", "14 failed sign-ins within 6 minutes"];
    assert_eq!(alert.story.reasons, reasons);
    assert_eq!((alert.story.evidence.len(), alert.story.events.len()), (12, 12), "each event it rests on is named");
    assert_eq!(drive.store.behaviours(&behaviours()).unwrap().len(), 2, "failing, and the success after it");

    // Beside the host, which still owns the store.
    let ran = Ran::of(&config, &["investigate", &alert.id.to_string(), "--json", "--most", "100"]).await.unwrap();
    let asked: Value = serde_json::from_str(&ran.out).unwrap_or_else(|why| panic!("{why}: {}", ran.said()));
    assert_eq!((&asked["forgotten"], &asked["log"]["count"]), (&json!(0), &json!(215)), "{asked:#}");
    let by_user = &asked["circles"][0];
    let resting = by_user["events"].as_array().unwrap().iter().filter(|event| event["evidence"] == true).count();
    assert_eq!((&by_user["same"], resting), (&json!("user"), 12), "{by_user:#}");
    let new = asked["compared"].as_array().unwrap().iter().find(|each| each["value"] == "sign_in_failed").unwrap();
    assert_eq!((&new["now"], &new["last_seen_days"]), (&json!(14), &json!(-1)), "{asked:#}");

    let lines = told(&stage.world);
    let last = lines.last().unwrap();
    assert_eq!(last["finding_info"]["analytic"]["name"], "failed-logins", "{last:#}");
    assert_eq!(last["finding_info"]["related_events"].as_array().map(Vec::len), Some(12), "{last:#}");
    assert_eq!(last["severity_id"], 4, "the success made it graver");
    let account = stage.world.account(clock.now().0);
    assert_eq!((account.held, account.lost, account.duplicates), (215, 0, 0), "{account:#?}");
}

/// What a first poll reads of the time before teaches and alarms nobody, minutes ago or days.
#[tokio::test]
async fn history_trains_and_never_alarms() {
    for before in [30 * HOUR, 20 * MINUTE] {
        trains(before).await;
    }
}

async fn trains(before: u64) {
    let (stage, clock) = Stage::stepped(world()).await.unwrap();
    guess(&stage.world, ORIGIN - before);
    let config = stage.configure(&Recipe { since: "2d".into(), detect: true, ..Recipe::default() }, clock.now()).unwrap();
    let mut drive = Drive::open(&config, &clock).await.unwrap();
    drive.pass(Duration::from_secs(600)).await.unwrap();
    assert_eq!(drive.store.behaviours(&behaviours()).unwrap().len(), 2);
    assert!(drive.store.alerts(&alerts()).unwrap().is_empty());
    assert!(told(&stage.world).is_empty());
}

/// On the first start the days before are read too: detectors know them, no sink gets them.
#[tokio::test]
async fn what_is_learned_from_is_judged_and_not_delivered() {
    let (stage, clock) = Stage::stepped(world()).await.unwrap();
    guess(&stage.world, ORIGIN - 30 * HOUR);
    let recipe = Recipe { source: "learn = \"2d\"".into(), detect: true, ..Recipe::default() };
    let config = stage.configure(&recipe, clock.now()).unwrap();
    for _ in 0..2 {
        let mut drive = Drive::open(&config, &clock).await.unwrap();
        drive.pass(Duration::from_secs(600)).await.unwrap();
        assert_eq!(drive.store.behaviours(&behaviours()).unwrap().len(), 2);
        assert!(drive.store.alerts(&alerts()).unwrap().is_empty());
        assert_eq!(drive.store.histories().unwrap().len(), 1, "once, whatever the restarts");
        let account = stage.world.account(clock.now().0);
        assert_eq!((account.accepted, account.lost), (200, 15), "the hour before is delivered, the guessing was only learned from");
    }
}

/// What would have been raised, over the same log from empty profiles; the store stays as it is.
#[tokio::test]
async fn a_backtest_says_what_would_have_been_raised_and_stores_nothing() {
    let (stage, clock) = Stage::stepped(world()).await.unwrap();
    guess(&stage.world, ORIGIN - 20 * MINUTE);
    let path = stage.configure(&Recipe { detect: true, ..Recipe::default() }, clock.now()).unwrap();
    let mut drive = Drive::open(&path, &clock).await.unwrap();
    drive.pass(Duration::from_secs(600)).await.unwrap();
    assert!(drive.store.alerts(&alerts()).unwrap().is_empty());

    let config = config::load(&path).unwrap();
    let runtime = pipeline::runtime(&config, Arc::new(HttpTransport::new(&config.network).unwrap())).unwrap();
    let trust = Trust::new(&config.components);
    let mut components = Components::new(Arc::clone(&runtime), trust.clone());
    let detector = &config.detectors[0];
    let (source, loaded) = pipeline::detectors(&runtime, &trust, &config, detector).await.unwrap().remove(0);
    let maker = components.source(&config.sources[0]).await.unwrap();
    let rulebook = Rulebook::new(&config, detector, &source);
    let mut backtest = Backtest::new(source.clone(), loaded, maker, rulebook, clock.now().minus(Duration::from_secs(86_400)));
    for batch in drive.store.read_all(&source, Seq(0), 1000, usize::MAX).unwrap().chunks(7) {
        backtest.judge(batch).await.unwrap();
    }
    let raised = backtest.raised();
    assert_eq!(raised.len(), 1, "{raised:#?}");
    assert_eq!((raised[0].policy.as_str(), raised[0].severity, raised[0].count), ("failed-logins", Severity::High, 2));
    assert!(drive.store.alerts(&alerts()).unwrap().is_empty());
}

/// Two components that judge by quite different things, and two detectors configured: each stands for its own kind, once.
#[tokio::test]
async fn a_backtest_of_two_components_says_what_only_one_of_them_raises() {
    let (stage, clock) = Stage::stepped(world()).await.unwrap();
    guess(&stage.world, ORIGIN - 20 * MINUTE);
    stage.world.add_event_with(ORIGIN - 15 * MINUTE, ORIGIN - 15 * MINUTE, "user_role_changed", |record| {
        record["createdBy"] = json!({"type": "user", "id": "3074457345618265001", "name": "Bea", "email": "bea@example.com"});
    });
    let (builtin, night) = (Runtime::builtin("detect").unwrap(), component::build("guest-night").unwrap());
    let mut more = String::new();
    let path = component::install(stage.folder.path(), "night", &night, &mut more).unwrap();
    let detect = stage.path("detect.wasm");
    std::fs::write(&detect, builtin).unwrap();
    more += &format!(
        "[[detector]]\nname = \"detect\"\nconfig = {{ sensitivity = \"low\" }}\n\n\
         [[detector]]\nname = \"night\"\ncomponent = {path:?}\nconfig = {{ from = 23, to = 4 }}\n"
    );
    let recipe = Recipe { detect: true, sink: format!("category = \"miro\"\n{more}"), ..Recipe::default() };
    let config = stage.configure(&recipe, clock.now()).unwrap();
    let mut drive = Drive::open(&config, &clock).await.unwrap();
    drive.pass(Duration::from_secs(600)).await.unwrap();

    let (a, b) = (detect.display().to_string(), path.display().to_string());
    let compare = ["backtest", "--compare", &a, &b];
    let ran = Ran::of(&config, &[&compare[..], &["--json"]].concat()).await.unwrap();
    assert_eq!(ran.code, 0, "{}", ran.said());
    let found: Value = serde_json::from_str(&ran.out).unwrap();
    let raised = |side: &str| {
        let all = found[side].as_array().unwrap().iter();
        let told = all.map(|each| format!("{} {}", each["policy"].as_str().unwrap(), each["user"].as_str().unwrap()));
        told.collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!((&found["a"], &found["b"], &found["both"]), (&json!(a), &json!(b), &json!([])), "{found:#}");
    assert_eq!(raised("only_a"), ["failed-logins ana@example.com".to_owned()].into(), "{found:#}");
    assert!(raised("only_b").contains("night-administration bea@example.com"), "{found:#}");
    assert!(raised("only_b").iter().all(|each| each.starts_with("night-administration ")), "{found:#}");
    let users = found["only_b"].as_array().unwrap().len();
    assert_eq!(users, raised("only_b").len(), "each once: {found:#}");

    let ran = Ran::of(&config, &compare).await.unwrap();
    assert!(ran.out.contains(&format!("0 are raised by both, 1 only by a, {users} only by b")), "{}", ran.said());
    let ran = Ran::of(&config, &["backtest", "--compare", &a, &a]).await.unwrap();
    assert!(ran.out.contains("1 are raised by both, 0 only by a, 0 only by b"), "{}", ran.said());
    assert!(drive.store.alerts(&alerts()).unwrap().is_empty(), "nothing is stored");
}

/// Who left and who is in a group, from the operator's own files.
#[tokio::test]
async fn who_left_raises_alerts_and_a_policy_for_a_group_finds_its_members_only() {
    let (stage, clock) = Stage::stepped(world()).await.unwrap();
    for (user, id) in [("ana", "11"), ("bea", "12"), ("cem", "13"), ("dai", "14")] {
        let at = ORIGIN + 10 * MINUTE;
        stage.world.add_event_with(at, at, "sign_in_succeeded", |record| {
            record["createdBy"] = json!({"type": "user", "id": id, "name": user, "email": format!("{user}@example.com")});
        });
    }
    let left = "user,kind,at\nANA@example.com,disabled,2026-05-30T08:00:00Z\n14,deleted,2026-05-30T08:00:00Z\n";
    std::fs::write(stage.path("left.csv"), left).unwrap();
    std::fs::write(stage.path("admins.txt"), "# by identifier\n12\n").unwrap();
    let sections = "[[departures]]\nfile = \"left.csv\"\n[[group]]\nname = \"Admins\"\nfile = \"admins.txt\"\n\
        [[policy]]\nname = \"admin-signs-in\"\nseverity = \"low\"\ncategory = \"privileged-accounts\"\n\
        match = [{ filter = \"activity.type\", equals = \"sign_in_succeeded\" }]\nscope = { include = { groups = [\"Admins\"] } }\n";
    let recipe = Recipe { detect: true, sink: sections.into(), ..Recipe::default() };
    let config = stage.configure(&recipe, clock.now()).unwrap();
    let mut drive = Drive::open(&config, &clock).await.unwrap();
    drive.pass(Duration::from_secs(1800)).await.unwrap();

    let mut raised: Vec<(String, Severity)> = Vec::new();
    for alert in drive.store.alerts(&alerts()).unwrap() {
        let user = alert.story.who.email.clone().unwrap_or_default();
        raised.push((format!("{} {user}", alert.policy), alert.story.severity));
    }
    raised.sort();
    let expected = [
        ("admin-signs-in bea@example.com", Severity::Low),
        ("disabled-user ana@example.com", Severity::Medium),
        ("terminated-user dai@example.com", Severity::High),
    ];
    assert_eq!(raised, expected.map(|(what, severity)| (what.to_owned(), severity)));
    let unresolved = [(Severity::High, 1), (Severity::Medium, 1), (Severity::Low, 1)];
    assert_eq!(drive.store.unresolved().unwrap(), unresolved);
    let rules = detect::coverage::kept(drive.store.as_ref(), &"acme".parse().unwrap(), &"detect".parse().unwrap()).unwrap().unwrap();
    assert_eq!(rules.last().map(|rule| rule.needs.concat()), Some(vec!["groups:Admins".to_owned()]), "what `status` reads");
}

#[tokio::test]
async fn i2_a_crash_judges_nothing_twice() {
    let (stage, clock) = Stage::stepped(world()).await.unwrap();
    guess(&stage.world, ORIGIN + 10 * MINUTE);
    let config = stage.configure(&Recipe { detect: true, ..Recipe::default() }, clock.now()).unwrap();
    for _ in 0..3 {
        let mut drive = Drive::open(&config, &clock).await.unwrap();
        drive.pass(Duration::from_secs(700)).await.unwrap();
        drop(drive);
    }
    let drive = Drive::open(&config, &clock).await.unwrap();
    assert_eq!(drive.store.behaviours(&behaviours()).unwrap().len(), 2);
    assert_eq!(drive.store.alerts(&alerts()).unwrap().len(), 1);
}
