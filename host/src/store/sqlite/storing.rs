//! Every call of the store, and the one transaction that it is.

use audit_pipeline::{detector::Profile, types::Credentials};

use super::{
    actions, alerts, behaviours, changes, checkpoints, cursors, detectors, evidence, gaps, generations, grants, handle::SqliteStore,
    histories, ids, judge, lateness, log, names, notes, notices, outbox, parked, prune, suppressions, transcripts,
};
use crate::store::{
    ActionSeen, Backlog, Checkpoint, Committed, Delay, Grant, History, Intent, Judge, Lateness, Page, Parked, Prune, Range, Reader,
    Refused, Result, Store, StoredEvent, StoredGap, Successor, Tenure, seal::Key,
};
use crate::{
    alert::{
        Alert, AlertId, AlertQuery, Behaviour, BehaviourQuery, Dispatch, Entry, Judged, Judgement, Outlet, Severity, Step, Suppression,
        SuppressionId,
    },
    model::{ChannelName, DetectorName, GenerationNumber, Instant, Lane, Seq, SinkName, SourceName, Stream},
    notify::{Account, Audience, Ledger, Settled, Waiting},
};
impl Store for SqliteStore {
    fn register(&self, source: &SourceName) -> Result<()> {
        self.write_with("register a source", |db| names::register(db, source).map(drop))
    }

    fn checkpoint(&self, source: &SourceName, stream: Stream) -> Result<Option<Checkpoint>> {
        self.read_with("read a checkpoint", |db| checkpoints::read(db, source, stream))
    }

    fn begin(&self, source: &SourceName, stream: Stream, checkpoint: &str, through: Instant, at: Instant) -> Result<()> {
        self.write_with("store a first checkpoint", |db| {
            checkpoints::begin(db, source, stream, &Checkpoint { body: checkpoint.to_owned(), through, at })
        })
    }

    fn commit(&self, page: &Page<'_>) -> Result<Committed> {
        let (key, hold) = (self.key(), self.hold_on(page.source));
        self.write_with("store a page", |db| log::commit(db, &self.chunks, &key, page, &hold))
    }

    fn read(&self, range: &Range<'_>) -> Result<Vec<StoredEvent>> {
        self.read_with("read the log", |db| log::read(db, &self.chunks, range))
    }

    fn read_all(&self, source: &SourceName, after: Seq, events: usize, bytes: usize) -> Result<Vec<StoredEvent>> {
        self.read_with("read the log", |db| log::read_all(db, &self.chunks, source, after, &log::Portion { events, bytes }))
    }

    fn remembered(&self, source: &SourceName, ids: &[String]) -> Result<Vec<Option<Instant>>> {
        self.read_with("look ids up", |db| ids::remembered(db, source, ids))
    }

    fn event(&self, seq: Seq) -> Result<Option<(SourceName, StoredEvent)>> {
        self.read_with("read an event", |db| log::event(db, &self.chunks, seq))
    }

    fn head(&self) -> Result<Seq> {
        self.read_with("read the head of the log", log::head)
    }

    fn cursor(&self, sink: &SinkName, source: &SourceName, lane: Lane) -> Result<Seq> {
        if let Some(seq) = self.read_with("read a cursor", |db| cursors::read(db, sink, source, lane))? {
            return Ok(seq);
        }
        // From here on retention waits for it, though nothing was accepted yet.
        if self.writes.is_some() {
            self.write_with("make a reader known", |db| cursors::join(db, sink, source))?;
        }
        Ok(Seq::default())
    }

    fn advance(&self, sink: &SinkName, source: &SourceName, lane: Lane, to: Seq, parked: &[Parked], at: Instant) -> Result<()> {
        self.write_with("move a cursor", |db| {
            cursors::advance(db, sink, source, lane, to, at)?;
            parked.iter().try_for_each(|parked| parked::put(db, parked))
        })
    }

    fn readers(&self) -> Result<Vec<Reader>> {
        self.read_with("read the cursors", cursors::readers)
    }

    fn forget_reader(&self, sink: &SinkName, source: &SourceName) -> Result<()> {
        self.write_with("forget a reader", |db| cursors::forget(db, sink, source))
    }

    fn backlog(&self, sink: &SinkName, source: &SourceName) -> Result<Vec<Backlog>> {
        self.read_with("count a backlog", |db| cursors::backlog(db, sink, source))
    }

    fn parked(&self) -> Result<Vec<Parked>> {
        self.read_with("list parked events", parked::list)
    }

    fn retry_parked(&self, sink: Option<&SinkName>, seq: Option<Seq>) -> Result<u64> {
        self.write_with("mark parked events for another try", |db| {
            let lines = if seq.is_none() { outbox::retry(db, sink)? } else { 0 };
            Ok(lines.saturating_add(parked::retry(db, sink, seq)?))
        })
    }

    fn to_retry(&self, sink: &SinkName, sources: &[SourceName], most: usize) -> Result<Vec<Parked>> {
        self.read_with("list parked events to try again", |db| parked::to_retry(db, sink, sources, most))
    }

