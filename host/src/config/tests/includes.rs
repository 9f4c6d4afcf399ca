//! One file a customer: a wrong one stops that customer only.

use super::{super::*, files, said};

const MAIN: &str =
    "include = [\"customers/*.toml\"]\n{source}\n[[sink]]\nname = \"main\"\ntype = \"stdout\"\nsources = [\"acme\", \"beta\"]\n";

fn customer(name: &str) -> String {
    format!(
        "[[source]]\nname = \"{name}\"\nallow = [\"https://api.miro.com\"]\nsecrets = {{ access_token = {{ file = \"{name}.token\" }} }}\n\
         [[sink]]\nname = \"{name}-out\"\ntype = \"file\"\npath = \"{name}.ndjson\"\n"
    )
}

#[test]
fn a_customer_brings_a_source_and_its_sink() {
    let folder = files(&[("m.toml", MAIN), ("customers/beta.toml", &customer("beta")), ("customers/gamma.toml", &customer("gamma"))]);
    let config = load(&folder.path().join("m.toml")).unwrap();
    let names: Vec<_> = config.sources.iter().map(|source| source.name.as_str()).collect();
    assert_eq!(names, ["acme", "beta", "gamma"]);
    assert_eq!((config.detectors.len(), config.detectors[0].sources.len()), (1, 3), "without [[detector]] every source is judged");
    let sinks: Vec<_> = config.sinks.iter().map(|sink| (sink.name.as_str(), sink.sources.len())).collect();
    assert_eq!(sinks, [("main", 2), ("beta-out", 1), ("gamma-out", 1)]);
    let token = SecretRef::File(folder.path().join("customers/beta.token"));
    assert_eq!(config.sources[1].secrets["access_token"], token, "relative to the file it stands in");
    assert!(config.broken.is_empty());
}

#[test]
fn a_wrong_customer_stops_alone() {
    let wrong = customer("beta").replace("allow", "alow");
    let folder = files(&[("m.toml", MAIN), ("customers/beta.toml", &wrong), ("customers/gamma.toml", &customer("gamma"))]);
    let config = load(&folder.path().join("m.toml")).unwrap();
    let names: Vec<_> = config.sources.iter().map(|source| source.name.as_str()).collect();
    assert_eq!(names, ["acme", "gamma"]);
    assert_eq!(config.broken.len(), 1);
    insta::assert_snapshot!(said(folder.path(), format!("{}\n---\n{}", config.broken[0].message, config.warnings.join("\n"))));
}

#[test]
fn i5_a_source_in_a_wrong_file_is_known_by_its_name_or_by_who_names_it_or_it_is_not_known_who_there_is() {
    let everyone = |main: &str, beta: &str| {
        let folder = files(&[("m.toml", main), ("customers/beta.toml", beta), ("customers/gamma.toml", &customer("gamma"))]);
        let all = load(&folder.path().join("m.toml")).unwrap().everyone();
        all.map(|all| all.into_iter().map(|name| name.to_string()).collect::<Vec<_>>())
    };
    let all = Some(["acme", "beta", "gamma"].map(str::to_owned).to_vec());
    let unnamed = MAIN.replace("\"acme\", \"beta\"", "\"acme\"");
    let wrong = customer("beta").replace("allow", "alow");
    assert_eq!((everyone(MAIN, &wrong), everyone(&unnamed, &wrong)), (all.clone(), all.clone()));
    assert_eq!((everyone(MAIN, "[[source\n"), everyone(&unnamed, "[[source\n")), (all.clone(), None));
    for (right, slip) in [("[[source]]", "[[sorce]]"), ("name = \"beta\"", "nmae = \"beta\""), ("\"beta\"", "\"b eta\"")] {
        let wrong = customer("beta").replace(right, slip);
        assert_eq!(everyone(&unnamed, &wrong), None, "{slip}");
    }
    assert_eq!(everyone(MAIN, &customer("beta")), all);
}

