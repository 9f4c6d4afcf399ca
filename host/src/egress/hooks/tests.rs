use futures_util::future::BoxFuture;
use http_body_util::{Full, StreamBody};

use super::*;

/// Answers every request with a body of that many pieces of a kilobyte, and remembers the requests.
struct Far {
    pieces: usize,
    seen: Mutex<Vec<http::Request<Bytes>>>,
}

impl Transport for Far {
    fn send(&self, request: http::Request<Bytes>, _: &RequestLimits) -> BoxFuture<'static, Result<Answer, TransportError>> {
        self.seen.lock().unwrap().push(request);
        let pieces = (0..self.pieces).map(|_| Ok(Frame::data(Bytes::from_static(&[b'x'; 1024]))));
        let body = StreamBody::new(futures_util::stream::iter(pieces)).boxed_unsync();
        Box::pin(std::future::ready(Ok(http::Response::new(body))))
    }
}

fn gate(far: &Arc<Far>, requests: u32) -> Gate {
    let grant = Arc::new(Grant::new(["https://api.miro.com".parse().unwrap()]));
    let limits = RequestLimits { answer_body: 10 * 1024, request_body: 100, ..RequestLimits::default() };
    Gate::new(Arc::clone(far) as Arc<dyn Transport>, Arc::clone(&grant), grant, limits, requests)
}

fn far(pieces: usize) -> Arc<Far> {
    Arc::new(Far { pieces, seen: Mutex::default() })
}

async fn ask(gate: &mut Gate, url: &str, body: &'static [u8]) -> Result<http::Response<WasiBody>, Error> {
    let body = Full::new(Bytes::from_static(body)).map_err(|never| match never {}).boxed_unsync();
    let request = http::Request::post(url).header("host", "evil.example").header("content-length", "7").body(body).unwrap();
    let sending = gate.send_request(request, None, Box::new(std::future::ready(Ok(()))));
    Pin::from(sending).await.map(|(answer, _)| answer)
}

#[tokio::test]
async fn i5_an_origin_that_was_not_granted_is_refused_and_named() {
    let far = far(1);
    let mut gate = gate(&far, 8);
    let refused = ask(&mut gate, "https://evil.example/path?token=secret", b"").await;
    assert!(matches!(refused, Err(Error::HttpRequestDenied)), "{refused:?}");
    let told = gate.passage().refusal().unwrap().to_string();
    assert!(told.contains("https://evil.example") && !told.contains("secret") && !told.contains("path"), "{told}");
    assert!(far.seen.lock().unwrap().is_empty() && !gate.passage().anything_sent());
}

#[tokio::test]
async fn i5_the_host_header_says_where_the_request_goes() {
    let far = far(1);
    let mut gate = gate(&far, 1);
    ask(&mut gate, "https://api.miro.com/v2", b"a=b").await.unwrap();
    let seen = far.seen.lock().unwrap();
    assert_eq!(seen[0].uri(), "https://api.miro.com/v2");
    assert!(!seen[0].headers().contains_key("host") && !seen[0].headers().contains_key("content-length"));
    assert_eq!(seen[0].body().as_ref(), b"a=b");
    assert!(gate.passage().anything_sent());
}

#[tokio::test]
async fn a_call_makes_no_more_requests_than_it_may() {
    let far = far(1);
    let mut gate = gate(&far, 1);
    ask(&mut gate, "https://api.miro.com/", b"").await.unwrap();
    assert!(ask(&mut gate, "https://api.miro.com/", b"").await.is_err());
    assert_eq!(gate.passage().refusal(), Some(Refusal::TooMany(1)));
    assert_eq!(far.seen.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn i7_a_body_past_its_cap_ends_with_an_error() {
    let far = far(11);
    let answer = ask(&mut gate(&far, 1), "https://api.miro.com/", b"").await.unwrap();
    let ended = answer.into_body().collect().await;
    assert!(matches!(ended, Err(Error::HttpResponseBodySize(Some(10240)))), "{ended:?}");
}

#[tokio::test]
async fn i7_a_body_up_to_its_cap_comes_whole() {
    let answer = ask(&mut gate(&far(10), 1), "https://api.miro.com/", b"").await.unwrap();
    assert_eq!(answer.into_body().collect().await.unwrap().to_bytes().len(), 10 * 1024);
}

#[tokio::test]
async fn i7_a_request_body_past_its_cap_is_not_sent() {
    let far = far(1);
    let mut gate = gate(&far, 1);
    assert!(ask(&mut gate, "https://api.miro.com/", &[b'x'; 101]).await.is_err());
    assert!(far.seen.lock().unwrap().is_empty() && !gate.passage().anything_sent());
}

#[tokio::test]
async fn a_body_that_stalls_ends_with_an_error() {
    let never = StreamBody::new(futures_util::stream::pending::<Result<Frame<Bytes>, TransportError>>()).boxed_unsync();
    let ended = Capped::new(never, &RequestLimits { between_bytes: Duration::from_millis(1), ..RequestLimits::default() }).collect().await;
    assert!(matches!(ended, Err(Error::HttpResponseTimeout)), "{ended:?}");
}

#[test]
fn i5_headers_of_a_hop_are_forbidden() {
    let filter = gate(&far(1), 1).forbidden_header_filter();
    for name in ["host", "connection", "transfer-encoding", "upgrade", "proxy-authorization", "te", "trailer", "expect"] {
        assert!(filter(&HeaderName::from_static(name)), "{name}");
    }
    for name in ["authorization", "accept", "content-type", "content-length"] {
        assert!(!filter(&HeaderName::from_static(name)), "{name}");
    }
}
