//! The store behind a door: every call is a boundary at which the process may die, and calls that write can fail.

use std::sync::Arc;

use audit_pipeline::{detector::Profile, types::Credentials};
use miro_source::{
    alert::{
        Alert, AlertId, AlertQuery, Behaviour, BehaviourQuery, Dispatch, Entry, Judged, Judgement, Outlet, Severity, Step, Suppression,
        SuppressionId, Who,
    },
    clock::{Clock, SteppedClock},
    condition::{Change, HealthLine, Known},
    directory::{Member, Person},
    model::{ChannelName, DetectorName, GenerationNumber, Instant, Lane, ResponderName, Seq, SinkName, SourceName, Stream},
    notify::{Account, Audience, Ledger, Settled, Waiting},
    privacy::{Hold, Identity, Marks},
    respond::{Caps, Deed, Head, Move, Order, Reaction, Record, Response, ResponseId, ResponseQuery, Switched, Turn},
    store::{
        ActionSeen, Backlog, Checkpoint, Committed, Conditions, Delay, Due, Erased, Evidence, Footprint, Grant, History, Intent, Judge,
        Kept, Lateness, Outbox, Page, Parked, Privacy, Prune, Range, Reader, Refused, Responses, Result, Space, Store, StoreError,
        StoreErrorKind, StoredEvent, StoredGap, Stretch, Successor, Tenure, Waited, seal::Key,
    },
};

use super::{
    draw::{BEGUN, Dice},
    fuse::Fuse,
    plan::Sabotage,
    trace::Trace,
    verdict::Tally,
};

/// A store that can die and fail.
pub(super) struct Vault {
    pub(super) inner: Arc<dyn Store>,
    pub(super) fuse: Fuse,
    pub(super) trace: Trace,
    pub(super) tally: Tally,
    pub(super) dice: Dice,
    pub(super) clock: SteppedClock,
    /// How likely a write fails, and until when.
    pub(super) disk: f64,
    pub(super) faults_until: u64,
    pub(super) sabotage: Sabotage,
}

impl Vault {
    fn pass<T>(&self, what: &str, act: impl FnOnce(&dyn Store) -> Result<T>) -> Result<T> {
        let last = || self.trace.note(format!("store {what} ✝"));
        let dead = |_| Err(StoreError::new(StoreErrorKind::Poisoned, "the process is dead"));
        self.fuse.pass(last, || act(self.inner.as_ref())).unwrap_or_else(dead)
    }

    fn write<T>(&self, what: &str, act: impl FnOnce(&dyn Store) -> Result<T>) -> Result<T> {
        let now = self.clock.now().0;
        let faulty = !self.fuse.burnt() && (BEGUN..self.faults_until).contains(&now);
        if faulty && self.dice.strikes(self.disk) {
            self.trace.note(format!("store {what}: the disk is full"));
            return Err(StoreError::new(StoreErrorKind::Retry, format!("failed to {what}: the disk is full")));
        }
        self.pass(what, act)
    }
}

macro_rules! door {
    ($through:ident: $($name:ident($($given:ident: $kind:ty),*) -> $out:ty;)*) => {
        $(fn $name(&self, $($given: $kind),*) -> Result<$out> {
            self.$through(stringify!($name), |store| store.$name($($given),*))
        })*
    };
}

impl Space for Vault {
    door! { pass:
        footprint() -> Footprint;
        waiting() -> u64;
        is_any_old(prune: &Prune) -> bool;
    }
}

