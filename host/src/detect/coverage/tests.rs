use super::*;
use crate::config::{Config, load};

fn acme() -> SourceName {
    "acme".parse().unwrap()
}

/// Of a configuration with two sources and this.
fn config(rest: &str) -> Config {
    let folder = tempfile::tempdir().unwrap();
    let source = |name: &str| format!("[[source]]\nname = \"{name}\"\nallow = [\"https://api.miro.com\"]\n");
    for file in ["city.mmdb", "tor.txt", "left.csv", "secret"] {
        std::fs::write(folder.path().join(file), "").unwrap();
    }
    std::fs::write(folder.path().join("c.toml"), format!("{}{}{rest}", source("acme"), source("beta"))).unwrap();
    load(&folder.path().join("c.toml")).unwrap()
}

fn rule(name: &str, events: &[&[&str]], needs: &[&[&str]], uses: &[&str]) -> Rule {
    let texts = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
    let lists = |lists: &[&[&str]]| lists.iter().map(|list| texts(list)).collect();
    Rule { name: name.into(), title: name.to_uppercase(), enabled: true, events: lists(events), needs: lists(needs), uses: texts(uses) }
}

fn seen(action: &str, traits: &[&str]) -> ActionSeen {
    let traits = traits.iter().map(|&name| name.to_owned()).collect();
    ActionSeen { source: acme(), action: action.into(), count: 1, first: Instant(0), last: Instant(0), traits }
}

const ALL: &str = "[enrich]\ncity = \"city.mmdb\"\n[[threat-list]]\nname = \"exits\"\npath = \"tor.txt\"\ntag = \"tor\"\n\
    [[range]]\nname = \"Bad\"\naddresses = [\"198.51.100.0/24\"]\ncategory = \"risky\"\nsources = [\"acme\"]\n\
    [[group]]\nname = \"Admins\"\nmembers = [\"ann@acme.example\"]\nsources = [\"acme\"]\n\
    [[departures]]\nfile = \"left.csv\"\nsources = [\"acme\"]\n";

fn rules() -> Vec<Rule> {
    vec![
        rule("anonymous", &[], &[&["tags:tor", "tags:anonymous-proxy"]], &["category"]),
        rule("suspicious", &[], &[&["tags:botnet", "tags:malware-c2", "category:risky"]], &["asn"]),
        rule("country", &[], &[&["country"]], &["coordinates", "asn"]),
        rule("travel", &[], &[&["country"]], &[]),
        rule("terminated", &[], &[&["departures"]], &[]),
        rule("own", &[&["exported"], &["impersonated"]], &[&["groups:admins"], &["country"]], &[]),
    ]
}

fn all(config: &Config, source: &str, empty: &[String], seen: &[ActionSeen]) -> Vec<Coverage> {
    let supply = Supply::new(config, &source.parse().unwrap(), empty);
    rules().iter().map(|rule| Coverage::new(rule, &supply, Some(seen))).collect()
}

#[test]
fn what_is_fed_says_where_from_and_is_only_counted() {
    let seen = [seen("board_exported", &["exported", "impersonated"]), seen("board_opened", &["read"])];
    let all = all(&config(ALL), "acme", &[], &seen);
    assert_eq!((count(&all), warnings(&all)), ("6 of 6 detections are fed".to_owned(), Vec::new()));
    let feeds: Vec<&[String]> = all.iter().map(|each| each.feeds.as_slice()).collect();
    let expected: [&[&str]; 6] = [
        &["threat-list exits", "range Bad"],
        &["range Bad"],
        &["city"],
        &["city"],
        &["departures left.csv (acme)"],
        &["group Admins", "city"],
    ];
    assert_eq!(feeds, expected);
    assert_eq!((all[0].events, all[5].events), (2, 1));
}

