//! The durable middle: what came in, how far we read, how far each sink got, and the credentials.
//!
//! What always holds:
//!
//! - **Never ahead of what it holds (I3).** Events and the checkpoint that covers them commit in one transaction; a
//!   sink's cursor moves only after the sink accepted. Both are synced to disk before the call returns.
//! - **Once (I2).** An event id is stored once per source. Ids outlive records: retention never makes an old event new.
//! - **Sealed (I5).** Credentials are encrypted with a key that is not in the database.
//! - **One owner (I4).** A process holds the lock of the store for as long as it writes.
//!
//! Every method blocks on the disk; async code goes through [`blocking`]. An error of kind
//! [`StoreErrorKind::Poisoned`] means a write or sync failed half-way: stop and start again, do not guess.

use std::{sync::Arc, time::Duration};

use audit_pipeline::{detector::Profile, types::Credentials};
use serde::{Deserialize, Serialize};

use crate::{
    alert::{
        Alert, AlertId, AlertQuery, Behaviour, BehaviourQuery, Dispatch, Entry, Judged, Judgement, Outlet, Severity, Step, Suppression,
        SuppressionId,
    },
    model::{ChannelName, DetectorName, GenerationNumber, Instant, Lane, Seq, SinkName, SourceName, Stream},
    notify::{Account, Audience, Ledger, Settled, Waiting},
};

mod conditions;
mod error;
mod evidence;
mod grant;
mod known;
pub mod lock;
mod log;
pub mod place;
mod privacy;
mod prune;
mod responses;
pub mod room;
pub mod seal;
pub mod sqlite;
mod tenure;

pub use conditions::{Conditions, Outbox};
pub use error::{StoreError, StoreErrorKind};
pub use evidence::{Evidence, PROMPT, Waited};
pub use grant::{Grant, Intent};
pub use known::{Known, standing};
pub use log::{Committed, Page, Range, StoredEvent, at};
pub use privacy::{ERASED_LOST, Erased, Kept, Privacy, Stretch};
pub use prune::{KEEPING, Old, Prune};
pub use responses::{Due, Responses};
pub use room::{Footprint, Room, Shortage, Space};
pub use tenure::{PROBATION, Refused, Successor, Tenure, TenureState};

/// Result of a store call.
pub type Result<T> = std::result::Result<T, StoreError>;

/// Where a stream stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The component's own state, opaque.
    pub body: String,
    /// The watermark.
    pub through: Instant,
    /// When it was committed.
    pub at: Instant,
}

/// An event that a sink refused by itself, set aside so that the rest can pass.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Parked {
    /// The sink.
    pub sink: SinkName,
    /// The event's source.
    pub source: SourceName,
    /// The event.
    pub seq: Seq,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Instant,
    /// An operator asked for another try.
    pub retry: bool,
}

/// A sink that reads a source.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Reader {
    /// The sink.
    pub sink: SinkName,
    /// The source.
    pub source: SourceName,
}

/// A detector that judges a source.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Judge {
    /// The source.
    pub source: SourceName,
    /// The detector.
    pub detector: DetectorName,
}

/// What waits for a sink.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Backlog {
    /// The sink.
    pub sink: SinkName,
    /// The source.
    pub source: SourceName,
    /// The lane.
    pub lane: Lane,
    /// Events not yet accepted.
    pub events: u64,
    /// When the oldest of them was stored.
    pub oldest: Option<Instant>,
}

/// A stretch of time that cannot be read, as stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoredGap {
    /// Its number.
    pub id: i64,
    /// Whose.
    pub source: SourceName,
    /// Inclusive.
    pub start: Instant,
    /// Exclusive.
    pub end: Instant,
    /// Why.
    pub cause: String,
    /// When it was found.
    pub found: Instant,
    /// A backfill has read it after all.
    pub filled: bool,
}

impl StoredGap {
    /// Whether somebody should still do something about it: it is not filled, and it was found after `since`. What was found before
    /// records would be kept from is old news: nobody fills it any more.
    pub fn is_open(&self, since: Instant) -> bool {
        !self.filled && self.found > since
    }
}

/// What a backfill is read for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Purpose {
    /// Every sink of the source gets it.
    Delivery,
    /// Only this sink gets it.
    Sink(SinkName),
    /// No sink gets it: detectors learn from it. What is read again for another purpose is then stored and delivered like new.
    Learning,
}

