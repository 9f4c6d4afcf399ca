//! Answers over real sockets.

use std::sync::Arc;

use audit_pipeline::types::{Actor, ActorKind, Event, Outcome};
use futures_util::future::BoxFuture;
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::watch,
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;

use super::{NOW, collecting, parser::parse, sink};
use crate::{
    clock::SteppedClock,
    egress::{Answer, RequestLimits, Transport, TransportError},
    model::{Instant, Lane, Stream},
    runtime::{Limits, Runtime, RuntimeOptions},
    sink::State as SinkState,
    store::{
        Page, Store,
        seal::Key,
        sqlite::{Access, Open, SqliteStore},
    },
    web::{Listener, Parts, Sight, SinkSight, serve},
};

struct Nowhere;

impl Transport for Nowhere {
    fn send(&self, _: http::Request<bytes::Bytes>, _: &RequestLimits) -> BoxFuture<'static, Result<Answer, TransportError>> {
        Box::pin(std::future::ready(Err(TransportError::TimedOut)))
    }
}

/// A host with one source and one sink, of which only the web is there.
struct Ground {
    address: std::net::SocketAddr,
    store: Arc<dyn Store>,
    sight: Arc<Sight>,
    shutdown: CancellationToken,
    serving: JoinHandle<()>,
    _folder: TempDir,
}

impl Ground {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("store.db");
        let store: Arc<dyn Store> = Arc::new(SqliteStore::open(Open::new(&database, Key::new(&[1; 32]), Access::Owner)).unwrap());
        store.register(&"acme".parse().unwrap()).unwrap();
        let shutdown = CancellationToken::new();
        let status = watch::Sender::new(sink(SinkState::Idle)).subscribe();
        let sight = Arc::new(Sight::new(Parts {
            sources: vec![watch::Sender::new(collecting("acme")).subscribe()],
            sinks: vec![SinkSight { name: "sumo".parse().unwrap(), sources: vec!["acme".parse().unwrap()], max_rate: None, status }],
            alerts: Vec::new(),
            channels: Vec::new(),
            refused: Vec::new(),
            runtime: Runtime::new(RuntimeOptions { cache: None, transport: Arc::new(Nowhere), limits: Limits::default() }).unwrap(),
            store: Arc::clone(&store),
            database,
            limits: Default::default(),
            clock: Arc::new(SteppedClock::new(NOW)),
            shutdown: shutdown.clone(),
        }));
        let listener = Listener::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let address = listener.address();
        let serving = tokio::spawn(serve(Arc::new(listener), Arc::clone(&sight), shutdown.clone()));
        Self { address, store, sight, shutdown, serving, _folder: folder }
    }

    /// Sends this and reads to the end: head and body.
    async fn say(&self, request: &str) -> (String, String) {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.to_ascii_lowercase(), body.to_owned())
    }

    async fn ask(&self, method: &str, path: &str) -> (String, String) {
        self.say(&format!("{method} {path} HTTP/1.1\r\nhost: x\r\n\r\n")).await
    }

    /// An event read again that happened so long before [`NOW`].
    fn late(&self, id: &str, seconds: u64) {
        let event = Event {
            id: id.into(),
            time: NOW.0 - 1000 * seconds,
            action: "board_opened".into(),
            category: None,
            traits: Vec::new(),
            outcome: Outcome::Unknown,
            actor: Actor { kind: ActorKind::Unknown, id: None, name: None, email: None },
            object: None,
            team: None,
            organization: None,
            ip: None,
            user_agent: None,
            session: None,
            extra: Vec::new(),
            record: "{}".to_owned(),
        };
        let (source, at) = ("acme".parse().unwrap(), NOW.plus(std::time::Duration::from_secs(1)));
        if self.store.checkpoint(&source, Stream::Live).unwrap().is_none() {
            self.store.begin(&source, Stream::Live, "{}", Instant::EPOCH, at).unwrap();
        }
        let page = Page {
            source: &source,
            stream: Stream::Live,
            lane: Lane::Late,
            received: at,
            events: &[event],
            known: &[],
            checkpoint: "{}",
            through: at,
            gaps: &[],
            finished: false,
            generation: None,
        };
        self.store.commit(&page).unwrap();
    }
}

#[tokio::test]
async fn each_path_answers_and_every_answer_says_what_it_is() {
    let ground = Ground::new().await;
    for (method, path, status, kind) in [
        ("GET", "/metrics", "200", "text/plain; version=0.0.4; charset=utf-8"),
        ("GET", "/metrics?name[]=x", "200", "text/plain; version=0.0.4; charset=utf-8"),
        ("GET", "/healthz", "200", "text/plain; charset=utf-8"),
        ("GET", "/readyz", "200", "text/plain; charset=utf-8"),
        ("GET", "/", "404", "text/plain; charset=utf-8"),
        ("GET", "/metrics/", "404", "text/plain; charset=utf-8"),
        ("DELETE", "/", "404", "text/plain; charset=utf-8"),
        ("DELETE", "/metrics", "405", "text/plain; charset=utf-8"),
        ("OPTIONS", "/readyz", "405", "text/plain; charset=utf-8"),
    ] {
        let (head, body) = ground.ask(method, path).await;
        assert!(head.starts_with(&format!("http/1.1 {status}")), "{method} {path}: {head}");
        for line in [&format!("content-type: {kind}"), "cache-control: no-store", "x-content-type-options: nosniff", "connection: close"] {
            assert!(head.contains(line), "{method} {path}: {head}");
        }
        assert_eq!(head.contains("allow: get, head"), status == "405");
        assert!(body.ends_with('\n'), "{body}");
    }
}

