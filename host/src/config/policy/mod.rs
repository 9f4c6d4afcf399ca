//! `[[policy]]`: a rule of the operator's own, which the built-in detector judges.
//!
//! `sources` is read here; the rest becomes JSON, and `activity-policy` says what is wrong with that. The way it says leads back
//! to the line ([`places`]). What only shows between policies is in [`mod@join`].

mod alone;
mod join;
mod places;

use std::ops::Range;

use activity_policy::{Filter, Policy, Rejection, Step};
use serde_json::{Map, Value};

pub use self::alone::{check_policies, policies_about};
pub(super) use self::join::{Met, join};
use self::places::place;
use super::{
    document::Document,
    excerpt::quoted,
    json::json,
    section::{Entry, nearest},
    sink::{optional, wanted},
};
use crate::{model::SourceName, neutral::visible};

/// The rules of the detector that is built in. What is found is told apart by the name of its rule, so no policy has one of these.
pub const BUILT_IN: &[&str] = &[
    "anonymous-ip",
    "infrequent-country",
    "suspicious-ip",
    "impossible-travel",
    "terminated-user",
    "failed-logins",
    "unusual-administration",
    "unusual-impersonation",
    "disabled-user",
    "mass-download",
    "mass-share",
    "mass-delete",
    "inactive-account",
];

const SOURCES: &str = "name the sources whose events it is about, like sources = [\"acme\"]";

/// A policy whose sources are still only names.
pub(super) struct Ruled {
    policy: Policy,
    name_span: Range<usize>,
    /// What stands in `sources`. None where it was left out.
    wanted: Option<Vec<(SourceName, Range<usize>)>>,
    /// Where to say that `sources` is missing.
    span: Range<usize>,
    /// What it asks for and is never told, and where.
    unanswered: Vec<(Filter, Range<usize>)>,
}

/// Reads one; what is wrong is noted.
pub(super) fn policy(document: &Document, entry: &Entry<'_>) -> Option<Ruled> {
    let section = entry.free_table("write [[policy]] on a line of its own and its keys below")?;
    let wanted = optional(section.entry("sources"), |entry| wanted(entry, SOURCES, "this policy would be about nothing"));
    // Key by key, so that what JSON cannot say is said where it stands.
    let keys = section.entries().into_iter().filter(|(key, ..)| *key != "sources");
    let each: Vec<_> = keys.map(|(key, _, entry)| json(&entry).map(|value| (key.to_owned(), value))).collect();
    let rest: Map<String, Value> = each.into_iter().collect::<Option<_>>()?;
    let policy = activity_policy::check(&Value::Object(rest)).map_err(|rejections| {
        let title = match section.entry("name").and_then(|name| name.value.as_str()) {
            Some(name) => format!("[[policy]] {}", quoted(name)),
            None => "[[policy]]".to_owned(),
        };
        for rejection in &rejections {
            note(document, entry, &title, rejection);
        }
    });
    let policy = policy.ok()?;
    let name_span = section.entry("name").map_or(section.span.clone(), |name| name.span);
    if BUILT_IN.contains(&policy.name.as_str()) {
        let what = format!("[[policy]] \"{}\" is called like a rule of the detector that is built in", policy.name);
        document.note(&name_span, what, format!("give it another name, like name = \"own-{}\"", policy.name));
        return None;
    }
    let rows = policy.rows.iter().enumerate().filter(|(_, row)| !row.filter.is_answered());
    let unanswered = rows.map(|(row, asked)| (asked.filter, place(entry, &[Step::Key("match".to_owned()), Step::Index(row)]))).collect();
    Some(Ruled { policy, name_span, wanted: wanted.ok()?, span: section.span, unanswered })
}

/// Notes what `activity-policy` says, where it says it. Behind the last semicolon of a message stands what to do.
fn note(document: &Document, entry: &Entry<'_>, title: &str, rejection: &Rejection) {
    let (message, help) = match rejection.message.rsplit_once("; ") {
        Some((message, help)) => (message, visible(help).into_owned()),
        None => (rejection.message.as_str(), like(&rejection.path)),
    };
    let said = Rejection { path: rejection.path.clone(), message: message.to_owned() }.to_string();
    let help = match rejection.path.as_slice() {
        // What knows policies does not know of sources.
        [Step::Key(key)] if message.contains("no such key") && nearest(key, &["sources"]).is_some() => "did you mean `sources`?".to_owned(),
        _ => help,
    };
    document.note(&place(entry, &rejection.path), format!("{title}: {}", visible(&said)), help);
}

/// How to write what is missing or cannot be read.
fn like(path: &[Step]) -> String {
    let key = match path.first() {
        Some(Step::Key(key)) => key.as_str(),
        Some(Step::Index(_)) | None => "",
    };
    let like = match key {
        "name" => "name = \"exports-at-night\"",
        "severity" => "severity = \"low\", severity = \"medium\" or severity = \"high\"",
        "category" => "category = \"threat-detection\"",
        "title" => "title = \"Exports at night\"",
        "description" => "description = \"Somebody exports while nobody works.\"",
        "enabled" => "enabled = false",
        "match" => "match = [{ filter = \"activity.type\", equals = \"downloaded\" }]",
        "repeated" => "repeated = { count = 51, minutes = 1 }",
        "scope" => "scope = { exclude = { groups = [\"Robots\"] } }",
        "daily_alert_limit" => "daily_alert_limit = 5",
        "raise" => "raise = \"alert\" or raise = \"behaviour\"",
        "attacks" => "attacks = [\"TA0001\", \"T1078.004\"]",
        _ => return "`miro-source policies templates` shows policies that are right".to_owned(),
    };
    format!("write it like {like}")
}
