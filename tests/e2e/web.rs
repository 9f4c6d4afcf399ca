//! Metrics and health of a running host, and what systemd hears of it: the real binary, real sockets.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    os::unix::net::UnixDatagram,
};

use miro_source::control;
use miro_source_tests::{host::Host, network::loopback, patience::until, stage::Stage};

use crate::cli::Desk;

/// A desk whose host shows itself at a port that is free.
async fn open() -> Desk {
    let desk = Desk::open().await;
    desk.edit(|text| format!("{text}\n[web]\nlisten = \"{}\"\n", anywhere()));
    desk
}

/// Where a host says that it shows itself.
fn address(host: &Host) -> Option<String> {
    let log = host.log();
    let (_, after) = log.split_once("are shown at http://")?;
    Some(after.split_once(": /metrics")?.0.to_owned())
}

/// The status and the body of an answer. 0 while nobody answers.
fn get(host: &Host, path: &str) -> (u16, String) {
    let answer = || -> Option<(u16, String)> {
        let mut stream = TcpStream::connect(address(host)?).ok()?;
        write!(stream, "GET {path} HTTP/1.1\r\nhost: x\r\n\r\n").ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        let (head, body) = answer.split_once("\r\n\r\n")?;
        Some((head.split(' ').nth(1)?.parse().ok()?, body.to_owned()))
    };
    answer().unwrap_or_default()
}

/// The value of a sample of a scrape, written as Prometheus writes it.
fn value(scrape: &str, sample: &str) -> Option<f64> {
    scrape.lines().find_map(|line| line.strip_prefix(sample)?.strip_prefix(' ')?.parse().ok())
}