impl Responses for Vault {
    door! { write:
        set_reactions(reactions: &[Reaction], at: Instant) -> ();
        order(order: &Order, at: Instant) -> Response;
        move_response(id: ResponseId, revision: Option<u64>, next: &Move, who: Option<&str>, at: Instant) -> Response;
        begin_response(id: ResponseId, revision: u64, caps: Caps, users: u64, at: Instant) -> Response;
        switch(switched: &Switched) -> bool;
        deed(deed: &Deed, turn: Option<Turn<'_>>) -> bool;
        hold_restored(at: Instant) -> u64;
        put_people(directory: &ResponderName, people: &[Person], checkpoint: &str, at: Instant) -> Vec<Person>;
        put_members(directory: &ResponderName, group: &str, members: &[Member], at: Instant) -> ();
    }

    door! { pass:
        responses(query: &ResponseQuery) -> Vec<Response>;
        response(id: ResponseId) -> Option<Response>;
        due_response(responder: &ResponderName, now: Instant) -> Due;
        suspended(source: &SourceName, besides: &Who, hour_since: Instant, day_since: Instant) -> (u64, u64);
        governance(after: i64, most: usize) -> Vec<Record>;
        governance_head() -> Head;
        responses_restored() -> bool;
        governance_shortened() -> bool;
        people_checkpoint(directory: &ResponderName) -> Option<String>;
        person(directory: &ResponderName, email_or_id: &str) -> Option<Person>;
        departed_people(directory: &ResponderName) -> Vec<Person>;
        people_count(directory: &ResponderName) -> u64;
        members(directory: &ResponderName, group: &str) -> Option<Vec<Member>>;
    }
}

impl Conditions for Vault {
    door! { write:
        turn_conditions(change: &Change, at: Instant) -> ();
        proclaim(key: &str, value: &str, lines: &[HealthLine]) -> ();
    }

    door! { pass:
        conditions() -> Vec<Known>;
        outbox_size(sink: &SinkName) -> Outbox;
        arrivals(source: &SourceName, since: Instant) -> Vec<Instant>;
    }
}

impl Privacy for Vault {
    door! { write:
        keep_out(source: Option<&SourceName>, identities: &[Identity], at: Instant) -> u64;
        erase_events(stretch: &Stretch) -> Erased;
        erase_rows(source: Option<&SourceName>) -> Erased;
        scrub() -> ();
    }