#[tokio::test]
async fn head_has_the_head_of_get_and_no_body() {
    let ground = Ground::new().await;
    for path in ["/healthz", "/readyz", "/metrics", "/nowhere"] {
        let ((get, body), (head, nothing)) = (ground.ask("GET", path).await, ground.ask("HEAD", path).await);
        let without_date = |head: &str| head.lines().filter(|line| !line.starts_with("date:")).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!((without_date(&head), nothing.as_str()), (without_date(&get), ""), "{path}");
        assert!(head.contains(&format!("content-length: {}", body.len())), "{head}");
    }
}

#[tokio::test]
async fn a_body_is_not_waited_for() {
    let ground = Ground::new().await;
    let (head, _) = ground.say("POST /metrics HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n\r\n").await;
    assert!(head.starts_with("http/1.1 405"), "{head}");
}

#[tokio::test]
async fn what_is_no_http_or_too_long_costs_that_connection_only() {
    let ground = Ground::new().await;
    for odd in ["\u{16}\u{3}\u{1}\r\n\r\n".to_owned(), format!("GET /{} HTTP/1.1\r\n\r\n", "a".repeat(20_000))] {
        let mut stream = TcpStream::connect(ground.address).await.unwrap();
        // It may hang up before it has read all of it.
        let _ = stream.write_all(odd.as_bytes()).await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        assert!(!answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer));
    }
    assert!(ground.ask("GET", "/healthz").await.0.starts_with("http/1.1 200"));
}

#[tokio::test]
async fn more_connections_than_there_may_be_wait_for_one_to_end() {
    let ground = Ground::new().await;
    let mut silent = Vec::new();
    for _ in 0..32 {
        silent.push(TcpStream::connect(ground.address).await.unwrap());
    }
    let waiting = ground.ask("GET", "/healthz");
    tokio::pin!(waiting);
    // The runtime of this test has one thread: what could be answered is, before this gives up.
    for _ in 0..1000 {
        tokio::select! {
            biased;
            answer = &mut waiting => panic!("answered beside 32 others: {answer:?}"),
            () = tokio::task::yield_now() => {}
        }
    }
    silent.pop();
    assert!(waiting.await.0.starts_with("http/1.1 200"));
}

#[tokio::test]
async fn a_failed_task_is_no_health() {
    let ground = Ground::new().await;
    ground.sight.died();
    assert!(ground.ask("GET", "/healthz").await.0.starts_with("http/1.1 503"));
    let (head, body) = ground.ask("GET", "/readyz").await;
    assert!(head.starts_with("http/1.1 503") && body.contains("a task of the host failed"), "{head}{body}");
}

#[tokio::test]
async fn late_events_are_counted_once_and_the_store_is_asked_at_most_every_five_seconds() {
    let ground = Ground::new().await;
    ground.late("1", 1500);
    ground.late("2", 90_000);
    let first = parse(&ground.ask("GET", "/metrics").await.1);
    assert_eq!(first.value("miro_source_lateness_seconds_count", &[("source", "acme")]), 2.0);
    assert_eq!(first.value("miro_source_lateness_seconds_bucket", &[("source", "acme"), ("le", "1800")]), 1.0);
    assert_eq!(first.value("miro_source_sink_backlog_events", &[("sink", "sumo"), ("source", "acme"), ("lane", "late")]), 2.0);
    assert!(first.value("miro_source_store_size_bytes", &[]) > 0.0);
    // The same answer, since the store is not asked.
    ground.late("3", 1500);
    let again = ground.sight.stored().await.unwrap();
    assert!(Arc::ptr_eq(&again, &ground.sight.stored().await.unwrap()));
    // Asked again, it goes on behind what was counted.
    let mut late = again.late.values().next().unwrap().clone();
    late.follow(ground.store.as_ref(), &"acme".parse().unwrap()).unwrap();
    assert_eq!(late.histogram.count(), 3);
    late.follow(ground.store.as_ref(), &"acme".parse().unwrap()).unwrap();
    assert_eq!(late.histogram.count(), 3);
}

#[tokio::test]
async fn it_ends_with_the_host_and_cuts_off_who_says_nothing() {
    let ground = Ground::new().await;
    let _silent = TcpStream::connect(ground.address).await.unwrap();
    ground.shutdown.cancel();
    ground.serving.await.unwrap();
    assert!(TcpStream::connect(ground.address).await.is_err());
}

#[tokio::test]
async fn a_port_that_is_taken_is_named_with_what_to_do() {
    let ground = Ground::new().await;
    let why = Listener::bind(ground.address).await.unwrap_err().to_string();
    assert!(why.contains(&ground.address.to_string()) && why.contains("name another port in `listen` of [web]"), "{why}");
    let why = Listener::bind("192.0.2.1:9184".parse().unwrap()).await.unwrap_err().to_string();
    assert!(why.contains("name an address of this machine"), "{why}");
}
