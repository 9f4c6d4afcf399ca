//! One pass over a stretch of time: windows, cursors, and what to do when Miro refuses or an answer is too large.
//!
//! Whether Miro's bounds are inclusive is not documented. A stretch from `a` to `b` is therefore asked for as
//! `createdAfter = a − 1 ms`, `createdBefore = b`, and the stretch after it begins at `b − 1 ms`: whatever the bounds
//! mean, every millisecond is asked for, and the ids tell what came twice.

use serde::{Deserialize, Serialize};

use super::checkpoint::Throttle;
use crate::{
    config::Config,
    instant::iso,
    source::Gap,
    types::{Event, Failure},
};

/// How exactly the edge of what Miro keeps is looked for.
const MINUTE: u64 = 60_000;
/// Good pages until the limit or the window grows again.
const GOOD: u32 = 3;
/// Milliseconds stepped over in a row, before it is the answers that are suspected and not the events.
const SKIPS: u32 = 4;
/// The longest cursor, in bytes: it goes into the checkpoint and into an address. Miro's have 57.
const CURSOR: usize = 8192;

/// A pass that is under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Reading {
    /// No request of it was sent before this.
    pub(super) began: u64,
    /// The lower bound of the next window, sent as it is.
    pos: u64,
    /// Where it ends.
    to: u64,
    /// The place inside a window of several pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    page: Option<Place>,
    /// The length of the next window where the configured one was too much.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    width: Option<u64>,
    /// The window was begun again without getting further.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    again: bool,
    /// The search for the oldest that Miro keeps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    probe: Option<Probe>,
}

/// A place between two pages of one window.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Place {
    /// Miro's, to be sent with the same bounds.
    cursor: String,
    /// The upper bound of the window.
    end: u64,
    /// The time of the last event read.
    last: u64,
    /// A cursor seen earlier: a round trip to it is a loop (Brent's algorithm).
    guard: String,
    /// Pages since `guard` was set, and how many may follow until it is set again.
    steps: u32,
    span: u32,
    /// Events asked for at once: Miro may take a cursor for another request's where that changes. 0 where an older version left it.
    #[serde(default, skip_serializing_if = "is_zero")]
    limit: u32,
}

/// A bisection over the time from which on Miro answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Probe {
    /// The minute asked for begins here.
    at: u64,
    /// Refused.
    lo: u64,
    /// Answered; unknown while the newest minute is being asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    hi: Option<u64>,
    /// `lo` is being asked for a second time, so that one wrong refusal makes no gap.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    sure: bool,
}

/// What one answer did to a reading.
#[derive(Debug, Default)]
pub(super) struct Moved {
    /// Everything of the window up to here is read.
    pub(super) read: Option<u64>,
    /// The reading is complete.
    pub(super) complete: bool,
    /// What could not be read.
    pub(super) gap: Option<Gap>,
    /// What an operator should know.
    pub(super) warning: Option<String>,
}

impl Reading {
    /// A pass over `from..to`, none where that is empty.
    pub(super) fn over(began: u64, from: u64, to: u64) -> Option<Self> {
        (from < to).then(|| Self { began, pos: from.saturating_sub(1), to, page: None, width: None, again: false, probe: None })
    }

    /// The latest instant that it names.
    pub(super) fn latest(&self) -> u64 {
        let page = self.page.as_ref().map_or(0, |page| page.end.max(page.last));
        let probe = self.probe.as_ref().map_or(0, |probe| probe.at.max(probe.lo).max(probe.hi.unwrap_or(0)));
        self.began.max(self.pos).max(self.to).max(page).max(probe)
    }

    /// The bounds of the next request.
    pub(super) fn bounds(&self, config: &Config) -> (u64, u64) {
        if let Some(probe) = &self.probe {
            return (probe.at, probe.at.saturating_add(MINUTE));
        }
        let end = self.pos.saturating_add(1).saturating_add(self.width.unwrap_or(config.window)).min(self.to);
        (self.pos, self.page.as_ref().map_or(end, |page| page.end))
    }

    /// The cursor of the next request.
    pub(super) fn cursor(&self) -> Option<&str> {
        self.page.as_ref().map(|page| page.cursor.as_str())
    }

