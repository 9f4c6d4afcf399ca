//! Addresses that were not granted, methods that are more than a request, requests without end.

use std::sync::Arc;

use audit_pipeline::{source::Note, types::Failure};
use miro_source::runtime::{CallError, Limits};
use miro_source_tests::hostile;
use serde_json::json;

use crate::{
    ground::{Far, came, collect, network, reaching, source},
    raw::{Raw, Says, answer},
};

/// Asks for `url` where `allow` is granted and declared; how it ended, and how many requests left.
async fn ask(url: &str, allow: &[&str]) -> (String, usize) {
    let far = Arc::new(Far::default());
    let source = reaching(json!({"attack": "request", "url": url}), allow, Arc::clone(&far) as _, Limits::default()).await;
    let ended = match collect(&source).await {
        Ok(page) => came(&page),
        Err(why) => why.to_string(),
    };
    (ended, far.seen().len())
}

/// Asserts that a request is refused with exactly this text and that nothing left.
async fn refused(url: &str, allow: &[&str], why: &str) {
    assert_eq!(ask(url, allow).await, (why.to_owned(), 0), "{url} with {allow:?}");
}

#[tokio::test]
async fn i5_what_was_granted_is_reached() {
    assert_eq!(ask("https://granted.example/path", &["https://granted.example"]).await, ("status 200, 2 bytes".to_owned(), 1));
}

#[tokio::test]
async fn i5_an_origin_that_was_not_granted_is_refused_and_named() {
    for (url, named) in [
        ("https://evil.example/?data=stolen", "https://evil.example"),
        ("https://granted.example:8443/", "https://granted.example:8443"),
        ("https://sub.granted.example/", "https://sub.granted.example"),
        ("https://granted.example.evil.example/", "https://granted.example.evil.example"),
        ("https://granted.example./", "https://granted.example."),
    ] {
        let why =
            format!("the component asked for {named}, which `allow` of the source does not grant; if it should be reached, add it there");
        refused(url, &["https://granted.example"], &why).await;
    }
}

#[tokio::test]
async fn i5_an_origin_that_was_granted_but_not_declared_is_refused_and_named() {
    let far = Arc::new(Far::default());
    let plan = json!({"attack": "request", "url": "https://granted.example/", "origins": ["https://other.example"]});
    let allow = ["https://granted.example", "https://other.example"];
    let source = source(hostile::component().unwrap(), &plan, &allow, Arc::clone(&far) as _, Limits::default()).await;
    let ended = collect(&source).await.unwrap_err().to_string();
    let why = "the component broke its contract: the component asked for https://granted.example, which it does not declare for this configuration";
    assert_eq!((ended.as_str(), far.seen().len()), (why, 0));
}

#[tokio::test]
async fn i5_private_link_local_and_special_addresses_are_refused_even_where_they_were_granted() {
    for host in [
        "10.0.0.5",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "[fd00::1]",
        "[fe80::1]",
        "[::]",
        "[ff02::1]",
    ] {
        let origin = format!("https://{host}");
        let why = format!("{origin} is not on the public Internet: private, link-local or special addresses are never reached");
        refused(&format!("{origin}/latest/meta-data/"), &[&origin], &why).await;
    }
    // The same address in other spellings.
    for host in ["0x0a000005", "167772165", "012.0.0.5", "10.5"] {
        let why = "https://10.0.0.5 is not on the public Internet: private, link-local or special addresses are never reached";
        refused(&format!("https://{host}/"), &["https://10.0.0.5"], why).await;
    }
}

#[tokio::test]
async fn i5_an_ipv4_address_inside_an_ipv6_address_is_refused() {
    for (host, canonical) in [
        ("[::ffff:127.0.0.1]", "[::ffff:7f00:1]"),
        ("[::ffff:10.0.0.5]", "[::ffff:a00:5]"),
        ("[::127.0.0.1]", "[::7f00:1]"),
        ("[64:ff9b::10.0.0.5]", "[64:ff9b::a00:5]"),
        ("[64:ff9b:1::10.0.0.5]", "[64:ff9b:1::a00:5]"),
        ("[2002:a00:5::1]", "[2002:a00:5::1]"),
        ("[2001:0:4136:e378:8000:63bf:f5ff:fffa]", "[2001:0:4136:e378:8000:63bf:f5ff:fffa]"),
    ] {
        let origin = format!("https://{canonical}");
        let why = format!("{origin} is not on the public Internet: private, link-local or special addresses are never reached");
        refused(&format!("https://{host}/"), &[&origin], &why).await;
    }
}

