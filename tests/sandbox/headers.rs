//! Smuggling through the request. What a component may say: whatever concerns it and its own granted origin, such as
//! `authorization`, `cookie`, `accept`. What it may not: where the request goes (`host`), how it is carried (`connection`,
//! `transfer-encoding`, `te`, `trailer`, `upgrade`, `expect`, a length that is wrong), or anything to a proxy on the way.

use miro_source::runtime::Limits;
use serde_json::{Value, json};

use crate::{
    ground::{TOKEN, came, collect, network, reaching},
    raw::{Raw, Says, answer},
};

/// Makes a request with more in it than its address; how it ended, and what came of it at the far side.
async fn ask(more: Value) -> (String, String) {
    let raw = Raw::start(Says::Whole(answer("200 OK", "", "{}"))).await;
    let origin = raw.origin();
    let mut plan = json!({"attack": "request", "url": format!("{origin}/v2")});
    plan.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let source = reaching(plan, &[&origin], network(), Limits::default()).await;
    let ended = match collect(&source).await {
        Ok(page) => came(&page),
        Err(why) => why.to_string(),
    };
    (ended, raw.came().replace(&raw.address.to_string(), "GRANTED"))
}

/// The lines of a head whose name is this one.
fn lines<'a>(head: &'a str, name: &str) -> Vec<&'a str> {
    head.lines().filter(|line| line.to_ascii_lowercase().starts_with(&format!("{name}:"))).collect()
}

#[tokio::test]
async fn i5_exactly_one_host_goes_out_and_it_is_the_granted_one() {
    let (ended, came) = ask(json!({})).await;
    assert_eq!(ended, "status 200, 2 bytes");
    assert_eq!(lines(&came, "host"), ["host: GRANTED"], "{came}");
    assert!(came.starts_with("GET /v2 HTTP/1.1\r\n"), "{came}");
    for name in ["host", "Host", "HOST"] {
        let (ended, came) = ask(json!({"headers": [[name, "evil.example"]]})).await;
        assert_eq!((ended.as_str(), came.as_str()), ("header refused: HeaderError::Forbidden", ""));
    }
}

#[tokio::test]
async fn i5_a_component_may_authorize_itself_at_its_own_origin_and_nowhere_else() {
    let (ended, came) =
        ask(json!({"headers": [["authorization", "Bearer TOKEN"], ["cookie", "a=b"], ["x-forwarded-for", "1.1.1.1"]]})).await;
    assert_eq!(ended, "status 200, 2 bytes");
    assert_eq!(lines(&came, "authorization"), [format!("authorization: Bearer {TOKEN}")], "{came}");
    let elsewhere = Raw::start(Says::Whole(answer("200 OK", "", "{}"))).await;
    let (ended, came) = ask(json!({"url": format!("{}/", elsewhere.origin()), "headers": [["authorization", "Bearer TOKEN"]]})).await;
    assert!(ended.contains("does not grant") && !ended.contains(TOKEN), "{ended}");
    assert_eq!((came.as_str(), elsewhere.connections()), ("", 0));
}

#[tokio::test]
async fn i5_nothing_is_said_to_a_proxy_or_about_the_connection() {
    for name in [
        "proxy-authorization",
        "proxy-authenticate",
        "proxy-connection",
        "connection",
        "keep-alive",
        "transfer-encoding",
        "te",
        "trailer",
        "upgrade",
        "expect",
        "http2-settings",
        "forwarded",
    ] {
        let (ended, came) = ask(json!({"headers": [[name, "close"]]})).await;
        assert_eq!((ended.as_str(), came.as_str()), ("header refused: HeaderError::Forbidden", ""), "{name}");
    }
}

#[tokio::test]
async fn i5_line_breaks_in_names_values_methods_and_paths_are_refused() {
    for (name, value) in [
        ("x-a", "b\r\nhost: evil.example"),
        ("x-a", "b\nhost: evil.example"),
        ("x-a\r\nhost", "evil.example"),
        ("x a", "b"),
        ("", "b"),
        ("x-a", "b\u{0}c"),
    ] {
        let (ended, came) = ask(json!({"headers": [[name, value]]})).await;
        assert_eq!((ended.as_str(), came.as_str()), ("header refused: HeaderError::InvalidSyntax", ""), "{name:?}: {value:?}");
    }
    let (ended, came) = ask(json!({"method": "GET / HTTP/1.1\r\nhost: evil.example\r\n\r\nGET"})).await;
    assert_eq!((ended.as_str(), came.as_str()), ("method refused", ""));
    for path in ["/a HTTP/1.1\r\nhost: evil.example\r\n\r\nGET /", "/a b", "/a\tb", "/\u{0}"] {
        let raw = Raw::start(Says::Whole(answer("200 OK", "", "{}"))).await;
        let origin = raw.origin();
        let source =
            reaching(json!({"attack": "request", "url": format!("{origin}{path}")}), &[&origin], network(), Limits::default()).await;
        assert_eq!(collect(&source).await.unwrap_err().to_string(), "path refused", "{path:?}");
        assert_eq!(raw.connections(), 0);
    }
}

#[tokio::test]
async fn i5_a_length_that_is_not_that_of_the_body_is_refused() {
    for length in ["0", "3", "5", "1000000"] {
        let (ended, came) = ask(json!({"method": "POST", "size": 4, "headers": [["content-length", length]]})).await;
        assert!(ended.starts_with("ErrorCode::HttpRequestBodySize"), "{length}: {ended}");
        assert_eq!(came, "", "{length}");
    }
    let (ended, came) = ask(json!({"headers": [["content-length", "100"]]})).await;
    assert_eq!((ended.as_str(), came.as_str()), ("ErrorCode::HttpRequestBodySize(Some(0))", ""));
    for headers in
        [json!([["content-length", "4"], ["content-length", "5"]]), json!([["content-length", "+4"]]), json!([["content-length", "4, 5"]])]
    {
        let (ended, came) = ask(json!({"method": "POST", "size": 4, "headers": headers})).await;
        assert_eq!((ended.as_str(), came.as_str()), ("header refused: HeaderError::InvalidSyntax", ""));
    }
    let (ended, came) = ask(json!({"method": "POST", "size": 4, "headers": [["content-length", "4"]]})).await;
    assert_eq!(ended, "status 200, 2 bytes");
    assert_eq!(lines(&came, "content-length"), ["content-length: 4"], "{came}");
    assert!(lines(&came, "transfer-encoding").is_empty(), "{came}");
}
