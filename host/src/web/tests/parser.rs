//! A parser of the text format that accepts nothing but what the format, and the conventions of Prometheus, allow.

use std::collections::{BTreeMap, BTreeSet};

/// Labels and a value.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sample {
    pub(super) labels: BTreeMap<String, String>,
    pub(super) value: f64,
}

/// Everything, by the names of the samples.
#[derive(Debug, Default)]
pub(super) struct Parsed {
    pub(super) types: BTreeMap<String, String>,
    pub(super) samples: BTreeMap<String, Vec<Sample>>,
}

impl Parsed {
    /// The one value with these labels and no others.
    pub(super) fn value(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        let wanted: BTreeMap<String, String> = labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let found = self.samples.get(name).into_iter().flatten().find(|sample| sample.labels == wanted);
        found.unwrap_or_else(|| panic!("no {name} {labels:?} in {:#?}", self.samples)).value
    }
}

/// Parses all of it, or panics with what is wrong.
pub(super) fn parse(text: &str) -> Parsed {
    assert!(text.ends_with('\n'), "the last line ends too");
    let mut parsed = Parsed::default();
    let (mut helped, mut family) = (BTreeSet::new(), String::new());
    for line in text.lines() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            let (name, words) = help.split_once(' ').unwrap();
            assert!(!words.is_empty() && helped.insert(name.to_owned()), "one HELP each: {line}");
            continue;
        }
        if let Some(kind) = line.strip_prefix("# TYPE ") {
            let (name, kind) = kind.split_once(' ').unwrap();
            assert!(helped.contains(name) && is_name(name) && ["counter", "gauge", "histogram"].contains(&kind), "{line}");
            assert_eq!(name.ends_with("_total"), kind == "counter", "{line}");
            assert!(parsed.types.insert(name.to_owned(), kind.to_owned()).is_none(), "one TYPE each: {line}");
            name.clone_into(&mut family);
            continue;
        }
        let (name, sample) = sample(line);
        let suffixes: &[&str] = if parsed.types[&family] == "histogram" { &["_bucket", "_sum", "_count"] } else { &[""] };
        assert!(suffixes.iter().any(|suffix| name == format!("{family}{suffix}")), "{line} does not belong to {family}");
        assert!(parsed.types[&family] == "gauge" || sample.value >= 0.0, "{line}");
        let all = parsed.samples.entry(name).or_default();
        assert!(all.iter().all(|other| other.labels != sample.labels), "twice: {line}");
        all.push(sample);
    }
    for name in parsed.types.iter().filter(|(_, kind)| *kind == "histogram").map(|(name, _)| name) {
        histogram(&parsed, name);
    }
    parsed
}

fn histogram(parsed: &Parsed, name: &str) {
    for count in parsed.samples.get(&format!("{name}_count")).into_iter().flatten() {
        let of = |sample: &&Sample| {
            let mut labels = sample.labels.clone();
            labels.remove("le");
            labels == count.labels
        };
        let buckets: Vec<&Sample> = parsed.samples[&format!("{name}_bucket")].iter().filter(of).collect();
        let bounds: Vec<f64> = buckets.iter().map(|bucket| number(&bucket.labels["le"])).collect();
        assert!(bounds.is_sorted_by(|a, b| a < b) && bounds.last() == Some(&f64::INFINITY), "{bounds:?}");
        assert!(buckets.is_sorted_by(|a, b| a.value <= b.value), "{buckets:?}");
        assert_eq!(buckets.last().unwrap().value, count.value);
        assert!(parsed.samples[&format!("{name}_sum")].iter().any(|sum| sum.labels == count.labels));
    }
}

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn sample(line: &str) -> (String, Sample) {
    let end = line.find(['{', ' ']).unwrap_or_else(|| panic!("neither labels nor a value: {line}"));
    let (name, mut rest) = line.split_at(end);
    assert!(is_name(name), "{line}");
    let mut labels = BTreeMap::new();
    if let Some(inside) = rest.strip_prefix('{') {
        rest = inside;
        loop {
            let (label, quoted) = rest.split_once("=\"").unwrap_or_else(|| panic!("no label: {line}"));
            assert!(is_name(label), "{line}");
            let (value, after) = text(quoted, line);
            assert!(labels.insert(label.to_owned(), value).is_none(), "a label twice: {line}");
            match after.split_at(1) {
                (",", more) => rest = more,
                ("}", more) => break rest = more,
                _ => panic!("what follows a label: {line}"),
            }
        }
    }
    let value = rest.strip_prefix(' ').unwrap_or_else(|| panic!("no space before the value: {line}"));
    (name.to_owned(), Sample { labels, value: number(value) })
}

/// A text up to its closing quote, and what follows.
fn text<'a>(quoted: &'a str, line: &str) -> (String, &'a str) {
    let (mut value, mut chars) = (String::new(), quoted.char_indices());
    loop {
        match chars.next().unwrap_or_else(|| panic!("a text that is not closed: {line}")) {
            (at, '"') => return (value, &quoted[at + 1..]),
            (_, '\\') => match chars.next() {
                Some((_, 'n')) => value.push('\n'),
                Some((_, c @ ('\\' | '"'))) => value.push(c),
                other => panic!("no escape: {other:?} in {line}"),
            },
            (_, c) => value.push(c),
        }
    }
}

fn number(text: &str) -> f64 {
    match text {
        "+Inf" => f64::INFINITY,
        "-Inf" => f64::NEG_INFINITY,
        text => {
            assert!(text.starts_with(|c: char| c.is_ascii_digit() || c == '-'), "no number: {text}");
            text.parse().unwrap()
        }
    }
}
