//! Fetches what is due, on the clock, and brings what a person has.

use std::{
    fs::File,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use tokio_util::sync::CancellationToken;

use super::{
    catalogue::Part,
    download::{Downloaded, Failed, download},
    order::{Order, mark, orders},
    record::{Held, Record, Standing},
    shelf::{Shelf, Turn, digest},
    verify::{Verdict, unpack, verify},
};
use crate::{
    clock::Clock,
    config::Config,
    egress::Transport,
    enrich::{self, Enricher, Found},
    model::Instant,
    neutral::{brief, visible},
    store::Store,
};

/// When to look again where another process fetches, or nothing can be written down.
const AGAIN: Duration = Duration::from_secs(60);
/// No try takes longer, however steadily it trickles: the others wait for it.
const LONGEST: Duration = Duration::from_secs(30 * 60);
/// The longest that is kept and shown of why a try failed.
const REASON: usize = 300;

/// What came of one try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Came {
    /// What is held is the latest.
    Unchanged,
    /// A new one is in place, with so many entries.
    New(u64),
    /// A new one is not believed yet, and why.
    Doubtful(String),
    /// Nothing, and why. What is held goes on to serve.
    Failed(String),
    /// Nothing was tried: another process does, or the host stops.
    Nothing,
}

/// Keeps the files of the configuration up to date.
pub struct Keeper {
    orders: Vec<Order>,
    shelf: Shelf,
    transport: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
    seed: u64,
    /// Whom a new file serves in this process, and where that is shown.
    serves: Option<(Arc<Enricher>, Arc<dyn Store>)>,
}

/// A try under way.
struct Visit {
    _turn: Turn,
    before: Record,
    record: Record,
    /// Whether the file in place is the one that the record tells of.
    intact: bool,
    scratch: PathBuf,
    file: File,
}

impl Keeper {
    /// For everything that the configuration asks for. `seed` spreads hosts that began together.
    pub fn new(config: &Config, transport: Arc<dyn Transport>, clock: Arc<dyn Clock>, seed: u64) -> Self {
        Self { orders: orders(config), shelf: Shelf::beside(&config.store.path), transport, clock, seed, serves: None }
    }

    /// With somebody in this process who knows addresses by what is fetched, as soon as it is.
    pub fn serving(self, enricher: Arc<Enricher>, store: Arc<dyn Store>) -> Self {
        Self { serves: Some((enricher, store)), ..self }
    }

    /// Fetches what is due, until told to stop.
    pub async fn run(self, stop: CancellationToken) {
        loop {
            let Some((due, order)) = self.next() else { return };
            let now = self.clock.now();
            let wake = if due > now {
                due
            } else if self.fetch(order, &stop).await == Came::Nothing {
                now.plus(AGAIN)
            } else {
                continue;
            };
            tokio::select! {
                () = stop.cancelled() => return,
                // A command may have fetched meanwhile: what is due is looked up again.
                () = self.clock.sleep_until(wake) => {}
            }
        }
    }

    /// Fetches everything that is due, once.
    pub async fn catch_up(&self, stop: &CancellationToken) {
        let now = self.clock.now();
        for order in self.orders.iter().filter(|order| order.fetch && self.due(order) <= now) {
            self.fetch(order, stop).await;
        }
    }

    /// Tries one now, due or not.
    pub async fn fetch(&self, order: &Order, stop: &CancellationToken) -> Came {
        let feed = order.part.feed();
        let came = match self.attempt(order, stop).await {
            Ok(came) => came,
            Err(why) => {
                tracing::warn!(feed, "failed to keep what is known of the feed: {}", visible(&why));
                return Came::Nothing;
            }
        };
        match &came {
            Came::New(entries) => {
                tracing::info!(feed, entries, "a new file is in place");
                if let Some((enricher, store)) = &self.serves {
                    enrich::renew(enricher, store, &feed, self.clock.now()).await;
                }
            }
            Came::Doubtful(why) => tracing::warn!(feed, "a new file is not taken yet: {}", visible(why)),
            Came::Failed(why) => {
                let stale = self.shelf.record(order.part).standing(order.every, self.clock.now()) == Standing::Stale;
                tracing::warn!(feed, stale, "failed to fetch: {}; what is held goes on to serve", visible(why));
            }
            Came::Unchanged | Came::Nothing => {}
        }
        came
    }

    /// What is due first, of what is fetched at all.
    fn next(&self) -> Option<(Instant, &Order)> {
        let all = self.orders.iter().filter(|order| order.fetch).map(|order| (self.due(order), order));
        all.min_by_key(|(due, _)| *due)
    }

    fn due(&self, order: &Order) -> Instant {
        self.shelf.record(order.part).due(order.every, &format!("{:x}/{}", self.seed, order.part.name))
    }

    /// Fails where nothing can be written down, so that nothing is asked for either.
    async fn attempt(&self, order: &Order, stop: &CancellationToken) -> Result<Came, String> {
        let (shelf, part, now) = (self.shelf.clone(), order.part, self.clock.now());
        let Some(mut visit) = aside(move || begin(&shelf, part, now)).await? else { return Ok(Came::Nothing) };
        let fetched = tokio::select! {
            fetched = self.ask(order, &mut visit, now) => fetched,
            () = tokio::time::sleep(LONGEST) => Err(Failed { why: format!("it was not there after {} minutes", LONGEST.as_secs() / 60), wait: None }),
            () = stop.cancelled() => {
                // Nobody's fault, and as if it had not begun.
                self.shelf.keep(part, &visit.before).map_err(|why| why.to_string())?;
                return Ok(Came::Nothing);
            }
        };
        let (shelf, now) = (self.shelf.clone(), self.clock.now());
        aside(move || finish(&shelf, part, visit, fetched, now)).await
    }

