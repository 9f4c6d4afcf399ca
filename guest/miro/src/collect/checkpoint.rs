//! The whole state of one span between two calls: compact JSON, written for ever. A newer component reads every older
//! one; `fixtures/checkpoint-v1-*.json` hold what version 1 wrote.

use serde::{Deserialize, Serialize};

use super::reading::Reading;
use crate::{config::Config, source::Span as Asked, types::Failure};

/// The version that this component writes.
const VERSION: u32 = 1;
/// 9999-12-31T23:59:59.999Z: no instant of a checkpoint lies later, and the watermark lies before it.
pub(super) const LAST: u64 = 253_402_300_799_999;

/// Where the reading of one span stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// The version of this schema.
    v: u32,
    /// What is read, and how far.
    pub(super) span: Span,
    /// How much may be asked for at once, where answers were too large.
    #[serde(default, skip_serializing_if = "Throttle::is_open")]
    pub(super) throttle: Throttle,
}

/// A span and its progress.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Span {
    Live(Live),
    Fixed(Fixed),
}

/// The endless span.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Live {
    /// When the span began; no late event that was visible before it is owed.
    pub(super) born: u64,
    /// Nothing older than this was asked for.
    pub(super) floor: u64,
    /// The watermark: everything up to here has been read once.
    pub(super) mark: u64,
    /// When the current poll began.
    pub(super) poll: u64,
    /// The lateness of the tier whose page was the last one read, 0 after a live page.
    #[serde(default)]
    pub(super) turn: u64,
    /// The reading of what is new, while one is under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) reading: Option<Reading>,
    /// By ascending lateness.
    pub(super) tiers: Vec<Tier>,
}

/// One lateness and how far it has been looked after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Tier {
    /// In milliseconds: the tier's name.
    pub(super) late: u64,
    /// When its last finished reading began: all that was visible by then, that late at most, has been read.
    pub(super) start: u64,
    /// The reading under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) reading: Option<Reading>,
}

/// A span with an end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Fixed {
    pub(super) from: u64,
    pub(super) to: u64,
    /// Absent once it is complete.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) reading: Option<Reading>,
}

/// What answers that were too large have taught.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Throttle {
    /// Events to ask for at once; 0 stands for the configured number.
    pub(super) limit: u32,
    /// Pages that fitted since `limit` last changed.
    pub(super) good: u32,
    /// Milliseconds stepped over since the last page that fitted.
    pub(super) skipped: u32,
}

impl Throttle {
    fn is_open(&self) -> bool {
        *self == Self::default()
    }
}

impl Checkpoint {
    /// The first checkpoint of `span`.
    pub fn begin(config: &Config, span: Asked, now: u64) -> Result<Self, Failure> {
        let span = match span {
            Asked::Live(from) => {
                let mark = from.saturating_sub(config.since);
                let tiers = config.revisit.iter().map(|&late| Tier { late, start: now, reading: None }).collect();
                Span::Live(Live { born: now, floor: mark, mark, poll: now, turn: 0, reading: None, tiers })
            }
            Asked::Fixed((from, to)) if from >= to => {
                return Err(Failure::Invalid("the span to read ends before it begins; swap its ends".to_owned()));
            }
            Asked::Fixed((_, to)) if to > now.saturating_add(60_000) => {
                return Err(Failure::Invalid("the span to read ends in the future; end it now at the latest".to_owned()));
            }
            Asked::Fixed((from, to)) => Span::Fixed(Fixed { from, to, reading: Reading::over(now, from, to) }),
        };
        Self { v: VERSION, span, throttle: Throttle::default() }.sound()
    }

    /// Reads what an earlier call wrote.
    pub fn parse(text: &str) -> Result<Self, Failure> {
        #[derive(Deserialize)]
        struct Version {
            v: u32,
        }
        let broken = |error: serde_json::Error| {
            Failure::Invalid(format!("the checkpoint is not one of this source (line {}, column {})", error.line(), error.column()))
        };
        let Version { v } = serde_json::from_str(text).map_err(broken)?;
        if v > VERSION {
            return Err(Failure::Invalid(format!(
                "the checkpoint has version {v} and this component reads up to {VERSION}; run the component that wrote it, or a newer one"
            )));
        }
        serde_json::from_str::<Self>(text).map_err(broken)?.sound()
    }

    /// Refuses instants that no calendar has and a span that ends before it begins; everything after this may rely on it.
    fn sound(self) -> Result<Self, Failure> {
        let broken = |why: String| Err(Failure::Invalid(format!("the checkpoint is not one of this source: {why}")));
        if let Span::Fixed(Fixed { from, to, .. }) = &self.span
            && from > to
        {
            return broken(format!("its span ends at {to} ms, before it begins"));
        }
        let latest = match &self.span {
            Span::Live(live) => {
                let tiers = live.tiers.iter().flat_map(|tier| [tier.start, tier.reading.as_ref().map_or(0, Reading::latest)]);
                tiers
                    .chain([
                        live.born,
                        live.floor,
                        live.mark.saturating_add(1),
                        live.poll,
                        live.reading.as_ref().map_or(0, Reading::latest),
                    ])
                    .max()
                    .unwrap_or(0)
            }
            Span::Fixed(fixed) => fixed.from.max(fixed.to).max(fixed.reading.as_ref().map_or(0, Reading::latest)),
        };
        if latest > LAST {
            return broken(format!("{latest} ms lies past the year 9999"));
        }
        Ok(self)
    }

    /// What the next call is handed.
    pub fn text(&self) -> Result<String, Failure> {
        serde_json::to_string(self).map_err(|error| Failure::Invalid(format!("the checkpoint cannot be written: {error}")))
    }

    /// Everything of the span up to here has been read at least once.
    pub(super) fn through(&self) -> u64 {
        match &self.span {
            Span::Live(live) => live.mark,
            Span::Fixed(fixed) => fixed.reading.as_ref().map_or(fixed.to, |reading| reading.through().clamp(fixed.from, fixed.to)),
        }
    }
}