    /// Events that the next request must ask for at once, where it goes on with a cursor.
    pub(super) fn limit(&self) -> Option<u32> {
        self.page.as_ref().map(|page| page.limit).filter(|limit| *limit > 0)
    }

    /// Everything of it before this has been read.
    pub(super) fn through(&self) -> u64 {
        self.page.as_ref().map_or(0, |page| page.last).max(self.pos.saturating_add(1))
    }

    /// A page came. `cursor` leads to the next one; it came of asking for so many events at once, and so many may be asked for now.
    pub(super) fn good(
        &mut self,
        config: &Config,
        events: &[Event],
        cursor: Option<String>,
        (asked, may): (u32, u32),
    ) -> Result<Moved, Failure> {
        if self.probe.is_some() {
            return self.probed(config, None);
        }
        let (after, end) = self.bounds(config);
        let Some(cursor) = cursor.filter(|cursor| !cursor.is_empty() && !events.is_empty()) else {
            self.page = None;
            self.again = false;
            self.pos = end.saturating_sub(1);
            self.width = self.width.map(|width| width.saturating_mul(2)).filter(|width| *width < config.window);
            return Ok(Moved { read: Some(end), complete: end >= self.to, ..Moved::default() });
        };
        if cursor.len() > CURSOR {
            return Err(protocol(after, end, &format!("a cursor of {} bytes", cursor.len())));
        }
        let times = || events.iter().filter(|event| !guessed(event)).map(|event| event.time).filter(|time| (after..=end).contains(time));
        let newest = times().max();
        let first = Place { cursor: String::new(), end, last: after, guard: String::new(), steps: 0, span: 1, limit: asked };
        let mut place = self.page.take().unwrap_or(first);
        if newest.is_some_and(|newest| newest < place.last) {
            return Err(protocol(after, end, "a page went back in time although sorting=ASC was asked for"));
        }
        if cursor == place.cursor || cursor == place.guard {
            return Err(protocol(after, end, "the cursor of an earlier page came again, which would never end"));
        }
        if times().is_sorted() {
            place.last = place.last.max(newest.unwrap_or(0));
        }
        place.steps = place.steps.saturating_add(1);
        if place.steps >= place.span {
            place.guard.clone_from(&cursor);
            (place.steps, place.span) = (0, place.span.saturating_mul(2));
        }
        if may > asked && place.last.saturating_sub(1) > after {
            // Larger pages begin without a cursor.
            self.pos = place.last.saturating_sub(1);
            return Ok(Moved::default());
        }
        (place.cursor, place.limit) = (cursor, asked);
        self.page = Some(place);
        Ok(Moved::default())
    }

    /// Miro answered 400. With a cursor, that is stale; without, the window is too old or too wide.
    pub(super) fn refused(&mut self, config: &Config, now: u64, says: &str) -> Result<Moved, Failure> {
        if self.probe.is_some() {
            return self.probed(config, Some(says));
        }
        let (after, end) = self.bounds(config);
        if let Some(place) = self.page.take() {
            let back = place.last.saturating_sub(1).max(after);
            if back == after && self.again {
                return Err(protocol(after, end, &format!("a cursor was refused twice at the same place: {says}")));
            }
            self.again = back == after;
            self.pos = back;
            let warning = Some(format!("Miro refused a cursor ({says}); reading on from {}", iso(back)));
            return Ok(Moved { warning, ..Moved::default() });
        }
        let newest = now.saturating_sub(MINUTE);
        if after >= newest {
            return Err(invalid(after, end, says));
        }
        self.probe = Some(Probe { at: newest, lo: after, hi: None, sure: false });
        let warning = Some(format!("Miro refused events from {} ({says}); looking for the oldest it keeps", iso(after)));
        Ok(Moved { warning, ..Moved::default() })
    }

