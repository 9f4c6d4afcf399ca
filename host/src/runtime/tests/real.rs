//! The Miro component as it is built in.

use std::io::{Read as _, Write as _};

use audit_pipeline::{
    source::{RefreshFailure, Span},
    types::{Credentials, Failure},
};

use super::*;
use crate::{config::NetworkConfig, egress::HttpTransport, model::Instant};

/// 2024-06-01T00:00:00Z
const NOW: Instant = Instant(1_717_200_000_000);
const MIRO: &str = "https://api.miro.com";

fn miro() -> Vec<u8> {
    Runtime::builtin("miro").unwrap().to_vec()
}

#[tokio::test]
async fn i5_the_miro_component_imports_http_and_nothing_else() {
    let generation = runtime(None, far(200, ""), Limits::default()).load(miro()).await.unwrap();
    assert_eq!(
        generation.imports(),
        [
            "audit:pipeline/types@0.1.0",
            "wasi:http/outgoing-handler@0.2.12",
            "wasi:http/types@0.2.12",
            "wasi:io/error@0.2.12",
            "wasi:io/poll@0.2.12",
            "wasi:io/streams@0.2.12",
        ]
    );
}

#[tokio::test]
async fn it_describes_itself_and_declares_where_it_goes() {
    let runtime = runtime(None, far(200, ""), Limits::default());
    let source = source(&runtime, miro(), "{}", &[]).await;
    assert_eq!(source.describe().await.unwrap().name, "miro");
    assert!(source.origins().await.unwrap().contains(&MIRO.to_owned()));
}

/// A network without a way out.
struct Cut(TransportError);

impl Transport for Cut {
    fn send(&self, _: http::Request<Bytes>, _: &RequestLimits) -> BoxFuture<'static, Result<Answer, TransportError>> {
        Box::pin(std::future::ready(Err(self.0.clone())))
    }
}