    /// At the latest address that has it.
    async fn ask(&self, order: &Order, visit: &mut Visit, now: Instant) -> Result<(Downloaded, String), Failed> {
        let mut answered = 404;
        let held = visit.record.held.as_ref();
        let from = held.and_then(|held| held.from.as_deref());
        for url in order.addresses(now, from) {
            let mark = mark(&url);
            let same = held.filter(|held| visit.intact && held.from.as_ref() == Some(&mark));
            match download(self.transport.as_ref(), order, url, same, &mut visit.file).await? {
                Downloaded::Absent(status) => answered = status,
                other => return Ok((other, mark)),
            }
        }
        let origins: Vec<&str> = order.grant.origins().map(|origin| origin.as_str()).collect();
        Err(Failed { why: format!("{} answered {answered}: there is no such file", origins.join(", ")), wait: None })
    }
}

/// Takes the turn and writes down that a try begins. None while another process has it.
fn begin(shelf: &Shelf, part: &'static Part, now: Instant) -> Result<Option<Visit>, String> {
    let started = || {
        let Some(turn) = shelf.turn()? else { return Ok(None) };
        let before = shelf.record(part);
        let intact = before.held.as_ref().is_some_and(|held| digest(&shelf.path(part)).as_ref() == Some(&held.digest));
        let mut record = before.clone();
        record.began(now);
        shelf.keep(part, &record)?;
        let (scratch, file) = shelf.scratch(part, "new")?;
        Ok(Some(Visit { _turn: turn, before, record, intact, scratch, file }))
    };
    started().map_err(|why: std::io::Error| why.to_string())
}

/// Puts a good file in place, and writes down what came.
fn finish(
    shelf: &Shelf,
    part: &'static Part,
    visit: Visit,
    fetched: Result<(Downloaded, String), Failed>,
    now: Instant,
) -> Result<Came, String> {
    let Visit { _turn, mut record, scratch, file, .. } = visit;
    drop(file);
    let came = match fetched {
        Ok((Downloaded::Unchanged, _)) => {
            record.unchanged(now);
            Came::Unchanged
        }
        Ok((Downloaded::New { etag, modified }, from)) => match place(shelf, part, &scratch, &record, now) {
            Ok(Placed { verdict: Verdict::Good(found), digest, bytes }) => {
                let Found { entries, built, .. } = found;
                record.installed(now, Held { from: Some(from), digest, bytes, entries, built, installed: now, etag, modified });
                Came::New(entries)
            }
            Ok(Placed { verdict: Verdict::Doubtful(found, why), .. }) => {
                record.doubted(now, found.entries, why.clone());
                Came::Doubtful(why)
            }
            Ok(Placed { verdict: Verdict::Bad(why), .. }) | Err(why) => {
                fail(&mut record, now, Failed { why: format!("what came is not used: {why}"), wait: None })
            }
        },
        Ok((Downloaded::Absent(_), _)) => fail(&mut record, now, Failed { why: "there is no such file".to_owned(), wait: None }),
        Err(failed) => fail(&mut record, now, failed),
    };
    // That it cannot be removed is of no weight: the next try begins with it.
    let _ = std::fs::remove_file(&scratch);
    shelf.keep(part, &record).map_err(|why| why.to_string())?;
    Ok(came)
}

fn fail(record: &mut Record, now: Instant, Failed { why, wait }: Failed) -> Came {
    let why = brief(&why, REASON);
    record.failed(now, why.clone(), wait);
    Came::Failed(why)
}

/// A file that was judged, and is in place where it is good.
struct Placed {
    verdict: Verdict,
    digest: String,
    bytes: u64,
}

/// Unpacks a file, judges it, and where it is good puts it in place.
fn place(shelf: &Shelf, part: &Part, from: &Path, record: &Record, now: Instant) -> Result<Placed, String> {
    let said = |why: std::io::Error| why.to_string();
    let (whole, mut file) = shelf.scratch(part, "whole").map_err(said)?;
    let judged = unpack(from, &mut file, *part.bytes.end()).map(|()| verify(part, &whole, record, now));
    let placed = judged.and_then(|verdict| {
        let bytes = file.metadata().map_err(said)?.len();
        let digest = digest(&whole).ok_or("it cannot be read back")?;
        if let Verdict::Good(_) = verdict {
            shelf.install(part, &whole).map_err(said)?;
        }
        Ok(Placed { verdict, digest, bytes })
    });
    // Gone already where it is in place.
    let _ = std::fs::remove_file(&whole);
    placed
}

/// Brings a file that a person has, where it is what it should be. Their word is enough where it shrank. Blocks on the disk.
pub fn import(shelf: &Shelf, order: &Order, file: &Path, now: Instant) -> Result<u64, String> {
    let busy = || "another process fetches feeds right now; try again".to_owned();
    let _turn = shelf.turn().map_err(|why| why.to_string())?.ok_or_else(busy)?;
    let (part, mut record) = (order.part, shelf.record(order.part));
    let Placed { verdict, digest, bytes } = place(shelf, part, file, &Record::default(), now)?;
    match verdict {
        Verdict::Good(found) => {
            let Found { entries, built, .. } = found;
            record.installed(now, Held { from: None, digest, bytes, entries, built, installed: now, etag: None, modified: None });
            shelf.keep(part, &record).map_err(|why| why.to_string())?;
            Ok(entries)
        }
        Verdict::Doubtful(_, why) | Verdict::Bad(why) => Err(why),
    }
}

/// What blocks on the disk, where that holds nobody up.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> Result<T, String> + Send + 'static) -> Result<T, String> {
    tokio::task::spawn_blocking(work).await.map_err(|gone| gone.to_string())?
}
