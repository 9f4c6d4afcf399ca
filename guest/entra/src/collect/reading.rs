//! One pass over a stretch of time: window by window from the oldest, and within a window page by page from the newest, as
//! Graph answers. A window therefore counts as read only as a whole, and is short enough to come to an end.
//!
//! Two windows that touch share the instant where they do: what lies between two milliseconds is asked for as well, and the ids
//! tell what came twice.

use guest_source::instant::iso;
use serde::{Deserialize, Serialize};

use super::query::LIMIT;
use crate::{config::KEPT, source::Gap, types::Failure};

/// The shortest window that is asked for because of what an answer was, in milliseconds.
const SHORTEST: u64 = 1_000;
/// More pages than a window has: at a thousand sign-ins each.
const PAGES: u32 = 2_000;
/// How long it rests where nothing helps, in milliseconds.
const REST: u64 = 300_000;
/// What is this much older than Entra keeps is not there; less, and nobody can tell.
const SLACK: u64 = 3_600_000;
/// Stretches stepped over in a row, before it is the answers that are suspected and not the sign-ins.
const SKIPS: u32 = 4;

/// A pass that is under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Reading {
    /// No request of it was sent before this.
    pub(super) began: u64,
    /// Where it began.
    pub(super) from: u64,
    /// Everything of it before this has been read.
    pos: u64,
    /// Where it ends.
    to: u64,
    /// The place inside a window of several pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    place: Option<Place>,
    /// The length of the next window where the usual one was too much.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    width: Option<u64>,
    /// Sign-ins to ask for at once where as many as there may be were too much. It grows between windows only: within one, a
    /// page that does not fit would come again and again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    top: Option<u32>,
    /// Moments stepped over since the last window that was read.
    #[serde(default, skip_serializing_if = "is_zero")]
    skipped: u32,
    /// A link was refused since the last window that was read.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    again: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "what serde hands over")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// Where a window goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Place {
    link: String,
    /// Where the window ends that the link belongs to.
    end: u64,
    /// Pages of it that were read.
    pages: u32,
}

/// What one answer did to a reading.
#[derive(Debug, Default)]
pub(super) struct Moved {
    /// Everything of the pass up to here is read.
    pub(super) read: Option<u64>,
    /// The pass is complete.
    pub(super) complete: bool,
    /// What could not be read.
    pub(super) gap: Option<Gap>,
    /// What Entra no longer keeps.
    pub(super) gone: Option<Gap>,
    /// What an operator should know.
    pub(super) warning: Option<String>,
    /// How long to wait before the next request, in milliseconds.
    pub(super) wait: Option<u64>,
}

impl Reading {
    /// A pass over `from..to`, none where that is empty.
    pub(super) fn over(began: u64, from: u64, to: u64) -> Option<Self> {
        (from < to).then_some(Self { began, from, pos: from, to, place: None, width: None, top: None, skipped: 0, again: false })
    }

    /// The ends of the next request's window, none of which is longer than `longest`.
    pub(super) fn window(&self, longest: u64) -> (u64, u64) {
        let end = self.pos.saturating_add(self.width.unwrap_or(longest)).min(self.to);
        (self.pos, self.place.as_ref().map_or(end, |place| place.end))
    }

    /// Sign-ins to ask for at once.
    pub(super) fn top(&self) -> u32 {
        self.top.map_or(LIMIT, |top| top.clamp(1, LIMIT))
    }

    /// The link to the next page, inside of a window.
    pub(super) fn link(&self) -> Option<&str> {
        self.place.as_ref().map(|place| place.link.as_str())
    }

    /// Everything of it before this has been read.
    pub(super) fn through(&self) -> u64 {
        self.pos
    }

    /// The latest instant that it names.
    pub(super) fn latest(&self) -> u64 {
        self.began.max(self.from).max(self.pos).max(self.to).max(self.place.as_ref().map_or(0, |place| place.end))
    }

    /// Reads its window again from the first page where the link does not lead to where the token may go.
    pub(super) fn keep_links(&mut self, own: impl Fn(&str) -> bool) {
        self.place = self.place.take().filter(|place| own(&place.link));
    }

