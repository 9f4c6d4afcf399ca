//! Answers that are too large, too many, or not what the contract says.

use audit_pipeline::{
    source::{Next, Span},
    types::{Credentials, Failure},
};
use miro_source::runtime::{CallError, RefreshError};
use serde_json::json;

use crate::ground::{NOW, collect, describing, failed, hostile, is_fit_to_show};

/// How a broken contract is told.
fn broke(what: &str) -> String {
    format!("the component broke its contract: {what}")
}

#[tokio::test]
async fn i7_a_list_that_grows_ends_at_the_output_of_a_call() {
    // 40 events of a megabyte.
    let ended = failed(json!({"attack": "growing", "count": 40, "size": 1_000_000})).await;
    assert!(matches!(ended, CallError::OutputTooLarge), "{ended:?}");
    assert_eq!(ended.to_string(), "the component returned more than it may");
}

#[tokio::test]
async fn i7_more_events_than_a_vendor_returns_are_refused() {
    let ended = failed(json!({"attack": "growing", "count": 50_001})).await;
    assert_eq!(ended.to_string(), broke("a page of 50001 events, at most 50000 are allowed"));
}

#[tokio::test]
async fn i7_a_list_of_a_million_origins_is_refused() {
    let ended = hostile(json!({"attack": "many-origins", "at": "origins", "count": 1_000_000})).await.origins().await.unwrap_err();
    // The million strings are too much; so are a hundred.
    assert!(matches!(ended, CallError::OutputTooLarge), "{ended:?}");
    let ended = hostile(json!({"attack": "many-origins", "at": "origins", "count": 100})).await.origins().await.unwrap_err();
    assert_eq!(ended.to_string(), broke("it declares 100 origins, at most 32 are allowed"));
}

#[tokio::test]
async fn i7_a_gigantic_origin_is_refused() {
    let ended = hostile(json!({"attack": "long-origin", "at": "origins", "size": 10_000_000})).await.origins().await.unwrap_err();
    assert_eq!(ended.to_string(), broke("an origin is 10000008 bytes long, at most 300 are allowed"));
}

#[tokio::test]
async fn i5_what_is_no_origin_is_told_to_the_operator() {
    let plan = json!({"attack": "wrong-origin", "at": "origins", "url": "ftp://a.example\u{1b}[2J"});
    let ended = hostile(plan).await.origins().await.unwrap_err();
    assert!(matches!(ended, CallError::Failed(Failure::Invalid(_))), "{ended:?}");
}

#[tokio::test]
async fn i7_gigantic_strings_in_a_description_are_refused_and_its_prose_is_cut() {
    let size = 10_000_000;
    for (attack, what) in [
        ("long-name", "the name of the component is 10000000 bytes long, at most 64 are allowed"),
        ("long-version", "its version is 10000000 bytes long, at most 64 are allowed"),
        ("long-schema", "the schema of `config` is 10000008 bytes long, at most 1048576 are allowed"),
        ("long-secret", "the name of a secret is 10000000 bytes long, at most 64 are allowed"),
    ] {
        let ended = describing(json!({"attack": attack, "size": size})).await.describe().await.unwrap_err();
        assert_eq!(ended.to_string(), broke(what), "{attack}");
    }
    let ended = describing(json!({"attack": "many-secrets", "count": 1000})).await.describe().await.unwrap_err();
    assert_eq!(ended.to_string(), broke("1000 secrets, at most 256 are allowed"));
    let ended = describing(json!({"attack": "long-name", "size": 8, "text": "a\u{1b}[2J"})).await.describe().await.unwrap_err();
    assert_eq!(ended.to_string(), broke("the name of the component is not one word of ASCII"));
    let cut = describing(json!({"attack": "long-purpose", "size": size})).await.describe().await.unwrap();
    is_fit_to_show(&cut.secrets[0].purpose);
}

#[tokio::test]
async fn i7_gigantic_texts_of_failures_are_cut() {
    for attack in ["unavailable", "unauthorized", "forbidden", "invalid", "protocol"] {
        let ended = failed(json!({"attack": attack, "size": 10_000_000, "text": "\u{1b}[2J"})).await;
        assert!(matches!(ended, CallError::Failed(_)), "{ended:?}");
        is_fit_to_show(&ended.to_string());
    }
}

