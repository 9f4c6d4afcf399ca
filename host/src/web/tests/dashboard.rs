//! The dashboard and the alerts, held against what `/metrics` tells: both ways.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{parser::parse, text::busy};
use crate::{
    cli::dashboard::{ALERTS, DASHBOARD},
    web::metrics::write,
};

/// Functions and words of PromQL that are used.
const WORDS: &[&str] = &["sum", "min", "max", "by", "rate", "increase", "time", "histogram_quantile"];
/// Metrics of Prometheus itself, and their labels.
const FOREIGN: (&str, &[&str]) = ("up", &["job"]);

/// Every metric, as it may be asked for, with its labels.
fn told() -> BTreeMap<String, BTreeSet<String>> {
    let (seen, stored, calls) = busy();
    let parsed = parse(&write(&seen, &stored, &calls));
    let labels = |samples: &Vec<super::parser::Sample>| samples.iter().flat_map(|sample| sample.labels.keys().cloned()).collect();
    parsed.samples.iter().map(|(name, samples)| (name.clone(), labels(samples))).collect()
}

/// The name that begins there, and what follows it.
fn word(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(text.len());
    text.split_at(end)
}

/// The metrics of an expression; what of it is no PromQL as it is used here is a failure.
fn metrics(expression: &str, told: &BTreeMap<String, BTreeSet<String>>) -> BTreeSet<String> {
    let (mut found, mut labels, mut grouped) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
    let (mut rest, mut open) = (expression, Vec::new());
    while let Some(next) = rest.chars().next() {
        if next.is_ascii_alphabetic() || next == '_' {
            let (name, after) = word(rest);
            rest = after.trim_start();
            if name == "by" {
                let (list, after) = rest.strip_prefix('(').and_then(|rest| rest.split_once(')')).unwrap();
                grouped.extend(list.split(',').map(|label| label.trim().to_owned()));
                rest = after;
            } else if !WORDS.contains(&name) {
                let known = if name == FOREIGN.0 {
                    FOREIGN.1.iter().map(|label| (*label).to_owned()).collect()
                } else {
                    told.get(name).cloned().unwrap_or_else(|| panic!("{expression}: nothing tells {name}"))
                };
                if let Some(selector) = rest.strip_prefix('{') {
                    let (selector, after) = selector.split_once('}').unwrap_or_else(|| panic!("{expression}: a brace is not closed"));
                    for each in selector.split(',') {
                        let (label, value) = word(each);
                        assert!(known.contains(label), "{expression}: {name} has no label {label}");
                        let value = ["=~", "!=", "="].iter().find_map(|operator| value.strip_prefix(operator)).unwrap();
                        assert!(value.len() > 2 && value.starts_with('"') && value.ends_with('"'), "{expression}: {value}");
                    }
                    rest = after;
                }
                labels.extend(known);
                found.insert(name.to_owned());
            }
            continue;
        }
        match next {
            '(' | '[' => open.push(next),
            ')' => assert_eq!(open.pop(), Some('('), "{expression}"),
            ']' => assert_eq!(open.pop(), Some('['), "{expression}"),
            '0'..='9' if open.last() == Some(&'[') => {
                let (range, after) = word(rest);
                assert!(["1h", "6h"].contains(&range), "{expression}");
                rest = after;
                continue;
            }
            '$' => {
                rest = rest.strip_prefix("$__rate_interval").unwrap_or_else(|| panic!("{expression}: no such variable"));
                continue;
            }
            _ => assert!("0123456789. ,+-*/<>=".contains(next), "{expression}: {next}"),
        }
        rest = rest.split_at(next.len_utf8()).1;
    }
    assert!(open.is_empty() && !found.is_empty(), "{expression}");
    for label in grouped {
        assert!(labels.contains(&label), "{expression}: nothing in it has the label {label}");
    }
    found
}

/// Every value of that key, wherever it stands.
fn all<'a>(value: &'a Value, key: &str, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| match value {
            Value::String(text) if name == key => found.push(text),
            value => all(value, key, found),
        }),
        Value::Array(items) => items.iter().for_each(|item| all(item, key, found)),
        _ => {}
    }
}

#[test]
fn every_metric_is_on_the_dashboard_and_it_asks_for_no_other() {
    let (told, dashboard) = (told(), serde_json::from_str::<Value>(DASHBOARD).unwrap());
    let mut expressions = Vec::new();
    all(&dashboard, "expr", &mut expressions);
    let asked: BTreeSet<String> = expressions.iter().flat_map(|expression| metrics(expression, &told)).collect();
    // Of a histogram the buckets are enough.
    let named = |name: &&String| !name.ends_with("_sum") && !name.ends_with("_count");
    let left: Vec<_> = told.keys().filter(named).filter(|name| !asked.contains(*name)).collect();
    assert!(left.is_empty(), "not on the dashboard: {left:?}");
}

#[test]
fn it_is_what_grafana_imports() {
    let dashboard: Value = serde_json::from_str(DASHBOARD).unwrap();
    assert_eq!((&dashboard["uid"], &dashboard["id"]), (&"miro-source".into(), &Value::Null));
    assert!(dashboard["schemaVersion"].as_u64().is_some_and(|version| version >= 36));
    assert_eq!((&dashboard["__inputs"][0]["name"], &dashboard["__inputs"][0]["pluginId"]), (&"DS_PROMETHEUS".into(), &"prometheus".into()));
    let variables: Vec<_> =
        dashboard["templating"]["list"].as_array().unwrap().iter().map(|variable| variable["name"].as_str().unwrap()).collect();
    assert_eq!(variables, ["source", "sink"]);
    let (mut ids, mut taken) = (BTreeSet::new(), BTreeSet::new());
    for panel in dashboard["panels"].as_array().unwrap() {
        let title = panel["title"].as_str().unwrap();
        assert!(ids.insert(panel["id"].as_u64().unwrap()), "{title}: its id is another's");
        let place = |key: &str| panel["gridPos"][key].as_u64().unwrap();
        for (x, y) in (place("x")..place("x") + place("w")).flat_map(|x| (place("y")..place("y") + place("h")).map(move |y| (x, y))) {
            assert!(x < 24 && taken.insert((x, y)), "{title}: it lies over another, or outside");
        }
        if panel["type"] != "row" {
            assert_eq!(panel["datasource"]["uid"], "${DS_PROMETHEUS}", "{title}");
            assert!(!panel["description"].as_str().unwrap().is_empty() && !panel["targets"].as_array().unwrap().is_empty(), "{title}");
        }
    }
}

#[test]
fn the_alerts_ask_for_metrics_that_there_are() {
    let told = told();
    let expressions: Vec<&str> = ALERTS.lines().filter_map(|line| line.trim().strip_prefix("expr: ")).collect();
    assert_eq!(expressions.len(), ALERTS.matches("- alert: ").count());
    for expression in expressions {
        metrics(expression, &told);
    }
}
