//! Far sides that drip, or never end. The component waits and reads as long as it is let.

use std::time::Duration;

use miro_source::{
    egress::RequestLimits,
    runtime::{CallError, Limits},
};
use serde_json::json;

use crate::{
    ground::{collect, network, reaching},
    raw::{Raw, Says},
};

const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n";

/// How a call ends that reads from such a far side.
async fn read(says: Says, limits: Limits) -> CallError {
    let raw = Raw::start(says).await;
    let origin = raw.origin();
    let source = reaching(json!({"attack": "request", "url": format!("{origin}/")}), &[&origin], network(), limits).await;
    let ended = collect(&source).await.unwrap_err();
    assert_eq!(raw.connections(), 1);
    ended
}

/// So long that whatever comes at all comes within it, however busy this machine is; and no longer, since these tests wait for its end.
const WAIT: Duration = Duration::from_secs(2);

/// A request has so long for this, and a call and all else what they have in earnest.
fn request(limits: RequestLimits) -> Limits {
    Limits { request: limits, ..Limits::default() }
}

/// Until the head of an answer is there, the connection included.
fn head() -> Limits {
    request(RequestLimits { connect: WAIT / 2, first_byte: WAIT / 2, ..RequestLimits::default() })
}

#[tokio::test]
async fn i7_an_answer_that_drips_ends_with_the_time_of_the_call() {
    // Often enough for the patience between two pieces, and too little for the cap on the body.
    let drip = Says::Drip(format!("{HEAD}transfer-encoding: chunked\r\n\r\n"), b"1\r\nx\r\n");
    let ended = read(drip, Limits { time: WAIT, ..Limits::default() }).await;
    assert!(matches!(ended, CallError::TimedOut), "{ended:?}");
    assert_eq!(ended.to_string(), "the component took too long");
}

#[tokio::test]
async fn i7_an_answer_that_stalls_ends_with_the_patience_between_two_pieces() {
    let stall = Says::Nothing(format!("{HEAD}content-length: 100\r\n\r\n0123456789"));
    let ended = read(stall, request(RequestLimits { between_bytes: WAIT, ..RequestLimits::default() })).await;
    assert_eq!(ended.to_string(), "the body broke off after 10 bytes");
}

#[tokio::test]
async fn i7_a_head_that_never_ends_ends_with_its_time() {
    let ended = read(Says::Nothing("HTTP/1.1 200 OK\r\ncontent-".into()), head()).await;
    assert_eq!(ended.to_string(), "ErrorCode::HttpResponseTimeout");
}

#[tokio::test]
async fn i7_a_head_of_endless_lines_ends_at_its_size() {
    let ended = read(Says::Endless(HEAD.into(), b"x-more: and more and more and more\r\n".to_vec()), Limits::default()).await;
    assert_eq!(ended.to_string(), "ErrorCode::ConnectionTerminated");
}

#[tokio::test]
async fn i7_one_header_of_100_kb_is_too_much() {
    let head = format!("{HEAD}x-large: {}\r\ncontent-length: 0\r\n\r\n", "x".repeat(100_000));
    let ended = read(Says::Nothing(head), Limits::default()).await;
    assert_eq!(ended.to_string(), "ErrorCode::HttpResponseHeaderSectionSize(Some(65536))");
}

#[tokio::test]
async fn i7_answers_that_only_announce_another_end_with_the_time_of_the_head() {
    let ended = read(Says::Endless(String::new(), b"HTTP/1.1 100 Continue\r\n\r\n".to_vec()), head()).await;
    assert_eq!(ended.to_string(), "ErrorCode::HttpResponseTimeout");
}

#[tokio::test]
async fn i7_a_body_without_end_ends_at_its_cap() {
    for head in [
        // Until the far side hangs up, which it does not.
        (format!("{HEAD}\r\n"), vec![b'x'; 1 << 16]),
        (format!("{HEAD}content-length: 999999999999999\r\n\r\n"), vec![b'x'; 1 << 16]),
        (format!("{HEAD}transfer-encoding: chunked\r\n\r\n"), [b"10000\r\n".as_slice(), &[b'x'; 1 << 16], b"\r\n"].concat()),
    ] {
        let ended = read(Says::Endless(head.0, head.1), Limits::default()).await.to_string();
        let read: usize = ended.strip_prefix("the body broke off after ").unwrap().strip_suffix(" bytes").unwrap().parse().unwrap();
        assert!(read <= 16 << 20, "{ended}");
    }
}