    door! { pass:
        hold(holds: &[(SourceName, Hold)]) -> ();
        kept_out(source: Option<&SourceName>) -> Marks;
        erasures() -> u64;
        kept_of(source: Option<&SourceName>, marks: &Marks, each: &mut dyn FnMut(Kept) -> Result<()>) -> ();
    }
}

impl Evidence for Vault {
    door! { pass:
        joined(sink: &SinkName, source: &SourceName) -> Instant;
        forgotten(source: &SourceName) -> Instant;
        waited(sink: &SinkName, source: &SourceName, lane: Lane) -> Vec<Waited>;
    }
}

impl Store for Vault {
    door! { write:
        register(source: &SourceName) -> ();
        begin(source: &SourceName, stream: Stream, checkpoint: &str, through: Instant, at: Instant) -> ();
        open_intent(source: &SourceName, version: u64, at: Instant) -> Intent;
        close_intent(source: &SourceName, version: u64) -> ();
        confirm(source: &SourceName) -> ();
        rekey(key: &Key) -> ();
        add_history(history: &History) -> i64;
        retry_parked(sink: Option<&SinkName>, seq: Option<Seq>) -> u64;
        unpark(sink: &SinkName, accepted: &[Seq], refused: &[Parked], at: Instant) -> ();
        park(parked: &[Parked]) -> ();
        forget_reader(sink: &SinkName, source: &SourceName) -> ();
        install(successor: &Successor<'_>) -> GenerationNumber;
        refuse(refused: &Refused<'_>) -> GenerationNumber;
        polled(generation: GenerationNumber, source: &SourceName, at: Instant) -> bool;
        take_back(generation: GenerationNumber, reason: &str, at: Instant) -> Option<GenerationNumber>;
        tally(generation: GenerationNumber, polls: u64, failures: u64) -> ();
        keep_transcript(source: &SourceName, at: Instant, body: &[u8], most: u64) -> ();
        judge(judgement: &Judgement<'_>) -> Judged;
        forget_judge(source: &SourceName, detector: &DetectorName) -> ();
        change_alert(id: AlertId, step: &Step, who: &str, at: Instant) -> Alert;
        lift_suppression(id: SuppressionId, who: &str, at: Instant) -> Suppression;
        set_outlets(outlets: &[Outlet]) -> ();
        dispatched(ids: &[i64]) -> ();
        set_aside(id: i64, reason: &str) -> ();
        set_audiences(audiences: &[Audience]) -> ();
        settle_notice(channel: &ChannelName, settled: Option<&Settled>, ledger: &Ledger) -> ();
        lapse_notices(channel: &ChannelName, before: Instant) -> ();
        note(key: &str, value: &str) -> ();
        prune(prune: &Prune) -> u64;
    }

    door! { pass:
        checkpoint(source: &SourceName, stream: Stream) -> Option<Checkpoint>;
        read(range: &Range<'_>) -> Vec<StoredEvent>;
        read_all(source: &SourceName, after: Seq, events: usize, bytes: usize) -> Vec<StoredEvent>;
        remembered(source: &SourceName, ids: &[String]) -> Vec<Option<Instant>>;
        event(seq: Seq) -> Option<(SourceName, StoredEvent)>;
        head() -> Seq;
        cursor(sink: &SinkName, source: &SourceName, lane: Lane) -> Seq;
        backlog(sink: &SinkName, source: &SourceName) -> Vec<Backlog>;
        readers() -> Vec<Reader>;
        parked() -> Vec<Parked>;
        to_retry(sink: &SinkName, sources: &[SourceName], most: usize) -> Vec<Parked>;
        judged(source: &SourceName, detector: &DetectorName) -> Seq;
        profiles(source: &SourceName, detector: &DetectorName, subjects: &[String]) -> Vec<Profile>;
        judges() -> Vec<Judge>;
        alerts(query: &AlertQuery) -> Vec<Alert>;
        unresolved() -> Vec<(Severity, u64)>;
        alert(id: AlertId) -> Option<Alert>;
        alert_history(id: AlertId) -> Vec<Entry>;
        behaviours(query: &BehaviourQuery) -> Vec<Behaviour>;
        suppressions() -> Vec<Suppression>;
        outbox_behind(sink: &SinkName, behind: i64, of: Option<&[SourceName]>, lines: usize, bytes: usize) -> Vec<Dispatch>;
        notices(channel: &ChannelName, now: Instant) -> Waiting;
        channel(channel: &ChannelName, now: Instant) -> Account;
        grant(source: &SourceName) -> Option<Grant>;
        restored(source: &SourceName) -> bool;
        gaps() -> Vec<StoredGap>;
        histories() -> Vec<History>;
        actions() -> Vec<ActionSeen>;
        lateness(source: &SourceName, since: Instant) -> Lateness;
        delays(source: &SourceName, after: &Delay, most: usize) -> Vec<Delay>;
        polls(generation: GenerationNumber, source: &SourceName) -> Option<u64>;
        tenures() -> Vec<Tenure>;
        package(generation: GenerationNumber) -> Option<Vec<u8>>;
        transcripts(source: &SourceName) -> Vec<Vec<u8>>;
        notes(prefix: &str) -> Vec<(String, String)>;
    }

    fn commit(&self, page: &Page<'_>) -> Result<Committed> {
        let forgets = self.sabotage == Sabotage::Forgets && !page.events.is_empty() && self.dice.strikes(1.0 / 7.0);
        let events = if forgets { &[] } else { page.events };
        let done = self.write("commit", |store| {
            let done = store.commit(&Page { events, ..*page });
            // Counted behind the boundary: what is on disk is stored, whether anybody heard of it or not.
            if let Ok(done) = &done {
                self.tally.stored(done.new);
            }
            done
        })?;
        self.trace.note(format!("stored {} new, {} known, {} lane", done.new, done.known, page.lane));
        Ok(done)
    }

    fn advance(&self, sink: &SinkName, source: &SourceName, lane: Lane, to: Seq, parked: &[Parked], at: Instant) -> Result<()> {
        self.write("advance", |store| {
            let moved = store.advance(sink, source, lane, to, parked, at);
            if moved.is_ok() {
                self.tally.settled();
            }
            moved
        })?;
        let parked = if parked.is_empty() { String::new() } else { format!(", {} parked", parked.len()) };
        self.trace.note(format!("cursor {lane} at {}{parked}", to.0));
        Ok(())
    }

    fn put_grant(
        &self,
        source: &SourceName,
        after: Option<u64>,
        credentials: &Credentials,
        fingerprint: &[u8],
        at: Instant,
    ) -> Result<u64> {
        let put = self.write("put_grant", |store| store.put_grant(source, after, credentials, fingerprint, at));
        self.tally.saved(put.is_ok());
        put
    }

    fn bury_grant(&self, source: &SourceName, version: u64, reason: &str) -> Result<()> {
        let buried = self.write("bury_grant", |store| store.bury_grant(source, version, reason));
        if buried.is_err() {
            self.tally.unburied();
        }
        buried
    }

    fn fingerprint(&self, tokens: &[&str]) -> Vec<u8> {
        self.inner.fingerprint(tokens)
    }
}
