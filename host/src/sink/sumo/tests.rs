//! The sink against a socket on this machine.

use std::{
    io::Read as _,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
    task::JoinHandle,
};

use super::*;
use crate::{
    config::{NetworkConfig, SecretRef},
    model::{Lane, Seq, SourceName},
    sink::Line,
};

/// Answers one connection after the other with these texts, and returns what it was asked.
async fn serve(answers: Vec<String>) -> (String, JoinHandle<Vec<Vec<u8>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/receiver/v1/http/SECRET", listener.local_addr().unwrap());
    let asked = tokio::spawn(async move {
        let mut asked = Vec::new();
        for answer in answers {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            while !complete(&request) {
                assert!(stream.read_buf(&mut request).await.unwrap() > 0);
            }
            asked.push(request);
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
        asked
    });
    (url, asked)
}

fn split(request: &[u8]) -> Option<(String, &[u8])> {
    let at = request.windows(4).position(|window| window == b"\r\n\r\n")?;
    Some((String::from_utf8(request.get(..at)?.to_vec()).unwrap().to_lowercase(), request.get(at + 4..)?))
}

fn complete(request: &[u8]) -> bool {
    let Some((head, body)) = split(request) else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).map_or(0, |length| length.parse().unwrap());
    body.len() >= length
}

fn http(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n{body}", body.len())
}

fn sink(url: SecretSource, token: Option<SecretSource>) -> SumoSink {
    // Another test may have been first.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap();
    let config = SumoConfig {
        url: SecretRef::Env("X".to_owned()),
        token: None,
        source_name: Some("acme".to_owned()),
        category: Some("miro".to_owned()),
        alert_category: None,
        host: None,
        fields: [("env".to_owned(), "prod".to_owned())].into(),
        batch_bytes: BATCH_BYTES,
        search: None,
    };
    SumoSink::new(client, &config, SumoSecrets { url, token }).unwrap()
}

fn secret(text: &str) -> SecretSource {
    let text = text.to_owned();
    Arc::new(move || Ok(text.clone().into()))
}

async fn deliver(sink: &mut SumoSink) -> Outcome {
    let source: SourceName = "acme".parse().unwrap();
    let line = |n: i64| Line { seq: Seq(n), action: "a".to_owned(), bytes: format!(r#"{{"id":"{n}"}}"#).into() };
    sink.deliver(Batch { source: &source, lane: Lane::Live, events: &[line(1), line(2)] }).await
}

#[tokio::test]
async fn a_batch_arrives_as_compressed_lines_with_its_headers() {
    let (url, asked) = serve(vec![http("200 OK", "", "")]).await;
    let mut sink = sink(secret(&url), Some(secret("TOKEN")));
    assert_eq!(deliver(&mut sink).await, Outcome::Accepted { warning: None });
    let asked = asked.await.unwrap();
    let (head, body) = split(asked.first().unwrap()).unwrap();
    assert!(head.starts_with("post /receiver/v1/http/secret http/1.1\r\n"), "{head}");
    for line in
        ["content-encoding: gzip", "x-sumo-client: miro-source", "x-sumo-name: acme", "x-sumo-fields: env=prod", "x-sumo-token: token"]
    {
        assert!(head.contains(line), "{head}");
    }
    let mut text = String::new();
    flate2::read::GzDecoder::new(body).read_to_string(&mut text).unwrap();
    assert_eq!(text, "{\"id\":\"1\"}\n{\"id\":\"2\"}\n");
}

#[tokio::test]
async fn i8_a_proxy_that_wants_credentials_calls_for_a_person() {
    let (url, _asked) = serve(vec![http("407 Proxy Authentication Required", "", "")]).await;
    let network = NetworkConfig { proxy: Some(url.parse::<url::Url>().unwrap().join("/").unwrap()), ..NetworkConfig::default() };
    let client = crate::egress::client::build(&network, crate::egress::Purpose::Sink).unwrap();
    let mut sink = sink(secret("https://sumo.example/receiver/v1/http/SECRET"), None);
    sink.client = client;
    let Outcome::Paused { reason } = deliver(&mut sink).await else { panic!("it is tried again as if it healed by itself") };
    assert!(reason.contains("(407)") && reason.contains("`proxy_password`") && !reason.contains("SECRET"), "{reason}");
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_the_secret_is_read_again_after_a_pause() {
    let answers =
        vec![http("302 Found", "location: http://127.0.0.1:9/\r\n", ""), http("401 Unauthorized", "", ""), http("200 OK", "", "")];
    let (url, asked) = serve(answers).await;
    let reads = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&reads);
    let source: SecretSource = Arc::new(move || {
        counted.fetch_add(1, Ordering::Relaxed);
        Ok(url.clone().into())
    });
    let mut sink = sink(source, None);
    for read in 1..=2 {
        let outcome = deliver(&mut sink).await;
        assert!(matches!(&outcome, Outcome::Paused { reason } if !reason.contains("SECRET")), "{outcome:?}");
        assert_eq!(reads.load(Ordering::Relaxed), read);
    }
    assert_eq!(deliver(&mut sink).await, Outcome::Accepted { warning: None });
    // Nobody listens any more: no pause, so no reading either.
    let outcome = deliver(&mut sink).await;
    assert!(matches!(&outcome, Outcome::Retry { reason, .. } if !reason.contains("SECRET")), "{outcome:?}");
    assert_eq!(reads.load(Ordering::Relaxed), 3);
    asked.await.unwrap();
    assert!(!format!("{sink:?}").contains("SECRET"));
}

#[tokio::test]
async fn i3_a_lost_or_foreign_answer_keeps_the_batch() {
    let torn = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc".to_owned();
    let (url, asked) = serve(vec![torn, http("200 OK", "", "<html>Sign in</html>"), String::new()]).await;
    let mut sink = sink(secret(&url), None);
    for _ in 0..3 {
        let outcome = deliver(&mut sink).await;
        assert!(matches!(&outcome, Outcome::Retry { ambiguous: true, reason, .. } if !reason.contains("SECRET")), "{outcome:?}");
    }
    asked.await.unwrap();
}

#[tokio::test]
async fn retry_after_is_honoured_and_a_check_delivers_nothing() {
    let (url, asked) = serve(vec![http("429 Too Many Requests", "retry-after: 7\r\n", "{}"), http("200 OK", "", "")]).await;
    let mut sink = sink(secret(&url), None);
    let outcome = deliver(&mut sink).await;
    assert!(matches!(outcome, Outcome::Retry { after: Some(after), ambiguous: false, .. } if after == Duration::from_secs(7)));
    sink.check().await.unwrap();
    let asked = asked.await.unwrap();
    assert!(asked.get(1).unwrap().starts_with(b"GET "));
}

#[test]
fn i5_no_message_about_the_url_shows_it() {
    for text in ["https://", "http://endpoint.sumologic.com/SECRET", "SECRET", "ftp://h/SECRET", "https://[::SECRET", "data:SECRET"] {
        let why = parse(text, None).err().unwrap().to_string();
        assert!(!why.contains("SECRET"), "{why}");
    }
    let why = parse("https://h/x", Some("SECRET\n\u{1}")).err().unwrap().to_string();
    assert!(!why.contains("SECRET"), "{why}");
}

#[test]
fn plain_http_reaches_only_this_machine() {
    for text in ["http://127.0.0.1:8080/x", "http://[::1]:1/x", "http://localhost/x", " https://e.sumologic.com/receiver/v1/http/x\n"] {
        assert!(parse(text, None).is_ok(), "{text}");
    }
    assert!(parse("http://10.0.0.1/x", None).is_err());
}
