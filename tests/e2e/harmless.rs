//! Event text is written by attackers. Nothing of it is more than text, wherever it leaves: the list of outlets is held against the
//! commands that there are, so that a new one is on it or fails here.

use std::{
    collections::BTreeSet,
    io::Write,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use clap::CommandFactory as _;
use miro_source::{
    alert::{AlertFormat, Who},
    cli::Cli,
    clock::Clock as _,
    config::SinkKind,
    neutral::visible,
    respond::{Action, Mail, Order},
};
use miro_source_tests::{
    command::Ran,
    drive::Drive,
    stage::{HOUR, MINUTE, ORIGIN, Recipe, Stage},
};
use serde_json::{Value, json};
use simulator::{Organization, Settings, Spec, World};

/// Escape sequences, marks that reorder and hide, line breaks, HTML, CEF, formulas, and JSON in a string. It begins with a name by which it is
/// found wherever it arrives, and a forged line in it would begin with another.
const HOSTILE: &str = "mallory\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}31m\u{202e}\u{2066}\u{feff}\u{200b}\u{e0041}\r\nforged|CEF:0|x|suser=root \
                       cs1=y\n<script>alert(1)</script>\t=cmd|' /C calc'!A0,@SUM(1),+1,-1\\\"},{\"forged\":\"\u{2028}%s${jndi:x}";

/// What a command prints of events.
enum Prints {
    /// Lines for people.
    Text,
    /// A JSON value a line, in which the text is what it was.
    Json,
    /// Nothing, and why.
    Nothing(&'static str),
}
use Prints::{Json, Nothing, Text};

/// Every command, with what it is called with. `SEQ` stands for the place of a hostile event, `ALERT` for the alert about it, `POLICY` for
/// a file of policies.
const OUTLETS: &[(&str, &[&str], Prints)] = &[
    ("alerts", &[], Text),
    ("alerts list", &["--state", "all"], Text),
    ("alerts list", &["--state", "all", "--json"], Json),
    ("alerts show", &["ALERT", "--events"], Text),
    ("alerts show", &["ALERT", "--events", "--json"], Json),
    ("alerts take", &["ALERT", "--json"], Json),
    ("alerts close", &["ALERT", "--as", "benign"], Text),
    ("alerts suppressions list", &[], Text),
    ("alerts suppressions list", &["--json"], Json),
    ("alerts suppressions lift", &["1"], Text),
    ("alerts reopen", &["ALERT", "--json"], Json),
    ("alerts close", &["ALERT", "--as", "benign", "--json"], Json),
    ("behaviours", &["--details"], Text),
    ("behaviours", &["--json"], Json),
    ("events", &[], Text),
    ("events", &["--json"], Json),
    ("tail", &["--no-follow", "-n", "100"], Text),
    ("tail", &["--no-follow", "-n", "100", "--record"], Text),
    ("parked show", &["SEQ"], Text),
    ("investigate", &["ALERT"], Text),
    ("investigate", &["ALERT", "--json"], Json),
    ("investigate", &["3074457345618265000"], Text),
    ("investigate", &["203.0.113.66", "--most", "100"], Text),
    ("privacy export", &["--user", "3074457345618265000"], Json),
    ("privacy erase", &["--user", "3074457345618265000", "--dry-run"], Text),
    ("backtest", &["--details"], Text),
    ("backtest", &["--json"], Json),
    ("backtest", &["--policy", "POLICY", "--feeds", "now", "--details"], Text),
    ("backtest", &["--compare", "POLICY", "POLICY", "--json"], Json),
    ("respond", &[], Text),
    ("respond list", &["--json"], Json),
    ("respond show", &["1"], Text),
    ("respond show", &["1", "--json"], Json),
    ("respond approve", &["1", "--yes"], Text),
    ("respond reject", &["1", "--why", "no", "--json"], Json),
    ("respond log", &[], Json),
    ("respond revert", &[], Nothing("prints what approving prints")),
    ("respond notify", &[], Nothing("prints the operator's own words")),
    ("respond sign-out", &[], Nothing("prints the operator's own words")),
    ("respond suspend", &[], Nothing("prints the operator's own words")),
    ("respond restore", &[], Nothing("prints the operator's own words")),
    ("respond confirm-compromised", &[], Nothing("prints the operator's own words")),
    ("respond stop", &[], Nothing("prints the operator's own words")),
    ("respond resume", &[], Nothing("a count")),
    ("respond verify", &[], Nothing("counts and hashes")),
    ("verify", &[], Nothing("counts, and the ids of what is missing, each made visible")),
    ("policies", &[], Nothing("policies are the operator's")),
    ("policies list", &[], Nothing("policies are the operator's")),
    ("policies check", &[], Nothing("policies are the operator's")),
    ("policies add", &[], Nothing("policies are the operator's")),
    ("policies templates", &[], Nothing("policies are the operator's")),
    ("status", &[], Nothing("counts and the host's own words; `sink` and `schedule` make foreign answers brief")),
    ("parked list", &[], Nothing("places and the receiver's answer, which `sink` makes brief")),
    ("parked retry", &[], Nothing("a count")),
    ("init", &[], Nothing("reads no event")),
    ("check", &[], Nothing("reads no event")),
    ("auth", &[], Nothing("reads no event")),
    ("auth run", &[], Nothing("reads no event")),
    ("auth confirm", &[], Nothing("reads no event")),
    ("auth revoke", &[], Nothing("reads no event")),
    ("run", &[], Nothing("prints its log, which is looked at below")),
    ("once", &[], Nothing("prints its log, which is looked at below")),
    ("backfill", &[], Nothing("counts")),
    ("feeds", &[], Nothing("reads no event")),
    ("feeds list", &[], Nothing("reads no event")),
    ("feeds add", &[], Nothing("reads no event")),
    ("feeds remove", &[], Nothing("reads no event")),
    ("feeds update", &[], Nothing("reads no event")),
    ("feeds import", &[], Nothing("reads no event")),
    ("notify test", &[], Nothing("sends words of its own, and makes the far side's brief")),
    ("backup", &[], Nothing("reads no event for people")),
    ("restore", &[], Nothing("reads no event for people")),
    ("reload", &[], Nothing("reads no event for people")),
    ("dashboard", &[], Nothing("reads no event")),
    ("completions", &[], Nothing("reads no event")),
    ("manual", &[], Nothing("reads no event")),
    ("key rotate", &[], Nothing("reads no event")),
    ("key lost", &[], Nothing("reads no event")),
    ("components", &[], Nothing("reads no event")),
    ("components list", &[], Nothing("reads no event")),
    ("components swap", &[], Nothing("reads no event")),
    ("components keygen", &[], Nothing("reads no event")),
    ("components sign", &[], Nothing("reads no event")),
    ("components verify", &[], Nothing("reads no event")),
];

/// The full names of the commands that do something.
fn commands(command: &clap::Command, before: &str, found: &mut BTreeSet<String>) {
    for each in command.get_subcommands().filter(|each| each.get_name() != "help") {
        let name = format!("{before}{}", each.get_name());
        if !each.has_subcommands() || !each.is_subcommand_required_set() {
            found.insert(name.clone());
        }
        commands(each, &format!("{name} "), found);
    }
}

#[test]
fn every_command_is_on_the_list_of_outlets() {
    let mut there = BTreeSet::new();
    commands(&Cli::command(), "", &mut there);
    let listed: BTreeSet<String> = OUTLETS.iter().map(|(name, ..)| (*name).to_owned()).collect();
    assert_eq!(there, listed, "say in OUTLETS what a new command prints of events");
}

/// The log of this thread.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Somebody with a name like that guesses a password, exports, and does what nobody has heard of.
fn attack(world: &World) {
    for nth in 0..17_u64 {
        let at = ORIGIN + 10 * MINUTE + nth * 10_000;
        let name = match nth {
            ..14 => "sign_in_failed",
            14 => "sign_in_succeeded",
            15 => "board_exported",
            _ => HOSTILE,
        };
        world.add_event_with(at, at, name, |record| {
            record["createdBy"] = json!({"type": "user", "id": "3074457345618265000", "name": HOSTILE, "email": format!("{HOSTILE}@x")});
            record["object"] = json!({"id": HOSTILE, "name": HOSTILE});
            record["category"] = json!(HOSTILE);
            record["details"] = json!({HOSTILE: HOSTILE, "role": HOSTILE});
            record["context"]["ip"] = json!(if nth == 15 { HOSTILE } else { "203.0.113.66" });
            record["context"]["team"] = json!({"id": HOSTILE, "name": HOSTILE});
        });
    }
}

/// An order about somebody with a name like that, in words like that.
fn hostile() -> Order {
    let text = HOSTILE.to_owned();
    Order {
        source: "acme".parse().unwrap(),
        responder: "entra".parse().unwrap(),
        action: Action::Suspend,
        target: Who { id: Some(text.clone()), email: Some(format!("{HOSTILE}@x")), name: Some(text.clone()) },
        alert: None,
        who: text.clone(),
        why: text.clone(),
        mail: Some(Mail { subject: text.clone(), text: text.clone(), copies: vec![text], manager: false }),
        dry_run: false,
        four_eyes: true,
        reverts: None,
    }
}

/// No line holds anything that acts, hides or reorders, and none was begun by an attacker.
fn lines_are_harmless(outlet: &str, text: &str) {
    for line in text.lines() {
        assert_eq!(visible(line), line, "{outlet}");
        assert!(!line.trim_start().starts_with("forged"), "{outlet}: {line}");
    }
}

/// The same, and a machine reads from it what was written.
fn json_is_harmless(outlet: &str, text: &str) {
    lines_are_harmless(outlet, text);
    json_is_whole(outlet, text);
}

/// Each line is an object, and none of it is an attacker's.
fn json_is_whole(outlet: &str, text: &str) {
    for line in text.trim_end_matches('\n').split('\n') {
        let read: Value = serde_json::from_str(line).unwrap_or_else(|why| panic!("{outlet}: {why}: {line}"));
        assert!(read.is_object() && read.get("forged").is_none(), "{outlet}: {line}");
    }
}

#[tokio::test]
async fn what_attackers_write_is_nothing_but_text_wherever_it_leaves() {
    let spec = Spec { from: ORIGIN - HOUR, to: ORIGIN, events: 20, late_share: 0.0, ..Spec::default() };
    let (stage, clock) = Stage::stepped(World::new(Organization::generate(8, spec), Settings::default())).await.unwrap();
    attack(&stage.world);
    let sinks = sinks(&stage);
    let config = stage.configure(&Recipe { detect: true, sink: sinks, ..Recipe::default() }, clock.now()).unwrap();
    let acting = format!("{}\n[respond]\nenabled = true\ndry_run = false\n", std::fs::read_to_string(&config).unwrap());
    let config = stage.write(&format!("{acting}{}", stage.entra("actions = [\"suspend\"]").unwrap())).unwrap();
    let policies = stage.path("exports.toml");
    let policy = "[[policy]]\nname = \"exports\"\nseverity = \"low\"\ncategory = \"dlp\"\nmatch = [{ filter = \"activity.type\", equals = \"exported\" }]\n";
    std::fs::write(&policies, policy).unwrap();

    let log = Log::default();
    let writer = log.clone();
    let heard =
        tracing_subscriber::fmt().with_env_filter("warn,miro_source=trace").with_ansi(false).with_writer(move || writer.clone()).finish();
    let listening = tracing::subscriber::set_default(heard);
    let mut drive = Drive::open(&config, &clock).await.unwrap();
    drive.pass(Duration::from_secs(1800)).await.unwrap();
    drop(listening);
    let head = drive.store.head().unwrap();
    // Nothing takes it up: it waits for a second person, and no host runs by the time that one comes.
    drive.store.order(&hostile(), clock.now()).unwrap();
    drop(drive);
    lines_are_harmless("log", &String::from_utf8_lossy(&log.0.lock().unwrap()));

    for (name, args, prints) in OUTLETS {
        if let Nothing(why) = prints {
            assert!(!why.is_empty());
            continue;
        }
        let (head, policies) = (head.0.to_string(), policies.display().to_string());
        let stands = |arg: &&'static str| match *arg {
            "ALERT" => "1".to_owned(),
            "SEQ" => head.clone(),
            "POLICY" => policies.clone(),
            other => other.to_owned(),
        };
        let words: Vec<String> = name.split(' ').map(str::to_owned).chain(args.iter().map(stands)).collect();
        prove(&config, &words, prints).await;
    }
    delivered(&stage);
}

async fn prove(config: &Path, words: &[String], prints: &Prints) {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let outlet = words.join(" ");
    let ran = Ran::of(config, &words).await.unwrap();
    assert_eq!(ran.code, 0, "{outlet}: {}", ran.said());
    assert!(ran.out.contains("mallory"), "{outlet} prints nothing of events: {}", ran.said());
    lines_are_harmless(&outlet, &ran.err);
    match prints {
        Json => json_is_harmless(&outlet, &ran.out),
        Text | Nothing(_) => lines_are_harmless(&outlet, &ran.out),
    }
}

/// A sink of every kind that writes to a file or over the network, with alerts in every format.
fn sinks(stage: &Stage) -> String {
    // A new kind of sink, or format of alerts, has a place here before this compiles.
    let _known = |kind: &SinkKind, format: AlertFormat| match (kind, format) {
        (SinkKind::Sumo(_) | SinkKind::File { .. } | SinkKind::Stdout, AlertFormat::Ocsf | AlertFormat::Cef) => (),
    };
    let file = |name: &str, keys: &str| format!("\n[[sink]]\nname = {name:?}\ntype = \"file\"\npath = {:?}\n{keys}\n", stage.path(name));
    format!(
        "category = \"miro\"\nalerts = \"ocsf\"\n{}{}",
        file("cef", "alerts = \"cef\""),
        file("ocsf", "format = \"ocsf\"\nalerts = \"ocsf\"")
    )
}

/// What left by sinks: events as they are and as OCSF, alerts as OCSF and CEF.
fn delivered(stage: &Stage) {
    let sumo: Vec<String> = stage.world.records().iter().map(|record| String::from_utf8_lossy(&record.line).into_owned()).collect();
    // A machine reads it, and the record is the vendor's own, verbatim; alerts are ours.
    let (alerts, records): (Vec<String>, Vec<String>) = sumo.iter().cloned().partition(|line| line.contains("\"class_uid\":2004"));
    json_is_whole("sumo", &records.join("\n"));
    json_is_harmless("alerts to sumo", &alerts.join("\n"));
    json_is_harmless("ocsf", &std::fs::read_to_string(stage.path("ocsf")).unwrap());
    let file = std::fs::read_to_string(stage.path("cef")).unwrap();
    json_is_harmless("file", &file);
    let cef = std::fs::read_to_string(stage.path("cef.alerts")).unwrap();
    lines_are_harmless("cef", &cef);
    // Health has a form of its own beside them.
    let (health, alerts): (Vec<&str>, Vec<&str>) = cef.lines().partition(|line| line.starts_with('{'));
    json_is_harmless("health", &health.join("\n"));
    let forged = alerts.iter().find(|line| !line.contains("mallory") || line.matches(" suser=").count() != 1);
    assert!(!alerts.is_empty() && forged.is_none(), "{cef}");
    assert!(file.contains("mallory") && sumo.join("\n").contains("mallory"));
}
