//! What a policy means, in one sentence for people: what is wanted, where [`crate::reason`] says what was seen.

use crate::{
    filter::Kind,
    policy::{Circle, Policy, Raise, Repeated},
    reason::{quoted, several, window},
    row::{Operator, Role, Row},
};

/// `Raises an alert of high severity, at most 5 a day, when one user does this 51 times within 1 minute: the action is “exported”.`
#[must_use]
pub fn meaning(policy: &Policy) -> String {
    let disabled = if policy.enabled { "" } else { "Is disabled; enabled, it " };
    let verb = if policy.enabled { "Raises" } else { "raises" };
    let raised = match policy.raise {
        Raise::Alert => format!("an alert of {} severity, at most {} a day,", policy.severity, policy.daily_alert_limit),
        Raise::Behaviour => format!("no alert, and keeps a behaviour of {} severity,", policy.severity),
    };
    let rows: Vec<String> = policy.rows.iter().map(|row| wanted(row, &policy.rows)).collect();
    format!("{disabled}{verb} {raised} {}: {}{}.", often(policy.repeated), rows.join("; and "), whose(policy))
}

fn often(repeated: Option<Repeated>) -> String {
    let Some(it) = repeated else { return "for each activity of which all this holds".to_owned() };
    let different = if it.unique_objects { ", each with another object" } else { "" };
    let app = if it.single_app { ", in one app" } else { "" };
    format!("when one user, {} times within {}{app}{different}, does that of which all this holds", it.count, window(it.minutes))
}

/// What a row asks for. Where nothing else asks whether anything is there, what turns an operator round passes there too.
fn wanted(row: &Row, rows: &[Row]) -> String {
    let label = match row.role {
        Role::Actor => row.filter.label().to_owned(),
        Role::Object => format!("{}, as the object,", row.filter.label()),
        Role::Any => format!("{}, as actor or object,", row.filter.label()),
    };
    let is = |value: &str| row.values.iter().any(|it| it == value);
    let is_set = |other: &Row| {
        other.filter == row.filter && other.role == row.role && other.operator == Operator::Is && other.values.iter().any(|it| it == "set")
    };
    let or_unknown = if rows.iter().any(is_set) { "" } else { ", or is not known" };
    let values = several(&row.values, " or ", quoted);
    let said = match row.operator {
        _ if row.filter.kind() == Kind::Flag => format!("it is {}{label}", if is("true") { "" } else { "not " }),
        Operator::Is if is("set") => format!("{label} is known"),
        Operator::Is => format!("{label} is not known"),
        Operator::Equals => format!("{label} is {values}"),
        Operator::Contains => format!("{label} contains {values}"),
        Operator::StartsWith => format!("{label} begins with {values}"),
        Operator::EndsWith => format!("{label} ends with {values}"),
        Operator::DoesNotEqual => format!("{label} is not {values}{or_unknown}"),
        Operator::DoesNotContain => format!("{label} does not contain {values}{or_unknown}"),
        Operator::DoesNotStartWith => format!("{label} does not begin with {values}{or_unknown}"),
    };
    if row.filter.is_answered() { said } else { format!("{said} (which nothing here ever says)") }
}

fn whose(policy: &Policy) -> String {
    let mut said = String::new();
    for (word, circle) in [("only for", &policy.scope.include), ("never for", &policy.scope.exclude)] {
        if !circle.is_empty() {
            said.push_str(&format!("; {word} {}", people(circle)));
        }
    }
    said
}

fn people(circle: &Circle) -> String {
    let users = several(&circle.users, " or ", quoted);
    let groups = several(&circle.groups, " or ", quoted);
    match (users.is_empty(), groups.is_empty()) {
        (false, false) => format!("{users} and members of {groups}"),
        (true, _) => format!("members of {groups}"),
        (false, true) => users,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check;

    fn said(json: serde_json::Value) -> String {
        meaning(&check(&json).unwrap())
    }

    #[test]
    fn a_single_activity_is_said_row_by_row_and_not_known_where_that_passes() {
        let mut json = serde_json::json!({
            "name": "a", "severity": "high", "category": "privileged-accounts",
            "match": [
                { "filter": "administrative", "equals": true },
                { "filter": "ip.category", "does_not_equal": ["corporate", "vpn"] },
                { "filter": "user.name", "as": "any", "starts_with": "svc" },
            ],
        });
        let begin = "Raises an alert of high severity, at most 5 a day, for each activity of which all this holds: it is administrative; and the category of the address is not “corporate” or “vpn”";
        let end = "; and the user, as actor or object, begins with “svc”";
        assert_eq!(said(json.clone()), format!("{begin}, or is not known{end}."));
        json["match"].as_array_mut().unwrap().push(serde_json::json!({ "filter": "ip.category", "is": "set" }));
        assert_eq!(said(json), format!("{begin}{end}; and the category of the address is known."));
    }

    #[test]
    fn a_repetition_is_said_with_its_window_and_whose_it_is() {
        let json = serde_json::json!({
            "name": "a", "severity": "low", "category": "dlp", "enabled": false, "raise": "behaviour",
            "match": [{ "filter": "activity.type", "equals": "exported" }, { "filter": "user-agent.tag", "is": "not-set" }],
            "repeated": { "count": 51, "minutes": 60, "unique_objects": true, "single_app": true },
            "scope": { "include": { "groups": ["Staff"] }, "exclude": { "users": ["ann@home.example"], "groups": ["Robots", "Pilots"] } },
        });
        let expected = "Is disabled; enabled, it raises no alert, and keeps a behaviour of low severity, when one user, 51 times within 1 hour, \
            in one app, each with another object, does that of which all this holds: the action is “exported”; and the tag of the user agent is not \
            known (which nothing here ever says); only for members of “Staff”; never for “ann@home.example” and members of “Robots” or “Pilots”.";
        assert_eq!(said(json), expected);
    }
}
