//! JSON becomes a policy, or a list of all that is wrong with it: where, what was expected, and the nearest valid word.
//!
//! Nothing here panics, whatever the JSON is, and what comes out needs no further check: [`crate::Compiled`] cannot fail.

mod near;
mod row;
mod table;
mod value;

use serde_json::Value;

use self::{
    table::{Findings, Table},
    value::{flag, list, number, text, texts, word},
};
use crate::{
    policy::{Category, Circle, Policy, Raise, Repeated, Scope, Severity},
    rejection::{Rejection, Step},
    row::Row,
};

/// More rows than a person keeps in mind are two policies.
const ROWS: usize = 32;
/// What `repeated` may count to: the entries that a counter holds.
const COUNT: u64 = crate::counter::CAPACITY as u64;
/// The longest window, in minutes: a week.
const MINUTES: u64 = 10_080;
/// The most alerts in a day that a limit may allow.
const ALERTS: u64 = 1000;
/// The longest title, in bytes, and the most attacks: what a host keeps of a finding.
const TITLE: usize = 300;
const ATTACKS: usize = 64;

const KEYS: &[&str] = &[
    "name",
    "title",
    "description",
    "severity",
    "category",
    "enabled",
    "match",
    "repeated",
    "scope",
    "daily_alert_limit",
    "raise",
    "attacks",
];

/// Reads one policy.
///
/// # Errors
/// Everything that is wrong with it, in the order of the keys; never empty.
pub fn check(json: &Value) -> Result<Policy, Vec<Rejection>> {
    let mut findings = Findings::default();
    let policy = policy(&mut findings, json);
    findings.or(policy)
}

/// Reads a list of policies, each of which has a name of its own. The paths begin with the place in the list.
///
/// # Errors
/// Everything that is wrong with any of them; never empty.
pub fn check_all(json: &Value) -> Result<Vec<Policy>, Vec<Rejection>> {
    let mut findings = Findings::default();
    let policies = list(&mut findings, json, usize::MAX, policy).inspect(|policies| {
        for (place, policy) in policies.iter().enumerate() {
            if policies.iter().take(place).any(|other| other.name == policy.name) {
                findings.within(Step::Index(place), |findings| {
                    findings.within(Step::Key("name".to_owned()), |findings| {
                        findings.reject(format!("{:?} is the name of an earlier policy too; give each its own", policy.name));
                    });
                });
            }
        }
    });
    findings.or(policies)
}

fn policy(findings: &mut Findings, json: &Value) -> Option<Policy> {
    let table = Table::open(findings, json, "a policy", KEYS)?;
    let name = table.required(findings, "name", name);
    let title = table.optional(findings, "title", title);
    let description = table.optional(findings, "description", text);
    let severity = table.required(findings, "severity", |findings, it| word(findings, it, Severity::ALL, Severity::word));
    let category = table.required(findings, "category", |findings, it| word(findings, it, Category::ALL, Category::word));
    let enabled = table.optional(findings, "enabled", flag);
    let rows = table.required(findings, "match", rows);
    let repeated = table.optional(findings, "repeated", repeated);
    let scope = table.optional(findings, "scope", scope);
    let limit = table.optional(findings, "daily_alert_limit", |findings, it| number(findings, it, 1, ALERTS));
    let raise = table.optional(findings, "raise", |findings, it| word(findings, it, Raise::ALL, Raise::word));
    let attacks = table.optional(findings, "attacks", |findings, it| list(findings, it, ATTACKS, attack));
    Some(Policy {
        name: name?,
        title,
        description,
        severity: severity?,
        category: category?,
        enabled: enabled.unwrap_or(true),
        rows: rows?,
        repeated,
        scope: scope.unwrap_or_default(),
        daily_alert_limit: limit.unwrap_or(5),
        raise: raise.unwrap_or(Raise::Alert),
        attacks: attacks.unwrap_or_default(),
    })
}

fn name(findings: &mut Findings, json: &Value) -> Option<String> {
    let name = text(findings, json)?;
    let good = name.len() <= 64
        && !name.starts_with('-')
        && !name.ends_with('-')
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if !good {
        findings.reject(format!("{} is not a name; use up to 64 lower-case letters, digits and hyphens", near::quoted(&name)));
    }
    good.then_some(name)
}

fn title(findings: &mut Findings, json: &Value) -> Option<String> {
    let title = text(findings, json)?;
    if title.len() > TITLE {
        findings.reject(format!("it has {} bytes; the most is {TITLE}", title.len()));
        return None;
    }
    Some(title)
}

fn rows(findings: &mut Findings, json: &Value) -> Option<Vec<Row>> {
    let rows = list(findings, json, ROWS, row::row)?;
    // A list whose rows were all wrong has been rejected row by row.
    if json.as_array().is_some_and(Vec::is_empty) {
        findings.reject("there is no row; for every activity write { filter = \"activity.id\", does_not_equal = \"none\" }".to_owned());
        return None;
    }
    Some(rows)
}

fn repeated(findings: &mut Findings, json: &Value) -> Option<Repeated> {
    let table = Table::open(findings, json, "`repeated`", &["count", "minutes", "single_app", "unique_objects"])?;
    let usual = Repeated::default();
    let count = table.optional(findings, "count", |findings, it| number(findings, it, 2, COUNT));
    let minutes = table.optional(findings, "minutes", |findings, it| number(findings, it, 1, MINUTES));
    let single_app = table.optional(findings, "single_app", flag);
    let unique_objects = table.optional(findings, "unique_objects", flag);
    Some(Repeated {
        count: count.unwrap_or(usual.count),
        minutes: minutes.unwrap_or(usual.minutes),
        single_app: single_app.unwrap_or(usual.single_app),
        unique_objects: unique_objects.unwrap_or(usual.unique_objects),
    })
}

fn scope(findings: &mut Findings, json: &Value) -> Option<Scope> {
    let table = Table::open(findings, json, "`scope`", &["include", "exclude"])?;
    let include = table.optional(findings, "include", circle);
    let exclude = table.optional(findings, "exclude", circle);
    Some(Scope { include: include.unwrap_or_default(), exclude: exclude.unwrap_or_default() })
}

fn circle(findings: &mut Findings, json: &Value) -> Option<Circle> {
    let table = Table::open(findings, json, "a side of `scope`", &["users", "groups"])?;
    let users = table.optional(findings, "users", texts);
    let groups = table.optional(findings, "groups", texts);
    Some(Circle { users: users.unwrap_or_default(), groups: groups.unwrap_or_default() })
}

fn attack(findings: &mut Findings, json: &Value) -> Option<String> {
    let id = text(findings, json)?;
    let digits = |text: &str, count: usize| text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
    let good = match (id.strip_prefix("TA"), id.strip_prefix('T')) {
        (Some(tactic), _) => digits(tactic, 4),
        (None, Some(technique)) => match technique.split_once('.') {
            Some((whole, part)) => digits(whole, 4) && digits(part, 3),
            None => digits(technique, 4),
        },
        (None, None) => false,
    };
    if !good {
        findings.reject(format!("{} is not an ATT&CK identifier; write it like \"TA0001\" or \"T1078.004\"", near::quoted(&id)));
    }
    good.then_some(id)
}

#[cfg(test)]
mod tests;
