//! A batch on its way, and the search for what is wrong with it.
//!
//! A batch begins as one range. A refusal halves the range in front until single events stand alone. Ranges are always
//! tried in the order of the log. An event that is refused alone before anything of its batch was accepted is only
//! *suspect*: the fault may be the sink's. With the first acceptance the suspects are tried once more, and whoever is
//! refused then is guilty.

use std::{collections::VecDeque, ops::Range};

use crate::{
    model::{Lane, Seq, SourceName},
    sink::Line,
};

/// Events of one source and lane between being read and being settled.
#[derive(Debug)]
pub(super) struct Flight {
    pub(super) source: SourceName,
    pub(super) lane: Lane,
    lines: Vec<Line>,
    queue: VecDeque<Range<usize>>,
    verdicts: Vec<Verdict>,
    /// Something of this batch was accepted.
    proven: bool,
    settled: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Verdict {
    Open,
    Suspect,
    Accepted,
    Guilty(String),
}

/// What is wrong with the range in front.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// Its content was refused.
    Content,
    /// It is too large: alone, an event is guilty without further proof.
    Size,
}

/// Whether one more event may be parked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quota {
    Free,
    Used,
}

/// What followed from a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Finding {
    /// Smaller ranges come next.
    Split,
    /// One event may be guilty; the next ones will tell.
    Suspect,
    /// Everything was refused: the fault is the sink's.
    Hopeless,
    /// One event is guilty.
    Guilty,
    /// One event would be guilty, but no more may be parked: it stays in front.
    Held,
}

/// How far the log is settled: everything up to `to` was accepted or is guilty.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Settled {
    pub(super) to: Seq,
    pub(super) guilty: Vec<(Seq, String)>,
}

impl Flight {
    pub(super) fn new(source: SourceName, lane: Lane, lines: Vec<Line>) -> Self {
        let whole = 0..lines.len();
        Self { source, lane, queue: VecDeque::from([whole]), verdicts: vec![Verdict::Open; lines.len()], lines, proven: false, settled: 0 }
    }

    /// What to send next. Empty once everything has a verdict.
    pub(super) fn front(&self) -> &[Line] {
        self.queue.front().and_then(|range| self.lines.get(range.clone())).unwrap_or_default()
    }

    /// Nothing is known about it yet: dropping it loses no knowledge.
    pub(super) fn is_fresh(&self) -> bool {
        self.front().len() == self.lines.len()
    }

    /// How many events it began with.
    pub(super) fn len(&self) -> usize {
        self.lines.len()
    }

    pub(super) fn is_proven(&self) -> bool {
        self.proven
    }

    /// The range in front was accepted. Returns how many events that were.
    pub(super) fn accepted(&mut self) -> usize {
        let Some(range) = self.queue.pop_front() else { return 0 };
        let count = range.len();
        self.verdicts.get_mut(range).unwrap_or_default().fill(Verdict::Accepted);
        if !self.proven {
            self.proven = true;
            for (index, verdict) in self.verdicts.iter_mut().enumerate().rev() {
                if *verdict == Verdict::Suspect {
                    *verdict = Verdict::Open;
                    self.queue.push_front(index..index + 1);
                }
            }
        }
        count
    }

    /// Makes two of the range in front, where it has more than one event.
    pub(super) fn halve(&mut self) -> bool {
        let Some(range) = self.queue.pop_front_if(|range| range.len() > 1) else { return false };
        let middle = range.start + range.len() / 2;
        self.queue.push_front(middle..range.end);
        self.queue.push_front(range.start..middle);
        true
    }

    /// The range in front was refused.
    pub(super) fn refused(&mut self, fault: Fault, reason: &str, quota: Quota) -> Finding {
        let Some(range) = self.queue.front().cloned() else { return Finding::Hopeless };
        if self.halve() {
            return Finding::Split;
        }
        let guilty = self.proven || fault == Fault::Size;
        if guilty && quota == Quota::Used {
            return Finding::Held;
        }
        self.queue.pop_front();
        if let Some(verdict) = self.verdicts.get_mut(range.start) {
            *verdict = if guilty { Verdict::Guilty(reason.to_owned()) } else { Verdict::Suspect };
        }
        match guilty {
            true => Finding::Guilty,
            false if self.queue.is_empty() => Finding::Hopeless,
            false => Finding::Suspect,
        }
    }

