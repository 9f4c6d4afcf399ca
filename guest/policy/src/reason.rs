//! Why a policy matched, in words for people: exact numbers with units, and nothing of a name that could mislead a screen.

use crate::{
    counter::Fired,
    filter::{Filter, Kind},
    policy::{Policy, Repeated},
    row::{Operator, Role, Row},
};

/// What a person does once with each trait, in the plural.
const PLURALS: [(&str, &str); 15] = [
    ("sign-in", "sign-ins"),
    ("sign-out", "sign-outs"),
    ("administrative", "administrative activities"),
    ("impersonated", "activities in the name of another"),
    ("created", "creations"),
    ("read", "views"),
    ("updated", "changes"),
    ("deleted", "deletions"),
    ("shared", "shares"),
    ("exported", "exports"),
    ("imported", "imports"),
    ("downloaded", "downloads"),
    ("credential", "changes of credentials"),
    ("membership", "changes of membership"),
    ("application", "changes of integrations"),
];

/// `11 failed sign-ins within 4 min 10 s; the policy allows 10 in 5 minutes`
#[must_use]
pub fn repeated(policy: &Policy, fired: &Fired) -> String {
    let rule = policy.repeated.unwrap_or(Repeated { count: fired.count, ..Repeated::default() });
    let different = if rule.unique_objects { " of different objects" } else { "" };
    let app = if rule.single_app { " in one app" } else { "" };
    format!(
        "{} {}{different}{app} within {}; the policy allows {} in {}",
        fired.count,
        activities(policy),
        elapsed(fired.end.saturating_sub(fired.start)),
        rule.count.saturating_sub(1),
        window(rule.minutes)
    )
}

/// What a policy counts, in the plural.
fn activities(policy: &Policy) -> String {
    let outcome = policy.rows.iter().find_map(|row| match (row.filter, row.operator, row.values.as_slice()) {
        (Filter::ActivityOutcome, Operator::Equals, [one]) if one == "failure" => Some("failed "),
        (Filter::ActivityOutcome, Operator::Equals, [one]) if one == "success" => Some("successful "),
        _ => None,
    });
    let what = policy.rows.iter().find_map(|row| match (row.filter, row.operator) {
        (Filter::ActivityType | Filter::ActivityAction | Filter::ActivityTrait, Operator::Equals) => {
            Some(several(&row.values, " or ", plural))
        }
        (Filter::Administrative | Filter::Impersonated, Operator::Equals) if row.values.iter().any(|value| value == "true") => {
            Some(plural(row.filter.word()))
        }
        _ => None,
    });
    format!("{}{}", outcome.unwrap_or_default(), what.as_deref().unwrap_or("activities"))
}

fn plural(name: &str) -> String {
    let known = PLURALS.iter().find(|(known, _)| *known == name);
    known.map_or_else(|| format!("activities {}", quoted(name)), |(_, plural)| (*plural).to_owned())
}

/// Why one row is fulfilled, by what the activity has there.
pub(crate) fn row(row: &Row, seen: &[String]) -> String {
    let label = match row.role {
        Role::Object => format!("{}, as the object,", row.filter.label()),
        _ => row.filter.label().to_owned(),
    };
    let has = several(seen, ", ", quoted);
    let wanted = several(&row.values, " or ", quoted);
    match (row.operator, seen.is_empty()) {
        _ if row.filter.kind() == Kind::Flag => {
            let not = if row.values.iter().any(|value| value == "true") { "" } else { "not " };
            format!("it is {not}{label}")
        }
        (Operator::Is, true) => format!("{label} is not known"),
        (Operator::Is, false) => format!("{label} is known: {has}"),
        (Operator::Equals, _) => format!("{label} is {has}"),
        (Operator::Contains, _) => format!("{label} is {has}, which contains {wanted}"),
        (Operator::StartsWith, _) => format!("{label} is {has}, which begins with {wanted}"),
        (Operator::EndsWith, _) => format!("{label} is {has}, which ends with {wanted}"),
        (Operator::DoesNotEqual, true) => format!("{label} is not known, so not {wanted}"),
        (Operator::DoesNotEqual, false) => format!("{label} is {has}, not {wanted}"),
        (Operator::DoesNotContain, true) => format!("{label} is not known, so does not contain {wanted}"),
        (Operator::DoesNotContain, false) => format!("{label} is {has}, which does not contain {wanted}"),
        (Operator::DoesNotStartWith, true) => format!("{label} is not known, so does not begin with {wanted}"),
        (Operator::DoesNotStartWith, false) => format!("{label} is {has}, which does not begin with {wanted}"),
    }
}

/// The first few of some texts, and how many more there are.
pub(crate) fn several(texts: &[String], between: &str, shown: fn(&str) -> String) -> String {
    const FEW: usize = 5;
    let mut words = texts.iter().take(FEW).map(|text| shown(text)).collect::<Vec<_>>().join(between);
    if texts.len() > FEW {
        words.push_str(&format!("{between}{} more", texts.len() - FEW));
    }
    words
}

