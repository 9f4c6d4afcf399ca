//! What Microsoft documents of activity policies in Defender for Cloud Apps, sentence by sentence. `README.md` lists the same
//! sentences, with the test of each or why it does not apply.
//!
//! Pages: "Create activity policies", "Filter and query activities", "Investigate activities using the API", "Organize the data
//! according to your needs" (IP ranges and tags).

#![expect(clippy::unwrap_used, reason = "tests")]

mod filters;
mod form;

use activity_policy::{Activity, Compiled, Policy, check_all};
use serde_json::{Value, json};

fn one(rows: &Value) -> Vec<Policy> {
    check_all(&json!([{ "name": "a", "severity": "low", "category": "dlp", "match": rows }])).unwrap()
}

fn meets(row: &Value, activity: &Activity<'_>) -> bool {
    meets_all(&json!([row]), activity)
}

fn meets_all(rows: &Value, activity: &Activity<'_>) -> bool {
    Compiled::new(&one(rows), &["home.example".to_owned()]).matching(activity).next().is_some()
}

/// Holds one filter against one activity: each operator with its values, and whether that is met.
fn hold(filter: &str, activity: &Activity<'_>, cases: &[(&str, Value, bool)]) {
    for (operator, values, met) in cases {
        assert_eq!(meets(&json!({ "filter": filter, *operator: values }), activity), *met, "{filter} {operator} {values}");
    }
}

fn texts(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}
