//! Five million stored events: what they take on disk, and how long a start, `status`, a scrape and `backup` take with them.
//!
//! Some ten minutes and two gigabytes of the temporary folder, so only where it is asked for by name.

use std::{
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant as Watch},
};

use anyhow::Context as _;
use audit_pipeline::types::Event;
use miro_source::{
    model::{Instant, Lane, SourceName, Stream},
    store::{
        Page, Store as _,
        seal::Key,
        sqlite::{Access, Open, SqliteStore},
    },
};
use miro_source_tests::{host::Host, stage::Stage};

use crate::{
    door::Door,
    meter::{median, resident},
    plain, stock,
    table::{Table, Target},
};

const EVENTS: usize = 5_000_000;
const PAGE: usize = 100;
/// They came over so many milliseconds: all within the retention.
const OVER: u64 = 25 * 24 * 3_600_000;
const TURNS: usize = 5;
const PATIENCE: Duration = Duration::from_secs(120);

pub(crate) async fn measure(table: &mut Table) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let (door, sumo) = (Door::pages(Vec::new())?, Door::accepting()?);
    let config = plain::write(folder.path(), 1, &door.url, &sumo.url, r#"["10m", "1h", "24h"]"#)?;
    let web = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let text = std::fs::read_to_string(&config)?;
    std::fs::write(&config, format!("{text}\n[web]\nlisten = \"{web}\"\n"))?;
    let database = folder.path().join("miro-source.db");
    // The first start compiles, and leaves a checkpoint as the component writes it.
    let (_, host) = start(&config, &door, folder.path())?;
    anyhow::ensure!(host.terminate()?.success(), "the first host did not end well");
    let open = || SqliteStore::open(Open::new(&database, Key::new(&[0x7d; 32]), Access::Owner)).context("failed to open the store");

    let store = open()?;
    let began = Watch::now();
    fill(&store).await?;
    let each = began.elapsed().as_secs_f64() * 1e6 / EVENTS as f64;
    // The last connection writes everything into the one file.
    drop(store);
    table.row("5,000,000 events: storing one, in pages of 100", Target::None, each, "µs");
    let size = std::fs::metadata(&database)?.len() as f64;
    table.row("  disk an event", Target::Most(600.0), size / EVENTS as f64, "bytes");
    table.row("  `status`, none of them delivered yet", Target::Most(100.0), turns(|| command(&config, &["status"]))?, "ms");

    let store = open()?;
    let (sink, source) = ("sumo".parse()?, source()?);
    store.advance(&sink, &source, Lane::Live, store.head()?, &[], Instant::system())?;
    drop(store);
    table.row("  `status`, all delivered, no host running", Target::Most(100.0), turns(|| command(&config, &["status"]))?, "ms");
    let mut ends = Vec::new();
    let restart = turns(|| {
        let (took, host) = start(&config, &door, folder.path())?;
        let asked = Watch::now();
        anyhow::ensure!(host.terminate()?.success(), "a host did not end well");
        ends.push(asked.elapsed());
        Ok(took)
    })?;
    table.row("  start of the process to its first request of Miro", Target::Most(1000.0), restart, "ms");
    table.row("  its end, asked right after that", Target::Most(1000.0), median(ends).as_secs_f64() * 1e3, "ms");
    let (_, host) = start(&config, &door, folder.path())?;
    table.row("  `status` beside a running host", Target::Most(100.0), turns(|| command(&config, &["status"]))?, "ms");
    table.row("  a scrape of /metrics", Target::None, turns(|| scrape(&web.to_string()))?, "ms");
    table.row("  resident", Target::None, resident(host.pid())?.0 / 1024.0, "MiB");
    let copy = folder.path().join("copy.db");
    let took = command(&config, &["backup", &copy.display().to_string()])?;
    table.row("  `backup` beside it, read back", Target::None, took.as_secs_f64(), "s");
    anyhow::ensure!(host.terminate()?.success(), "the host did not end well");
    Ok(())
}

async fn fill(store: &SqliteStore) -> anyhow::Result<()> {
    let (some, source, now) = (stock::events(30_000).await?, source()?, Instant::system());
    let left = store.checkpoint(&source, Stream::Live)?.context("the first host left no checkpoint")?;
    for at in 0..EVENTS / PAGE {
        let received = Instant(now.0 - OVER + OVER / (EVENTS / PAGE) as u64 * at as u64);
        let (turn, from) = (at * PAGE / some.len(), at * PAGE % some.len());
        let page = some.iter().skip(from).take(PAGE);
        // As ids of events are, and another in every turn.
        let events: Vec<Event> =
            page.map(|event| Event { id: format!("{}{turn:03}", event.id), time: received.0, ..event.clone() }).collect();
        store.commit(&Page {
            source: &source,
            stream: Stream::Live,
            lane: Lane::Live,
            received,
            events: &events,
            known: &[],
            checkpoint: &left.body,
            through: left.through,
            gaps: &[],
            finished: false,
            generation: None,
        })?;
    }
    Ok(())
}

fn source() -> anyhow::Result<SourceName> {
    Ok("source-1".parse()?)
}

fn start(config: &Path, door: &Door, folder: &Path) -> anyhow::Result<(Duration, Host)> {
    // What the one before asked last.
    while door.arrival(Duration::ZERO).is_some() {}
    let began = Watch::now();
    let host = Host::start(Stage::demo_binary(), config, &["run"], &[], &folder.join("log"))?;
    let first = door.arrival(PATIENCE).with_context(|| format!("no request came: {}", host.log()))?;
    Ok((first.duration_since(began), host))
}

fn command(config: &Path, args: &[&str]) -> anyhow::Result<Duration> {
    let began = Watch::now();
    let mut command = Command::new(Stage::demo_binary());
    let ended = command.arg("host").arg("--config").arg(config).args(args).stdin(Stdio::null()).stdout(Stdio::null()).status()?;
    anyhow::ensure!(ended.success(), "{args:?}: {ended}");
    Ok(began.elapsed())
}

fn scrape(at: &str) -> anyhow::Result<Duration> {
    let began = Watch::now();
    let mut stream = TcpStream::connect(at)?;
    stream.write_all(b"GET /metrics HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    anyhow::ensure!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    Ok(began.elapsed())
}

/// The median of some turns, in milliseconds.
fn turns(mut turn: impl FnMut() -> anyhow::Result<Duration>) -> anyhow::Result<f64> {
    Ok(median((0..TURNS).map(|_| turn()).collect::<Result<_, _>>()?).as_secs_f64() * 1e3)
}