    /// A page came. `next` leads to the next one; `clock` tells how far back Entra keeps.
    pub(super) fn good(&mut self, next: Option<String>, longest: u64, clock: u64) -> Moved {
        let (start, end) = self.window(longest);
        if let Some(link) = next {
            let pages = self.place.as_ref().map_or(0, |place| place.pages).saturating_add(1);
            if pages >= PAGES {
                return self.narrower(longest, "a window has pages without end");
            }
            self.place = Some(Place { link, end, pages });
            return Moved::default();
        }
        self.place = None;
        (self.again, self.skipped) = (false, 0);
        self.top = self.top.map(|top| top.saturating_mul(2)).filter(|top| *top < LIMIT);
        self.width = self.width.map(|width| width.saturating_mul(2)).filter(|width| *width < longest);
        self.pos = end;
        let gone = self.gone(start, clock);
        Moved { read: Some(self.pos), complete: self.pos >= self.to, gone, ..Moved::default() }
    }

    /// Graph does not accept the window, and Entra keeps nothing as old: it goes on where something may be. `None` where that is
    /// no reason.
    pub(super) fn too_old(&mut self, clock: u64) -> Option<Moved> {
        let gone = self.gone(self.pos, clock)?;
        Some(Moved { read: Some(self.pos), complete: self.pos >= self.to, gone: Some(gone), ..Moved::default() })
    }

    /// What lies between `start` and what Entra keeps, stepped over.
    fn gone(&mut self, start: u64, clock: u64) -> Option<Gap> {
        let edge = clock.saturating_sub(KEPT).min(self.to);
        let gone = edge.saturating_sub(start) > SLACK;
        gone.then(|| {
            self.pos = self.pos.max(edge);
            Gap { start, end: edge, cause: "Entra keeps sign-ins for 30 days".to_owned() }
        })
    }

    /// Graph no longer knows the link: the window begins again, and from the second time on it is a shorter one.
    pub(super) fn refused(&mut self, longest: u64) -> Moved {
        if std::mem::replace(&mut self.again, true) {
            return self.narrower(longest, "Microsoft Graph refused the link to a further page again");
        }
        let warning = format!("Microsoft Graph refused the link to a further page; {} is read again", self.said(longest));
        self.place = None;
        Moved { warning: Some(warning), ..Moved::default() }
    }

    /// The answer was over the cap: less at once, then a shorter window, then past the moment that does not fit. A link says
    /// itself how much it asks for, so the window begins again each time.
    pub(super) fn too_large(&mut self, longest: u64) -> Result<Moved, Failure> {
        if self.top() > 1 {
            self.top = Some(self.top() / 2);
            self.place = None;
            return Ok(Moved::default());
        }
        if self.halve(longest) {
            return Ok(Moved::default());
        }
        if self.skipped >= SKIPS {
            return Err(Failure::Protocol(format!("cannot read sign-ins: every answer for {} is too large", self.said(longest))));
        }
        self.skipped += 1;
        let (start, end) = self.window(longest);
        self.place = None;
        self.pos = end;
        let gap = Some(Gap { start, end, cause: "a sign-in of this moment is larger than an answer may be".to_owned() });
        Ok(Moved { read: Some(end), complete: end >= self.to, gap, ..Moved::default() })
    }

    /// Half the window from its first page; where it is the shortest already, the same window after a rest.
    fn narrower(&mut self, longest: u64, why: &str) -> Moved {
        let said = self.said(longest);
        if self.halve(longest) {
            return Moved { warning: Some(format!("{why}; {said} is read in smaller parts")), ..Moved::default() };
        }
        self.place = None;
        Moved { warning: Some(format!("{why}; {said} is tried again in five minutes")), wait: Some(REST), ..Moved::default() }
    }

    fn halve(&mut self, longest: u64) -> bool {
        let (start, end) = self.window(longest);
        let half = end.saturating_sub(start) / 2;
        let can = half >= SHORTEST;
        if can {
            self.width = Some(half);
            self.place = None;
        }
        can
    }

    fn said(&self, longest: u64) -> String {
        let (start, end) = self.window(longest);
        format!("the window from {} to {}", iso(start), iso(end))
    }
}
