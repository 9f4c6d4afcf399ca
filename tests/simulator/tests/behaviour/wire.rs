//! The same over real sockets: what the other end of a connection sees.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::sync::Arc;

use simulator::{Endpoint, Fault, Rule, Server, World};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::desk::{FROM, LATER, TO, drain, lines, query, world};

/// What came over the wire, and whether the connection ended in order.
struct Seen {
    text: String,
    length: usize,
    reset: bool,
}

async fn send(url: &str, request: String) -> Seen {
    let mut stream = TcpStream::connect(url.trim_start_matches("http://")).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let (mut all, mut piece) = (Vec::new(), vec![0; 1 << 16]);
    let mut length = 0;
    let reset = loop {
        match stream.read(&mut piece).await {
            Ok(0) => break false,
            Ok(read) => {
                length += read;
                if all.len() < 1 << 20 {
                    all.extend_from_slice(&piece[..read]);
                }
            }
            Err(_) => break true,
        }
    };
    Seen { text: String::from_utf8_lossy(&all).into_owned(), length, reset }
}

async fn served(events: usize) -> (World, Server, String) {
    let world = world(events);
    let server = Server::start(world.clone(), Arc::new(|| LATER)).await.unwrap();
    let token = world.issue_static();
    let request = format!(
        "GET /v2/audit/logs?{} HTTP/1.1\r\nhost: miro\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\r\n",
        query(FROM, TO, 100, None)
    );
    (world, server, request)
}

