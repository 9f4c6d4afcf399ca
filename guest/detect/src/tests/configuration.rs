//! What an operator may set.

use serde_json::{Value, json};

use crate::{component::describe, config::Config};

fn refusal(config: &Value) -> String {
    Config::parse(&config.to_string()).unwrap_err()
}

#[test]
fn what_is_wrong_is_named_with_what_is_right() {
    let cases = [
        (json!({"sesion_minutes": 3}), "there is no `sesion_minutes`; did you mean `session_minutes`?"),
        (json!({"rules": {"imposible-travel": {}}}), "there is no `rules.imposible-travel`; did you mean `impossible-travel`?"),
        (json!({"rules": {"impossible-travel": {"sped": 1}}}), "there is no `rules.impossible-travel.sped`; did you mean `speed`?"),
        (
            json!({"rules": {"impossible-travel": {"speed": 1}}}),
            "`rules.impossible-travel.speed` is 1; it is km/h that nobody travels faster than: from 100 to 5000",
        ),
        (json!({"sensitivity": "hi"}), "`sensitivity`: unknown variant `hi`, expected one of `low`, `medium`, `high`"),
        (json!({"rules": {"mass-share": {"level": "city"}}}), "there is no `rules.mass-share.level`; did you mean `enabled`?"),
    ];
    for (config, expected) in cases {
        let said = refusal(&config);
        assert!(said == expected || said.starts_with(expected.split_once(';').map_or(expected, |(start, _)| start)), "{said}");
    }
    assert!(Config::parse("[]").unwrap_err().contains("not a JSON object"));
}

#[test]
fn the_schema_names_every_rule_and_setting() {
    let schema: Value = serde_json::from_str(&describe().config_schema).unwrap();
    for entry in crate::config::ENTRIES {
        let of = match entry.rule {
            Some(rule) => &schema["properties"]["rules"]["properties"][rule.name()]["properties"],
            None => &schema["properties"],
        };
        assert_eq!(of[entry.key]["default"], entry.default, "{}", entry.key);
    }
}