    fn unpark(&self, sink: &SinkName, accepted: &[Seq], refused: &[Parked], at: Instant) -> Result<()> {
        self.write_with("unpark events", |db| {
            evidence::took_again(db, sink, accepted, at)?;
            accepted.iter().try_for_each(|seq| parked::remove(db, sink, *seq))?;
            refused.iter().try_for_each(|each| parked::put(db, each))
        })
    }

    fn park(&self, parked: &[Parked]) -> Result<()> {
        self.write_with("park events", |db| parked.iter().try_for_each(|each| parked::put(db, each)))
    }

    fn judged(&self, source: &SourceName, detector: &DetectorName) -> Result<Seq> {
        if let Some(seq) = self.read_with("read the cursor of a detector", |db| detectors::cursor(db, source, detector))? {
            return Ok(seq);
        }
        if self.writes.is_some() {
            self.write_with("make a detector known", |db| detectors::join(db, source, detector))?;
        }
        Ok(Seq::default())
    }

    fn profiles(&self, source: &SourceName, detector: &DetectorName, subjects: &[String]) -> Result<Vec<Profile>> {
        self.read_with("read profiles", |db| detectors::profiles(db, source, detector, subjects))
    }

    fn judge(&self, judgement: &Judgement<'_>) -> Result<Judged> {
        let (key, hold) = (self.key(), self.hold_on(judgement.source));
        let judged = self.write_with("store a judgement", |db| judge::judge(db, &key, judgement, &hold))?;
        if !judged.responses.is_empty() {
            self.remember_records();
        }
        Ok(judged)
    }

    fn judges(&self) -> Result<Vec<Judge>> {
        self.read_with("list the detectors", detectors::list)
    }

    fn forget_judge(&self, source: &SourceName, detector: &DetectorName) -> Result<()> {
        self.write_with("forget a detector", |db| detectors::forget(db, source, detector))
    }

    fn alerts(&self, query: &AlertQuery) -> Result<Vec<Alert>> {
        self.read_with("list alerts", |db| alerts::list(db, query))
    }

    fn unresolved(&self) -> Result<Vec<(Severity, u64)>> {
        self.read_with("count alerts", alerts::unresolved)
    }

    fn alert(&self, id: AlertId) -> Result<Option<Alert>> {
        self.read_with("read an alert", |db| alerts::find(db, id))
    }

    fn alert_history(&self, id: AlertId) -> Result<Vec<Entry>> {
        self.read_with("read the history of an alert", |db| alerts::history(db, id))
    }

    fn behaviours(&self, query: &BehaviourQuery) -> Result<Vec<Behaviour>> {
        self.read_with("list behaviours", |db| behaviours::list(db, query))
    }

    fn change_alert(&self, id: AlertId, step: &Step, who: &str, at: Instant) -> Result<Alert> {
        self.write_with("change an alert", |db| changes::change(db, id, step, &changes::Hand { who, at }))
    }

    fn suppressions(&self) -> Result<Vec<Suppression>> {
        self.read_with("list suppressions", suppressions::list)
    }

    fn lift_suppression(&self, id: SuppressionId, who: &str, at: Instant) -> Result<Suppression> {
        self.write_with("lift a suppression", |db| changes::lift(db, id, &changes::Hand { who, at }))
    }

    fn set_outlets(&self, outlets: &[Outlet]) -> Result<()> {
        self.write_with("note which sinks get alerts", |db| outbox::set(db, outlets))
    }

    fn outbox_behind(&self, sink: &SinkName, behind: i64, of: Option<&[SourceName]>, lines: usize, bytes: usize) -> Result<Vec<Dispatch>> {
        self.read_with("read lines about alerts", |db| outbox::next(db, (sink, of), behind, lines, bytes))
    }

    fn dispatched(&self, ids: &[i64]) -> Result<()> {
        self.write_with("note accepted lines about alerts", |db| outbox::remove(db, ids))
    }

    fn set_aside(&self, id: i64, reason: &str) -> Result<()> {
        self.write_with("set a line about an alert aside", |db| outbox::refuse(db, id, reason))
    }

    fn set_audiences(&self, audiences: &[Audience]) -> Result<()> {
        self.write_with("note which channels are told of alerts", |db| notices::set(db, audiences))
    }

    fn notices(&self, channel: &ChannelName, now: Instant) -> Result<Waiting> {
        self.read_with("read what a channel is to be told", |db| notices::waiting(db, channel, now))
    }

    fn settle_notice(&self, channel: &ChannelName, settled: Option<&Settled>, ledger: &Ledger) -> Result<()> {
        self.write_with("note what a channel was told", |db| notices::settle(db, channel, settled, ledger))
    }

    fn lapse_notices(&self, channel: &ChannelName, before: Instant) -> Result<()> {
        self.write_with("count what a channel was not told", |db| notices::lapse(db, channel, before))
    }

