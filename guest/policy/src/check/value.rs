//! Reading one value: a text, a number, one of some words, a list of any of these.

use serde_json::Value;

use super::{near, table::Findings};
use crate::rejection::Step;

/// The longest text, in bytes.
const LONGEST: usize = 1024;
/// The most values in one place.
pub(super) const MOST: usize = 1000;

/// A text that says something, without space around it.
pub(super) fn text(findings: &mut Findings, json: &Value) -> Option<String> {
    let Value::String(text) = json else {
        findings.reject(format!("{} is not a text", near::shown(json)));
        return None;
    };
    let text = text.trim();
    if text.is_empty() {
        findings.reject("it is empty; fill it in or leave it out".to_owned());
        return None;
    }
    if text.len() > LONGEST {
        findings.reject(format!("it has {} bytes; the most is {LONGEST}", text.len()));
        return None;
    }
    Some(text.to_owned())
}

pub(super) fn flag(findings: &mut Findings, json: &Value) -> Option<bool> {
    let flag = json.as_bool();
    if flag.is_none() {
        findings.reject(format!("{} is neither true nor false", near::shown(json)));
    }
    flag
}

/// A whole number from `least` to `most`, both of which fit.
pub(super) fn number(findings: &mut Findings, json: &Value, least: u64, most: u64) -> Option<u32> {
    let number = json.as_u64().filter(|number| (least..=most).contains(number)).and_then(|number| u32::try_from(number).ok());
    if number.is_none() {
        findings.reject(format!("{} is not a whole number from {least} to {most}", near::shown(json)));
    }
    number
}

/// One of some words.
pub(super) fn word<T: Copy>(findings: &mut Findings, json: &Value, all: &[T], name: fn(T) -> &'static str) -> Option<T> {
    let found = json.as_str().and_then(|text| all.iter().copied().find(|it| name(*it) == text));
    if found.is_none() {
        let names: Vec<&str> = all.iter().map(|it| name(*it)).collect();
        findings.reject(match json.as_str() {
            Some(text) => format!("{} is not one of {}{}", near::quoted(text), near::all(&names), near::hint(text, &names)),
            None => format!("{} is not a text; use one of {}", near::shown(json), near::all(&names)),
        });
    }
    found
}

/// A list of up to `most`, each of which is read; those that are wrong are left out and rejected.
pub(super) fn list<T>(
    findings: &mut Findings,
    json: &Value,
    most: usize,
    mut read: impl FnMut(&mut Findings, &Value) -> Option<T>,
) -> Option<Vec<T>> {
    let Value::Array(values) = json else {
        findings.reject(format!("{} is not a list", near::shown(json)));
        return None;
    };
    if values.len() > most {
        findings.reject(format!("it has {} entries; the most is {most}", values.len()));
        return None;
    }
    let read = |(place, value)| findings.within(Step::Index(place), |findings| read(findings, value));
    Some(values.iter().enumerate().filter_map(read).collect())
}

pub(super) fn texts(findings: &mut Findings, json: &Value) -> Option<Vec<String>> {
    list(findings, json, MOST, text)
}
