//! From an alert to people: posted, mailed, resolved, and repeated under the same names after a crash.

use std::time::Duration;

use audit_pipeline::{detector::Finding, types::Actor};
use hmac::{Hmac, Mac as _};
use miro_source::{
    alert::{AlertId, Closing, Found, Handling, Judgement, Stage as Watching, Step, Suppress, Verdict},
    clock::{Clock as _, SystemClock},
    config, control,
    model::{Instant, Lane, Seq},
    notify::Audience,
    pipeline,
};
use miro_source_tests::{
    command::Ran,
    drive::Drive,
    hook::{Hook, Posted},
    host::Host,
    mailbox::Mailbox,
    stage::{MINUTE, ORIGIN, Recipe, Stage},
};
use sha2::Sha256;
use simulator::{Organization, Settings, Spec, World};

use super::{
    detect::{guess, world},
    i3_crash::killed,
};

const SECRET: &str = "5ec2e7-0f-the-hook";

/// Adds channels to a configuration.
fn tell(stage: &Stage, config: &std::path::Path, channels: &str) {
    let text = std::fs::read_to_string(config).unwrap();
    stage.write(&format!("{text}\n{channels}")).unwrap();
}

fn webhook(stage: &Stage, name: &str, url: &str, more: &str) -> String {
    let url = stage.secret(&format!("{name}_url"), url).unwrap();
    format!("[[notify]]\nname = \"{name}\"\ntype = \"webhook\"\nurl = {{ file = {url:?} }}\n{more}\n")
}

fn signed(posted: &Posted) -> bool {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(format!("{}.{}", posted.headers["x-signature-timestamp"], posted.body).as_bytes());
    let made: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    posted.headers["x-signature-256"] == format!("sha256={made}")
}

#[tokio::test]
async fn an_alert_is_posted_signed_and_mailed_its_end_resolves_it_and_a_dead_channel_holds_nobody_up() {
    let (stage, clock) = Stage::stepped(world()).await.unwrap();
    guess(&stage.world, ORIGIN + 10 * MINUTE);
    let config = stage.configure(&Recipe { detect: true, ..Recipe::default() }, clock.now()).unwrap();
    let (own, pager, mails) = (Hook::start().await.unwrap(), Hook::start().await.unwrap(), Mailbox::start().await.unwrap());
    let (hmac, password) = (stage.secret("hmac", SECRET).unwrap(), stage.secret("password", "hunter2").unwrap());
    let channels = [
        // Nobody listens there.
        webhook(&stage, "dead", "http://127.0.0.1:9/", "template = \"slack\""),
        webhook(&stage, "own", &own.url, &format!("hmac = {{ file = {hmac:?} }}")),
        webhook(&stage, "pager", &pager.url, &format!("template = \"pagerduty\"\nrouting_key = {{ file = {hmac:?} }}")),
        format!(
            "[[notify]]\nname = \"mail\"\ntype = \"smtp\"\nhost = \"{}\"\nport = {}\ntls = \"none\"\nuser = \"alerts\"\n\
             password = {{ file = {password:?} }}\nfrom = \"alerts@example.com\"\nto = [\"soc@example.com\"]\n",
            mails.host, mails.port
        ),
    ];
    tell(&stage, &config, &channels.concat());
    mails.lose();
    own.answer(503, "busy");
    let mut drive = Drive::open(&config, &clock).await.unwrap();
    drive.pass(Duration::from_secs(1800)).await.unwrap();

    let posted = own.posted();
    assert_eq!(posted.iter().map(|each| each.status).take(2).collect::<Vec<_>>(), [503, 200]);
    assert!(posted.iter().all(signed), "{posted:#?}");
    assert_eq!(posted[0].headers["x-delivery-id"], posted[1].headers["x-delivery-id"], "it is the same message");
    let raised = posted[1].json();
    assert_eq!((&raised["event"], &raised["policy"], &raised["severity"]), (&"raised".into(), &"failed-logins".into(), &"high".into()));
    assert!(!posted[1].body.contains('\u{202e}'));
    let first = mails.mails();
    assert_eq!(first.len(), 2, "its answer was lost: {first:#?}");
    assert_eq!(first[0].header("Message-ID"), first[1].header("Message-ID"));
    assert_eq!((first[1].login.as_str(), &first[1].to), ("alerts hunter2", &vec!["soc@example.com".to_owned()]));
    assert!(first[1].text.contains("miro-source alerts show 1"), "{}", first[1].text);
    let dead = drive.tellers.iter().find(|teller| teller.name().as_str() == "dead").unwrap();
    assert!(dead.status().trouble().is_some_and(|(_, why)| why.starts_with("failed to reach 127.0.0.1")), "{dead:?}");

    let closing = Closing::new(Verdict::TruePositive, None, None, Suppress::Usual).unwrap();
    let close = control::Request::ChangeAlert { id: AlertId(1), step: Step::Close(closing), who: "ann".into() };
    control::perform(drive.store.as_ref(), &close, clock.now());
    drive.pass(Duration::from_secs(600)).await.unwrap();
    let closed = own.posted().last().unwrap().json();
    assert_eq!((&closed["event"], &closed["dedup_key"]), (&"closed".into(), &raised["dedup_key"]));
    let pages: Vec<_> = pager.posted().iter().map(Posted::json).collect();
    assert_eq!((&pages[0]["event_action"], &pages[pages.len() - 1]["event_action"]), (&"trigger".into(), &"resolve".into()));
    assert!(pages.iter().all(|page| page["dedup_key"] == pages[0]["dedup_key"] && page["routing_key"] == SECRET), "{pages:#?}");
    let last = mails.mails().pop().unwrap();
    assert_eq!(last.header("References"), first[0].header("Message-ID"), "shown with the first: {last:#?}");
    assert!(last.header("Subject").contains("Closed as true positive"), "{last:#?}");
    assert_eq!(drive.store.channel(&"dead".parse().unwrap(), clock.now()).unwrap().ledger.told, 0);
}

