use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::{filter::Filter, row::Operator};

fn wrong(json: &Value) -> Vec<String> {
    check(json).unwrap_err().iter().map(ToString::to_string).collect()
}

/// What is wrong with one row.
fn wrong_row(row: &Value) -> Vec<String> {
    wrong(&json!({ "name": "a", "severity": "low", "category": "dlp", "match": [row] }))
}

#[test]
fn what_is_left_out_has_the_defaults_of_the_form() {
    let policy = check(&json!({
        "name": "a-1", "severity": "high", "category": "privileged-accounts",
        "match": [{ "filter": "administrative", "equals": true }],
        "repeated": {},
    }))
    .unwrap();
    assert_eq!(policy.repeated, Some(Repeated { count: 5, minutes: 30, single_app: false, unique_objects: false }));
    assert_eq!((policy.daily_alert_limit, policy.raise, policy.enabled, policy.title()), (5, Raise::Alert, true, "a-1"));
    assert!(policy.scope.include.is_empty() && policy.scope.exclude.is_empty());
}

#[test]
fn all_mistakes_are_said_at_once_and_where_they_are() {
    let json = json!({
        "name": "Not A Slug", "titel": "x", "severity": "hihg",
        "match": [
            { "filter": "administrative", "equals": true },
            { "filter": "ip.categry", "equals": "risky" },
            { "filter": "location.country", "equals": ["DE", "Germany"] },
        ],
        "repeated": { "cout": 5, "minutes": 0 },
        "scope": { "exclude": { "user": ["a"] } },
        "daily_alert_limit": -1,
        "attacks": ["T1078.4"],
    });
    assert_eq!(
        wrong(&json),
        [
            "titel: a policy has no such key; did you mean `title`?",
            "name: \"Not A Slug\" is not a name; use up to 64 lower-case letters, digits and hyphens",
            "severity: \"hihg\" is not one of `low`, `medium`, `high`; did you mean `high`?",
            "category: it is missing",
            "match[1].filter: there is no filter \"ip.categry\"; did you mean `ip.category`?",
            "match[2].equals[1]: \"Germany\" is not a country by ISO 3166-1 alpha-2; write it like \"DE\"",
            "repeated.cout: `repeated` has no such key; did you mean `count`?",
            "repeated.minutes: 0 is not a whole number from 1 to 10080",
            "scope.exclude.user: a side of `scope` has no such key; did you mean `users`?",
            "daily_alert_limit: -1 is not a whole number from 1 to 1000",
            "attacks[0]: \"T1078.4\" is not an ATT&CK identifier; write it like \"TA0001\" or \"T1078.004\"",
        ]
    );
    let path = &check(&json).unwrap_err()[5].path;
    assert_eq!(*path, [Step::Key("match".into()), Step::Index(2), Step::Key("equals".into()), Step::Index(1)]);
}

/// What a finding of it may have: a host keeps no more.
#[test]
fn a_title_has_at_most_300_bytes_and_there_are_at_most_64_attacks() {
    let policy = |title: String, attacks: usize| {
        json!({"name": "a", "title": title, "severity": "low", "category": "dlp", "attacks": vec!["T1078"; attacks],
            "match": [{"filter": "activity.id", "equals": "1"}]})
    };
    assert!(check(&policy("監".repeat(100), 64)).is_ok());
    assert_eq!(wrong(&policy("監".repeat(101), 1)), ["title: it has 303 bytes; the most is 300"]);
    assert_eq!(wrong(&policy("a".to_owned(), 65)).len(), 1);
}

