use std::net::Ipv4Addr;

use tokio::net::TcpListener;

use super::*;
use crate::egress::{
    HttpTransport, Purpose, RequestLimits, Transport as _, client,
    exchange::exchange,
    probe::{Place, Probe, Speech},
};

/// What stands before an empty line, then `says`; what came.
async fn answers(says: &'static [u8]) -> (u16, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let served = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut came = Vec::new();
        while !came.ends_with(b"\r\n\r\n") {
            came.push(stream.read_u8().await.unwrap());
        }
        stream.write_all(says).await.unwrap();
        String::from_utf8(came).unwrap()
    });
    (port, served)
}

fn behind(port: u16) -> NetworkConfig {
    NetworkConfig { proxy: Some(format!("http://127.0.0.1:{port}").parse().unwrap()), ..NetworkConfig::default() }
}

fn bound(address: &str) -> NetworkConfig {
    NetworkConfig { bind: Some(address.parse().unwrap()), ..NetworkConfig::default() }
}

/// One that no machine has: it is for documentation.
const NOWHERE: &str = "192.0.2.1";

#[tokio::test]
async fn what_comes_right_behind_the_head_of_the_proxy_is_of_the_tunnel() {
    let (port, served) = answers(b"HTTP/1.1 200 Connection established\r\nvia: x\r\n\r\n220 mail.example\r\n").await;
    // A name that nobody knows: it is for the proxy to look up.
    let mut connection = Dialer::new(&behind(port)).unwrap().dial("mail.example", 587).await.unwrap();
    let mut greeting = String::new();
    connection.read_to_string(&mut greeting).await.unwrap();
    assert_eq!(greeting, "220 mail.example\r\n");
    assert_eq!(served.await.unwrap(), "CONNECT mail.example:587 HTTP/1.1\r\nHost: mail.example:587\r\n\r\n");
}

#[tokio::test]
async fn a_proxy_that_opens_no_tunnel_is_told_by_what_it_said() {
    let refused = |says: &'static [u8]| async move {
        let (port, _served) = answers(says).await;
        let why = Dialer::new(&behind(port)).unwrap().dial("mail.example", 25).await.unwrap_err();
        (why.needs_person(), why.to_string().replace(&port.to_string(), "P"))
    };
    let (person, why) = refused(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n").await;
    assert!(person && why.contains("127.0.0.1:P wants credentials (407)") && why.contains("`proxy_password`"), "{why}");
    let (person, why) = refused(b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n").await;
    assert!(!person && why.contains("a tunnel to mail.example (it answered 502)"), "{why}");
    for broken in [&b"SSH-2.0-OpenSSH_9.6\r\n\r\n"[..], b"HTTP/1.1 20\r\n\r\n", b"HTTP/1.1 2000 ok\r\n\r\n", b"HTTP/2 200 ok\r\n\r\n"] {
        assert!(refused(broken).await.1.contains("something that is not HTTP"));
    }
    assert!(refused(b"HTTP/1.1 200 OK\r\n").await.1.contains("it hangs up"));
    let endless: &'static [u8] = Box::leak(vec![b'x'; 2 * HEAD].into_boxed_slice());
    assert!(refused(endless).await.1.contains("something that is not HTTP"));
}

#[tokio::test]
async fn this_machine_is_reached_past_the_proxy() {
    let (port, served) = answers(b"straight").await;
    let mut connection = Dialer::new(&behind(9)).unwrap().dial("127.0.0.1", port).await.unwrap();
    connection.write_all(b"\r\n\r\n").await.unwrap();
    let mut said = String::new();
    connection.read_to_string(&mut said).await.unwrap();
    assert_eq!((said.as_str(), served.await.unwrap().as_str()), ("straight", "\r\n\r\n"));
}

#[tokio::test]
async fn a_connection_leaves_from_the_address_it_is_bound_to() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let _dialed = Dialer::new(&bound("127.0.0.9")).unwrap().dial("127.0.0.1", port).await.unwrap();
    assert_eq!(listener.accept().await.unwrap().1.ip().to_string(), "127.0.0.9");
    // And so does what the HTTP clients open.
    let asking = client::build(&bound("127.0.0.8"), Purpose::Sink).unwrap().get(format!("http://127.0.0.1:{port}/"));
    let asking = tokio::spawn(async move { drop(asking.send().await) });
    assert_eq!(listener.accept().await.unwrap().1.ip().to_string(), "127.0.0.8");
    asking.abort();
}

#[tokio::test]
async fn an_address_that_is_not_of_this_machine_yet_is_told_and_waited_for_and_one_of_the_other_family_needs_a_person() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let why = Dialer::new(&bound(NOWHERE)).unwrap().dial("127.0.0.1", port).await.unwrap_err();
    assert!(!why.needs_person() && why.to_string() == unbound(NOWHERE.parse().unwrap()), "{why}");
    let why = Dialer::new(&bound("::1")).unwrap().dial("127.0.0.1", port).await.unwrap_err();
    assert!(why.needs_person() && why.to_string().contains("the other IP version"), "{why}");
    let asked = exchange(client::build(&bound(NOWHERE), Purpose::Sink).unwrap().get(format!("http://127.0.0.1:{port}/s3cret"))).await;
    let lost = asked.unwrap_err();
    assert!(!lost.sent && !lost.person && lost.reason.starts_with("`bind` in [network] is no address of this machine"), "{lost:?}");
    let request = http::Request::get(format!("http://127.0.0.1:{port}/")).body(bytes::Bytes::new()).unwrap();
    let why = HttpTransport::new(&bound(NOWHERE)).unwrap().send(request, &RequestLimits::default()).await.err().unwrap();
    assert!(!why.may_have_been_sent() && why.to_string().contains("`bind` in [network]"), "{why}");
}

#[tokio::test]
async fn what_a_proxy_refuses_an_http_client_is_told_as_what_to_mend() {
    for (says, mend) in [
        (&b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n"[..], "`proxy_password`"),
        (b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n", "`no_proxy` of [network]"),
    ] {
        let (port, _served) = answers(says).await;
        let lost = exchange(client::build(&behind(port), Purpose::Sink).unwrap().get("https://sumo.example/")).await.unwrap_err();
        assert!(!lost.sent && lost.reason.contains(mend), "{lost:?}");
        assert_eq!(lost.person, mend == "`proxy_password`", "{lost:?}");
    }
}

#[tokio::test]
async fn what_is_not_in_tls_is_looked_at_through_the_proxy_as_it_is_sent() {
    let place = Place { host: "otel.corp".to_owned(), port: 4318, speech: Speech::Http };
    for (says, seen) in [
        (&b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"[..], Ok(404)),
        (b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n", Err("wants credentials (407)")),
        // It may be the host that wants to know who asks.
        (b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n", Ok(403)),
        (b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n", Err(", or the host behind it, answers 503")),
    ] {
        let (port, served) = answers(says).await;
        let look = Probe::new(&behind(port)).unwrap().look(&place, Purpose::Sink).await;
        match (look.answer, seen) {
            (Ok(status), Ok(seen)) => assert_eq!(status, seen),
            (Err(why), Err(seen)) => assert!(why.contains(seen), "{why}"),
            (answer, seen) => panic!("{answer:?}, not {seen:?}"),
        }
        assert!(served.await.unwrap().starts_with("HEAD http://otel.corp:4318/ HTTP/1.1\r\nhost: otel.corp:4318\r\n"));
    }
}
