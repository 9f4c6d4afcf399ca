//! What the store is asked.
//!
//! No question grows with the events in the store. Backlogs read an index, and of it what is not delivered; delays, what came
//! after the last one that was counted; alerts, parked events and notices are few. Still it is read no more often than every
//! [`FRESH`], however many ask.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::Duration,
};

use super::lateness::Histogram;
use crate::{
    alert::Severity,
    condition::{Kind, Known},
    model::{ChannelName, Instant, Seq, SinkName, SourceName},
    notify::Account,
    store::{Backlog, Delay, Footprint, Outbox, Result, Store},
};

/// How long what was read is shown again.
pub(super) const FRESH: Duration = Duration::from_secs(5);
/// Delays counted at once. What comes faster than that, for a long time, is counted later.
const DELAYS: usize = 10_000;

/// What the store said.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Stored {
    pub(super) backlog: Vec<Backlog>,
    pub(super) parked: BTreeMap<(SinkName, SourceName), u64>,
    pub(super) alerts: Vec<(Severity, u64)>,
    pub(super) channels: Vec<(ChannelName, Account)>,
    /// How many conditions of each kind hold.
    pub(super) conditions: BTreeMap<Kind, u64>,
    /// Lines about alerts and health on their way to each sink.
    pub(super) outbox: Vec<(SinkName, Outbox)>,
    /// How late events came since the process began.
    pub(super) late: BTreeMap<SourceName, Late>,
    /// All files of the database together.
    pub(super) bytes: u64,
    /// What holds something of that, and what is free beside it.
    pub(super) footprint: Option<Footprint>,
}

/// The delays of one source, as far as they are counted.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Late {
    pub(super) histogram: Histogram,
    last: Delay,
}

impl Late {
    /// None counted, of what is stored from then on.
    pub(super) fn since(began: Instant) -> Self {
        Self { histogram: Histogram::default(), last: Delay { received: began, seq: Seq(0), delay: Duration::ZERO } }
    }

    pub(super) fn follow(&mut self, store: &dyn Store, source: &SourceName) -> Result<()> {
        for delay in store.delays(source, &self.last, DELAYS)? {
            self.histogram.add(delay.delay);
            self.last = delay;
        }
        Ok(())
    }
}

/// What to ask about.
#[derive(Clone, Debug)]
pub(super) struct Question {
    /// Sinks, and whose events each gets.
    pub(super) sinks: Vec<(SinkName, Vec<SourceName>)>,
    pub(super) channels: Vec<ChannelName>,
    pub(super) database: PathBuf,
    pub(super) now: Instant,
    /// As far as they were counted before.
    pub(super) late: BTreeMap<SourceName, Late>,
}

impl Stored {
    /// Asks. Blocks on the disk.
    pub(super) fn read(store: &dyn Store, question: Question) -> Result<Self> {
        let Question { sinks, channels, database, now, mut late } = question;
        let mut backlog = Vec::new();
        for (sink, sources) in &sinks {
            for source in sources {
                backlog.extend(store.backlog(sink, source)?);
            }
        }
        let mut parked: BTreeMap<(SinkName, SourceName), u64> =
            sinks.iter().flat_map(|(sink, sources)| sources.iter().map(|source| ((sink.clone(), source.clone()), 0))).collect();
        for each in store.parked()? {
            *parked.entry((each.sink, each.source)).or_default() += 1;
        }
        let account = |channel: ChannelName| store.channel(&channel, now).map(|account| (channel, account));
        for (source, late) in &mut late {
            late.follow(store, source)?;
        }
        let mut conditions: BTreeMap<Kind, u64> = Kind::ALL.into_iter().map(|kind| (kind, 0)).collect();
        for known in store.conditions()?.into_iter().filter(Known::is_open) {
            *conditions.entry(known.condition.kind).or_default() += 1;
        }
        let mut outbox = Vec::with_capacity(sinks.len());
        for (sink, _) in &sinks {
            outbox.push((sink.clone(), store.outbox_size(sink)?));
        }
        Ok(Self {
            conditions,
            outbox,
            backlog,
            parked,
            alerts: store.unresolved()?,
            channels: channels.into_iter().map(account).collect::<Result<_>>()?,
            late,
            bytes: bytes(&database),
            footprint: Some(store.footprint()?),
        })
    }
}

/// How large the files of a database are together, those beside it that SQLite keeps included.
fn bytes(database: &Path) -> u64 {
    let size = |suffix: &str| {
        let mut path = database.as_os_str().to_owned();
        path.push(suffix);
        std::fs::metadata(PathBuf::from(path)).map_or(0, |file| file.len())
    };
    ["", "-wal", "-shm"].into_iter().map(size).sum()
}