/// Any port of this machine.
fn anywhere() -> std::net::SocketAddr {
    (loopback().unwrap(), 0).into()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scrape_of_a_running_host_shows_the_counts_of_the_ledger() {
    let desk = open().await;
    let host = desk.settled().await;
    let account = desk.account();
    assert_eq!(account.held, 300);
    let expected = [
        ("miro_source_events_stored_total{source=\"acme\"}", 300.0),
        ("miro_source_sink_events_accepted_total{sink=\"sumo\"}", 300.0),
        ("miro_source_sink_backlog_events{sink=\"sumo\",source=\"acme\",lane=\"live\"}", 0.0),
        ("miro_source_sink_oldest_undelivered_age_seconds{sink=\"sumo\",source=\"acme\"}", 0.0),
        ("miro_source_sink_parked_events{sink=\"sumo\",source=\"acme\"}", 0.0),
        ("miro_source_sink_state{sink=\"sumo\",state=\"idle\"}", 1.0),
        ("miro_source_state{source=\"acme\",state=\"collecting\"}", 1.0),
        ("miro_source_failures_total{source=\"acme\"}", 0.0),
        ("miro_source_ready", 1.0),
    ];
    let mut last = String::new();
    let as_the_ledger_says = until("the counts are those of the ledger", || {
        last = get(&host, "/metrics").1;
        expected.iter().all(|(sample, expected)| value(&last, sample) == Some(*expected))
    });
    as_the_ledger_says.await.unwrap_or_else(|why| panic!("{why}:\n{last}"));
    for (sample, least) in [
        ("miro_source_pages_total{source=\"acme\"}", 1.0),
        ("miro_source_polls_total{source=\"acme\"}", 1.0),
        ("miro_source_sink_requests_total{sink=\"sumo\",outcome=\"accepted\"}", 1.0),
        ("miro_source_component_calls_total{component=\"builtin:miro\",kind=\"source\",outcome=\"answered\"}", 2.0),
        ("miro_source_component_peak_memory_bytes{component=\"builtin:miro\",kind=\"source\"}", 65_536.0),
        ("miro_source_store_size_bytes", 4096.0),
    ] {
        assert!(value(&last, sample).is_some_and(|value| value >= least), "{sample}:\n{last}");
    }
    let stored = miro_source::neutral::visible(&last).replace("\\n", "\n");
    assert_eq!(stored, last, "nothing in it steers a terminal");
    assert_eq!(get(&host, "/healthz").0, 200);
    assert_eq!(get(&host, "/"), (404, "nothing here: there are /metrics, /healthz and /readyz\n".to_owned()));
    assert!(host.terminate().unwrap().success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_that_needs_a_person_is_healthy_and_not_ready_until_it_is_mended() {
    let desk = open().await;
    desk.world.set(|settings| settings.miro.enterprise = false);
    let host = desk.host();
    let mut last = (0, String::new());
    let said = until("it says that it needs a person", || {
        last = get(&host, "/readyz");
        last.0 == 503 && last.1.contains("source `acme` needs a person since") && last.1.contains("Enterprise plan")
    });
    said.await.unwrap_or_else(|why| panic!("{why}: {last:?}\n{}", host.log()));
    assert_eq!(get(&host, "/healthz"), (200, "ok\n".to_owned()));
    let scrape = get(&host, "/metrics").1;
    let problem = "miro_source_problem{source=\"acme\",kind=\"third_party_config\",remedy=\"authorize\"}";
    assert_eq!((value(&scrape, problem), value(&scrape, "miro_source_ready")), (Some(1.0), Some(0.0)), "{scrape}");
    desk.world.set(|settings| settings.miro.enterprise = true);
    // Somebody who has mended it does not wait for the next try.
    control::ask(&desk.stage.path("miro-source.db"), &control::Request::Nudge).await.unwrap();
    let mended = until("it is ready again", || {
        last = get(&host, "/readyz");
        last == (200, "ready\n".to_owned())
    });
    mended.await.unwrap_or_else(|why| panic!("{why}: {last:?}\n{}", host.log()));
    assert_eq!(value(&get(&host, "/metrics").1, problem), None);
    assert!(host.terminate().unwrap().success());
}

/// Everything that was sent there so far.
fn heard(socket: &UnixDatagram, all: &mut String) {
    let mut datagram = [0; 4096];
    while let Ok(length) = socket.recv(&mut datagram) {
        *all += std::str::from_utf8(&datagram[..length]).unwrap();
        all.push('\n');
    }
}

fn start(desk: &Desk, env: &[(&str, &str)]) -> (Host, UnixDatagram) {
    let path = desk.stage.path("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket.set_nonblocking(true).unwrap();
    let env: Vec<(&str, &str)> = [("NOTIFY_SOCKET", path.to_str().unwrap())].into_iter().chain(env.iter().copied()).collect();
    let host = Host::start(Stage::demo_binary(), &desk.config, &["run"], &env, &desk.stage.path("host.log")).unwrap();
    (host, socket)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_port_that_is_taken_ends_the_start_with_what_to_do() {
    let desk = open().await;
    let listener = std::net::TcpListener::bind(anywhere()).unwrap();
    let taken = listener.local_addr().unwrap();
    desk.edit(|text| text.replace(&format!("listen = \"{}\"", anywhere()), &format!("listen = \"{taken}\"")));
    let (mut host, socket) = start(&desk, &[]);
    let mut ended = None;
    until("it ends", || {
        ended = host.ended().unwrap();
        ended.is_some()
    })
    .await
    .unwrap();
    assert_eq!(ended.unwrap().code(), Some(1));
    let log = host.log();
    assert!(log.contains(&format!("failed to listen at {taken} for metrics and health")), "{log}");
    assert!(log.contains("name another port in `listen` of [web]"), "{log}");
    assert_eq!(desk.account().pages, 0, "nothing was collected");
    let mut all = String::new();
    heard(&socket, &mut all);
    assert_eq!(all, "", "it never said that it was ready");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn systemd_hears_when_it_is_ready_that_it_lives_and_that_it_stops() {
    let desk = Desk::open().await;
    let (host, socket) = start(&desk, &[("WATCHDOG_USEC", "200000")]);
    let mut all = String::new();
    let lives = until("it is ready and lives", || {
        heard(&socket, &mut all);
        all.contains("STATUS=1 source, 1 sink: ready\n") && all.matches("WATCHDOG=1\n").count() > 1
    });
    lives.await.unwrap_or_else(|why| panic!("{why}: {all}\n{}", host.log()));
    assert!(all.starts_with("READY=1\nSTATUS=1 source, 1 sink: "), "{all}");
    assert_eq!(address(&host), None, "nobody said that it may listen");
    assert!(host.terminate().unwrap().success());
    heard(&socket, &mut all);
    assert_eq!((all.matches("READY=1\n").count(), all.matches("STOPPING=1\n").count()), (1, 1), "{all}");
}
