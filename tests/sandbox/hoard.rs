//! Thousands of open requests, and what they could hold: memory of the host that no limit of the guest's counts.

use std::sync::Arc;

use miro_source::runtime::{CallError, Limits};
use serde_json::{Value, json};

use crate::ground::{Far, came, collect, reaching};

/// Opens so many requests of one kind, sends none; what came of it.
async fn open(kind: &str, count: usize, size: usize) -> Result<String, CallError> {
    let plan = json!({"attack": "open", "text": kind, "count": count, "size": size});
    let source = reaching(plan, &[], Arc::new(Far::default()), Limits::default()).await;
    collect(&source).await.map(|page| came(&page))
}

fn ran_out(ended: Result<String, CallError>) {
    let ended = ended.unwrap_err().to_string();
    assert!(ended.starts_with("the component stopped: resource table has no free keys"), "{ended}");
}

#[tokio::test]
async fn i7_thousands_of_open_requests_end_at_the_resources_of_a_call() {
    ran_out(open("", 5000, 0).await);
    // As many as fit are no attack.
    assert_eq!(open("", 200, 0).await.unwrap(), "200 open, 200 filled");
}

#[tokio::test]
async fn i7_thousands_of_answers_to_wait_for_end_at_the_resources_of_a_call() {
    let url = "https://granted.example/";
    let plan: Value = json!({"attack": "requests", "url": url, "count": 5000, "text": "keep"});
    let source = reaching(plan, &["https://granted.example"], Arc::new(Far::default()), Limits::default()).await;
    ran_out(collect(&source).await.map(|page| came(&page)));
}

#[tokio::test]
async fn i7_an_open_request_holds_no_gigantic_method_or_name() {
    // 200 of a megabyte each would be 200 MB of the host's own memory.
    assert_eq!(open("method", 200, 1_000_000).await.unwrap(), "200 open, 0 filled");
    assert_eq!(open("authority", 200, 1_000_000).await.unwrap(), "200 open, 0 filled");
    assert_eq!(open("path", 200, 1_000_000).await.unwrap(), "200 open, 0 filled");
    // What is in use passes.
    assert_eq!(open("method", 1, 7).await.unwrap(), "1 open, 1 filled");
    assert_eq!(open("authority", 1, 253).await.unwrap(), "1 open, 1 filled");
}

#[tokio::test]
async fn i7_the_headers_of_an_open_request_are_bounded() {
    // A kilobyte each, as many as go: 32 KiB for each request.
    let ended = open("fields", 10, 1024).await.unwrap_err().to_string();
    assert!(ended.starts_with("the component stopped: total size of fields exceeds limit"), "{ended}");
    // What is in use passes.
    assert_eq!(open("fields", 10, 20).await.unwrap(), "10 open, 210 filled");
}

#[tokio::test]
async fn i7_a_body_that_nobody_takes_holds_little() {
    // 64 KiB each, two of them for each request.
    assert_eq!(open("body", 50, 0).await.unwrap(), "50 open, 150 filled");
}
