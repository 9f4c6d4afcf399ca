use super::{Config, Format, KEYS, SCHEMA};
use crate::types::Failure;

const LEAST: &str = r#"{"tenant": "contoso.example", "client_id": "4f7c"}"#;

#[test]
fn a_tenant_and_an_app_are_a_whole_configuration() {
    let config = Config::parse(LEAST).unwrap();
    assert_eq!((config.tenant.as_str(), config.client_id.as_str()), ("contoso.example", "4f7c"));
    assert_eq!(config.origins(), ["https://login.microsoftonline.com", "https://graph.microsoft.com"]);
    assert_eq!((config.sender.as_deref(), config.format), (None, Format::Html));
    assert_eq!(config.token_url(), "https://login.microsoftonline.com/contoso.example/oauth2/v2.0/token");
}

#[test]
fn what_is_read_of_sign_ins_is_put_in_order_once() {
    let least = Config::parse(LEAST).unwrap();
    assert_eq!((least.applications.len(), least.since, least.revisit.as_slice()), (0, 86_400_000, &[900_000, 86_400_000][..]));
    let text = r#"{"tenant": "t", "client_id": "c", "since": "0s", "revisit": ["1h", "10m", "60m"],
        "applications": ["6E7B768E-07E2-4810-8459-485F84F8F204", " 11111111-2222-3333-4444-555555555555", "6e7b768e-07e2-4810-8459-485f84f8f204"]}"#;
    let config = Config::parse(text).unwrap();
    assert_eq!(config.applications, ["11111111-2222-3333-4444-555555555555", "6e7b768e-07e2-4810-8459-485f84f8f204"]);
    assert_eq!((config.since, config.revisit.as_slice()), (0, &[600_000, 3_600_000][..]));
}

#[test]
fn a_national_cloud_is_two_other_origins() {
    // https://learn.microsoft.com/graph/deployments
    let text = r#"{"tenant": "t", "client_id": "c", "login_url": "https://login.microsoftonline.US/", "graph_url": "https://graph.microsoft.us:443"}"#;
    assert_eq!(Config::parse(text).unwrap().origins(), ["https://login.microsoftonline.us", "https://graph.microsoft.us"]);
    let one = r#"{"tenant": "t", "client_id": "c", "login_url": "http://127.0.0.1:9", "graph_url": "http://127.0.0.1:9"}"#;
    assert_eq!(Config::parse(one).unwrap().origins(), ["http://127.0.0.1:9"]);
}

#[test]
fn i5_a_password_in_an_address_is_refused_without_repeating_it() {
    let text = r#"{"tenant": "t", "client_id": "c", "graph_url": "https://me:hunter2@graph.microsoft.com"}"#;
    let Failure::Invalid(text) = Config::parse(text).unwrap_err() else { panic!() };
    assert!(!text.contains("hunter2"), "{text}");
}

#[test]
fn what_is_wrong_names_the_key_and_the_way_out() {
    for (text, says) in [
        ("[]", "the configuration for Entra is not a JSON object"),
        ("{}", "`tenant` is missing: the tenant's ID"),
        (r#"{"tenant": "t"}"#, "`client_id` is missing: the Application (client) ID"),
        (r#"{"tenant": "t", "clientid": "c"}"#, "has no key `clientid`; did you mean `client_id`?"),
        (r#"{"zzz": 1}"#, "has no key `zzz`; it has `tenant`, `client_id`"),
        (r#"{"tenant": "common", "client_id": "c"}"#, "`tenant` is \"common\", which is any tenant"),
        (r#"{"tenant": "a/b", "client_id": "c"}"#, "`tenant` is \"a/b\", which is neither an ID nor a domain"),
        (r#"{"tenant": "..", "client_id": "c"}"#, "which is neither an ID nor a domain"),
        (r#"{"tenant": 5, "client_id": "c"}"#, "`tenant` is not a text"),
        (r#"{"tenant": "t", "client_id": " "}"#, "`client_id` is empty"),
        (r#"{"tenant": "t", "client_id": "a b"}"#, "`client_id` is \"a b\", with a space in it"),
        (r#"{"tenant": "t", "client_id": "c", "format": "rtf"}"#, "`format` is \"rtf\"; it is \"html\" or \"text\""),
        (r#"{"tenant": "t", "client_id": "c", "graph_url": "graph.microsoft.com"}"#, "which has no scheme"),
        (r#"{"tenant": "t", "client_id": "c", "graph_url": "ftp://graph.microsoft.com"}"#, "which is neither https nor http"),
        (r#"{"tenant": "t", "client_id": "c", "graph_url": "https://graph.microsoft.com/v1.0"}"#, "which is more than an origin"),
        (r#"{"tenant": "t", "client_id": "c", "login_url": "https://a:b"}"#, "whose port is not one"),
        (r#"{"tenant": "t", "client_id": "c", "application": []}"#, "has no key `application`; did you mean `applications`?"),
        (r#"{"tenant": "t", "client_id": "c", "applications": []}"#, "`applications` has 0 entries; it has from 1 to 10"),
        (r#"{"tenant": "t", "client_id": "c", "applications": ["Miro"]}"#, "`applications` has \"Miro\", which is not an Application ID"),
        (r#"{"tenant": "t", "client_id": "c", "applications": [5]}"#, "`applications` has an entry that is not a text"),
        (r#"{"tenant": "t", "client_id": "c", "applications": "x"}"#, "`applications` is not a list"),
        (r#"{"tenant": "t", "client_id": "c", "since": "31d"}"#, "`since` is 31d; it must be from 0s to 30d"),
        (r#"{"tenant": "t", "client_id": "c", "since": "soon"}"#, "`since` is \"soon\", which is not a length of time; write it like"),
        (r#"{"tenant": "t", "client_id": "c", "revisit": ["10ms"]}"#, "`revisit` is 10ms; it must be from 1s to 30d"),
        (
            r#"{"tenant": "t", "client_id": "c", "revisit": ["1m", "2m", "3m", "4m", "5m", "6m", "7m", "8m", "9m"]}"#,
            "`revisit` has 9 entries; it has 8 at most",
        ),
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
