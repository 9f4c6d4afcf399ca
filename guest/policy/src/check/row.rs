//! Reading one row: a filter's name and exactly one operator with its values.

use serde_json::Value;

use super::{
    near,
    table::{Findings, Table},
    value::{MOST, flag, list, text, word},
};
use crate::{
    address::Range,
    filter::{ELSEWHERE, Filter, Kind},
    rejection::Step,
    row::{Operator, Role, Row},
    text::Words,
};

const KEYS: &[&str] =
    &["filter", "as", "equals", "does_not_equal", "contains", "does_not_contain", "starts_with", "does_not_start_with", "ends_with", "is"];

pub(super) fn row(findings: &mut Findings, json: &Value) -> Option<Row> {
    let table = Table::open(findings, json, "a row", KEYS)?;
    let filter = table.required(findings, "filter", filter);
    let role = table.optional(findings, "as", |findings, it| {
        let role = word(findings, it, Role::ALL, Role::word)?;
        if let Some(filter) = filter.filter(|filter| !filter.has_role()) {
            findings.reject(format!("`{filter}` is no user that could take part in a role; remove it"));
        }
        Some(role)
    });
    let mut used = Operator::ALL.iter().copied().filter(|operator| json.get(operator.word()).is_some_and(|it| !it.is_null()));
    let (first, second) = (used.next(), used.next());
    let Some(operator) = first else {
        findings.reject(match filter {
            Some(filter) => format!("it has no operator; `{filter}` has {}", operators(filter)),
            None => "it has no operator; write one like equals = \"…\"".to_owned(),
        });
        return None;
    };
    if let Some(second) = second {
        findings.reject(format!("it has both `{operator}` and `{second}`; write a row for each"));
    }
    let filter = filter?;
    if !filter.operators().contains(&operator) {
        findings.within(Step::Key(operator.word().to_owned()), |findings| {
            findings.reject(format!("`{filter}` has no `{operator}`; it has {}", operators(filter)));
        });
        return None;
    }
    let values = table.required(findings, operator.word(), |findings, it| values(findings, it, filter, operator))?;
    Some(Row { filter, role: role.unwrap_or(Role::Actor), operator, values })
}

fn operators(filter: Filter) -> String {
    let names: Vec<&str> = filter.operators().iter().map(|operator| operator.word()).collect();
    near::all(&names)
}

fn filter(findings: &mut Findings, json: &Value) -> Option<Filter> {
    let name = text(findings, json)?;
    let found = Filter::of(&name);
    if found.is_none() {
        let lower = name.to_lowercase();
        let instead = match ELSEWHERE.iter().find(|(elsewhere, _)| *elsewhere == lower) {
            Some((_, here)) => format!("; it is called `{here}` here"),
            None => {
                let names: Vec<&str> = Filter::ALL.iter().map(|filter| filter.word()).collect();
                near::nearest(&name, &names)
                    .map_or_else(|| format!("; there are {}", near::all(&names)), |known| format!("; did you mean `{known}`?"))
            }
        };
        findings.reject(format!("there is no filter {}{instead}", near::quoted(&name)));
    }
    found
}

/// One value, or a list of them.
fn values(findings: &mut Findings, json: &Value, filter: Filter, operator: Operator) -> Option<Vec<String>> {
    if operator == Operator::Is {
        return is(findings, json).map(|word| vec![word]);
    }
    if filter.kind() == Kind::Flag {
        return flag(findings, json).map(|flag| vec![flag.to_string()]);
    }
    let read = |findings: &mut Findings, json: &Value| value(findings, json, filter, operator);
    if !json.is_array() {
        return read(findings, json).map(|value| vec![value]);
    }
    let values = list(findings, json, MOST, read)?;
    if json.as_array().is_some_and(Vec::is_empty) {
        findings.reject("the list is empty; name a value, or use is = \"set\" or is = \"not-set\"".to_owned());
    }
    Some(values)
}

fn is(findings: &mut Findings, json: &Value) -> Option<String> {
    let names = ["set", "not-set"];
    let found = json.as_str().filter(|word| names.contains(word)).map(ToOwned::to_owned);
    if found.is_none() {
        findings.reject(format!("{} is neither \"set\" nor \"not-set\"", near::shown(json)));
    }
    found
}

fn value(findings: &mut Findings, json: &Value, filter: Filter, operator: Operator) -> Option<String> {
    let kind = filter.kind();
    if kind == Kind::Number {
        return number(findings, json);
    }
    let text = text(findings, json)?;
    let wrong = match kind {
        Kind::Country if text.len() == 2 && text.bytes().all(|b| b.is_ascii_alphabetic()) => return Some(text.to_ascii_uppercase()),
        Kind::Country => Some("not a country by ISO 3166-1 alpha-2; write it like \"DE\"".to_owned()),
        Kind::Choice(names) => {
            let lower = text.to_lowercase();
            if names.contains(&lower.as_str()) {
                return Some(lower);
            }
            Some(format!("not one of {}{}", near::all(names), near::hint(&text, names)))
        }
        Kind::Address if matches!(operator, Operator::Equals | Operator::DoesNotEqual) => Range::parse(&text).err(),
        Kind::Address if !text.bytes().all(|b| b.is_ascii_hexdigit() || b == b'.' || b == b':') => {
            Some("not the beginning of an address; write it like \"203.0.\"".to_owned())
        }
        _ if matches!(operator, Operator::Contains | Operator::DoesNotContain) && Words::new(&text).is_empty() => {
            Some("no word; commas, dots, hyphens, spaces and underscores only separate words".to_owned())
        }
        _ => None,
    };
    match wrong {
        Some(wrong) => {
            findings.reject(format!("{} is {wrong}", near::quoted(&text)));
            None
        }
        None => Some(text),
    }
}

/// The number of an autonomous system: `64496`, `"AS64496"`.
fn number(findings: &mut Findings, json: &Value) -> Option<String> {
    let number = match json {
        Value::Number(number) => number.as_u64().and_then(|number| u32::try_from(number).ok()),
        Value::String(text) => {
            let digits = text.trim().trim_start_matches(['a', 'A']).trim_start_matches(['s', 'S']);
            digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
        }
        _ => None,
    };
    if number.is_none() {
        findings.reject(format!("{} is not the number of an autonomous system; write it like 64496 or \"AS64496\"", near::shown(json)));
    }
    number.map(|number: u32| number.to_string())
}
