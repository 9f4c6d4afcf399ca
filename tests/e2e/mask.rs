//! A sink that is not to know who: pseudonyms in events, alerts and governance records, and the truth in the store.

use std::time::Duration;

use miro_source::{
    alert::{AlertQuery, Wanted},
    clock::Clock as _,
    model::{Lane, Seq},
    respond::{Deed, Kind},
    store::Range,
};
use miro_source_tests::{
    command::Ran,
    drive::Drive,
    stage::{MINUTE, ORIGIN, Recipe, Stage},
};
use serde_json::Value;

use crate::detect::{guess, world};

const MASK: &str = "category = \"miro\"\nmask = [\"user.name\", \"user.email\", \"user.id\", \"ip.address\"]";

/// What nobody at the sink may learn of whoever guesses a password.
const SECRETS: [&str; 4] = ["ana@example.com", "Ana", "3074457345618265000", "203.0.113.66"];

#[tokio::test]
async fn a_masked_sink_counts_and_joins_but_learns_of_nobody_in_events_alerts_or_the_governance_log() {
    let (stage, clock) = Stage::stepped(world()).await.unwrap();
    guess(&stage.world, ORIGIN + 8 * MINUTE);
    let config = stage.configure(&Recipe { detect: true, sink: MASK.into(), ..Recipe::default() }, clock.now()).unwrap();
    let mut drive = Drive::open(&config, &clock).await.unwrap();
    let about = "it was ana@example.com from 203.0.113.66".to_owned();
    drive.store.deed(&Deed { at: clock.now(), who: None, deed: Kind::Configuration, about, source: None }, None).unwrap();
    drive.pass(Duration::from_secs(1800)).await.unwrap();
    let account = stage.world.account(clock.now().0);
    assert_eq!((account.lost, account.duplicates), (0, 0), "{account:#?}");

    let sent = |records: Vec<simulator::Record>| {
        records.into_iter().map(|record| String::from_utf8(record.line.to_vec()).unwrap()).collect::<Vec<_>>()
    };
    let (events, others) = (sent(stage.world.records()), sent(stage.world.others()));
    for line in events.iter().chain(&others) {
        let shown = line.to_lowercase();
        assert!(SECRETS.iter().all(|secret| !shown.contains(&secret.to_lowercase()) || *secret == "Ana"), "{line}");
        assert!(!line.contains("Ana\\") && !line.contains("Ana\u{202e}"), "{line}");
    }
    let parsed: Vec<Value> = events.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let alert = others.iter().filter_map(|line| serde_json::from_str::<Value>(line).ok()).find(|line| line["class_uid"] == 2004).unwrap();
    let user = &alert["evidences"][0]["actor"]["user"];
    let pseudonym = user["email_addr"].as_str().unwrap();
    assert!(pseudonym.starts_with("p-") && pseudonym.ends_with("@masked.invalid"), "{pseudonym}");
    let hers = parsed.iter().filter(|event| event["createdBy"]["email"] == pseudonym).collect::<Vec<_>>();
    assert!(
        hers.len() == 15 && hers.iter().all(|event| event["createdBy"] == hers[0]["createdBy"]),
        "one person, one pseudonym: {hers:#?}"
    );
    assert!(user["name"].as_str().unwrap().starts_with("user-") && user["uid"].as_str().unwrap().starts_with("id-"), "{alert:#}");
    assert!(alert["evidences"][0]["src_endpoint"]["ip"].as_str().unwrap().starts_with("2001:db8::"), "{alert:#}");

    // A record of the governance log can be checked no more, and it is said why.
    let record = others.iter().find(|line| line.contains("\"log_name\":\"governance\"")).unwrap();
    assert!(record.contains(pseudonym), "{record}");
    let file = stage.path("masked.ndjson");
    std::fs::write(&file, record).unwrap();
    let ran = Ran::of(&config, &["respond", "verify", &file.display().to_string()]).await.unwrap();
    assert!(ran.code == 1 && ran.out.contains("holds pseudonyms"), "{ran:?}");

    // The store knows.
    let query = AlertQuery { wanted: Wanted::All, policy: None, user: None, since: None, address: None, incident: None, most: 100 };
    assert_eq!(drive.store.alerts(&query).unwrap()[0].story.who.email.as_deref(), Some("ana@example.com"));
    let acme = "acme".parse().unwrap();
    let all = Range { source: &acme, lane: Lane::Live, after: Seq(0), sink: None, events: 10_000, bytes: usize::MAX };
    let kept = drive.store.read(&all).unwrap();
    assert_eq!(kept.iter().filter(|event| event.record.contains("ana@example.com")).count(), 15);
    let ran = Ran::of(&config, &["respond", "verify"]).await.unwrap();
    assert_eq!(ran.code, 0, "{ran:?}");
}
