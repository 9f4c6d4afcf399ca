//! Policies and detectors: in the main file, in a customer's, and in files of their own.

use super::{super::*, SOURCE, files, read, said};

fn policy(name: &str, rest: &str) -> String {
    format!(
        "[[policy]]\nname = \"{name}\"\nseverity = \"low\"\ncategory = \"dlp\"\n\
         match = [{{ filter = \"activity.type\", equals = \"exported\" }}]\n{rest}"
    )
}

fn source(name: &str) -> String {
    format!("[[source]]\nname = \"{name}\"\nallow = [\"https://api.miro.com\"]\n")
}

/// Name and sources of each.
fn of(config: &Config) -> Vec<String> {
    let names = |sources: &[SourceName]| sources.iter().map(SourceName::as_str).collect::<Vec<_>>().join(" ");
    config.policies.iter().map(|each| format!("{}: {}", each.policy.name, names(&each.sources))).collect()
}

#[test]
fn policies_come_from_the_main_file_from_customers_and_from_files_of_their_own() {
    let main = format!(
        "include = [\"customers/*.toml\"]\npolicies = [\"policies/*.toml\"]\n{}{}",
        source("acme"),
        policy("main", "sources = [\"acme\", \"beta\"]\n")
    );
    let beta = format!("{}{}", source("beta"), policy("own", ""));
    let folder = files(&[
        ("m.toml", &main),
        ("customers/beta.toml", &beta),
        ("policies/a.toml", &policy("a", "sources = [\"acme\"]\n")),
        ("policies/b.toml", &format!("{}{}", policy("main", "sources = [\"gamma\"]\n"), policy("b", "sources = [\"beta\"]\n"))),
        ("customers/gamma.toml", &source("gamma")),
    ]);
    let config = load(&folder.path().join("m.toml")).unwrap();
    assert_eq!(config.warnings, Vec::<String>::new());
    assert_eq!(of(&config), ["main: acme beta", "own: beta", "a: acme", "main: gamma", "b: beta"], "names are told apart by source");
}

#[test]
fn a_wrong_file_of_policies_stops_alone() {
    let main = format!("policies = [\"policies/*.toml\"]\n{SOURCE}");
    let folder = files(&[
        ("m.toml", &main),
        ("policies/a.toml", &policy("a", "")),
        ("policies/b.toml", &policy("b", "severty = \"low\"\n")),
        ("policies/c.toml", "[[policy\n"),
        ("policies/d.toml", &format!("{}[store]\n[[source]]\n", policy("d", ""))),
        ("policies/e.toml", &format!("{}{}", policy("a", ""), policy("f", ""))),
        ("policies/f.toml", &policy("f", "")),
    ]);
    let config = load(&folder.path().join("m.toml")).unwrap();
    assert_eq!(of(&config), ["a: acme", "f: acme"], "a file that is wrong takes no name away from others");
    assert_eq!((config.sources.len(), config.sinks.len(), config.detectors.len()), (1, 1, 1));
    let messages: Vec<_> = config.broken.iter().map(|broken| broken.message.clone()).collect();
    insta::assert_snapshot!(said(folder.path(), messages.join("\n---\n")));
}

#[test]
fn a_customer_brings_a_detector_and_policies_for_its_source() {
    let main =
        format!("include = [\"customers/*.toml\"]\n{}[[detector]]\nname = \"main\"\nsources = [\"acme\", \"beta\"]\n", source("acme"));
    let beta = format!("{}[[detector]]\nname = \"beta-own\"\nbehaviours = [\"mass-share\"]\n{}", source("beta"), policy("own", ""));
    let folder = files(&[("m.toml", &main), ("customers/beta.toml", &beta)]);
    let config = load(&folder.path().join("m.toml")).unwrap();
    let detectors: Vec<_> = config.detectors.iter().map(|each| (each.name.as_str(), each.sources.len())).collect();
    assert_eq!(detectors, [("main", 2), ("beta-own", 1)]);
    assert_eq!(of(&config), ["own: beta"]);

    let thief = beta.replace("beta-own", "main");
    let folder = files(&[("m.toml", &main), ("customers/beta.toml", &thief)]);
    let config = load(&folder.path().join("m.toml")).unwrap();
    assert_eq!((config.detectors.len(), config.policies.len()), (1, 0));
    insta::assert_snapshot!(said(folder.path(), format!("{}\n---\n{}", config.broken[0].message, config.warnings.join("\n"))));
}

#[test]
fn what_finds_nothing_is_warned_of() {
    let text = format!(
        "{}{}[[detector]]\nname = \"main\"\nsources = [\"acme\"]\nbehaviours = [\"imposible-travel\", \"exports\", \"mass-share\"]\n{}{}{}",
        source("acme"),
        source("beta"),
        policy("exports", "sources = [\"acme\", \"beta\"]\n"),
        policy("off", "sources = [\"beta\"]\nenabled = false\n"),
        "[[policy]]\nname = \"devices\"\nseverity = \"low\"\ncategory = \"dlp\"\nsources = [\"acme\"]\nmatch = [\n  { filter = \"team\", is = \"set\" },\n  { filter = \"user-agent.tag\", does_not_equal = \"managed\" },\n]\n",
    );
    let folder = files(&[("m.toml", &text)]);
    let config = load(&folder.path().join("m.toml")).unwrap();
    insta::assert_snapshot!(said(folder.path(), config.warnings.join("\n")));
}

#[test]
fn a_file_of_policies_is_checked_by_itself() {
    let twice = format!("{}{}", policy("a", "sources = [\"acme\", \"beta\"]\n"), policy("a", "sources = [\"beta\"]\n"));
    let folder = files(&[
        ("right.toml", &format!("{}{}", policy("a", "sources = [\"acme\"]\n"), policy("a", "sources = [\"beta\"]\n"))),
        ("twice.toml", &twice),
        ("main.toml", SOURCE),
    ]);
    assert_eq!(check_policies(&folder.path().join("right.toml")).unwrap().len(), 2);
    let wrong = ["twice.toml", "main.toml", "none.toml"].map(|name| check_policies(&folder.path().join(name)).unwrap_err().to_string());
    insta::assert_snapshot!(said(folder.path(), wrong.join("\n---\n")));
}

#[test]
fn the_rules_that_are_built_in_are_those_of_the_detector() {
    let text = include_str!("../../../../guest/detect/src/rules/name.rs");
    let (_, names) = text.split_once("pub fn name(self)").unwrap();
    let (names, _) = names.split_once("\n    }\n").unwrap();
    let names: Vec<&str> = names.lines().filter_map(|line| line.split_once("=> \"")?.1.strip_suffix("\",")).collect();
    assert_eq!(names, BUILT_IN);
    for name in BUILT_IN {
        let said = read(&format!("{SOURCE}{}", policy(name, ""))).unwrap_err().to_string();
        assert!(said.contains("is called like a rule of the detector that is built in"), "{said}");
    }
}