#[tokio::test]
async fn i4_what_is_to_be_mended_in_the_network_is_said_where_the_component_knows_only_a_code() {
    let mend = "the proxy wants credentials (407): put its user into `proxy` of [network]";
    for fault in [TransportError::Unreachable(mend.to_owned()), TransportError::Tls(mend.to_owned())] {
        let runtime = runtime(None, Arc::new(Cut(fault)), Limits::default());
        let source = source(&runtime, miro(), r#"{"client_id":"1"}"#, &[MIRO]).await;
        let checkpoint = source.begin(Span::Live(NOW.0), NOW).await.unwrap();
        let ended = source.collect("secret-token", &checkpoint, NOW).await.unwrap_err();
        let CallError::Failed(Failure::Unavailable(text)) = &ended else { panic!("{ended:?}") };
        assert!(text.contains("Miro") && text.contains(mend), "{text}");
        let credentials = Credentials { access_token: "a".into(), refresh_token: Some("r".into()), expires_at: None };
        let secrets = [("client_secret".to_owned(), "s".to_owned())];
        let ended = source.refresh(&secrets, &credentials, NOW).await.unwrap_err();
        let RefreshError::Refused(RefreshFailure::Unsent(Failure::Unavailable(text))) = &ended else { panic!("{ended:?}") };
        assert!(text.contains(mend), "{text}");
    }
}

#[tokio::test]
async fn i5_an_origin_that_was_not_granted_is_named_and_nothing_leaves() {
    let far = far(200, "{}");
    let runtime = runtime(None, Arc::clone(&far) as Arc<dyn Transport>, Limits::default());
    let source = source(&runtime, miro(), "{}", &["https://elsewhere.example"]).await;
    let checkpoint = source.begin(Span::Live(NOW.0), NOW).await.unwrap();
    let ended = source.collect("secret-token", &checkpoint, NOW).await.unwrap_err();
    let CallError::Failed(Failure::Invalid(text)) = &ended else { panic!("{ended:?}") };
    assert!(text.contains(MIRO) && text.contains("allow"), "{text}");
    assert!(!text.contains("secret-token"), "{text}");
    assert!(far.seen.lock().unwrap().is_empty());
    let credentials = Credentials { access_token: "a".into(), refresh_token: Some("r".into()), expires_at: None };
    let secrets = [("client_secret".to_owned(), "s".to_owned())];
    let ended = source.refresh(&secrets, &credentials, NOW).await.unwrap_err();
    assert!(matches!(ended, RefreshError::Refused(RefreshFailure::Unsent(Failure::Invalid(_)))), "{ended:?}");
}

#[tokio::test]
async fn a_refused_token_comes_out_as_expired() {
    let body = r#"{"status":401,"code":"tokenNotProvided","message":"No authorization","type":"error"}"#;
    let runtime = runtime(None, far(401, body), Limits::default());
    let source = source(&runtime, miro(), "{}", &[MIRO]).await;
    let checkpoint = source.begin(Span::Live(NOW.0), NOW).await.unwrap();
    let ended = source.collect("t", &checkpoint, NOW).await.unwrap_err();
    assert!(matches!(ended, CallError::Failed(Failure::Expired)), "{ended:?}");
}

#[tokio::test]
async fn a_page_comes_through_a_real_socket() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        let mut head = Vec::new();
        let mut byte = [0; 1];
        while !head.ends_with(b"\r\n\r\n") {
            socket.read_exact(&mut byte).unwrap();
            head.extend_from_slice(&byte);
        }
        let event = r#"{"id":"3458764517","event":"sign_in_succeeded","category":"authentication","createdAt":"2024-05-31T23:59:00.000+0000","createdBy":{"type":"user","id":"1","name":"Ann","email":"Ann@example.com"},"context":{"ip":"1.1.1.1"},"details":{}}"#;
        let body = format!(r#"{{"type":"cursor-list","limit":100,"size":1,"data":[{event}]}}"#);
        let answer = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ndate: Sat, 01 Jun 2024 00:00:00 GMT\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        socket.write_all(answer.as_bytes()).unwrap();
        String::from_utf8(head).unwrap()
    });
    let transport = Arc::new(HttpTransport::new(&NetworkConfig::default()).unwrap());
    let runtime = runtime(None, transport, Limits::default());
    let config = serde_json::json!({ "api_url": origin }).to_string();
    let source = source(&runtime, miro(), &config, &[&origin]).await;
    let checkpoint = source.begin(Span::Live(NOW.0), NOW).await.unwrap();
    let page = source.collect("the-token", &checkpoint, NOW).await.unwrap();
    let head = server.join().unwrap();
    assert!(head.starts_with("GET /v2/audit/logs?"), "{head}");
    assert!(head.to_ascii_lowercase().contains("authorization: bearer the-token"), "{head}");
    assert_eq!(head.to_ascii_lowercase().matches("host:").count(), 1, "{head}");
    assert_eq!(page.events.len(), 1, "{:?}", page.notes);
    assert_eq!(page.events[0].id, "3458764517");
}

/// What a host cannot read is nested in one event, and everything after it is collected all the same.
#[tokio::test]
async fn i8_an_event_nested_deeper_than_can_be_read_fails_no_page() {
    let at = r#""event":"board_opened","createdAt":"2024-05-31T23:59:00.000+0000""#;
    let deep = format!(r#"{{"id":"7",{at},"details":{}{}}}"#, "[".repeat(130), "]".repeat(130));
    let body = format!(r#"{{"type":"cursor-list","limit":100,"size":2,"data":[{deep},{{"id":"8",{at}}}]}}"#);
    let runtime = runtime(None, far(200, body.leak()), Limits::default());
    let source = source(&runtime, miro(), "{}", &[MIRO]).await;
    let checkpoint = source.begin(Span::Live(NOW.0), NOW).await.unwrap();
    let page = source.collect("t", &checkpoint, NOW).await.unwrap();
    assert_eq!(page.events.iter().map(|event| event.id.as_str()).collect::<Vec<_>>(), ["7", "8"]);
    let records: Vec<String> = page.events.into_iter().map(|event| event.record).collect();
    assert!(source.ocsf(records).await.unwrap().iter().all(Result::is_ok));
}

/// Not a promise, only a measurement: run with `--ignored --nocapture`.
#[tokio::test]
#[ignore = "prints how long a call takes"]
async fn overhead_of_a_call() {
    let runtime = runtime(None, far(200, ""), Limits::default());
    let source = source(&runtime, miro(), "{}", &[MIRO]).await;
    source.describe().await.unwrap();
    let began = std::time::Instant::now();
    for _ in 0..1000 {
        source.begin(Span::Live(NOW.0), NOW).await.unwrap();
    }
    println!("begin: {:?} a call", began.elapsed() / 1000);
}