#[tokio::test]
async fn i7_gigantic_strings_in_an_event_are_refused() {
    for (attack, size, what) in [
        ("long-record", 17 << 20, "the record is 17825800 bytes long, at most 16777216 are allowed"),
        ("long-action", 100_000, "the action is 100000 bytes long, at most 65536 are allowed"),
        ("long-user-agent", 100_000, "a field is 100000 bytes long, at most 65536 are allowed"),
        ("long-entity", 100_000, "a field is 100000 bytes long, at most 65536 are allowed"),
        ("long-trait", 2000, "more than 64 traits, or one longer than 1024 bytes"),
        ("long-extra", 17 << 20, "a further fact is 17825794 bytes long, at most 16777216 are allowed"),
    ] {
        let ended = failed(json!({"attack": attack, "size": size})).await;
        assert_eq!(ended.to_string(), broke(&format!("event 0 of the page: {what}")), "{attack}");
    }
    let ended = failed(json!({"attack": "many-traits", "count": 65})).await;
    assert_eq!(ended.to_string(), broke("event 0 of the page: more than 64 traits, or one longer than 1024 bytes"));
    let ended = failed(json!({"attack": "many-extras", "count": 257})).await;
    assert_eq!(ended.to_string(), broke("event 0 of the page: more than 256 further facts, or a name longer than 1024 bytes"));
}

#[tokio::test]
async fn i7_gigantic_strings_of_other_answers_are_refused() {
    let size = 10_000_000;
    let at = |attack: &str, at: &str| json!({"attack": attack, "at": at, "size": size, "count": 1000});
    let unit = hostile(at("long-unit", "metering")).await.metering().await.unwrap_err();
    assert_eq!(unit.to_string(), broke("the unit of the meter is 10000000 bytes long, at most 64 are allowed"));
    let scope = hostile(at("long-scope", "check")).await.check("t").await.unwrap_err();
    assert_eq!(scope.to_string(), broke("a scope is 10000000 bytes long, at most 1024 are allowed"));
    let scopes = hostile(at("many-scopes", "check")).await.check("t").await.unwrap_err();
    assert_eq!(scopes.to_string(), broke("1000 scopes, at most 256 are allowed"));
    let organization = hostile(at("long-organization", "check")).await.check("t").await.unwrap_err();
    assert_eq!(organization.to_string(), broke("a name in it is 10000000 bytes long, at most 1024 are allowed"));
    let url = hostile(at("long-url", "authorize-url")).await.authorize_url("http://127.0.0.1/", "s").await.unwrap_err();
    assert_eq!(url.to_string(), broke("the address is 10000018 bytes long, at most 8192 are allowed"));
    let token = hostile(at("long-token", "exchange")).await.exchange(&[], "c", "r", NOW).await.unwrap_err();
    assert_eq!(token.to_string(), broke("a token is 10000000 bytes long, at most 32768 are allowed"));
    let old = Credentials { access_token: "a".into(), refresh_token: Some("r".into()), expires_at: None };
    let token = hostile(at("long-token", "refresh")).await.refresh(&[], &old, NOW).await.unwrap_err();
    assert!(matches!(token, RefreshError::Broken(CallError::Broken(_))), "{token:?}");
    // Forty of a megabyte.
    let texts = hostile(json!({"attack": "long-text", "at": "ocsf", "size": 1_000_000, "count": 40})).await.ocsf(vec![]).await.unwrap_err();
    assert!(matches!(texts, CallError::OutputTooLarge), "{texts:?}");
}

#[tokio::test]
async fn i5_a_browser_is_not_sent_to_a_file_or_a_program() {
    for url in ["file:///etc/passwd", "javascript:alert(1)", "http://a.example/", "--version"] {
        let source = hostile(json!({"attack": "url", "at": "authorize-url", "url": url})).await;
        let ended = source.authorize_url("http://127.0.0.1/", "s").await.unwrap_err();
        assert!(ended.to_string().starts_with(&broke("the address is n")), "{url}: {ended}");
    }
}

#[tokio::test]
async fn i7_a_meter_on_which_nothing_can_be_asked_is_refused() {
    let ended = hostile(json!({"attack": "free", "at": "metering"})).await.metering().await.unwrap_err();
    assert_eq!(ended.to_string(), broke("a meter on which nothing can be asked: events, cost and budget are at least 1"));
}

