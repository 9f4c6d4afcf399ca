//! `[health]`, and `health` and `keeps` elsewhere.

use std::time::Duration;

use super::*;

const SINKS: &str = "{source}\n[[sink]]\nname = \"out\"\ntype = \"stdout\"\n[[sink]]\nname = \"file\"\ntype = \"file\"\npath = \"x\"\n";

fn wrong(text: &str) -> String {
    read(text).unwrap_err().to_string()
}

#[test]
fn by_default_sinks_and_channels_are_told_and_standard_output_and_those_of_some_policies_are_not() {
    let channel = |name: &str, more: &str| format!("[[notify]]\nname = \"{name}\"\ntype = \"command\"\ncommand = [\"x\"]\n{more}\n");
    let policies = channel("some", "policies = [\"impossible-travel\"]");
    let config = read(&format!("{SINKS}{}{policies}{}", channel("all", ""), channel("none", "health = false"))).unwrap();
    assert_eq!(config.sinks.iter().map(|sink| sink.health).collect::<Vec<_>>(), [false, true]);
    assert_eq!(config.channels.iter().map(|channel| channel.health).collect::<Vec<_>>(), [true, false, false]);
    assert_eq!((config.health.heartbeat, config.health.check), (Some(Duration::from_secs(3600)), true));
}

#[test]
fn what_is_said_arrives() {
    let text = SOURCE.replace("allow", "keeps = \"180d\"\nallow");
    let config = read(&format!("{text}[health]\nheartbeat = false\ncheck = false\n")).unwrap();
    assert_eq!((config.health.heartbeat, config.health.check), (None, false));
    assert_eq!(config.sources[0].keeps, Some(Duration::from_secs(180 * 86_400)));
    assert_eq!(crate::condition::lifetime(&config.sources[0]).log, config.sources[0].keeps);
}

#[test]
fn what_is_wrong_is_named_with_what_was_expected() {
    let text = wrong(&format!("{SOURCE}[health]\nheartbeat = \"1s\"\n"));
    assert!(text.contains("a duration from 1 minute to 24 hours, or false") && text.contains("heartbeat = \"1h\""), "{text}");
    let text = wrong(&format!("{SOURCE}[health]\nhartbeat = \"1h\"\n"));
    assert!(text.contains("did you mean `heartbeat`?"), "{text}");
    let text = wrong(&format!("{SOURCE}[health]\ncheck = \"daily\"\n"));
    assert!(text.contains("true or false"), "{text}");
    let text = wrong(&format!("{SOURCE}[[sink]]\nname = \"f\"\ntype = \"file\"\npath = \"x\"\nhealth = \"no\"\n"));
    assert!(text.contains("true or false"), "{text}");
    let text = wrong(&SOURCE.replace("allow", "keeps = \"1h\"\nallow"));
    assert!(text.contains("a duration from 1 day to 10 years"), "{text}");
}
