//! The sign-ins to the configured applications: one span, one page a call, by
//! <https://learn.microsoft.com/graph/api/signin-list>.
//!
//! What always holds:
//!
//! 1. A failure leaves the checkpoint as it was; calling again with an old one reads the same again.
//! 2. The checkpoint covers nothing that its own and earlier pages did not carry (I3): a window counts once all of it was read.
//! 3. What is visible at Graph within the longest lateness of its time is read (I1; the proof stands in `poll`).
//! 4. What cannot be read becomes a gap in the notes, never silence.
//! 5. Every call either moves the reading on, waits, or fails: no answer makes an endless loop of calls that succeed at once.
//!
//! | file | noun |
//! |---|---|
//! | `checkpoint` | the state between two calls |
//! | `poll` | which reading's turn it is |
//! | `reading` | one pass over a stretch of time |
//! | `query` | what Graph is asked |
//! | `check` | whether it may be asked |

mod check;
mod checkpoint;
mod poll;
mod query;
mod reading;

#[cfg(test)]
mod tests;

use serde_json::value::RawValue;

pub use self::{
    check::check,
    query::{BUDGET, LIMIT},
};
use self::{
    checkpoint::{Checkpoint, Span},
    poll::Turn,
    reading::{Moved, Reading},
};
use crate::{
    config::Config,
    graph::{Ask, Page as List, Reply, link},
    http::{Answer, Request},
    normalize,
    source::{self, Next, Note, Page, Reading as Kind},
    types::{Event, Failure},
};

const TRIED: &str = "read sign-ins";
const DAY: u64 = 86_400_000;
/// Between two requests, in milliseconds: [`BUDGET`] a minute for what is new, half of it for a fixed span.
const LIVE_PACE: u64 = 2_000;
const FIXED_PACE: u64 = 4_000;

/// The first checkpoint of a span.
pub fn begin(config: &Config, span: source::Span, now: u64) -> Result<String, Failure> {
    config.applications()?;
    Checkpoint::begin(config, span, now)?.text()
}

/// The next page of a span.
pub fn collect(
    config: &Config,
    token: &str,
    checkpoint: &str,
    now: u64,
    send: impl FnOnce(Request, u64) -> Answer,
) -> Result<Page, Failure> {
    let applications = config.applications()?;
    let mut state = Checkpoint::parse(config, checkpoint)?;
    let Some((turn, reading)) = state.current(config, now) else {
        return state.page(Vec::new(), Kind::Fixed, Next::Finished, Vec::new());
    };
    let asked = Asked { longest: turn.longest(), window: reading.window(turn.longest()), link: reading.link().map(str::to_owned) };
    let (start, end) = asked.window;
    let ask = match &asked.link {
        Some(link) => Ask::follow(query::WORDS, link.clone()),
        None => Ask::get(config, query::WORDS, &query::path(applications, asked.window, reading.top())),
    };
    let about = [query::WORDS, &config.tenant, &start.to_string(), &end.to_string(), asked.link.as_deref().unwrap_or_default()];
    let reply = ask.send(token, &about, now, send)?;
    let (moved, mut events) = asked.take(config, reading, &reply, now)?;
    let mut notes: Vec<Note> =
        reply.date.map(|date| Note::Clock(i64::try_from(date).unwrap_or(i64::MAX).saturating_sub_unsigned(now))).into_iter().collect();
    let wait = moved.wait;
    notes.extend(moved.warning.clone().map(Note::Warning));
    notes.extend(state.settle(turn, moved, reply.date, now).map(Note::Gap));
    if let Span::Fixed(fixed) = &state.span {
        // Graph's upper bound lets its own instant in.
        events.retain(|event| event.time < fixed.to || normalize::guessed(event));
    }
    let next = match (state.rest(), turn) {
        (Some(rest), _) => rest,
        (None, Turn::Fixed) => Next::After(wait.unwrap_or(FIXED_PACE)),
        (None, Turn::Live | Turn::Tier(_)) => Next::After(wait.unwrap_or(LIVE_PACE)),
    };
    state.page(events, turn.kind(), next, notes)
}

/// What was asked for.
struct Asked {
    window: (u64, u64),
    longest: u64,
    /// Absent for the first page of the window.
    link: Option<String>,
}

impl Asked {
    /// What the answer does to the reading, and what it brought.
    fn take(&self, config: &Config, reading: &mut Reading, reply: &Reply, now: u64) -> Result<(Moved, Vec<Event>), Failure> {
        let none = |moved| Ok((moved, Vec::new()));
        // A date that is a day off is not believed further than a day.
        let clock = reply.date.map_or(now, |date| date.clamp(now.saturating_sub(DAY), now.saturating_add(DAY)));
        if reply.too_large() {
            return none(reading.too_large(self.longest)?);
        }
        match (reply.refused(), &self.link) {
            // Graph no longer knows a link of its own.
            (Some(400 | 410), Some(_)) => return none(reading.refused(self.longest)),
            // Graph takes no time that is further back than about 90 days.
            (Some(400), None) => {
                if let Some(moved) = reading.too_old(clock) {
                    return none(moved);
                }
            }
            _ => {}
        }
        let page: List<Box<RawValue>> = query::judged(reply, TRIED)?;
        let next = link::of(config, &page.next, self.link.as_deref(), TRIED)?;
        let events = page.value.iter().map(|raw| normalize::event(raw.get(), self.window.1)).collect();
        Ok((reading.good(next, self.longest, clock), events))
    }
}

impl Checkpoint {
    /// The reading whose turn it is. `None` once a fixed span is complete.
    fn current(&mut self, config: &Config, now: u64) -> Option<(Turn, &mut Reading)> {
        match &mut self.span {
            Span::Fixed(fixed) => fixed.reading.as_mut().map(|reading| (Turn::Fixed, reading)),
            Span::Live(live) => {
                let turn = live.turn(config, now)?;
                live.reading_mut(turn).as_mut().map(|reading| (turn, reading))
            }
        }
    }

    /// Takes in what one answer did to the reading whose turn it was. Returns what nobody has read and nobody will.
    fn settle(&mut self, turn: Turn, moved: Moved, date: Option<u64>, now: u64) -> Option<source::Gap> {
        match &mut self.span {
            Span::Live(live) => live.settle(turn, moved, date, now),
            Span::Fixed(fixed) => {
                if moved.complete {
                    fixed.reading = None;
                }
                moved.gap.or(moved.gone)
            }
        }
    }

    /// Whether there is nothing to do at once.
    fn rest(&self) -> Option<Next> {
        match &self.span {
            Span::Live(live) => live.caught_up().then_some(Next::CaughtUp),
            Span::Fixed(fixed) => fixed.reading.is_none().then_some(Next::Finished),
        }
    }

    fn page(&self, events: Vec<Event>, reading: Kind, next: Next, notes: Vec<Note>) -> Result<Page, Failure> {
        Ok(Page { events, checkpoint: self.text()?, reading, through: self.through(), next, notes })
    }
}
