//! Names that lead elsewhere, and change their mind. The resolver is the test's, everything behind it is the real one.
//!
//! Some want Linux, where all of 127.0.0.0/8 is this machine; elsewhere only 127.0.0.1 is.

use std::{
    net::IpAddr,
    sync::{Arc, Mutex},
};

use audit_pipeline::types::Failure;
use miro_source::{
    config::NetworkConfig,
    egress::{HttpTransport, Lookup, Transport},
    runtime::{CallError, Limits},
};
use serde_json::json;

use crate::{
    ground::{came, collect, reaching},
    raw::{Raw, Says, answer},
};

/// Answers each lookup with the next of these, and the last one from then on; remembers the names.
#[derive(Clone)]
struct Names {
    answers: Arc<Vec<Vec<IpAddr>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Names {
    fn new(answers: &[&[&str]]) -> Self {
        let answers = answers.iter().map(|ips| ips.iter().map(|ip| ip.parse().unwrap()).collect()).collect();
        Self { answers: Arc::new(answers), asked: Arc::default() }
    }

    fn lookup(&self) -> Lookup {
        let names = self.clone();
        Arc::new(move |name| {
            let mut asked = names.asked.lock().unwrap();
            let answer = names.answers[asked.len().min(names.answers.len() - 1)].clone();
            asked.push(name);
            Box::pin(std::future::ready(Ok(answer)))
        })
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    fn transport(&self, network: &NetworkConfig) -> Arc<dyn Transport> {
        Arc::new(HttpTransport::with_lookup(network, self.lookup()).unwrap())
    }
}

/// Asks for an origin that is granted, over this transport.
async fn ask(origin: &str, transport: Arc<dyn Transport>) -> Result<String, CallError> {
    let source = reaching(json!({"attack": "request", "url": format!("{origin}/")}), &[origin], transport, Limits::default()).await;
    collect(&source).await.map(|page| came(&page))
}

fn not_public(ended: Result<String, CallError>, what: &str) {
    let ended = ended.unwrap_err();
    let CallError::Failed(Failure::Unavailable(text)) = &ended else { panic!("{ended:?}") };
    assert_eq!(text, what);
}

fn ok() -> Says {
    Says::Whole(answer("200 OK", "", "{}"))
}

#[tokio::test]
async fn i5_a_name_that_resolves_to_this_machine_or_a_private_network_is_refused() {
    let raw = Raw::start(ok()).await;
    for ip in ["127.0.0.1", "::1", "10.0.0.5", "169.254.169.254", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "fd00::1", "0.0.0.0"] {
        let names = Names::new(&[&[ip]]);
        let origin = format!("https://evil.example:{}", raw.address.port());
        let ended = ask(&origin, names.transport(&NetworkConfig::default())).await;
        let canonical: IpAddr = ip.parse().unwrap();
        not_public(
            ended,
            &format!(
                "{origin} is not on the public Internet: evil.example resolves to {canonical}, which is not an address of the public Internet"
            ),
        );
        assert_eq!(names.asked(), ["evil.example"]);
    }
    assert_eq!(raw.connections(), 0);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn i5_the_address_that_was_judged_is_the_one_that_is_connected_to() {
    // The name `localhost` is the one that may lead to loopback. A second lookup would get another answer.
    let judged = Raw::start_at("127.0.0.2:0", ok()).await;
    let later = Raw::start_at(&format!("127.0.0.3:{}", judged.address.port()), ok()).await;
    let names = Names::new(&[&["127.0.0.2"], &["127.0.0.3"]]);
    let origin = format!("http://localhost:{}", judged.address.port());
    assert_eq!(ask(&origin, names.transport(&NetworkConfig::default())).await.unwrap(), "status 200, 2 bytes");
    assert_eq!((names.asked().len(), judged.connections(), later.connections()), (1, 1, 0));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn i5_of_several_answers_only_those_that_pass_are_connected_to() {
    let good = Raw::start_at("127.0.0.2:0", ok()).await;
    // First in line, where a client that judges only one of them would go.
    let names = Names::new(&[&["10.0.0.5", "192.168.0.1", "127.0.0.2"]]);
    let origin = format!("http://localhost:{}", good.address.port());
    assert_eq!(ask(&origin, names.transport(&NetworkConfig::default())).await.unwrap(), "status 200, 2 bytes");
    assert_eq!((names.asked().len(), good.connections()), (1, 1));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn i5_a_name_that_changes_its_answer_gains_nothing_over_a_connection_that_stands() {
    // Allowed first, private from then on; and the far side keeps its connections.
    let raw = Raw::start_at("127.0.0.2:0", ok()).await;
    let names = Names::new(&[&["127.0.0.2"], &["192.168.0.1"]]);
    let transport = names.transport(&NetworkConfig::default());
    let origin = format!("http://localhost:{}", raw.address.port());
    for _ in 0..3 {
        assert_eq!(ask(&origin, Arc::clone(&transport)).await.unwrap(), "status 200, 2 bytes");
    }
    // All over the connection whose address was judged: nobody looked again, nothing went elsewhere.
    assert_eq!((names.asked().len(), raw.connections()), (1, 1));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn i5_a_name_that_changes_its_answer_is_judged_again_for_the_next_connection() {
    let raw = Raw::start_at("127.0.0.2:0", Says::Once(answer("200 OK", "connection: close\r\n", "{}"))).await;
    let names = Names::new(&[&["127.0.0.2"], &["192.168.0.1"]]);
    let transport = names.transport(&NetworkConfig::default());
    let origin = format!("http://localhost:{}", raw.address.port());
    assert_eq!(ask(&origin, Arc::clone(&transport)).await.unwrap(), "status 200, 2 bytes");
    not_public(
        ask(&origin, transport).await,
        &format!(
            "{origin} is not on the public Internet: localhost resolves to 192.168.0.1, which is not an address of the public Internet"
        ),
    );
    assert_eq!((names.asked().len(), raw.connections()), (2, 1));
}

#[tokio::test]
async fn i5_with_a_proxy_the_origin_is_judged_here_and_the_address_by_the_proxy() {
    let proxy = Raw::start(Says::Once("HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n".into())).await;
    // The proxy's own name is the operator's word and may lead anywhere.
    let names = Names::new(&[&["127.0.0.1"]]);
    let url = format!("http://proxy.corp:{}", proxy.address.port());
    let network =
        NetworkConfig { proxy: Some(url.parse().unwrap()), no_proxy: vec!["direct.example".to_owned()], ..NetworkConfig::default() };
    let transport = names.transport(&network);
    assert!(ask("https://granted.example", Arc::clone(&transport)).await.is_err());
    // What it was asked for is the granted name, to be resolved by the proxy; nobody here looked it up.
    assert!(proxy.came().starts_with("CONNECT granted.example:443 HTTP/1.1\r\n"), "{}", proxy.came());
    assert_eq!(names.asked(), ["proxy.corp"]);
    // What was not granted does not get as far as the proxy.
    let plan = json!({"attack": "request", "url": "https://evil.example/"});
    let source = reaching(plan, &["https://granted.example"], Arc::clone(&transport), Limits::default()).await;
    assert!(collect(&source).await.unwrap_err().to_string().contains("does not grant"));
    assert_eq!(proxy.connections(), 1);
    // What goes past the proxy is judged here.
    let ended = ask("https://direct.example", transport).await;
    not_public(
        ended,
        "https://direct.example is not on the public Internet: direct.example resolves to 127.0.0.1, which is not an address of the public Internet",
    );
    assert_eq!(proxy.connections(), 1);
}
