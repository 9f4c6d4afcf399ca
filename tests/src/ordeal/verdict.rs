//! What must hold at the end of an ordeal, and the books it is judged by.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use simulator::{Account, Answer, Delivery, Fault};

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
    refused: AtomicU64,
    /// A new pair waits to be stored.
    unsaved: AtomicBool,
    forgotten: AtomicU64,
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

    /// A new pair was stored, or could not be.
    pub(super) fn saved(&self, saved: bool) {
        self.0.unsaved.store(!saved, Ordering::SeqCst);
    }

    /// That a pair is spent could not be stored.
    pub(super) fn unburied(&self) {
        self.0.forgotten.fetch_add(1, Ordering::SeqCst);
    }

    /// The process was stopped: a pair that could not be stored is gone.
    pub(super) fn stopped(&self) {
        let unsaved = self.0.unsaved.swap(false, Ordering::SeqCst);
        self.0.forgotten.fetch_add(u64::from(unsaved), Ordering::SeqCst);
    }

    /// The process died: what was accepted and not covered may come twice.
    pub(super) fn died(&self) {
        self.saved(true);
        let flying = self.0.flying.swap(0, Ordering::SeqCst);
        self.0.excuse.fetch_add(flying, Ordering::SeqCst);
    }

    /// Miro was asked. `token`: for a new pair.
    pub(super) fn asked(&self, token: bool, answer: &Answer) {
        let whole = answer.status == 200 && answer.delivery == Delivery::Whole;
        self.0.failed.fetch_add(u64::from(!whole), Ordering::SeqCst);
        // What is reset, or answered by any status but a success, spent nothing.
        let silent = token && !matches!(answer.delivery, Delivery::Whole | Delivery::Slow(..) | Delivery::Reset);
        self.0.silent.fetch_add(u64::from(silent), Ordering::SeqCst);
        let refused = if token { matches!(answer.status, 400 | 401 | 403) } else { matches!(answer.status, 401 | 403 | 404) };
        self.0.refused.fetch_add(u64::from(refused && answer.delivery.arrives()), Ordering::SeqCst);
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
    /// Refreshes that may have been processed and whose answer did not arrive whole.
    pub silent: u64,
    /// Answers of Miro that refuse a token, a pair or the access.
    pub refused: u64,
    /// New pairs, and news that a pair is spent, that the disk did not take before the host was stopped or asked again.
    pub forgotten: u64,
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
        self.refused = of(&tally.0.refused);
        self.forgotten = of(&tally.0.forgotten);
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
        let (silent, crashes, forgotten, revoked) = (books.silent, books.crashes, books.forgotten, revoked(plan));
        must(
            stale <= silent + crashes + forgotten + revoked,
            format!(
                "I4: {stale} refreshes with a spent token after {silent} silent ones, {crashes} crashes, {forgotten} that the disk forgot and at \
                 most {revoked} revoked"
            ),
        );
        let visits = books.visits;
        must(visits <= books.refused, format!("I8: a person was asked {visits} times, and Miro refused {} times", books.refused));
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
        "cursor under other parameters" => {
            let oversize = |rule: &simulator::Rule| matches!(rule.fault, Fault::Oversize { .. });
            plan.body_cap < 1 << 20 || plan.rules.iter().any(oversize)
        }
        "body over the limit" => plan.settings.sumo.max_body < plan.batch,
        _ => false,
    }
}

/// How many tokens are revoked at most: each is sent once before that is known.
fn revoked(plan: &Plan) -> u64 {
    let revokes = plan.rules.iter().filter(|rule| rule.fault == Fault::RevokeToken);
    revokes.fold(0, |sum, rule| sum.saturating_add(rule.times.unwrap_or(u64::MAX >> 8)))
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether the books pass in which one pair was sent after it was spent, and a person came so often.
    fn passes(status: u16, delivery: Delivery, stale_refreshes: u64, visits: u64) -> bool {
        let tally = Tally::default();
        tally.asked(true, &Answer { status, headers: http::HeaderMap::new(), body: bytes::Bytes::new(), delivery });
        let mut books = Books { account: Account { stale_refreshes, ..Account::default() }, visits, ..Books::default() };
        books.take(&tally);
        Verdict::of(&Plan { rules: Vec::new(), ..Plan::draw(1) }, &books).passed()
    }

    #[test]
    fn i4_only_an_answer_that_was_lost_excuses_a_spent_pair_and_only_a_refusal_a_person() {
        assert!(passes(200, Delivery::Lost, 1, 0));
        assert!(!passes(200, Delivery::Lost, 2, 0));
        for (status, delivery) in [(200, Delivery::Whole), (401, Delivery::Whole), (503, Delivery::Whole), (200, Delivery::Reset)] {
            assert!(passes(status, delivery, 0, 0), "{status} {delivery:?}");
            assert!(!passes(status, delivery, 1, 0), "{status} {delivery:?}");
        }
        assert!(passes(401, Delivery::Whole, 0, 1));
        assert!(!passes(503, Delivery::Whole, 0, 1));
    }
}
