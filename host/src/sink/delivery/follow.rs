//! What follows from the outcome of an attempt.

use std::time::Duration;

use super::{
    Delivery, Next, State, Trouble, Unsaved,
    flight::{Fault, Finding, Flight, Quota},
    load::Load,
    pace::Urgency,
};
use crate::{
    model::{Lane, Seq, SourceName},
    neutral,
    sink::Outcome,
    store::Parked,
};

const EVERYTHING: &str = "everything is refused; check what goes with every batch";
/// Parked events in a row that may be refused once more, each alone, before the sink is doubted.
const AGAIN: usize = 7;

impl Delivery {
    /// Decides what follows from an outcome. `bytes`: how much was sent.
    pub(super) fn settle(&mut self, outcome: Outcome, bytes: usize) -> Next {
        match outcome {
            Outcome::Accepted { warning } => self.accepted(warning),
            Outcome::Retry { after, reason, ambiguous } => {
                self.set_down();
                if ambiguous {
                    self.size.too_slow(bytes);
                    if let Some(Load::Batch(flight)) = &mut self.load {
                        flight.halve();
                    }
                }
                self.trouble(State::Retrying, Urgency::Soon, after, reason)
            }
            Outcome::Paused { reason } => {
                self.set_down();
                self.trouble(State::Paused, Urgency::Rarely, None, reason)
            }
            Outcome::TooLarge => {
                self.size.too_much(bytes);
                self.refused(Fault::Size, format!("{bytes} bytes are too large for the sink"))
            }
            Outcome::Refused { reason } => self.refused(Fault::Content, reason),
        }
    }

    fn accepted(&mut self, warning: Option<String>) -> Next {
        self.pause.reset();
        self.size.accepted();
        self.parking.recovered();
        (self.doubt, self.again) = (0, 0);
        let events = match self.load.take() {
            Some(Load::Batch(mut flight)) => {
                let events = flight.accepted();
                self.keep(flight);
                events
            }
            Some(Load::Again(_, _, lines)) => {
                self.together = self.together.saturating_mul(2);
                self.unsaved = Some(Unsaved::Again { accepted: lines.iter().map(|line| line.seq).collect(), refused: Vec::new() });
                lines.len()
            }
            None => 0,
        };
        self.board.accepted(self.clock.now(), events, warning);
        Next::AtOnce
    }

    fn refused(&mut self, fault: Fault, reason: String) -> Next {
        let now = self.clock.now();
        let mut flight = match self.load.take() {
            Some(Load::Batch(flight)) => flight,
            Some(Load::Again(source, _, lines)) => {
                match lines.as_slice() {
                    // It keeps its mark, and is tried again with the others that have one.
                    [_] if self.again >= AGAIN => {
                        return self.trouble(State::Down, Urgency::Rarely, None, format!("{reason}: {EVERYTHING}"));
                    }
                    [line] => {
                        self.again += 1;
                        self.refused_again(&source, line.seq, &reason);
                    }
                    // Fewer of them come next, after what is more urgent.
                    _ => self.together = (lines.len() / 2).max(1),
                }
                return Next::AtOnce;
            }
            None => return Next::AtOnce,
        };
        let finding = flight.refused(fault, &reason, self.parking.quota(now));
        if fault == Fault::Content && !flight.is_proven() {
            self.doubt += 1;
        }
        // Enough to find a single guilty event twice over; beyond that, tries without any acceptance become rare.
        let patience = 2 * (usize::BITS - flight.len().leading_zeros()) as usize + 8;
        let next = match finding {
            Finding::Hopeless => Some(EVERYTHING),
            Finding::Split | Finding::Suspect if self.doubt > patience => Some(EVERYTHING),
            Finding::Split | Finding::Suspect => None,
            Finding::Guilty => {
                self.parking.parked(now);
                None
            }
            Finding::Held => {
                self.parking.close();
                Some("three events were parked within ten minutes, so no more are; look at them, then start again to go on")
            }
        };
        if finding == Finding::Hopeless {
            // The next batch is judged by itself: with new events in it, a guilty one may be told apart.
            self.doubt = 0;
        } else {
            self.keep(flight);
        }
        match next {
            None => Next::AtOnce,
            Some(advice) => self.trouble(State::Down, Urgency::Rarely, None, format!("{reason}: {advice}")),
        }
    }

    /// Takes what is settled out of a flight, and keeps the rest of it.
    fn keep(&mut self, mut flight: Flight) {
        if let Some(settled) = flight.settle() {
            let (source, lane) = (flight.source.clone(), flight.lane);
            let guilty = settled.guilty.into_iter();
            let parked = guilty.map(|(seq, reason)| self.parked(source.clone(), seq, reason)).collect();
            self.pass(source, lane, settled.to, parked);
        }
        if !flight.is_done() {
            self.load = Some(Load::Batch(flight));
        }
    }

    /// Forgets a load about which nothing is known, so that the next try may begin with something more urgent or smaller.
    pub(super) fn set_down(&mut self) {
        match &self.load {
            Some(Load::Batch(flight)) if !flight.is_fresh() => {}
            _ => self.load = None,
        }
    }

    pub(super) fn unconvertible(&mut self, source: SourceName, lane: Lane, seq: Seq, why: &str) -> Next {
        let now = self.clock.now();
        let reason = format!("failed to convert an event: {}", neutral::brief(why, 500));
        if self.parking.quota(now) == Quota::Used {
            self.parking.close();
            return self.trouble(State::Down, Urgency::Rarely, None, reason);
        }
        self.parking.parked(now);
        let parked = vec![self.parked(source.clone(), seq, reason)];
        self.pass(source, lane, seq, parked);
        Next::AtOnce
    }

    /// The cursor is to pass everything up to `to`, what was dropped on the way included, which is counted here and nowhere else.
    pub(super) fn pass(&mut self, source: SourceName, lane: Lane, to: Seq, parked: Vec<Parked>) {
        let passed = self.dropped.extract_if(.., |(seq, _)| *seq <= to).map(|(_, filter)| filter);
        self.board.filtered(passed);
        self.unsaved = Some(Unsaved::Advance { source, lane, to, parked });
    }

    fn parked(&self, source: SourceName, seq: Seq, reason: String) -> Parked {
        tracing::warn!(sink = %self.name, %source, seq = seq.0, reason, "an event is parked");
        Parked { sink: self.name.clone(), source, seq, reason, at: self.clock.now(), retry: false }
    }

    /// A parked event stays parked.
    pub(super) fn refused_again(&mut self, source: &SourceName, seq: Seq, reason: &str) {
        let refused = vec![self.parked(source.clone(), seq, reason.to_owned())];
        self.unsaved = Some(Unsaved::Again { accepted: Vec::new(), refused });
    }

    pub(super) fn trouble(&mut self, kind: fn(Trouble) -> State, urgency: Urgency, after: Option<Duration>, reason: String) -> Next {
        let now = self.clock.now();
        let next = self.pause.fail(now, after, urgency);
        self.board.trouble(kind, now, reason, next);
        Next::At(next)
    }
}
