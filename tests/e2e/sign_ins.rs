//! Entra's sign-ins to Miro as a source of their own, whose token is obtained rather than configured.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use miro_source::{
    alert::{AlertQuery, Wanted},
    clock::{Clock as _, SteppedClock, SystemClock},
    schedule::{Remedy, State, TokenKind},
};
use miro_source_tests::{
    command::Ran,
    drive::Drive,
    stage::{HOUR, MINUTE, ORIGIN, Stage},
};
use serde_json::Value;
use simulator::{App, Device, Endpoint, Fault, Organization, Part, Rule, Settings, SignIn, Spec, World};

const DAY: u64 = 24 * HOUR;

async fn stage() -> (Stage, SteppedClock) {
    let spec = Spec { from: ORIGIN - 60 * MINUTE, to: ORIGIN, events: 1, late_share: 0.0, ..Spec::default() };
    let world = World::new(Organization::generate(8, spec), Settings::default());
    world.set(|settings| settings.sumo.keep_records = 10_000);
    Stage::stepped(world).await.unwrap()
}

fn configured(stage: &Stage, detect: bool, more: &str) -> PathBuf {
    let (store, key) = (stage.path("miro-source.db"), stage.secret("key", &"7d".repeat(32)).unwrap());
    let url = stage.secret("sumo_url", &stage.server.sumo_url).unwrap();
    let source = stage.sign_ins("sign-ins").unwrap();
    let text = format!(
        "detect = {detect}\n[store]\npath = {store:?}\nkey = {{ file = {key:?} }}\n{source}\
         [[sink]]\nname = \"sumo\"\ntype = \"sumo\"\nurl = {{ file = {url:?} }}\n{more}"
    );
    stage.write(&text).unwrap()
}

fn who(stage: &Stage) -> String {
    stage.world.played(Part::Plain).unwrap().email
}

#[tokio::test]
async fn i1_i2_every_sign_in_is_delivered_once_late_ones_and_those_of_an_outage_too() {
    let (stage, clock) = stage().await;
    let who = who(&stage);
    let mut expected = BTreeMap::new();
    for number in 0..400_u64 {
        // From an hour before the first poll on; some show when they are hours old.
        let at = ORIGIN - HOUR + number * 3 * MINUTE;
        let late = [0, 2 * MINUTE, 14 * MINUTE, 9 * HOUR][(number % 4) as usize];
        let failed = if number % 5 == 0 { 50126 } else { 0 };
        expected.insert(stage.world.sign_in(SignIn { late_ms: Some(late), ..SignIn::new(at, &who).ended(failed) }), 1);
    }
    let mut drive = Drive::open(&configured(&stage, false, ""), &clock).await.unwrap();
    drive.pass(Duration::from_secs(6 * 3600)).await.unwrap();
    stage.world.add_rule(Rule::new(Endpoint::SignIns, Fault::Status { status: 503, body: None, retry_after: None }).times(40));
    drive.pass(Duration::from_secs(48 * 3600)).await.unwrap();
    let mut got = BTreeMap::new();
    for record in stage.world.others() {
        let record: Value = serde_json::from_slice(&record.line).unwrap();
        if record["subsystem"] == "Collection" {
            // A health event.
            continue;
        }
        *got.entry(record["id"].as_str().unwrap().to_owned()).or_insert(0) += 1;
    }
    let missing: Vec<&String> = expected.keys().filter(|id| !got.contains_key(*id)).collect();
    assert!(missing.is_empty(), "{} of {} are missing: {missing:?}", missing.len(), expected.len());
    assert_eq!(got, expected);
    assert!(clock.now().0 > ORIGIN + 2 * DAY);
}

#[tokio::test]
async fn failed_sign_ins_raise_the_alert_and_a_policy_can_ask_for_the_device() {
    let (stage, clock) = stage().await;
    let who = who(&stage);
    let policy = "[[policy]]\nname = \"not-ours\"\ncategory = \"access-control\"\nseverity = \"medium\"\n\
                  match = [{ filter = \"activity.type\", equals = \"sign-in\" }, { filter = \"device.tag\", is = \"not-set\" }]\n";
    let mut drive = Drive::open(&configured(&stage, true, policy), &clock).await.unwrap();
    drive.pass(Duration::from_secs(600)).await.unwrap();
    let managed = Device { is_compliant: Some(true), is_managed: Some(true), ..Device::default() };
    for number in 0..40 {
        let at = clock.now().0 + number * 5_000;
        stage.world.sign_in(SignIn::new(at, &who).ended(50126).from("198.51.100.7").on(managed.clone()));
    }
    stage.world.sign_in(SignIn::new(clock.now().0 + 5 * MINUTE, &who).from("198.51.100.7"));
    drive.pass(Duration::from_secs(3 * 3600)).await.unwrap();
    let query = AlertQuery { wanted: Wanted::All, policy: None, user: None, since: None, address: None, incident: None, most: 100 };
    let alerts = drive.store.alerts(&query).unwrap();
    let found: Vec<(&str, &str)> = alerts.iter().map(|alert| (alert.policy.as_str(), alert.story.who.shown())).collect();
    assert!(found.contains(&("failed-logins", who.as_str())), "{found:?}");
    let devices: Vec<_> = found.iter().filter(|(policy, _)| *policy == "not-ours").collect();
    assert_eq!(devices.len(), 1, "only the one from a device that nobody knows: {found:?}");
}