#[test]
fn a_row_has_one_filter_and_one_operator() {
    for (row, said) in [
        (json!({ "filter": "administrative" }), "match[0]: it has no operator; `administrative` has `equals`"),
        (json!({ "equals": "x" }), "match[0].filter: it is missing"),
        (json!({ "filter": "object.id", "equals": "a", "is": "set" }), "match[0]: it has both `equals` and `is`; write a row for each"),
        (
            json!({ "filter": "object.item", "contains": "a" }),
            "match[0].contains: `object.item` has no `contains`; it has `equals`, `does_not_equal`",
        ),
        (json!({ "filter": "object.id", "eqals": "a" }), "match[0].eqals: a row has no such key; did you mean `equals`?"),
        (
            json!({ "filter": "object.id", "equals": [] }),
            "match[0].equals: the list is empty; name a value, or use is = \"set\" or is = \"not-set\"",
        ),
        (json!({ "filter": "object.id", "is": "unset" }), "match[0].is: \"unset\" is neither \"set\" nor \"not-set\""),
        (json!({ "filter": "administrative", "equals": "yes" }), "match[0].equals: \"yes\" is neither true nor false"),
        (
            json!({ "filter": "team", "as": "actor", "equals": "a" }),
            "match[0].as: `team` is no user that could take part in a role; remove it",
        ),
        (
            json!({ "filter": "ip.address", "equals": "10.0.0.1/8" }),
            "match[0].equals: \"10.0.0.1/8\" is not the first of its range; write 10.0.0.0/8",
        ),
        (
            json!({ "filter": "ip.address", "starts_with": "ten." }),
            "match[0].starts_with: \"ten.\" is not the beginning of an address; write it like \"203.0.\"",
        ),
        (
            json!({ "filter": "ip.category", "equals": "vnp" }),
            "match[0].equals: \"vnp\" is not one of `corporate`, `administrative`, `risky`, `vpn`, `cloud-provider`, `other`; did you mean `vpn`?",
        ),
        (
            json!({ "filter": "ip.asn", "equals": "ASx" }),
            "match[0].equals: \"ASx\" is not the number of an autonomous system; write it like 64496 or \"AS64496\"",
        ),
        (
            json!({ "filter": "object.name", "contains": "_" }),
            "match[0].contains: \"_\" is no word; commas, dots, hyphens, spaces and underscores only separate words",
        ),
        (json!({ "filter": "object.name", "contains": " " }), "match[0].contains: it is empty; fill it in or leave it out"),
        (
            json!("administrative"),
            "match[0]: \"administrative\" is not a table; a row has `filter`, `as`, `equals`, `does_not_equal`, `contains`, `does_not_contain`, `starts_with`, `does_not_start_with`, `ends_with`, `is`",
        ),
    ] {
        assert_eq!(wrong_row(&row)[0], said);
    }
}

#[test]
fn names_of_microsofts_api_lead_to_the_filter() {
    for (theirs, ours) in [("user.orgUnit", "organization"), ("location.organizations", "ip.isp"), ("Instance", "source")] {
        let said = wrong_row(&json!({ "filter": theirs, "equals": "a" }));
        assert_eq!(said, [format!("match[0].filter: there is no filter {theirs:?}; it is called `{ours}` here")]);
    }
}

#[test]
fn a_policy_without_a_row_says_how_to_mean_everything() {
    let mut json = json!({ "name": "a", "severity": "low", "category": "dlp", "match": [] });
    assert!(wrong(&json)[0].starts_with("match: there is no row; for every activity write {"));
    json["match"] = json!([{ "filter": "activity.id", "does_not_equal": "none" }]);
    assert!(check(&json).is_ok());
}

#[test]
fn policies_have_names_of_their_own() {
    let one = json!({ "name": "a", "severity": "low", "category": "dlp", "match": [{ "filter": "team", "is": "set" }] });
    assert_eq!(check_all(&json!([one])).unwrap().len(), 1);
    let said = check_all(&json!([one, one])).unwrap_err();
    assert_eq!(said[0].to_string(), "[1].name: \"a\" is the name of an earlier policy too; give each its own");
    assert_eq!(check_all(&json!({})).unwrap_err()[0].to_string(), "a table is not a list");
}

#[test]
fn serde_says_all_of_it_too() {
    let error = serde_json::from_value::<Policy>(json!({ "name": "a", "severity": "low" })).unwrap_err().to_string();
    assert_eq!(error, "category: it is missing; match: it is missing");
}