    fn channel(&self, channel: &ChannelName, now: Instant) -> Result<Account> {
        self.read_with("count what waits for a channel", |db| notices::account(db, channel, now))
    }

    fn grant(&self, source: &SourceName) -> Result<Option<Grant>> {
        let key = self.key();
        self.read_with("read the credentials", |db| grants::read(db, &key, source))
    }

    fn put_grant(
        &self,
        source: &SourceName,
        after: Option<u64>,
        credentials: &Credentials,
        fingerprint: &[u8],
        at: Instant,
    ) -> Result<u64> {
        self.put_pair(source, after, &grants::New { credentials, fingerprint, at })
    }

    fn open_intent(&self, source: &SourceName, version: u64, at: Instant) -> Result<Intent> {
        self.write_with("journal a refresh", |db| grants::open_intent(db, source, version, at))
    }

    fn close_intent(&self, source: &SourceName, version: u64) -> Result<()> {
        self.write_with("close the journal of a refresh", |db| grants::close_intent(db, source, version))
    }

    fn bury_grant(&self, source: &SourceName, version: u64, reason: &str) -> Result<()> {
        self.write_with("mark credentials as dead", |db| grants::bury(db, source, version, reason))
    }

    fn fingerprint(&self, tokens: &[&str]) -> Vec<u8> {
        self.key().fingerprint(tokens)
    }

    fn rekey(&self, key: &Key) -> Result<()> {
        self.rekey_with(key)
    }

    fn restored(&self, source: &SourceName) -> Result<bool> {
        self.is_old_pair(source)
    }

    fn confirm(&self, source: &SourceName) -> Result<()> {
        self.confirm_pair(source)
    }

    fn gaps(&self) -> Result<Vec<StoredGap>> {
        self.read_with("list the gaps", gaps::list)
    }

    fn add_history(&self, history: &History) -> Result<i64> {
        self.write_with("begin a backfill", |db| histories::add(db, history))
    }

    fn histories(&self) -> Result<Vec<History>> {
        self.read_with("list the backfills", histories::list)
    }

    fn actions(&self) -> Result<Vec<ActionSeen>> {
        self.read_with("list the event names", actions::list)
    }

    fn lateness(&self, source: &SourceName, since: Instant) -> Result<Lateness> {
        self.read_with("measure lateness", |db| lateness::measure(db, source, since))
    }

    fn delays(&self, source: &SourceName, after: &Delay, most: usize) -> Result<Vec<Delay>> {
        self.read_with("list delays", |db| lateness::after(db, source, after, most))
    }

    fn install(&self, successor: &Successor<'_>) -> Result<GenerationNumber> {
        let key = self.key();
        self.write_recorded("make a generation current", |db| generations::install(db, &key, successor))
    }

    fn refuse(&self, refused: &Refused<'_>) -> Result<GenerationNumber> {
        self.write_recorded("note a refused component", |db| generations::refuse(db, refused))
    }

    fn polled(&self, generation: GenerationNumber, source: &SourceName, at: Instant) -> Result<bool> {
        self.write_with("count a poll", |db| generations::polled(db, generation, source, at))
    }

    fn polls(&self, generation: GenerationNumber, source: &SourceName) -> Result<Option<u64>> {
        self.read_with("read the count of polls", |db| generations::polls(db, generation, source))
    }

    fn take_back(&self, generation: GenerationNumber, reason: &str, at: Instant) -> Result<Option<GenerationNumber>> {
        self.write_recorded("take a generation back", |db| generations::take_back(db, generation, reason, at))
    }

    fn tally(&self, generation: GenerationNumber, polls: u64, failures: u64) -> Result<()> {
        self.write_with("count what a generation did", |db| generations::tally(db, generation, polls, failures))
    }

    fn tenures(&self) -> Result<Vec<Tenure>> {
        self.read_with("list the generations", generations::list)
    }

    fn package(&self, generation: GenerationNumber) -> Result<Option<Vec<u8>>> {
        let key = self.key();
        self.read_with("read a kept component", |db| generations::package(db, &key, generation))
    }

    fn keep_transcript(&self, source: &SourceName, at: Instant, body: &[u8], most: u64) -> Result<()> {
        let key = self.key();
        self.write_with("keep a transcript", |db| transcripts::keep(db, &key, source, at, body, most))
    }

    fn transcripts(&self, source: &SourceName) -> Result<Vec<Vec<u8>>> {
        let key = self.key();
        self.read_with("read the transcripts", |db| transcripts::list(db, &key, source))
    }

    fn note(&self, key: &str, value: &str) -> Result<()> {
        self.write_with("store a note", |db| notes::put(db, key, value))
    }

    fn notes(&self, prefix: &str) -> Result<Vec<(String, String)>> {
        self.read_with("read the notes", |db| notes::list(db, prefix))
    }

    fn prune(&self, prune: &Prune) -> Result<u64> {
        prune::run(self, prune)
    }
}