    /// One step of the bisection: the minute asked for was answered, or refused with these words.
    fn probed(&mut self, config: &Config, refused: Option<&str>) -> Result<Moved, Failure> {
        let Some(mut probe) = self.probe.take() else { return Ok(Moved::default()) };
        match (probe.hi, refused) {
            (None, Some(says)) => return Err(invalid(probe.at, probe.at.saturating_add(MINUTE), says)),
            // The newest minute is answered; next the oldest one, which tells age from width.
            (None, None) => {
                probe.hi = Some(probe.at);
                probe.at = self.pos;
                self.probe = Some(probe);
                return Ok(Moved::default());
            }
            (Some(_), None) if probe.at == self.pos => {
                return self.narrower(config, "a window was refused though its first minute was answered");
            }
            (Some(_), None) => {
                probe.hi = Some(probe.at);
                if std::mem::take(&mut probe.sure) {
                    probe.lo = self.pos;
                }
            }
            (Some(_), Some(_)) => probe.lo = probe.at,
        }
        let hi = probe.hi.unwrap_or(probe.at);
        if hi.saturating_sub(probe.lo) > MINUTE {
            probe.at = probe.lo.midpoint(hi);
            self.probe = Some(probe);
            return Ok(Moved::default());
        }
        if !probe.sure {
            (probe.at, probe.sure) = (probe.lo, true);
            self.probe = Some(probe);
            return Ok(Moved::default());
        }
        let cause = format!("Miro keeps nothing older than about {}", iso(hi));
        Ok(self.step_over(hi, cause))
    }

    /// The answer was over the cap: less at once, then a shorter window, then past the one event that does not fit.
    pub(super) fn too_large(&mut self, config: &Config, throttle: &mut Throttle) -> Result<Moved, Failure> {
        let limit = self.limit().unwrap_or_else(|| throttle.limit(config));
        if limit > 1 {
            throttle.limit = throttle.limit(config).min(limit / 2);
            throttle.good = 0;
            if let Some(place) = self.page.take() {
                self.pos = place.last.saturating_sub(1).max(self.pos);
            }
            return Ok(Moved::default());
        }
        if self.probe.is_some() {
            // One event of it is larger than the cap, so the minute is there.
            return self.probed(config, None);
        }
        let (after, end) = self.bounds(config);
        if let Some(place) = self.page.take() {
            self.pos = place.last.saturating_sub(1).max(after);
        }
        if end.saturating_sub(self.pos) > 2 {
            self.width = Some((end.saturating_sub(self.pos.saturating_add(1)) / 2).max(1));
            return Ok(Moved::default());
        }
        if throttle.skipped >= SKIPS {
            return Err(protocol(after, end, &format!("every answer is larger than `body_cap`, {} bytes", config.body_cap)));
        }
        throttle.skipped += 1;
        self.width = Some(1);
        Ok(self.step_over(end, format!("an event of this millisecond is larger than `body_cap`, {} bytes", config.body_cap)))
    }

    /// Half the window, from the same place.
    fn narrower(&mut self, config: &Config, why: &str) -> Result<Moved, Failure> {
        let (after, end) = self.bounds(config);
        let width = end.saturating_sub(after.saturating_add(1)) / 2;
        if width == 0 {
            return Err(protocol(after, end, why));
        }
        self.width = Some(width);
        Ok(Moved { warning: Some(format!("{why}; asking for {width} ms at once")), ..Moved::default() })
    }

    /// Goes on at `edge` and owns up to what lies before it.
    fn step_over(&mut self, edge: u64, cause: String) -> Moved {
        let start = self.pos.saturating_add(1);
        let end = edge.min(self.to);
        self.page = None;
        self.pos = edge.saturating_sub(1);
        let gap = (start < end).then_some(Gap { start, end, cause });
        Moved { read: Some(end), complete: edge >= self.to, gap, warning: None }
    }
}

impl Throttle {
    /// A page fitted: after a few the limit grows again.
    pub(super) fn fitted(&mut self, config: &Config) {
        self.skipped = 0;
        if self.limit == 0 {
            return;
        }
        self.good = self.good.saturating_add(1);
        if self.good >= GOOD {
            self.good = 0;
            self.limit = self.limit.saturating_mul(2);
            if self.limit >= config.page_limit {
                self.limit = 0;
            }
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// Its time is not Miro's word.
fn guessed(event: &Event) -> bool {
    event.traits.iter().any(|name| name == "time-guessed")
}

fn tried(after: u64, end: u64) -> String {
    format!("asked Miro for audit events from {} to {}", iso(after), iso(end))
}

fn protocol(after: u64, end: u64, why: &str) -> Failure {
    Failure::Protocol(format!("{}: {why}", tried(after, end)))
}

fn invalid(after: u64, end: u64, says: &str) -> Failure {
    Failure::Invalid(format!("{} and was refused: {says}; check `page_limit`, `window` and `api_url`", tried(after, end)))
}
