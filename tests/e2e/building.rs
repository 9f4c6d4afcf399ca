//! The second command of the README builds nothing again that the first built: a feature that only one of them turns on would mean to
//! build a package, and all that stand on it, twice.

use std::{collections::BTreeSet, path::Path, process::Command};

use serde_json::Value;

/// What tells one build of a package from another.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Unit {
    package: String,
    target: String,
    mode: String,
    platform: String,
    features: Vec<String>,
}

/// The units of registries that a command of cargo would build. It builds none.
fn units(command: &[&str]) -> BTreeSet<Unit> {
    let cargo = std::env::var_os("CARGO").unwrap();
    let ran = Command::new(cargo)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
        .args(command)
        .args(["-Z", "unstable-options", "--unit-graph", "--offline", "--locked"])
        .env("RUSTC_BOOTSTRAP", "1")
        .output()
        .unwrap();
    assert!(ran.status.success(), "{command:?}: {}", String::from_utf8_lossy(&ran.stderr));
    let graph: Value = serde_json::from_slice(&ran.stdout).unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let unit = |unit: &Value| Unit {
        package: text(&unit["pkg_id"]),
        target: text(&unit["target"]["name"]),
        mode: text(&unit["mode"]),
        platform: text(&unit["platform"]),
        features: unit["features"].as_array().unwrap().iter().map(text).collect(),
    };
    let all: BTreeSet<Unit> = graph["units"].as_array().unwrap().iter().map(unit).collect();
    all.into_iter().filter(|unit| unit.package.starts_with("registry+")).collect()
}

/// How the other command builds what this one builds: with other features, or not at all.
fn otherwise(unit: &Unit, others: &BTreeSet<Unit>) -> String {
    let Unit { package, mode, features, .. } = unit;
    let alike = |other: &&Unit| Unit { features: Vec::new(), ..(*other).clone() } == Unit { features: Vec::new(), ..unit.clone() };
    let each = others.iter().filter(alike).map(|other| {
        let beyond = |these: &[String], those: &[String]| these.iter().filter(|each| !those.contains(each)).cloned().collect::<Vec<_>>();
        format!("with {:?} and without {:?}", beyond(&other.features, features), beyond(features, &other.features))
    });
    let each: Vec<String> = each.collect();
    let each = if each.is_empty() { "not at all".to_owned() } else { each.join(", or ") };
    format!("{package} ({mode}, {:?}): {each}", unit.platform)
}

#[test]
fn the_tests_build_nothing_again_that_the_demo_built() {
    let demo = units(&["build", "-p", "miro-source-tests", "--bin", "demo"]);
    let tests = units(&["test", "--workspace", "--no-run"]);
    assert!(demo.len() > 100, "{} units of registries", demo.len());
    let again: Vec<String> = demo.difference(&tests).map(|unit| otherwise(unit, &tests)).collect();
    assert!(again.is_empty(), "`cargo test --workspace` builds what `cargo demo` built:\n{}", again.join("\n"));
}
