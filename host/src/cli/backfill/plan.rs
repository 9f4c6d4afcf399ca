//! What of a wish is under way already, and what is to begin.
//!
//! A stretch that an unfinished backfill covers, for the same sinks, is followed and not read a second time: so the same
//! command goes on where it was, also where its times are relative and have moved since.

use std::collections::BTreeSet;

use crate::{
    model::{Instant, SourceName},
    store::{History, Purpose, StoredGap},
};

/// What a person wants.
#[derive(Clone, Debug)]
pub(super) enum Asked {
    /// A stretch of a source.
    Span {
        /// Whose.
        source: SourceName,
        /// What for.
        purpose: Purpose,
        /// Inclusive.
        start: Instant,
        /// Exclusive.
        end: Instant,
    },
    /// Every gap that is not filled: of one source, or of all.
    Gaps {
        /// Whose.
        source: Option<SourceName>,
        /// What for.
        purpose: Purpose,
    },
    /// Whatever was begun and is not complete.
    Unfinished {
        /// Whose.
        source: Option<SourceName>,
    },
}

impl Asked {
    /// What to say where there is nothing to do.
    pub(super) fn nothing(&self) -> &'static str {
        match self {
            Self::Span { .. } => "there is nothing to read",
            Self::Gaps { .. } => "there is no gap to fill",
            Self::Unfinished { .. } => "no backfill is unfinished; begin one with `miro-source backfill --from 30d`",
        }
    }
}

/// What is done about it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Plan {
    /// Under way already.
    pub(super) resume: Vec<History>,
    /// New; the numbers come from the store.
    pub(super) begin: Vec<History>,
}

/// Sets a wish against what there is.
pub(super) fn plan(asked: &Asked, histories: &[History], gaps: &[StoredGap]) -> Plan {
    let wanted = |source: &Option<SourceName>, name: &SourceName| source.as_ref().is_none_or(|source| source == name);
    let open = || histories.iter().filter(|history| !history.finished);
    let mut plan = Plan::default();
    match asked {
        Asked::Unfinished { source } => plan.resume.extend(open().filter(|history| wanted(source, &history.source)).cloned()),
        Asked::Gaps { source, purpose } => {
            for gap in gaps.iter().filter(|gap| !gap.filled && wanted(source, &gap.source)) {
                match open().find(|history| history.gap == Some(gap.id)) {
                    Some(history) => plan.resume.push(history.clone()),
                    None => plan.begin.push(new(&gap.source, gap.start, gap.end, purpose, Some(gap.id))),
                }
            }
        }
        Asked::Span { source, purpose, start, end } => {
            let mut left = vec![(*start, *end)];
            for history in open().filter(|history| history.source == *source && serves(&history.purpose, purpose)) {
                if history.start < *end && *start < history.end {
                    plan.resume.push(history.clone());
                    left = left.into_iter().flat_map(|span| without(span, history)).collect();
                }
            }
            plan.begin.extend(left.into_iter().map(|(start, end)| new(source, start, end, purpose, None)));
        }
    }
    plan
}

/// What of a stretch lies before and after a backfill.
fn without((start, end): (Instant, Instant), history: &History) -> Vec<(Instant, Instant)> {
    let parts = [(start, end.min(history.start)), (start.max(history.end), end)];
    parts.into_iter().filter(|(start, end)| start < end).collect()
}

/// Whether what is read for one purpose is read for the other too: what every sink gets, detectors learn from.
fn serves(read: &Purpose, wanted: &Purpose) -> bool {
    read == wanted || *read == Purpose::Delivery
}

fn new(source: &SourceName, start: Instant, end: Instant, purpose: &Purpose, gap: Option<i64>) -> History {
    History { id: 0, source: source.clone(), start, end, purpose: purpose.clone(), gap, through: start, events: 0, finished: false }
}

impl Plan {
    /// Nothing is to be done.
    pub(super) fn is_empty(&self) -> bool {
        self.resume.is_empty() && self.begin.is_empty()
    }

    /// Each source once.
    pub(super) fn sources(&self) -> BTreeSet<&SourceName> {
        self.resume.iter().chain(&self.begin).map(|history| &history.source).collect()
    }

    /// What is still to be read of a source.
    pub(super) fn spans(&self, source: &SourceName) -> Vec<(Instant, Instant)> {
        let all = self.resume.iter().chain(&self.begin).filter(|history| history.source == *source);
        all.map(|history| (history.through.max(history.start), history.end)).filter(|(start, end)| start < end).collect()
    }

    /// The numbers to follow, once those of the new ones are known.
    pub(super) fn follow(&self, begun: Vec<i64>) -> Vec<i64> {
        self.resume.iter().map(|history| history.id).chain(begun).collect()
    }

    /// For people.
    pub(super) fn lines(&self) -> Vec<String> {
        let purpose = |history: &History| match &history.purpose {
            Purpose::Delivery => String::new(),
            Purpose::Sink(sink) => format!(", for sink `{sink}` only"),
            Purpose::Learning => ", to learn from it only".to_owned(),
        };
        let resume = self.resume.iter().map(|history| {
            format!(
                "goes on: {} from {} to {}, read to {}{}",
                history.source,
                history.start,
                history.end,
                history.through,
                purpose(history)
            )
        });
        let begin = self.begin.iter().map(|history| {
            let what = history.gap.map(|gap| format!("gap {gap} of ")).unwrap_or_default();
            format!("to read: {what}{} from {} to {}{}", history.source, history.start, history.end, purpose(history))
        });
        resume.chain(begin).collect()
    }
}
