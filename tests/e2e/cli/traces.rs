//! What a collector of traces gets: the real binary, real sockets.

use miro_source_tests::{
    host::Host,
    network::loopback,
    stage::{Recipe, Token},
};
use simulator::Traced;

use super::Desk;

/// A desk whose host traces to that endpoint.
async fn open(endpoint: impl FnOnce(&Desk) -> String) -> Desk {
    let desk = Desk::with(Recipe { token: Token::Rotating, ..Recipe::default() }).await;
    let endpoint = endpoint(&desk);
    let secret = desk.stage.secret("otlp", "Bearer t0ken-of-the-collector").unwrap();
    desk.edit(|text| {
        format!(
            "{text}\n[telemetry]\nendpoint = \"{endpoint}\"\nheaders = {{ Authorization = {{ file = {secret:?} }} }}\n\
             attributes = {{ \"deployment.environment.name\" = \"test\" }}\n"
        )
    });
    desk
}

/// Of those, the parts of one.
fn parts<'a>(spans: &'a [Traced], of: &Traced) -> Vec<&'a Traced> {
    spans.iter().filter(|span| span.trace == of.trace && span.parent.as_deref() == Some(&of.span)).collect()
}

fn one<'a>(spans: &[&'a Traced], name: &str) -> &'a Traced {
    let found: Vec<_> = spans.iter().filter(|span| span.name == name).collect();
    assert_eq!(found.len(), 1, "{name} in {spans:#?}");
    found[0]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i5_a_polls_trace_is_whole_its_delivery_is_linked_to_it_and_neither_holds_a_secret_or_a_person() {
    let desk = open(|desk| desk.stage.server.collector_url.clone()).await;
    let checked = desk.ends(0, &["check"]).await;
    assert!(checked.said().contains("takes traces"), "{}", checked.said());
    assert_eq!(desk.world.collected().empty, 1, "`check` brings no trace");
    let host: Host = desk.settled().await;
    let log = host.log();
    assert!(host.terminate().unwrap().success());
    let got = desk.world.collected();
    assert!(got.wrong.is_empty() && got.broken().is_empty(), "{:#?}\n{:#?}\n{log}", got.wrong, got.broken());
    let stored = |span: &&Traced| span.name == "commit" && span.attributes.get("miro_source.events").is_some_and(|events| *events != 0);
    let commit = got.spans.iter().find(stored).unwrap_or_else(|| panic!("nothing was stored:\n{:#?}\n{log}", got.spans));
    let poll = got.spans.iter().find(|span| Some(&span.span) == commit.parent.as_ref()).unwrap();
    assert_eq!((poll.name.as_str(), poll.parent.as_ref()), ("poll", None));
    assert_eq!((&poll.attributes["miro_source.source"], &poll.attributes["miro_source.lane"]), (&"acme".into(), &"live".into()));
    assert_eq!(
        (&poll.attributes["service.name"], &poll.attributes["deployment.environment.name"]),
        (&"miro-source".into(), &"test".into())
    );
    let call = one(&parts(&got.spans, poll), "collect");
    assert_eq!(call.attributes["miro_source.outcome"], "answered");
    let request = one(&parts(&got.spans, call), "GET");
    assert_eq!((request.kind, &request.attributes["http.response.status_code"]), (3, &200.into()));
    assert!(desk.stage.server.miro_url.contains(request.attributes["server.address"].as_str().unwrap()));
    let delivery = got.spans.iter().find(|span| span.links.contains(&(commit.trace.clone(), commit.span.clone())));
    let delivery = delivery.unwrap_or_else(|| panic!("nothing is linked to {commit:?}: {:#?}", got.spans));
    assert_eq!((delivery.name.as_str(), &delivery.attributes["miro_source.outcome"]), ("deliver", &"accepted".into()));
    assert_eq!(one(&parts(&got.spans, delivery), "POST").attributes["http.response.status_code"], 200);
    let sumo = desk.stage.server.sumo_url.rsplit('/').next().unwrap().to_owned();
    let read = |name: &str| std::fs::read_to_string(desk.stage.path(name)).unwrap();
    let secrets = [sumo, read("client_secret"), read("acme_access_token"), read("acme_refresh_token"), "t0ken-of-the".to_owned()];
    for secret in secrets.iter().map(String::as_str).chain(["@", "cursor", "createdAfter", "/v2/audit", "receiver"]) {
        assert!(!secret.is_empty() && !got.bodies.contains(secret), "{secret} was traced");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collector_that_never_answers_holds_up_neither_delivery_nor_a_stop() {
    // It is connected to, and never read from.
    let silent = std::net::TcpListener::bind((loopback().unwrap(), 0)).unwrap();
    let address = silent.local_addr().unwrap();
    let desk = open(|_| format!("http://{address}")).await;
    let host = desk.settled().await;
    assert!(host.terminate().unwrap().success());
    assert_eq!(desk.account().lost, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_that_reads_its_configuration_again_begins_to_trace() {
    let desk = Desk::open().await;
    let host = desk.settled().await;
    let endpoint = desk.stage.server.collector_url.clone();
    desk.edit(|text| format!("{text}\n[telemetry]\nendpoint = \"{endpoint}\"\n"));
    desk.ends(0, &["reload"]).await;
    let before = desk.account().pages;
    desk.until("it polls twice", &host, |account| account.pages > before + 1).await;
    assert!(host.terminate().unwrap().success());
    let got = desk.world.collected();
    assert!(got.wrong.is_empty() && got.spans.iter().any(|span| span.name == "poll"), "{:#?}", got.wrong);
}