/// A text that anybody may have written, so that it can be read and does nothing: between `“` and `”`, of which it has none itself.
#[must_use]
pub fn quoted(text: &str) -> String {
    const LONG: usize = 80;
    let mut safe: String = text.chars().take(LONG).map(|c| if misleads(c) { '\u{fffd}' } else { c }).collect();
    if text.chars().nth(LONG).is_some() {
        safe.push('…');
    }
    format!("“{safe}”")
}

/// Controls, and what turns the direction of text or takes no space.
fn misleads(c: char) -> bool {
    c.is_control()
        || matches!(c, '“' | '”' | '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

/// A length of time in its two largest units, rounded up to a second.
fn elapsed(ms: u64) -> String {
    let seconds = ms.div_ceil(1000).max(1);
    let units = [(seconds / 86_400, "d"), (seconds / 3600 % 24, "h"), (seconds / 60 % 60, "min"), (seconds % 60, "s")];
    let parts = units.into_iter().skip_while(|(number, _)| *number == 0).take(2).filter(|(number, _)| *number > 0);
    parts.map(|(number, unit)| format!("{number} {unit}")).collect::<Vec<_>>().join(" ")
}

pub(crate) fn window(minutes: u32) -> String {
    let (number, unit) = match minutes {
        minutes if minutes > 0 && minutes.is_multiple_of(1440) => (minutes / 1440, "day"),
        minutes if minutes > 0 && minutes.is_multiple_of(60) => (minutes / 60, "hour"),
        minutes => (minutes, "minute"),
    };
    format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Activity, Compiled, activity::Actor, check};

    fn policy(json: serde_json::Value) -> Policy {
        check(&json).unwrap()
    }

    #[test]
    fn a_repetition_is_said_with_what_and_how_often_and_how_long() {
        let mut json = serde_json::json!({
            "name": "a", "severity": "low", "category": "threat-detection",
            "match": [{ "filter": "activity.type", "equals": "sign-in" }, { "filter": "activity.outcome", "equals": "failure" }],
            "repeated": { "count": 11, "minutes": 5 },
        });
        let fired = Fired { count: 11, start: 1_000, end: 251_000, seqs: (0..11).collect() };
        assert_eq!(repeated(&policy(json.clone()), &fired), "11 failed sign-ins within 4 min 10 s; the policy allows 10 in 5 minutes");
        json["match"] = serde_json::json!([{ "filter": "activity.type", "equals": ["downloaded", "board_exported"] }]);
        json["repeated"] = serde_json::json!({ "count": 51, "minutes": 60, "unique_objects": true, "single_app": true });
        let fired = Fired { count: 51, start: 0, end: 0, seqs: Vec::new() };
        let said = "51 downloads or activities “board_exported” of different objects in one app within 1 s; the policy allows 50 in 1 hour";
        assert_eq!(repeated(&policy(json), &fired), said);
    }

    #[test]
    fn a_match_is_said_row_by_row_with_what_was_seen() {
        let policies = [policy(serde_json::json!({
            "name": "a", "severity": "low", "category": "threat-detection",
            "match": [
                { "filter": "administrative", "equals": true },
                { "filter": "ip.category", "does_not_equal": ["corporate", "vpn"] },
                { "filter": "ip.address", "is": "set" },
                { "filter": "user.name", "starts_with": "svc" },
                { "filter": "location.country", "does_not_equal": "de" },
                { "filter": "user.group", "equals": "External users" },
            ],
        }))];
        let traits = ["administrative".to_owned()];
        let actor = Actor { name: Some("svc\u{202e}backup"), email: Some("svc@home.example"), ..Actor::default() };
        let activity = Activity { traits: &traits, ip: Some("203.0.113.7"), country: Some("BR"), actor, ..Activity::default() };
        let compiled = Compiled::new(&policies, &["other.example".to_owned()]);
        let rule = compiled.matching(&activity).next().unwrap();
        assert_eq!(
            compiled.reasons(rule, &activity),
            [
                "it is administrative",
                "the category of the address is not known, so not “corporate” or “vpn”",
                "the address is known: “203.0.113.7”",
                "the user is “svc\u{fffd}backup”, “svc@home.example”, which begins with “svc”",
                "the country is “BR”, not “DE”",
                "the group is “External users”",
            ]
        );
    }

    #[test]
    fn lengths_of_time_are_said_in_two_units() {
        for (ms, said) in
            [(0, "1 s"), (1_001, "2 s"), (60_000, "1 min"), (3_660_000, "1 h 1 min"), (3_601_000, "1 h"), (90_061_000, "1 d 1 h")]
        {
            assert_eq!(elapsed(ms), said);
        }
        assert_eq!(
            [window(1), window(30), window(120), window(1440), window(0)],
            ["1 minute", "30 minutes", "2 hours", "1 day", "0 minutes"]
        );
    }

    proptest! {
        #[test]
        fn no_name_misleads_a_screen(name in any::<String>()) {
            let said = quoted(&name);
            prop_assert!(said.chars().count() <= 83);
            let misleading = said.chars().any(|c| c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c));
            prop_assert!(!misleading);
        }
    }
}