#[test]
fn more_than_a_person_would_write_is_refused() {
    let rows = vec![json!({ "filter": "team", "is": "set" }); ROWS + 1];
    let json = json!({ "name": "a", "severity": "low", "category": "dlp", "match": rows });
    assert_eq!(wrong(&json), ["match: it has 33 entries; the most is 32"]);
    let many = json!({ "filter": "team", "equals": vec!["a"; 1001] });
    assert_eq!(wrong_row(&many), ["match[0].equals: it has 1001 entries; the most is 1000"]);
    assert_eq!(
        wrong_row(&json!({ "filter": "team", "equals": "a".repeat(1025) })),
        ["match[0].equals: it has 1025 bytes; the most is 1024"]
    );
}

/// JSON of any shape, with the keys and words of a policy strewn in.
fn any_json() -> impl Strategy<Value = Value> {
    let key = prop_oneof![
        prop::sample::select(KEYS).prop_map(ToOwned::to_owned),
        prop::sample::select(&["filter", "as", "equals", "contains", "is", "count", "minutes", "include", "users"][..])
            .prop_map(ToOwned::to_owned),
        any::<String>(),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        prop::sample::select(Filter::ALL).prop_map(|filter| Value::from(filter.word())),
        prop::sample::select(&["low", "dlp", "set", "actor", "DE", "10.0.0.0/8", "::/129", "T1078", "AS1", "\"", "corporate"][..])
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 48, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((key.clone(), inner), 0..8).prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

/// A right row of any filter and operator.
fn any_row() -> impl Strategy<Value = Value> {
    (prop::sample::select(Filter::ALL), any::<prop::sample::Index>(), 1usize..4, any::<bool>()).prop_map(
        |(filter, operator, count, as_any)| {
            use crate::filter::Kind;
            let operator = *operator.get(filter.operators());
            let value = match (operator, filter.kind()) {
                (Operator::Is, _) => json!("not-set"),
                (_, Kind::Flag) => json!(count == 1),
                (_, Kind::Number) => json!(vec![64496; count]),
                (_, Kind::Country) => json!(vec!["DE"; count]),
                (_, Kind::Address) => json!(vec!["203.0.113.0"; count]),
                (_, Kind::Choice(names)) => json!(vec![names[0]; count]),
                (_, Kind::Exact | Kind::Text) => json!(vec!["a word"; count]),
            };
            let mut row = json!({ "filter": filter.word(), operator.word(): value });
            if as_any && filter.has_role() {
                row["as"] = json!("any");
            }
            row
        },
    )
}

proptest! {
    #[test]
    fn no_json_makes_it_panic_and_every_refusal_says_something(json in any_json()) {
        if let Err(rejections) = check(&json) {
            prop_assert!(!rejections.is_empty());
            prop_assert!(rejections.iter().all(|it| !it.message.is_empty()));
        }
        if let Err(rejections) = check_all(&Value::from(vec![json])) {
            prop_assert!(!rejections.is_empty());
        }
    }

    #[test]
    fn a_policy_reads_what_it_writes(
        rows in prop::collection::vec(any_row(), 1..5),
        repeated in prop::option::of((2u32..=1000, 1u32..=10_080, any::<bool>(), any::<bool>())),
        users in prop::collection::vec("[a-z]{1,8}", 0..3),
    ) {
        let mut json = json!({ "name": "a", "severity": "low", "category": "dlp", "match": rows, "raise": "behaviour" });
        json["scope"] = json!({ "exclude": { "users": users } });
        if let Some((count, minutes, app, unique)) = repeated {
            json["repeated"] = json!({ "count": count, "minutes": minutes, "single_app": app, "unique_objects": unique });
        }
        let policy = check(&json).unwrap();
        let written = serde_json::to_value(&policy).unwrap();
        prop_assert_eq!(check(&written).unwrap(), policy);
    }
}