/// A backfill.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct History {
    /// Its number.
    pub id: i64,
    /// Whose.
    pub source: SourceName,
    /// Inclusive.
    pub start: Instant,
    /// Exclusive.
    pub end: Instant,
    /// What it is read for.
    pub purpose: Purpose,
    /// The gap it fills.
    pub gap: Option<i64>,
    /// Read up to here.
    pub through: Instant,
    /// Events it stored.
    pub events: u64,
    /// Complete.
    pub finished: bool,
}

/// An event name seen, with what it means.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ActionSeen {
    /// Whose.
    pub source: SourceName,
    /// The vendor's verb.
    pub action: String,
    /// How often stored.
    pub count: u64,
    /// First stored.
    pub first: Instant,
    /// Last stored.
    pub last: Instant,
    /// The traits of the latest.
    pub traits: Vec<String>,
}

/// How late events came, over the last `window`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lateness {
    /// Late events counted.
    pub events: u64,
    /// The median, in milliseconds from happening to storing.
    pub median: u64,
    /// The 99th percentile.
    pub p99: u64,
    /// The largest.
    pub max: u64,
}

/// An event that came late.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delay {
    /// When it was stored.
    pub received: Instant,
    /// Its place in the log.
    pub seq: Seq,
    /// From happening to storing.
    pub delay: Duration,
}

/// The store. See the module's documentation for what always holds.
pub trait Store: Responses + Conditions + Space + Privacy + Evidence {
    /// Makes a source known. Idempotent.
    fn register(&self, source: &SourceName) -> Result<()>;

