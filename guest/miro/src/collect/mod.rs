//! Collecting: one span, one page a call.
//!
//! [`plan`] says what to ask Miro; [`answer`] judges what came back and says where the span stands then. Both are pure:
//! state, answer and time come in, a request or a page goes out. [`answer`] repeats what [`plan`] decided, so the two
//! must be given the same checkpoint and the same `now`.
//!
//! What always holds:
//!
//! 1. A failure leaves the checkpoint as it was; calling again with an old one reads the same again.
//! 2. The checkpoint covers nothing that its own and earlier pages did not carry (I3).
//! 3. What is visible at Miro within the longest lateness of its time is read (I1; the proof stands in `poll`).
//! 4. What cannot be read becomes a gap in the notes, never silence.
//! 5. Every call either moves the reading on or fails: no answer makes an endless loop of calls that succeed.
//!
//! | file | noun |
//! |---|---|
//! | `checkpoint` | the state between two calls |
//! | `poll` | which reading's turn it is |
//! | `reading` | one pass over a stretch of time |
//! | `body` | a page as Miro sends it |
//! | `refusal` | an answer that is none |
//! | `pace` | the vendor's meter and clock |

mod body;
mod checkpoint;
mod pace;
mod poll;
mod reading;
mod refusal;

#[cfg(test)]
mod tests;

pub use checkpoint::Checkpoint;
pub use pace::{BUDGET, COST};

pub(crate) use self::pace::Pace;
use self::{
    checkpoint::{LAST, Span, Throttle},
    poll::Turn,
    reading::{Moved, Reading},
    refusal::Refusal,
};
use crate::{
    config::Config,
    http::{Body, Method, Request, Response, TransportError, form},
    instant::iso,
    source::{Next, Note, Page, Reading as Kind},
    types::{Event, Failure},
};

/// What a call has to do.
#[derive(Debug)]
pub enum Plan {
    /// Send this and hand what comes back to [`answer`].
    Ask(Request),
    /// Nothing: the span is complete.
    Rest(Page),
}

/// What the checkpoint asks for at `now`.
pub fn plan(config: &Config, access_token: &str, checkpoint: &str, now: u64) -> Result<Plan, Failure> {
    let mut state = Checkpoint::parse(checkpoint)?;
    let limit = state.throttle.limit(config);
    let Some((_, reading)) = state.current(config, now) else {
        return state.page(Vec::new(), Kind::Fixed, Next::Finished, Vec::new()).map(Plan::Rest);
    };
    let limit = reading.limit().unwrap_or(limit);
    let (after, before) = reading.bounds(config);
    let [after, before] = [after, before].map(|bound| form::encoded(&iso(bound)));
    let mut url = format!("{}/v2/audit/logs?createdAfter={after}&createdBefore={before}&limit={limit}&sorting=ASC", config.api_url);
    if let Some(cursor) = reading.cursor() {
        // A cursor contains `#`, which would cut the address short.
        url.push_str("&cursor=");
        url.push_str(&form::encoded(cursor));
    }
    if access_token.is_empty() || !access_token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Failure::Invalid("the access token is empty, or has a space or a line break in it; copy it again".to_owned()));
    }
    let headers =
        vec![("authorization".to_owned(), format!("Bearer {access_token}")), ("accept".to_owned(), "application/json".to_owned())];
    Ok(Plan::Ask(Request { method: Method::Get, url, headers, body: None }))
}

/// What came back for [`plan`]'s request. `normalize` turns one of Miro's objects into an event; its second argument is
/// the end of the window.
pub fn answer(
    config: &Config,
    access_token: &str,
    checkpoint: &str,
    now: u64,
    came: Result<Response, TransportError>,
    normalize: impl Fn(&str, u64) -> Event,
) -> Result<Page, Failure> {
    let mut state = Checkpoint::parse(checkpoint)?;
    let response = came.map_err(refusal::unreachable)?;
    let pace = Pace::of(&response, now);
    let mut throttle = state.throttle.clone();
    let Some((turn, reading)) = state.current(config, now) else {
        return state.page(Vec::new(), Kind::Fixed, Next::Finished, Vec::new());
    };
    let (after, before) = reading.bounds(config);
    let mut events = Vec::new();
    let moved = match (refusal::of(&response, &pace, access_token), &response.body) {
        (Some(Refusal::Failure(failure)), _) => return Err(failure),
        (Some(Refusal::Parameters(says)), _) => reading.refused(config, now.min(pace.date.unwrap_or(now)), &says)?,
        (None, Body::TooLarge) => reading.too_large(config, &mut throttle)?,
        (None, Body::Whole(body)) => {
            let page = body::read(body)
                .map_err(|why| Failure::Protocol(format!("asked Miro for audit events from {} to {}: {why}", iso(after), iso(before))))?;
            events = page.events.iter().map(|raw| normalize(raw.get(), before)).collect();
            let asked = reading.limit().unwrap_or_else(|| throttle.limit(config));
            throttle.fitted(config);
            reading.good(config, &events, page.cursor, (asked, throttle.limit(config)))?
        }
    };
    state.throttle = throttle;
    let mut notes = notes(&pace, now);
    let kind = state.settle(turn, &moved, pace.date, now);
    notes.extend(moved.gap.map(Note::Gap));
    notes.extend(moved.warning.map(Note::Warning));
    let next = match state.rest() {
        Some(rest) => rest,
        None => pace.wait(pace::share(config, kind == Kind::Fixed)).map_or(Next::AtOnce, Next::After),
    };
    state.page(events, kind, next, notes)
}

impl Checkpoint {
    /// The reading whose turn it is, and whose that is in a live span. `None` once a fixed span is complete.
    fn current(&mut self, config: &Config, now: u64) -> Option<(Option<Turn>, &mut Reading)> {
        match &mut self.span {
            Span::Fixed(fixed) => fixed.reading.as_mut().map(|reading| (None, reading)),
            Span::Live(live) => {
                let turn = live.turn(config, now)?;
                live.reading_mut(turn).as_mut().map(|reading| (Some(turn), reading))
            }
        }
    }

    /// Takes in what one answer did to the reading whose turn it was.
    fn settle(&mut self, turn: Option<Turn>, moved: &Moved, date: Option<u64>, now: u64) -> Kind {
        match (&mut self.span, turn) {
            (Span::Live(live), Some(turn)) => {
                if let Some(date) = date {
                    live.not_after(date, now);
                }
                match turn {
                    Turn::Live => {
                        if let Some(read) = moved.read {
                            live.mark = live.mark.max(read.min(date.unwrap_or(read)).min(LAST - 1));
                        }
                        if moved.complete {
                            live.reading = None;
                        }
                        Kind::Live
                    }
                    Turn::Tier(late) => {
                        live.turn = late;
                        if moved.complete {
                            live.finish(late);
                        }
                        Kind::Revisit
                    }
                }
            }
            (Span::Fixed(fixed), _) => {
                if moved.complete {
                    fixed.reading = None;
                }
                Kind::Fixed
            }
            (Span::Live(_), None) => Kind::Live,
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

impl Throttle {
    /// Events to ask for at once.
    fn limit(&self, config: &Config) -> u32 {
        if self.limit == 0 { config.page_limit } else { self.limit.min(config.page_limit) }
    }
}

fn notes(pace: &Pace, now: u64) -> Vec<Note> {
    let clock = pace.date.map(|date| Note::Clock(i64::try_from(date).unwrap_or(i64::MAX).saturating_sub_unsigned(now)));
    clock.into_iter().chain(pace.meter.map(Note::Meter)).collect()
}