const DIRECTORY: &str = "[[responder]]\nname = \"entra\"\ncomponent = \"builtin:entra\"\nsources = [\"acme\"]\nactions = []\n\
    directory = true\ngroups = [\"Admins\"]\nconfig = { tenant = \"acme.example\", client_id = \"one\" }\n\
    secrets = { client_secret = { file = \"secret\" } }\nallow = [\"https://graph.microsoft.com\"]\n";

#[test]
fn a_directory_feeds_as_a_file_does_and_both_are_named() {
    let feeds = |config: &Config, source: &str, empty: &[String]| {
        let all = all(config, source, empty, &[]);
        [&all[4], &all[5]].map(|each| each.feeds.iter().filter(|feed| *feed != "city").cloned().collect::<Vec<_>>())
    };
    let alone = config(DIRECTORY);
    assert_eq!(feeds(&alone, "acme", &[]), [["directory entra"], ["directory entra"]]);
    assert_eq!(feeds(&alone, "beta", &[]), [[""; 0]; 2], "it is told of acme alone");
    assert_eq!(feeds(&alone, "acme", &["directory entra".to_owned()]), [[""; 0]; 2], "what was read of it is nothing");
    assert!(!warnings(&all(&alone, "acme", &[], &[])).iter().any(|line| line.contains("departures") || line.contains("group")));
    let both = config(&format!("{ALL}{DIRECTORY}"));
    assert_eq!(feeds(&both, "acme", &[]), [["directory entra", "departures left.csv (acme)"], ["directory entra", "group Admins"]]);
}

#[test]
fn what_is_never_told_is_said_once_with_everything_that_misses_it() {
    let bare = all(&config(""), "acme", &[], &[]);
    assert_eq!(count(&bare), "0 of 6 detections are fed");
    let expected = [
        "ANONYMOUS: no threat list or range with tag tor or anonymous-proxy",
        "SUSPICIOUS: no threat list or range with tag botnet or malware-c2 and no range with category risky",
        "COUNTRY, TRAVEL, OWN: no database of countries",
        "TERMINATED: no file of departures, and no directory",
        "OWN: no group called admins",
    ];
    let mut said = warnings(&bare);
    said.sort_by_key(|line| expected.iter().position(|known| known == line));
    assert_eq!(said, expected);
}

#[test]
fn i5_what_one_source_is_told_feeds_no_other() {
    let other = all(&config(ALL), "beta", &[], &[]);
    let fed: Vec<&str> = other.iter().filter(|each| each.is_fed()).map(|each| each.rule.as_str()).collect();
    assert_eq!(fed, ["anonymous", "country", "travel"], "feeds are for all; ranges, groups and departures are acme's");
}

#[test]
fn an_empty_list_feeds_nothing_and_zero_event_names_are_a_warning() {
    let seen = [seen("board_exported", &["exported"])];
    let all = all(&config(ALL), "acme", &["threat-list exits".to_owned()], &seen);
    let expected = [
        "ANONYMOUS: no threat list or range with tag tor or anonymous-proxy",
        "OWN: 0 event names that mean exported and also impersonated in 30 days (`miro-source events`)",
    ];
    assert_eq!((count(&all).as_str(), warnings(&all)), ("4 of 6 detections are fed", expected.map(str::to_owned).to_vec()));
}

#[test]
fn a_rule_that_is_off_lacks_nothing() {
    let supply = Supply::default();
    let off = Rule { enabled: false, ..rules().remove(0) };
    let all = [Coverage::new(&off, &supply, None), Coverage::new(&rules()[4], &supply, None)];
    assert_eq!((count(&all).as_str(), warnings(&all).len()), ("0 of 1 detections are fed, 1 off", 1));
}

#[test]
fn names_count_while_they_were_seen_in_thirty_days() {
    let day = |day: u64| ActionSeen { last: Instant(day * 86_400_000), ..seen("a", &[]) };
    let other = ActionSeen { source: "beta".parse().unwrap(), ..day(40) };
    assert_eq!(lately(&[day(9), day(10), other], &acme(), Instant(40 * 86_400_000)).len(), 1);
}