#[tokio::test]
async fn i3_a_checkpoint_of_the_wrong_type_is_refused() {
    for (text, what) in [
        ("", "the checkpoint is not a JSON object"),
        ("null", "the checkpoint is not a JSON object"),
        ("[1]", "the checkpoint is not a JSON object"),
        ("\"{}\"", "the checkpoint is not a JSON object"),
        ("17", "the checkpoint is not a JSON object"),
        ("{\"step\":", "the checkpoint is not JSON: Eof at column 8"),
        ("{} {}", "the checkpoint is not JSON: Syntax at column 4"),
    ] {
        let ended = failed(json!({"attack": "checkpoint", "text": text})).await;
        assert_eq!(ended.to_string(), broke(what), "{text}");
        let begun = hostile(json!({"attack": "checkpoint", "at": "begin", "text": text})).await;
        assert_eq!(begun.begin(Span::Live(NOW.0), NOW).await.unwrap_err().to_string(), broke(what), "{text}");
    }
    let long = failed(json!({"attack": "long-checkpoint", "size": 10_000_000})).await;
    assert_eq!(long.to_string(), broke("the checkpoint is 10000008 bytes long, at most 1048576 are allowed"));
    // A parser that calls itself for every bracket needs the stack of the host.
    let deep = failed(json!({"attack": "deep-checkpoint", "count": 100_000})).await;
    assert_eq!(deep.to_string(), broke("the checkpoint is nested more than 127 deep"));
}

#[tokio::test]
async fn i2_an_event_without_an_id_is_refused() {
    assert_eq!(failed(json!({"attack": "id", "text": ""})).await.to_string(), broke("event 0 of the page: an empty id"));
}

#[tokio::test]
async fn i7_an_id_of_10_mb_is_refused() {
    let ended = failed(json!({"attack": "long-id", "size": 10_000_000})).await;
    assert_eq!(ended.to_string(), broke("event 0 of the page: the id is 10000000 bytes long, at most 1024 are allowed"));
}

#[tokio::test]
async fn i2_a_record_that_is_none_is_refused() {
    for (text, what) in [
        ("[]", "the record is not a JSON object"),
        ("{\"a\":\n1}", "its record is more than one line"),
        ("{} \r\n{\"forged\":true}", "the record is not JSON: Syntax at column 1"),
    ] {
        let ended = failed(json!({"attack": "record", "text": text})).await;
        assert_eq!(ended.to_string(), broke(&format!("event 0 of the page: {what}")), "{text}");
    }
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(127), "]".repeat(127));
    let ended = failed(json!({"attack": "record", "text": deep})).await;
    assert_eq!(ended.to_string(), broke("event 0 of the page: the record is nested more than 127 deep"));
    let ended = failed(json!({"attack": "extra", "text": "{"})).await;
    assert_eq!(ended.to_string(), broke("event 0 of the page: a further fact is not JSON: Eof at column 1"));
}

#[tokio::test]
async fn i7_invalid_times_are_refused() {
    let ended = failed(json!({"attack": "event-time", "number": u64::MAX})).await;
    assert_eq!(ended.to_string(), broke("event 0 of the page: its time is 18446744073709551615 ms, past the year 9999"));
    let ended = failed(json!({"attack": "through", "number": u64::MAX})).await;
    assert_eq!(ended.to_string(), broke("`through` is 18446744073709551615 ms, past the year 9999"));
    let ended = failed(json!({"attack": "gap", "number": u64::MAX})).await;
    assert_eq!(ended.to_string(), broke("a gap from 18446744073709551615 ms to 0 ms"));
}

#[tokio::test]
async fn i8_a_wait_without_end_is_a_day() {
    let page = collect(&hostile(json!({"attack": "after", "number": u64::MAX})).await).await.unwrap();
    assert!(matches!(page.next, Next::After(86_400_000)), "{:?}", page.next);
    let ended = failed(json!({"attack": "throttled", "number": u64::MAX})).await;
    assert_eq!(ended.to_string(), "the vendor asks to wait 86400 s");
}

#[tokio::test]
async fn i2_lines_that_ocsf_forges_are_refused() {
    let source = hostile(json!({"attack": "lines", "at": "ocsf", "text": "no json"})).await;
    let ended = source.ocsf(vec!["{}".into()]).await.unwrap_err();
    assert_eq!(ended.to_string(), broke("the OCSF event is not a JSON object"));
    let ended = hostile(json!({"attack": "more", "at": "ocsf", "count": 2})).await.ocsf(vec!["{}".into()]).await.unwrap_err();
    assert_eq!(ended.to_string(), broke("2 results for 1 records"));
}
