//! A few real pages, read and thrown away, that say how dense the events lie.

use std::time::Duration;

use audit_pipeline::source::{Next, Span};
use secrecy::{ExposeSecret as _, SecretString};

use crate::{
    cli::source::text,
    model::Instant,
    runtime::{CallError, Source},
};

/// At most so many pages.
const PROBES: u64 = 8;
/// Stretches shorter than this are not worth a second probe.
const SHORTEST: Duration = Duration::from_secs(3600);

/// One page.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Probe {
    /// How much time it covered, in milliseconds. Never 0.
    pub(super) covered: u64,
    /// How many events it brought.
    pub(super) events: u64,
    /// How many bytes their records hold.
    pub(super) bytes: u64,
    /// Where it ended the stretch, not the page, was at its end.
    pub(super) cut: bool,
    /// How long the vendor took.
    pub(super) took: Duration,
}

/// What the probes brought.
#[derive(Clone, Debug, Default)]
pub(super) struct Sampled {
    /// One each.
    pub(super) probes: Vec<Probe>,
    /// Why there are not more.
    pub(super) trouble: Option<String>,
}

/// Where to look: spread over all stretches, at ever other times of the day.
pub(super) fn places(spans: &[(Instant, Instant)]) -> Vec<(Instant, Instant)> {
    let total: u64 = spans.iter().map(|(start, end)| length(*start, *end)).sum();
    let shortest = u64::try_from(SHORTEST.as_millis()).unwrap_or(u64::MAX);
    let count = (total / shortest).clamp(1, PROBES);
    let stratum = total / count;
    (0..count)
        .filter_map(|index| {
            // The golden ratio: no two probes fall on the same hour, whatever the length.
            let offset = if count == 1 { 0 } else { (stratum as f64 * (index as f64 * 0.618_034).fract()) as u64 };
            place(spans, index * stratum + offset)
        })
        .collect()
}

/// The instant so far into the stretches laid end to end, and the end of its stretch.
fn place(spans: &[(Instant, Instant)], mut into: u64) -> Option<(Instant, Instant)> {
    for (start, end) in spans {
        let length = length(*start, *end);
        if into < length {
            return Some((start.plus(Duration::from_millis(into)), *end));
        }
        into -= length;
    }
    None
}

pub(super) fn length(start: Instant, end: Instant) -> u64 {
    end.0.saturating_sub(start.0)
}

/// Reads the pages. Stops at the first that fails.
pub(super) async fn sample(source: &Source, token: &SecretString, spans: &[(Instant, Instant)], now: Instant) -> Sampled {
    let mut sampled = Sampled::default();
    for (start, end) in places(spans) {
        match one(source, token, start, end, now).await {
            Ok(Some(probe)) => sampled.probes.push(probe),
            // Nothing came and nothing was covered: it says nothing.
            Ok(None) => {}
            Err(why) => {
                sampled.trouble = Some(text(&why));
                break;
            }
        }
    }
    sampled
}

async fn one(source: &Source, token: &SecretString, start: Instant, end: Instant, now: Instant) -> Result<Option<Probe>, CallError> {
    let checkpoint = source.begin(Span::Fixed((start.0, end.0)), now).await?;
    let asked = std::time::Instant::now();
    let page = source.collect(token.expose_secret(), &checkpoint, now).await?;
    let took = asked.elapsed();
    let cut = matches!(page.next, Next::Finished);
    let last = page.events.iter().map(|event| event.time).filter(|time| *time < end.0).max().unwrap_or(start.0);
    // A page that is followed by another of the same window ends with its last event.
    let reached = if cut { end.0 } else { page.through.min(end.0).max(last) };
    let covered = reached.saturating_sub(start.0);
    let events = page.events.len() as u64;
    if covered == 0 && events == 0 {
        return Ok(None);
    }
    let bytes = page.events.iter().map(|event| event.record.len() as u64 + 1).sum();
    Ok(Some(Probe { covered: covered.max(1), events, bytes, cut, took }))
}
