//! What must hold at the end of an ordeal, and the books it is judged by.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use simulator::{Account, Answer};

use super::plan::Plan;

/// Counts what the world cannot know. Clones count together.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    stored: AtomicU64,
    /// Sent, and neither settled nor refused yet.
    flying: AtomicU64,
    excuse: AtomicU64,
    silent: AtomicU64,
    failed: AtomicU64,
}

impl Tally {
    /// So many events became new in the store.
    pub(super) fn stored(&self, events: u64) {
        self.0.stored.fetch_add(events, Ordering::SeqCst);
    }

    /// A batch left for Sumo Logic.
    pub(super) fn sent(&self, events: u64) {
        self.0.flying.fetch_add(events, Ordering::SeqCst);
    }

    /// Its answer settles nothing: each of its events may come twice.
    pub(super) fn doubtful(&self, events: u64) {
        self.refused(events);
        self.0.excuse.fetch_add(events, Ordering::SeqCst);
    }

    /// Surely none of it was taken.
    pub(super) fn refused(&self, events: u64) {
        self.0.flying.fetch_sub(events, Ordering::SeqCst);
    }

    /// The cursor covers what was accepted.
    pub(super) fn settled(&self) {
        self.0.flying.store(0, Ordering::SeqCst);
    }

    /// The process died: what was accepted and not covered may come twice.
    pub(super) fn died(&self) {
        let flying = self.0.flying.swap(0, Ordering::SeqCst);
        self.0.excuse.fetch_add(flying, Ordering::SeqCst);
    }

    /// Miro was asked. `token`: for a new pair.
    pub(super) fn asked(&self, token: bool, answer: &Answer) {
        let whole = answer.status == 200 && answer.delivery == simulator::Delivery::Whole;
        self.0.failed.fetch_add(u64::from(!whole), Ordering::SeqCst);
        self.0.silent.fetch_add(u64::from(token && !whole), Ordering::SeqCst);
    }
}

/// Everything that is known at the end.
#[derive(Clone, Debug, Default)]
pub struct Books {
    /// The world's.
    pub account: Account,
    /// Events that became new in the store.
    pub stored: u64,
    /// As many may have come twice.
    pub excuse: u64,
    /// Refreshes without a plain answer.
    pub silent: u64,
    /// Requests to Miro without a plain answer.
    pub failed: u64,
    /// Crashes that came to pass.
    pub crashes: u64,
    /// Times the host was started.
    pub starts: u64,
    /// Steps of worker and delivery.
    pub turns: u64,
    /// Times a person acted.
    pub visits: u64,
    /// What the source reports as wrong at the end.
    pub problem: Option<String>,
    /// The same of the sink.
    pub trouble: Option<String>,
    /// Events that still wait for the sink.
    pub backlog: u64,
    /// Events that are parked.
    pub parked: u64,
    /// Gaps that were recorded.
    pub gaps: Vec<String>,
    /// Everything that cannot be: a worker that stopped, an endless loop.
    pub broken: Option<String>,
}

impl Books {
    pub(super) fn take(&mut self, tally: &Tally) {
        let of = |count: &AtomicU64| count.load(Ordering::SeqCst);
        self.stored = of(&tally.0.stored);
        self.excuse = of(&tally.0.excuse);
        self.silent = of(&tally.0.silent);
        self.failed = of(&tally.0.failed);
    }
}

/// What is wrong, each in one line. Nothing: the ordeal was passed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict(pub Vec<String>);

impl Verdict {
    /// Judges.
    pub fn of(plan: &Plan, books: &Books) -> Self {
        let account = &books.account;
        let mut wrong = Vec::new();
        let mut must = |holds: bool, what: String| {
            if !holds {
                wrong.push(what);
            }
        };
        must(books.broken.is_none(), books.broken.clone().unwrap_or_default());
        must(account.lost == 0, format!("I1: {} of {} events are lost: {:?}", account.lost, account.held, account.lost_ids));
        must(account.unexpected == 0, format!("{} events were delivered that Miro never showed", account.unexpected));
        must(books.stored == account.held, format!("I2: {} events were stored as new, Miro holds {}", books.stored, account.held));
        let duplicates = account.duplicates;
        must(duplicates <= books.excuse, format!("I2: {duplicates} duplicates, at most {} are excused", books.excuse));
        for violation in account.violations.iter().filter(|violation| !excused(plan, &violation.kind)) {
            must(false, format!("{}, {} times: {}", violation.kind, violation.count, violation.example));
        }
        must(books.gaps.is_empty(), format!("I1: gaps although Miro keeps everything: {:?}", books.gaps));
        let stale = account.stale_refreshes;
        must(
            stale <= books.silent + books.crashes,
            format!("I4: {stale} refreshes with a spent token after {} silent ones and {} crashes", books.silent, books.crashes),
        );
        must(books.problem.is_none(), format!("I8: the source still says: {}", books.problem.clone().unwrap_or_default()));
        must(books.trouble.is_none(), format!("I8: the sink still says: {}", books.trouble.clone().unwrap_or_default()));
        must(books.backlog == 0, format!("I8: {} events still wait for the sink", books.backlog));
        must(books.parked == 0, format!("{} events are parked", books.parked));
        let most = requests(plan, books);
        must(account.requests <= most, format!("{} requests to Miro, {most} would have been plenty", account.requests));
        Self(wrong)
    }

    /// Whether nothing is wrong.
    pub fn passed(&self) -> bool {
        self.0.is_empty()
    }
}

/// What faults can make the host do without its fault.
///
/// - A cursor after an answer that was too large is sent with a smaller `limit`: whether Miro allows that is not documented,
///   and a refusal is answered by reading on from the last event.
/// - Nobody tells the host that a source takes less than Sumo Logic documents; it learns from a 413.
fn excused(plan: &Plan, kind: &str) -> bool {
    match kind {
        "cursor under other parameters" => true,
        "body over the limit" => plan.settings.sumo.max_body < plan.batch,
        _ => false,
    }
}

/// More requests than this would be a storm: each poll asks for what is new and for each tier, in windows and pages, and
/// what fails is asked again.
fn requests(plan: &Plan, books: &Books) -> u64 {
    let time = plan.end().saturating_sub(crate::stage::ORIGIN);
    let polls = time / plan.interval + books.starts + 1;
    let tiers = plan.revisit.len() as u64 + 1;
    let mut most = polls * (tiers + 1);
    for late in plan.revisit.iter().chain([&0]) {
        let readings =
            if *late == 0 || Some(late) == plan.revisit.iter().min() { polls } else { time / (late / 2).max(1) + books.starts + 1 };
        // A reading covers its lateness and what passed since the last one, downtime included.
        let covered = readings * late + 2 * time;
        let windows = covered / plan.window;
        let per_event = (covered / time.max(1) + 2) * books.account.held;
        most += windows + per_event.div_ceil(u64::from(plan.page_limit.min(100))) * 2;
    }
    2 * most + 20 * books.failed + 1_000
}
