//! How Tidemark pages. Its API is described in `guest/example/README.md`.

use guest_http::Response;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{
    component::Config,
    event::event,
    source::{Next, Note, Page, Reading, Span},
    types::Failure,
};

/// An event shows up at most so long after it happened, in milliseconds.
const LATE: u64 = 900_000;

/// Where a span stands. Every poll is a pass: all pages from one instant on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "said by the line beside each")]
pub struct Checkpoint {
    pub v: u32,
    pub from: u64,       // where the pass begins
    pub to: Option<u64>, // where a fixed span ends
    pub page: u32,       // the next page of the pass
    pub began: u64,      // Tidemark's clock at the first page of the pass
    pub through: u64,    // everything before this has been read
}

#[derive(Deserialize)]
struct Envelope<'a> {
    page: u32,
    as_of: u64,
    #[serde(borrow)]
    events: Vec<&'a RawValue>,
}

/// The first checkpoint of a span.
pub fn begin(config: &Config, span: Span) -> Checkpoint {
    let (from, to) = match span {
        Span::Live(at) => (at.saturating_sub(u64::from(config.since_days) * 86_400_000), None),
        Span::Fixed((from, to)) => (from, Some(to)),
    };
    Checkpoint { v: 1, from, to, page: 1, began: from, through: from }
}

/// What to ask for.
pub fn path(at: &Checkpoint) -> String {
    let to = at.to.map(|to| format!("&to={to}")).unwrap_or_default();
    format!("/v1/events?from={}{to}&page={}&per_page=100", at.from, at.page)
}

/// The events of a page, and where the span stands after it.
pub fn page(config: &Config, mut at: Checkpoint, response: &Response, body: &str, now: u64) -> Result<Page, Failure> {
    let asked = at.page;
    let wrong = |what: &str| Failure::Protocol(format!("asked Tidemark for page {asked} of its events: {what}"));
    let read: Envelope<'_> = serde_json::from_str(body).map_err(|why| wrong(&format!("no page at column {}", why.column())))?;
    if read.page != asked {
        return Err(wrong("another page came, which would never end"));
    }
    if asked == 1 {
        at.began = read.as_of;
    }
    let more = response.header("link").is_some_and(|link| link.contains("rel=\"next\""));
    let next = match at.to {
        _ if more => Next::AtOnce,
        Some(_) => Next::Finished,
        None => Next::CaughtUp,
    };
    if more {
        at.page = asked.saturating_add(1);
    } else {
        // What was visible when the pass began has been read; what happened up to LATE before may still show up.
        at.through = at.to.unwrap_or(at.began);
        at.from = at.from.max(at.began.saturating_sub(LATE));
        at.page = 1;
    }
    let events = read.events.iter().map(|raw| event(config, raw.get(), read.as_of)).collect();
    let reading = if at.to.is_some() { Reading::Fixed } else { Reading::Live };
    let clock = i64::try_from(read.as_of).unwrap_or(i64::MAX).saturating_sub_unsigned(now);
    let checkpoint = serde_json::to_string(&at).map_err(|why| wrong(&why.to_string()))?;
    Ok(Page { events, checkpoint, reading, through: at.through, next, notes: vec![Note::Clock(clock)] })
}
