//! `keep` and `drop` of a sink: rows as policies have them, which say what it gets.

use activity_policy::{Policy, Rejection};
use serde_json::json;
use toml::de::DeValue;

use super::{
    json::json as as_json,
    section::{Entry, Section},
    sink::{Noted, optional},
};
use crate::neutral::visible;

const HELP: &str = "write rows like those of a policy's `match`: drop = [{ filter = \"activity.type\", equals = [\"board_opened\"] }]";

/// What a sink gets of its sources. Each row is kept as a policy of its own, under the name that it is counted by: `drop-1`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SieveConfig {
    /// `keep`: only what every row holds for. Default: none, everything.
    pub keep: Vec<Policy>,
    /// `drop`: nothing that any row holds for. Default: none.
    pub drop: Vec<Policy>,
}

impl SieveConfig {
    /// Every filter.
    pub fn all(&self) -> impl Iterator<Item = &Policy> {
        self.keep.iter().chain(&self.drop)
    }

    /// Whether nothing is dropped.
    pub fn is_open(&self) -> bool {
        self.keep.is_empty() && self.drop.is_empty()
    }
}

/// Reads both keys; what is wrong is noted.
pub(super) fn sieve(section: &Section<'_>) -> Result<SieveConfig, Noted> {
    let keep = optional(section.entry("keep"), |entry| rows(entry, "keep"));
    let drop = optional(section.entry("drop"), |entry| rows(entry, "drop"));
    Ok(SieveConfig { keep: keep?.unwrap_or_default(), drop: drop?.unwrap_or_default() })
}

fn rows(entry: &Entry<'_>, name: &str) -> Option<Vec<Policy>> {
    let DeValue::Array(items) = entry.value else {
        entry.wrong("a list of rows", HELP);
        return None;
    };
    if items.is_empty() {
        entry.note("is empty", HELP);
        return None;
    }
    let rows = entry.items(&format!("a row of {}", entry.label)).into_iter().enumerate();
    let each: Vec<_> = rows.map(|(place, row)| policy(&row, format!("{name}-{}", place + 1))).collect();
    each.into_iter().collect()
}

fn policy(row: &Entry<'_>, name: String) -> Option<Policy> {
    let value = as_json(row)?;
    let policy = json!({ "name": name, "severity": "low", "category": "compliance", "match": [value] });
    let policy = activity_policy::check(&policy).map_err(|rejections| {
        for Rejection { path, message } in rejections {
            let (message, help) = message.rsplit_once("; ").unwrap_or((&message, HELP));
            // What it is in is the row itself.
            let said = Rejection { path: path.into_iter().skip(2).collect(), message: message.to_owned() };
            row.note(format!("is wrong: {}", visible(&said.to_string())), visible(help));
        }
    });
    let policy = policy.ok()?;
    if let Some(asked) = policy.rows.iter().map(|row| row.filter).find(|filter| !filter.is_answered()) {
        row.note(format!("asks for `{asked}`, which no audit log says"), "ask for something else, or remove it");
        return None;
    }
    Some(policy)
}