#[test]
fn a_customer_that_is_no_toml_stops_alone() {
    let folder = files(&[("m.toml", MAIN), ("customers/beta.toml", "[[source\n")]);
    let config = load(&folder.path().join("m.toml")).unwrap();
    assert_eq!((config.sources.len(), config.sinks.len(), config.broken.len()), (1, 1, 1));
    assert!(config.is_partial(), "nobody knows what stands in it");
    let sentence = config.broken[0].sentence();
    assert!(
        sentence.starts_with("nothing of an included file runs: ") && sentence.contains("beta.toml:1:") && !sentence.contains('\n'),
        "{sentence}"
    );
}

#[test]
fn a_customer_with_a_name_or_a_grant_that_is_taken_stops_alone() {
    let thief = customer("thief").replace("{ file = \"thief.token\" }", "{ env = \"MIRO_ACCESS_TOKEN\" }");
    let folder = files(&[
        ("m.toml", MAIN),
        ("customers/acme.toml", &customer("acme")),
        ("customers/beta.toml", &customer("beta")),
        ("customers/thief.toml", &thief),
    ]);
    let config = load(&folder.path().join("m.toml")).unwrap();
    assert_eq!(config.sources.len(), 2);
    let messages: Vec<_> = config.broken.iter().map(|broken| broken.message.clone()).collect();
    insta::assert_snapshot!(said(folder.path(), messages.join("\n---\n")));
}

#[test]
fn an_included_file_holds_sources_and_sinks_only() {
    let beta = format!("include = [\"x\"]\n{}[store]\npath = \"x\"\n[sinks]\n", customer("beta"));
    let folder = files(&[("m.toml", MAIN), ("customers/beta.toml", &beta)]);
    let config = load(&folder.path().join("m.toml")).unwrap();
    insta::assert_snapshot!(said(folder.path(), &config.broken[0].message));
}

#[test]
fn a_customer_brings_ranges_for_its_own_source_only() {
    let range = |name: &str, block: &str, rest: &str| format!("[[range]]\nname = \"{name}\"\naddresses = [\"{block}\"]\n{rest}");
    let main = format!("{MAIN}{}", range("Main", "198.51.100.0/24", "sources = [\"acme\", \"beta\"]\n"));
    let beta = format!("{}{}", customer("beta"), range("Own", "203.0.113.0/24", ""));
    let overlapping = format!("{}{}", customer("beta"), range("Own", "198.51.100.7", ""));
    let thief = format!("{}{}", customer("gamma"), range("Theirs", "192.0.2.0/24", "sources = [\"gamma\", \"acme\"]\n"));

    let folder = files(&[("m.toml", &main), ("customers/beta.toml", &beta), ("customers/gamma.toml", &customer("gamma"))]);
    let config = load(&folder.path().join("m.toml")).unwrap();
    assert!(config.broken.is_empty(), "{:?}", config.broken);
    let of: Vec<_> = config.enrich.ranges.iter().map(|range| (range.name.as_str(), range.sources.len())).collect();
    assert_eq!(of, [("Main", 2), ("Own", 1)]);
    assert_eq!(config.enrich.ranges[1].sources[0].as_str(), "beta");

    let folder = files(&[("m.toml", &main), ("customers/beta.toml", &overlapping), ("customers/gamma.toml", &thief)]);
    let config = load(&folder.path().join("m.toml")).unwrap();
    assert_eq!(config.sources.len(), 1);
    assert_eq!(config.enrich.ranges.len(), 1, "those of a wrong file go with it");
    let messages: Vec<_> = config.broken.iter().map(|broken| broken.message.clone()).collect();
    insta::assert_snapshot!(said(folder.path(), format!("{}\n---\n{}", messages.join("\n---\n"), config.warnings.join("\n"))));
}

#[test]
fn with_no_file_right_there_is_nothing_to_run() {
    let folder = files(&[("m.toml", "include = [\"customers/*.toml\"]\n"), ("customers/beta.toml", "[[source]]\n")]);
    insta::assert_snapshot!(said(folder.path(), load(&folder.path().join("m.toml")).unwrap_err()));
}