    /// Where a stream stands; `None` before its first commit.
    fn checkpoint(&self, source: &SourceName, stream: Stream) -> Result<Option<Checkpoint>>;
    /// Stores a stream's first checkpoint.
    fn begin(&self, source: &SourceName, stream: Stream, checkpoint: &str, through: Instant, at: Instant) -> Result<()>;
    /// Stores a page: new events, checkpoint, gaps and counts, all or nothing.
    fn commit(&self, page: &Page<'_>) -> Result<Committed>;

    /// Reads the log in order of place.
    fn read(&self, range: &Range<'_>) -> Result<Vec<StoredEvent>>;
    /// Reads all lanes of a source in order of place, strictly after `after`: at most so many events and so many bytes of
    /// records, but always one where there is one.
    fn read_all(&self, source: &SourceName, after: Seq, events: usize, bytes: usize) -> Result<Vec<StoredEvent>>;
    /// When each of these ids of a source was stored, to the second; `None`: never, or only for detectors to learn from.
    fn remembered(&self, source: &SourceName, ids: &[String]) -> Result<Vec<Option<Instant>>>;
    /// One event.
    fn event(&self, seq: Seq) -> Result<Option<(SourceName, StoredEvent)>>;
    /// The latest place in the log.
    fn head(&self) -> Result<Seq>;

    /// How far a sink got; the beginning where it never read.
    fn cursor(&self, sink: &SinkName, source: &SourceName, lane: Lane) -> Result<Seq>;
    /// Moves a sink's cursor (never back) and parks what it refused, in one transaction. `at`: when it took the rest.
    fn advance(&self, sink: &SinkName, source: &SourceName, lane: Lane, to: Seq, parked: &[Parked], at: Instant) -> Result<()>;
    /// What waits for each of `sinks` from each of `sources`.
    fn backlog(&self, sink: &SinkName, source: &SourceName) -> Result<Vec<Backlog>>;
    /// The sinks that retention waits for: those that ever asked for a cursor.
    fn readers(&self) -> Result<Vec<Reader>>;
    /// A sink reads a source no more: its cursors and what it parked are forgotten, and retention waits for it no longer.
    fn forget_reader(&self, sink: &SinkName, source: &SourceName) -> Result<()>;
    /// What is parked, oldest first.
    fn parked(&self) -> Result<Vec<Parked>>;
    /// Asks for another try of parked events: of one, or of all of a sink and of the lines that it refused. Returns how many.
    fn retry_parked(&self, sink: Option<&SinkName>, seq: Option<Seq>) -> Result<u64>;
    /// What a sink is to be sent once more of these sources, in the order of the log; the first `most`.
    fn to_retry(&self, sink: &SinkName, sources: &[SourceName], most: usize) -> Result<Vec<Parked>>;
    /// Parked events were sent once more: forgets those that were accepted and parks the others again, in one transaction.
    fn unpark(&self, sink: &SinkName, accepted: &[Seq], refused: &[Parked], at: Instant) -> Result<()>;
    /// Parks these, over what is known of them, in one transaction.
    fn park(&self, parked: &[Parked]) -> Result<()>;

    /// How far a detector judged a source; the beginning where it never did. From then on retention waits for it.
    fn judged(&self, source: &SourceName, detector: &DetectorName) -> Result<Seq>;
    /// What a detector remembers about these subjects, in their order; an empty body where that is nothing.
    fn profiles(&self, source: &SourceName, detector: &DetectorName, subjects: &[String]) -> Result<Vec<Profile>>;
    /// Stores what a detector made of the next events: behaviours, alerts raised or updated, what is to be done about them, the
    /// lines about all that for each outlet, profiles and the cursor, all or nothing. Fails as [`StoreErrorKind::Conflict`] where the cursor is not at
    /// `after` any more.
    fn judge(&self, judgement: &Judgement<'_>) -> Result<Judged>;
    /// The detectors that retention waits for.
    fn judges(&self) -> Result<Vec<Judge>>;
    /// A detector judges a source no more: its cursor and its profiles are forgotten. What it found stays.
    fn forget_judge(&self, source: &SourceName, detector: &DetectorName) -> Result<()>;

    /// Alerts, the last seen first.
    fn alerts(&self, query: &AlertQuery) -> Result<Vec<Alert>>;
    /// How many alerts nobody has closed, and that stand by themselves, of each severity; the gravest first.
    fn unresolved(&self) -> Result<Vec<(Severity, u64)>>;
    /// One alert.
    fn alert(&self, id: AlertId) -> Result<Option<Alert>>;
    /// What happened to an alert, oldest first.
    fn alert_history(&self, id: AlertId) -> Result<Vec<Entry>>;
    /// Behaviours, the latest first.
    fn behaviours(&self, query: &BehaviourQuery) -> Result<Vec<Behaviour>>;
    /// A person takes, closes or reopens an alert. With an incident, the alerts that it holds are closed and reopened. Fails
    /// as [`StoreErrorKind::Conflict`] where that cannot be, and says what can.
    fn change_alert(&self, id: AlertId, step: &Step, who: &str, at: Instant) -> Result<Alert>;
    /// The suppressions, latest first, ended ones included.
    fn suppressions(&self) -> Result<Vec<Suppression>>;
    /// A person ends a suppression before its time. Fails as [`StoreErrorKind::Conflict`] where it is over already.
    fn lift_suppression(&self, id: SuppressionId, who: &str, at: Instant) -> Result<Suppression>;
    /// Which sinks get the alerts of which sources from now on. What is on its way to others stays there.
    fn set_outlets(&self, outlets: &[Outlet]) -> Result<()>;
    /// The oldest lines about alerts on their way to a sink, all of one source: at most so many and so many bytes, but always
    /// one where there is one.
    fn outbox(&self, sink: &SinkName, lines: usize, bytes: usize) -> Result<Vec<Dispatch>> {
        self.outbox_behind(sink, 0, None, lines, bytes)
    }
    /// The same of those behind this one, and where some sources are given, only theirs.
    fn outbox_behind(&self, sink: &SinkName, behind: i64, of: Option<&[SourceName]>, lines: usize, bytes: usize) -> Result<Vec<Dispatch>>;
    /// A sink accepted these lines.
    fn dispatched(&self, ids: &[i64]) -> Result<()>;
    /// A sink refused this line by itself: it is kept, and not sent again.
    fn set_aside(&self, id: i64, reason: &str) -> Result<()>;

    /// Which channels are told of the alerts of which sources from now on. What waits for others stays.
    fn set_audiences(&self, audiences: &[Audience]) -> Result<()>;
    /// What waits for a channel: the alert that is next, when one will be, and the channel's counts.
    fn notices(&self, channel: &ChannelName, now: Instant) -> Result<Waiting>;
    /// What became of a notice, and the channel's counts after it, in one transaction. A change that came meanwhile stays to
    /// be told.
    fn settle_notice(&self, channel: &ChannelName, settled: Option<&Settled>, ledger: &Ledger) -> Result<()>;
    /// What was to be told before then, and the channel knows nothing of, is not told any more: it is counted. What it knows of is told
    /// however late: nobody else ends what it began.
    fn lapse_notices(&self, channel: &ChannelName, before: Instant) -> Result<()>;
    /// A channel in numbers.
    fn channel(&self, channel: &ChannelName, now: Instant) -> Result<Account>;

    /// The credentials of a source, opened.
    fn grant(&self, source: &SourceName) -> Result<Option<Grant>>;
    /// Stores a newer pair durably and closes the intent. Fails where `after` is no longer the latest version.
    fn put_grant(&self, source: &SourceName, after: Option<u64>, credentials: &Credentials, fingerprint: &[u8], at: Instant)
    -> Result<u64>;
    /// Journals that the pair of this version is about to be sent. Returns the intent with its attempts counted up.
    fn open_intent(&self, source: &SourceName, version: u64, at: Instant) -> Result<Intent>;
    /// The refresh surely did not happen: the pair is as good as before.
    fn close_intent(&self, source: &SourceName, version: u64) -> Result<()>;
    /// A person must authorize again.
    fn bury_grant(&self, source: &SourceName, version: u64, reason: &str) -> Result<()>;
    /// Keyed fingerprint of configured tokens, for comparing with a grant's.
    fn fingerprint(&self, tokens: &[&str]) -> Vec<u8>;
    /// Seals everything that is sealed with another key, and goes on with that one. All or nothing.
    fn rekey(&self, key: &seal::Key) -> Result<()>;
    /// The database looks older than the grants once issued, or is another file than the one they were stored in: it was restored from
    /// a backup, or copied.
    fn restored(&self, source: &SourceName) -> Result<bool>;
    /// A person says that the stored pair is good in spite of a restore.
    fn confirm(&self, source: &SourceName) -> Result<()>;

    /// The recorded gaps.
    fn gaps(&self) -> Result<Vec<StoredGap>>;

    /// Begins a backfill.
    fn add_history(&self, history: &History) -> Result<i64>;
    /// The backfills, oldest first.
    fn histories(&self) -> Result<Vec<History>>;

    /// Event names seen.
    fn actions(&self) -> Result<Vec<ActionSeen>>;
    /// How late events came since `since`.
    fn lateness(&self, source: &SourceName, since: Instant) -> Result<Lateness>;
    /// The events that came late after that one, at most so many, in order of storing: the delay of `after` is not looked at.
    fn delays(&self, source: &SourceName, after: &Delay, most: usize) -> Result<Vec<Delay>>;

    /// Makes a generation of a component current, the one before it replaced. With `probation`, where the streams of those
    /// sources stand is kept, to go back to.
    fn install(&self, successor: &Successor<'_>) -> Result<GenerationNumber>;
    /// Notes a candidate that failed its proof.
    fn refuse(&self, refused: &Refused<'_>) -> Result<GenerationNumber>;
    /// A source completed a poll on a generation that is on probation. Returns whether the probation is over.
    fn polled(&self, generation: GenerationNumber, source: &SourceName, at: Instant) -> Result<bool>;
    /// How many polls of its probation a source has completed; `None` where it is not on probation.
    fn polls(&self, generation: GenerationNumber, source: &SourceName) -> Result<Option<u64>>;
    /// Takes a generation on probation back: the one before it is current again, and every stream of its sources stands
    /// where it stood before, in one transaction. Returns its number; `None` where there is nothing to go back to.
    fn take_back(&self, generation: GenerationNumber, reason: &str, at: Instant) -> Result<Option<GenerationNumber>>;
    /// Adds to what a generation did.
    fn tally(&self, generation: GenerationNumber, polls: u64, failures: u64) -> Result<()>;
    /// The generations of all components, oldest first.
    fn tenures(&self) -> Result<Vec<Tenure>>;
    /// What `install` was given as the package of a generation, while it is current or may be gone back to.
    fn package(&self, generation: GenerationNumber) -> Result<Option<Vec<u8>>>;

    /// Keeps a transcript of a source, sealed, and forgets all but its latest `most`.
    fn keep_transcript(&self, source: &SourceName, at: Instant, body: &[u8], most: u64) -> Result<()>;
    /// The transcripts of a source, oldest first, opened.
    fn transcripts(&self, source: &SourceName) -> Result<Vec<Vec<u8>>>;

    /// A small named value, for what is only shown (`state/acme`).
    fn note(&self, key: &str, value: &str) -> Result<()>;
    /// All small values whose key begins with `prefix`.
    fn notes(&self, prefix: &str) -> Result<Vec<(String, String)>>;

    /// Forgets what is old. Returns how many records went.
    fn prune(&self, prune: &Prune) -> Result<u64>;
}

/// Runs a store call where blocking is allowed.
pub async fn blocking<T: Send + 'static>(store: &Arc<dyn Store>, call: impl FnOnce(&dyn Store) -> Result<T> + Send + 'static) -> Result<T> {
    let store = Arc::clone(store);
    match tokio::task::spawn_blocking(move || call(store.as_ref())).await {
        Ok(result) => result,
        Err(gone) => Err(StoreError::gone(&gone)),
    }
}