#[tokio::test]
async fn i5_http_instead_of_https_is_refused() {
    refused("http://granted.example/", &["https://granted.example"], "the component asked for http://granted.example, which is not https")
        .await;
    let mapped = "the component asked for http://[::ffff:7f00:1]:8080, which is not https";
    refused("http://[::ffff:127.0.0.1]:8080/", &["http://127.0.0.1:8080"], mapped).await;
    let (ended, left) = ask("ftp://granted.example/", &["https://granted.example"]).await;
    assert_eq!((ended.as_str(), left), ("ErrorCode::HttpProtocolError", 0));
}

#[tokio::test]
async fn i5_a_user_in_the_address_is_refused() {
    let why = "the component broke its contract: the component asked for something that is not a plain URL of a host";
    refused("https://granted.example@evil.example/", &["https://granted.example"], why).await;
    refused("https://user:secret@granted.example/", &["https://granted.example"], why).await;
}

#[tokio::test]
async fn i5_methods_that_ask_for_a_tunnel_or_for_the_headers_back_are_refused() {
    for method in ["CONNECT", "TRACE", "TRACK", "PRI"] {
        let far = Arc::new(Far::default());
        let plan = json!({"attack": "request", "url": "https://granted.example/", "method": method});
        let source = reaching(plan, &["https://granted.example"], Arc::clone(&far) as _, Limits::default()).await;
        let ended = collect(&source).await.unwrap_err().to_string();
        let why = format!(
            "the component broke its contract: the component asked https://granted.example with the method {method}, which is not passed on"
        );
        assert_eq!((ended, far.seen().len()), (why, 0));
    }
}

#[tokio::test]
async fn i5_a_redirect_off_the_grant_is_not_followed() {
    let elsewhere = Raw::start(Says::Whole(answer("200 OK", "", "stolen"))).await;
    let to = format!("{}/steal", elsewhere.origin());
    for status in ["301 Moved Permanently", "302 Found", "303 See Other", "307 Temporary Redirect", "308 Permanent Redirect"] {
        let redirecting = Raw::start(Says::Whole(answer(status, &format!("location: {to}\r\n"), ""))).await;
        let origin = redirecting.origin();
        let plan = json!({"attack": "request", "url": format!("{origin}/")});
        let source = reaching(plan, &[&origin], network(), Limits::default()).await;
        let page = collect(&source).await.unwrap();
        // The answer is the component's to read, and that is all.
        assert_eq!(came(&page), format!("status {}, to {to}, 0 bytes", &status[..3]));
        // Where it goes there by itself, that is a request like any other.
        let plan = json!({"attack": "request", "url": to});
        let ended = collect(&reaching(plan, &[&origin], network(), Limits::default()).await).await.unwrap_err();
        assert!(matches!(&ended, CallError::Failed(Failure::Invalid(text)) if text.contains(&elsewhere.origin())), "{ended:?}");
    }
    assert_eq!(elsewhere.connections(), 0);
}

#[tokio::test]
async fn i5_thousands_of_requests_in_one_call_are_one() {
    let far = Arc::new(Far::default());
    let url = "https://granted.example/";
    let plan = json!({"attack": "requests", "url": url, "count": 5000});
    let source = reaching(plan, &["https://granted.example"], Arc::clone(&far) as _, Limits::default()).await;
    let page = collect(&source).await.unwrap();
    assert!(far.seen().len() <= 1, "{}", far.seen().len());
    // It went on as if nothing had happened: the operator hears of it all the same, once.
    let notes: Vec<_> =
        page.notes.iter().filter_map(|note| if let Note::Warning(text) = note { Some(text.as_str()) } else { None }).collect();
    assert_eq!(notes, ["the component asked for more than 1 requests in one call"]);
}

#[tokio::test]
async fn i7_a_request_body_without_end_is_not_sent() {
    let far = Arc::new(Far::default());
    let plan = json!({"attack": "request", "url": "https://granted.example/", "method": "POST", "size": 1_u64 << 30});
    let source = reaching(plan, &["https://granted.example"], Arc::clone(&far) as _, Limits::default()).await;
    let ended = collect(&source).await.unwrap_err().to_string();
    let why = "the component broke its contract: the component posted more than 1048576 bytes to https://granted.example";
    assert_eq!((ended.as_str(), far.seen().len()), (why, 0));
}