fn found(now: Instant) -> Found {
    let actor = Actor { kind: audit_pipeline::types::ActorKind::User, id: Some("1".into()), name: None, email: None };
    let finding = Finding {
        policy: "impossible-travel".into(),
        key: "eve".into(),
        severity: audit_pipeline::detector::Severity::High,
        title: "eve travelled faster than anybody can".into(),
        reasons: vec!["5,200 km in 20 minutes".into()],
        actor,
        addresses: vec!["203.0.113.7".into()],
        attacks: Vec::new(),
        baseline: "{}".into(),
        start: now.0,
        end: now.0,
        evidence: Vec::new(),
    };
    Found::new(finding, Lane::Live, now, |_| None, Handling::ANOMALY)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i2_killed_between_telling_and_noting_it_tells_again_under_the_same_names() {
    let now = Instant::system();
    let spec = Spec { from: now.0 - 60_000, to: now.0 - 1_000, events: 1, late_share: 0.0, ..Spec::default() };
    let world = World::new(Organization::generate(8, spec), Settings::default());
    let stage = Stage::start(world, std::sync::Arc::new(SystemClock)).await.unwrap();
    let path = stage.configure(&Recipe::default(), now).unwrap();
    let hook = Hook::start().await.unwrap();
    tell(&stage, &path, &webhook(&stage, "own", &hook.url, ""));
    let loaded = config::load(&path).unwrap();
    let channel = &loaded.channels[0];
    let store = pipeline::own(&loaded).unwrap();
    let source = loaded.sources[0].name.clone();
    store.set_audiences(&[Audience { channel: channel.name.clone(), source: source.clone(), route: channel.route.clone() }]).unwrap();
    let (detector, findings) = ("detect".parse().unwrap(), [found(now)]);
    let judgement = Judgement {
        source: &source,
        detector: &detector,
        after: Seq(0),
        through: Seq(0),
        stage: Watching::Watching,
        profiles: &[],
        findings: &findings,
        at: now,
    };
    store.judge(&judgement).unwrap();
    drop(store);

    let (at, log) = ([("MIRO_SOURCE_KILL_AT", "told:1")], stage.path("host.log"));
    killed(Host::start(Stage::demo_binary(), &path, &["once"], &at, &log).unwrap(), "told:1").await;
    let waiting = Ran::of(&path, &["status"]).await.unwrap();
    assert!(waiting.out.contains("channel own: not started\n  told       0 messages\n  waiting    1 alerts; 0 held back"), "{waiting:?}");
    let ran = Ran::of(&path, &["once"]).await.unwrap();
    assert_eq!(ran.code, 0, "{ran:?}");
    let posted = hook.posted();
    assert_eq!(posted.len(), 2);
    assert_eq!(posted[0].headers["x-delivery-id"], posted[1].headers["x-delivery-id"]);
    assert_eq!(posted[0].json()["dedup_key"], posted[1].json()["dedup_key"]);

    // Beside that: a test says what the far side answered, and a check sends nothing.
    hook.answer(404, "no_service for /hook/0123456789abcdef");
    let ran = Ran::of(&path, &["notify", "test"]).await.unwrap();
    assert!(ran.code == 1 && ran.err.contains(" answered 404 (\"no_service for /hook/[hidden]\")"), "{ran:?}");
    let ran = Ran::of(&path, &["notify", "test", "own"]).await.unwrap();
    assert!(ran.out.contains("channel own took the test: ") && ran.out.contains(" answered 200 (\"ok\")"), "{ran:?}");
    let ran = Ran::of(&path, &["check", "--offline"]).await.unwrap();
    assert!(ran.out.contains("ok    channel own: its secrets can be read; it would post to "), "{ran:?}");
    assert_eq!(hook.posted().len(), 4);
}