#[tokio::test]
async fn a_page_and_a_batch_go_over_real_sockets() {
    let (world, server, request) = served(20).await;
    let seen = send(&server.miro_url, request).await;
    assert!(
        seen.text.starts_with("HTTP/1.1 200") && seen.text.contains("x-ratelimit-remaining") && seen.text.ends_with("]}"),
        "{}",
        seen.text
    );
    let body = lines(&drain(&world, &world.issue_static(), (FROM, TO), 100, LATER));
    let (origin, path) = server.sumo_url.split_at(server.sumo_url.find("/receiver").unwrap());
    let post = format!("POST {path} HTTP/1.1\r\nhost: sumo\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len());
    assert!(send(origin, post).await.text.starts_with("HTTP/1.1 200"));
    let account = world.account(LATER);
    assert_eq!((account.accepted, account.lost, account.violations.len()), (20, 0, 0));
    server.stop().await;
}

#[tokio::test]
async fn each_delivery_looks_on_the_wire_as_it_says() {
    let (world, server, request) = served(20).await;
    for (fault, check) in [
        (Fault::Reset, (|seen| seen.length == 0 && seen.reset) as fn(&Seen) -> bool),
        (Fault::Lost, |seen| seen.length == 0 && seen.reset),
        (Fault::Truncate { after: 40 }, |seen| seen.text.contains("cursor-list") && !seen.text.contains("]}")),
        (Fault::Delay { ms: 1 }, |seen| seen.text.ends_with("]}") && !seen.reset),
        (Fault::Slow { chunk: 4_000, pause_ms: 1 }, |seen| seen.text.ends_with("]}") && !seen.reset),
        (Fault::Oversize { bytes: 3 << 20 }, |seen| seen.length > 3 << 20 && !seen.reset),
        (Fault::Html, |seen| seen.text.ends_with("</html>")),
        (Fault::Status { status: 502, body: None, retry_after: None }, |seen| seen.text.starts_with("HTTP/1.1 502")),
    ] {
        world.add_rule(Rule::new(Endpoint::Audit, fault.clone()).once());
        let seen = send(&server.miro_url, request.clone()).await;
        if !check(&seen) {
            panic!("{fault:?}: {} bytes, reset {}: {}", seen.length, seen.reset, seen.text);
        }
    }
    assert_eq!(world.account(LATER).requests, 8);
    server.stop().await;
}

#[tokio::test]
async fn a_sender_that_gave_up_waiting_does_not_count_as_a_second_one() {
    let (world, server, _) = served(0).await;
    world.add_rule(Rule::new(Endpoint::Sumo, Fault::Delay { ms: 3_600_000 }).once());
    let (origin, path) = server.sumo_url.split_at(server.sumo_url.find("/receiver").unwrap());
    let post = format!("POST {path} HTTP/1.1\r\nhost: sumo\r\ncontent-length: 3\r\nconnection: close\r\n\r\n{{}}\n");
    let mut first = TcpStream::connect(origin.trim_start_matches("http://")).await.unwrap();
    first.write_all(post.as_bytes()).await.unwrap();
    while world.calls().is_empty() {
        tokio::task::yield_now().await;
    }
    drop(first);
    assert!(send(origin, post).await.text.starts_with("HTTP/1.1 200"));
    assert_eq!((world.account(LATER).sumo_posts, world.account(LATER).violations.len()), (2, 0));
    server.stop().await;
}

#[tokio::test]
async fn the_control_door_sets_rules_events_and_settings_and_shows_the_account() {
    let (world, server, request) = served(0).await;
    let call = async |method: &str, path: &str, body: &str| {
        let request = format!("{method} {path} HTTP/1.1\r\nhost: c\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        send(&server.control_url, request).await.text
    };
    let rule = r#"{"on":["audit"],"fault":{"kind":"status","status":500},"times":1}"#;
    assert!(call("POST", "/rules", rule).await.contains("{\"id\":1}"));
    assert!(send(&server.miro_url, request.clone()).await.text.starts_with("HTTP/1.1 500"));
    assert!(call("GET", "/rules", "").await.contains("\"struck\":1"));
    assert!(call("POST", "/rules", "{}").await.starts_with("HTTP/1.1 400"));
    assert!(call("POST", "/events", &format!(r#"{{"created":{FROM},"name":"board_shared"}}"#)).await.contains("-DDB"));
    assert!(call("GET", "/account", "").await.contains("\"held\":1"));
    assert!(call("POST", "/settings", r#"{"miro":{"last_page":"empty_page"}}"#).await.contains("\"max_limit\":100"));
    assert!(send(&server.miro_url, request).await.text.contains("\"cursor\":"));
    assert!(call("POST", "/settings", r#"{"miro":{"no_such":1}}"#).await.starts_with("HTTP/1.1 400"));
    assert!(call("GET", "/nowhere", "").await.starts_with("HTTP/1.1 404"));
    assert_eq!(world.account(LATER).held, 1);
    server.stop().await;
}

#[tokio::test]
async fn entra_graph_and_scim_go_over_real_sockets_and_the_control_door_tells_what_was_done() {
    let (world, server, _) = served(0).await;
    let (app, tenant) = (world.app(), world.tenant());
    let form = format!(
        "grant_type=client_credentials&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default&client_id={}&client_secret={}",
        app.client_id, app.secrets[0].value
    );
    let ask = async |url: &str, head: String, body: &str| {
        send(
            url,
            format!(
                "{head} HTTP/1.1\r\nhost: here\r\nconnection: close\r\ncontent-length: {}\r\n{body}",
                body.split_once("\r\n\r\n").unwrap().1.len()
            ),
        )
        .await
        .text
    };
    let kind = "content-type: application/x-www-form-urlencoded\r\n\r\n";
    let granted = ask(&server.entra_url, format!("POST /{tenant}/oauth2/v2.0/token"), &format!("{kind}{form}")).await;
    let token = granted.split("\"access_token\":\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let plain = world.played(simulator::Part::Plain).unwrap().person.unwrap();
    let bearer = format!("authorization: Bearer {token}\r\n\r\n");
    let revoked = ask(&server.graph_url, format!("POST /v1.0/users/{}/revokeSignInSessions", plain.id), &bearer).await;
    assert!(revoked.starts_with("HTTP/1.1 200") && revoked.contains("request-id: "), "{revoked}");
    let scim = format!("authorization: Bearer {}\r\n\r\n", world.scim_token());
    let (origin, path) = server.scim_url.split_at(server.miro_url.len());
    assert!(ask(origin, format!("GET {path}/Users?count=1"), &scim).await.contains("\"totalResults\":"));
    let control = async |head: &str, body: &str| ask(&server.control_url, head.to_owned(), &format!("accept: */*\r\n\r\n{body}")).await;
    let effects = control("GET /effects", "").await;
    assert!(effects.contains("\"done\":\"signed_out\"") && effects.contains(&plain.id), "{effects}");
    assert!(control("GET /played/plain", "").await.contains(&plain.id));
    assert!(control(&format!("POST /people/{}", plain.id), "{\"mail\":\"new@acme.example\"}").await.starts_with("HTTP/1.1 200"));
    assert!(control(&format!("POST /people/{}/depart", plain.id), "{\"departure\":\"deleted\"}").await.starts_with("HTTP/1.1 200"));
    assert!(!control("GET /people", "").await.contains(&format!("\"id\":\"{}\"", plain.id)));
    assert!(control("POST /apps", "{\"client_id\":\"mine\",\"permissions\":[\"Mail.Send\"]}").await.starts_with("HTTP/1.1 200"));
    assert!(world.grant("mine", LATER).is_some());
    server.stop().await;
}