#[tokio::test]
async fn a_refused_token_is_obtained_anew_once_and_a_missing_permission_waits_for_a_person() {
    let (stage, clock) = stage().await;
    let mut drive = Drive::open(&configured(&stage, false, ""), &clock).await.unwrap();
    drive.pass(Duration::from_secs(600)).await.unwrap();
    let status = drive.status();
    assert_eq!((status.state, status.token.kind, status.token.version), (State::Collecting, TokenKind::Obtained, 1), "{status:#?}");
    assert!(drive.store.grant(&"sign-ins".parse().unwrap()).unwrap().is_none(), "nothing of it is stored");

    let refused = || Fault::Status { status: 401, body: None, retry_after: None };
    stage.world.add_rule(Rule::new(Endpoint::SignIns, refused()).times(1));
    drive.pass(Duration::from_secs(600)).await.unwrap();
    let status = drive.status();
    assert_eq!((status.state, status.token.version), (State::Collecting, 2), "{status:#?}");

    let whole = stage.world.app();
    let app = App { permissions: whole.permissions.iter().filter(|name| *name != "AuditLog.Read.All").cloned().collect(), ..whole.clone() };
    stage.world.register(app);
    // The token at hand still has it.
    drive.pass(Duration::from_secs(2 * 3600)).await.unwrap();
    let problem = drive.status().problem.unwrap();
    assert!(problem.remedy == Remedy::Authorize && problem.message.contains("AuditLog.Read.All"), "{problem:#?}");
    stage.world.register(whole);
    drive.pass(Duration::from_secs(2 * 3600)).await.unwrap();
    assert_eq!(drive.status().state, State::Collecting, "{:#?}", drive.status());
}

#[tokio::test]
async fn a_secret_that_the_tenant_does_not_take_says_so_and_heals_by_itself_once_it_does() {
    let (stage, clock) = stage().await;
    let whole = stage.world.app();
    stage.world.register(App { certificates: Vec::new(), ..whole.clone() });
    let mut drive = Drive::open(&configured(&stage, false, ""), &clock).await.unwrap();
    drive.pass(Duration::from_secs(3600)).await.unwrap();
    let problem = drive.status().problem.unwrap();
    assert_eq!(problem.remedy, Remedy::Authorize, "{problem:#?}");
    stage.world.register(whole);
    drive.pass(Duration::from_secs(3600)).await.unwrap();
    assert_eq!(drive.status().state, State::Collecting, "{:#?}", drive.status());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn check_obtains_a_token_and_auth_says_that_nobody_authorizes() {
    let spec = Spec { from: ORIGIN - 60 * MINUTE, to: ORIGIN, events: 1, late_share: 0.0, ..Spec::default() };
    let world = World::new(Organization::generate(8, spec), Settings::default());
    let stage = Stage::start(world, std::sync::Arc::new(SystemClock)).await.unwrap();
    let config = configured(&stage, false, "");
    let ran = Ran::of(&config, &["check"]).await.unwrap();
    assert!(ran.out.contains("obtained just now, as the application") && ran.out.contains("the audit log answers"), "{ran:?}");
    assert!(ran.out.contains("the certificate has the SHA-256 thumbprint"), "{ran:?}");
    let ran = Ran::of(&config, &["auth"]).await.unwrap();
    assert!(ran.code == 2 && ran.err.contains("obtains its own tokens"), "{ran:?}");

    let whole = stage.world.app();
    stage.world.register(App { permissions: Default::default(), ..whole });
    let ran = Ran::of(&config, &["check"]).await.unwrap();
    assert!(ran.code == 3 && ran.out.contains("AuditLog.Read.All"), "{ran:?}");
}
