use super::{Config, KEYS, SCHEMA};
use crate::types::Failure;

#[test]
fn an_empty_object_is_a_whole_configuration() {
    let config = Config::parse("{}").unwrap();
    assert_eq!(config.api_url, "https://api.miro.com");
    assert_eq!(config.authorize_url, "https://miro.com/oauth/authorize");
    assert_eq!(config.since, 86_400_000);
    assert_eq!(config.revisit, [600_000, 3_600_000, 86_400_000]);
    assert_eq!((config.page_limit, config.window, config.body_cap), (100, 86_400_000, 8 << 20));
    assert_eq!((config.live_share, config.history_share), (1.0, 0.5));
    assert_eq!(config.origins(), ["https://api.miro.com"]);
}

#[test]
fn tiers_are_sorted_and_each_stands_once() {
    let config = Config::parse(r#"{"revisit": ["24h", "10m", "1440m", "1h"]}"#).unwrap();
    assert_eq!(config.revisit, [600_000, 3_600_000, 86_400_000]);
    assert!(Config::parse(r#"{"revisit": []}"#).unwrap().revisit.is_empty());
}

#[test]
fn an_address_becomes_its_origin() {
    for (url, origin) in [
        ("https://API.miro.com/", "https://api.miro.com"),
        ("http://127.0.0.1:8080/base", "http://127.0.0.1:8080"),
        ("http://[::1]:9/", "http://[::1]:9"),
    ] {
        let config = Config::parse(&serde_json::json!({ "api_url": url }).to_string()).unwrap();
        assert_eq!(config.origins(), [origin]);
    }
}

#[test]
fn i5_a_password_in_an_address_is_refused_without_repeating_it() {
    let Failure::Invalid(text) = Config::parse(r#"{"api_url": "https://me:hunter2@api.miro.com"}"#).unwrap_err() else { panic!() };
    assert!(!text.contains("hunter2"), "{text}");
}

#[test]
fn what_is_wrong_names_the_key_and_the_way_out() {
    for (text, says) in [
        (r#"{"api_ulr": "x"}"#, "the Miro source has no key `api_ulr`; did you mean `api_url`?"),
        (r#"{"zzz": 1}"#, "the Miro source has no key `zzz`; it has `api_url`"),
        (r#"{"since": "yesterday"}"#, "`since`: \"yesterday\" is not a length of time; write it like"),
        (r#"{"since": 5}"#, "`since`: invalid type: integer `5`, expected a string"),
        (r#"{"revisit": ["10m", "0s"]}"#, "`revisit` is 0s; it must be from 1s to 60d"),
        (r#"{"live_share": 2}"#, "`live_share` is 2; it is a part of the rate limit"),
        (r#"{"page_limit": 0}"#, "`page_limit` is 0; it must be from 1 to 1000"),
        (r#"{"window": "1ms"}"#, "`window` is 1ms; it must be from 1s to 366d"),
        (r#"{"body_cap": "8 parsecs"}"#, "`body_cap`: \"8 parsecs\" is not a size; write bytes, or \"8MiB\""),
        (r#"{"api_url": "api.miro.com"}"#, "`api_url` is \"api.miro.com\", which has no scheme"),
        (r#"{"api_url": "ftp://api.miro.com"}"#, "which is neither https nor http"),
        (r#"{"api_url": "https://api.miro.com?x=1"}"#, "whose host is not one"),
        (r#"{"client_id": " "}"#, "`client_id` is empty; set it or leave it out"),
        (r#"{"traits": {"board_opened": [""]}}"#, "`traits` gives \"board_opened\" an empty trait"),
        ("[]", "the configuration of the Miro source is not a JSON object"),
    ] {
        let Failure::Invalid(found) = Config::parse(text).unwrap_err() else { panic!("{text}") };
        assert!(found.contains(says), "{text}: {found}");
    }
}

#[test]
fn the_schema_describes_every_key_and_no_other() {
    let schema: serde_json::Value = serde_json::from_str(SCHEMA).unwrap();
    let described: Vec<&String> = schema["properties"].as_object().unwrap().keys().collect();
    assert_eq!(described, KEYS);
}