    /// What has become settled since the last call.
    pub(super) fn settle(&mut self) -> Option<Settled> {
        let mut settled = None;
        for (line, verdict) in self.lines.iter().zip(&self.verdicts).skip(self.settled) {
            let guilty = match verdict {
                Verdict::Open | Verdict::Suspect => break,
                Verdict::Accepted => None,
                Verdict::Guilty(reason) => Some((line.seq, reason.clone())),
            };
            self.settled += 1;
            let settled = settled.get_or_insert(Settled { to: line.seq, guilty: Vec::new() });
            settled.to = line.seq;
            settled.guilty.extend(guilty);
        }
        settled
    }

    /// Nothing of it is left to send.
    pub(super) fn is_done(&self) -> bool {
        self.queue.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flight(events: i64) -> Flight {
        let line = |n| Line { seq: Seq(n), action: "a".to_owned(), bytes: "{}".into() };
        Flight::new("acme".parse().unwrap(), Lane::Live, (1..=events).map(line).collect())
    }

    /// Flies until done, held or hopeless. Returns what was accepted and parked, in order, and how many attempts it took.
    fn fly(flight: &mut Flight, guilty: impl Fn(i64) -> bool) -> (Vec<i64>, Vec<i64>, usize) {
        let (mut accepted, mut parked, mut attempts, mut cursor) = (Vec::new(), Vec::new(), 0, 0);
        while !flight.is_done() {
            attempts += 1;
            let front: Vec<i64> = flight.front().iter().map(|line| line.seq.0).collect();
            if front.iter().any(|seq| guilty(*seq)) {
                if flight.refused(Fault::Content, "no", Quota::Free) == Finding::Hopeless {
                    break;
                }
            } else {
                flight.accepted();
                accepted.extend(front);
            }
            if let Some(settled) = flight.settle() {
                assert!(settled.to.0 > cursor, "the cursor only moves forward");
                cursor = settled.to.0;
                parked.extend(settled.guilty.into_iter().map(|(seq, _)| seq.0));
            }
        }
        (accepted, parked, attempts)
    }

    #[test]
    fn one_guilty_event_is_found_and_the_rest_passes_in_order() {
        for guilty in 1..=100 {
            let (accepted, parked, attempts) = fly(&mut flight(100), |seq| seq == guilty);
            assert_eq!(parked, [guilty]);
            assert!(accepted.is_sorted() && accepted.len() == 99);
            assert!(attempts <= 18, "{attempts}");
        }
    }

    #[test]
    fn with_nothing_accepted_nothing_is_parked() {
        for events in [1, 2, 7] {
            let mut flight = flight(events);
            let (accepted, parked, _) = fly(&mut flight, |_| true);
            assert!(accepted.is_empty() && parked.is_empty());
            assert_eq!(flight.settle(), None);
        }
    }

    #[test]
    fn a_suspect_is_tried_again_once_the_sink_has_proven_itself() {
        let mut flight = flight(2);
        assert_eq!(flight.refused(Fault::Content, "no", Quota::Free), Finding::Split);
        assert_eq!(flight.refused(Fault::Content, "no", Quota::Free), Finding::Suspect);
        assert_eq!(flight.accepted(), 1);
        assert_eq!(flight.settle(), None);
        assert_eq!(flight.front().len(), 1);
        assert_eq!(flight.accepted(), 1);
        assert_eq!(flight.settle(), Some(Settled { to: Seq(2), guilty: vec![] }));
        assert!(flight.is_done());
    }

    #[test]
    fn with_the_quota_used_the_guilty_event_stays_in_front() {
        let mut flight = flight(2);
        flight.refused(Fault::Size, "large", Quota::Used);
        assert_eq!(flight.refused(Fault::Size, "large", Quota::Used), Finding::Held);
        assert_eq!(flight.front().first().map(|line| line.seq), Some(Seq(1)));
        assert_eq!(flight.refused(Fault::Size, "large", Quota::Free), Finding::Guilty);
        assert_eq!(flight.settle(), Some(Settled { to: Seq(1), guilty: vec![(Seq(1), "large".to_owned())] }));
    }
}
