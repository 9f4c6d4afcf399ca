//! The whole state of one span between two calls: compact JSON, written for ever. A newer component reads every older
//! one; `fixtures/collect-v1-*.json` hold what version 1 wrote.

use serde::{Deserialize, Serialize};

use super::reading::Reading;
use crate::{config::Config, graph::link, source::Span as Asked, types::Failure};

/// The version that this component writes.
const VERSION: u32 = 1;
/// 9999-12-31T23:59:59.999Z: no instant of a checkpoint lies later, and the watermark lies before it.
pub(super) const LAST: u64 = 253_402_300_799_999;
/// More tiers than a configuration may have.
const TIERS: usize = 16;

/// Where the reading of one span stands. Links are 16 KiB long at most, so that it is bounded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Checkpoint {
    v: u32,
    /// What is read, and how far.
    pub(super) span: Span,
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
    /// When the span began; no late sign-in that was visible before it is owed.
    pub(super) born: u64,
    /// Nothing older than this was asked for.
    pub(super) floor: u64,
    /// The watermark: everything up to here has been read once.
    pub(super) mark: u64,
    /// When the current poll began.
    pub(super) poll: u64,
    /// A page of a tier was read since then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) between: bool,
    /// The reading of what is new, while one is under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) reading: Option<Reading>,
    /// By ascending lateness.
    pub(super) tiers: Vec<Tier>,
}

/// One lateness and how far it has been looked after. The first has no reading of its own: it is part of the live one.
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

impl Checkpoint {
    /// The first checkpoint of `span`.
    pub(super) fn begin(config: &Config, span: Asked, now: u64) -> Result<Self, Failure> {
        let span = match span {
            Asked::Live(from) => {
                let mark = from.saturating_sub(config.since);
                let tiers = config.revisit.iter().map(|&late| Tier { late, start: now, reading: None }).collect();
                Span::Live(Live { born: now, floor: mark, mark, poll: now, between: false, reading: None, tiers })
            }
            Asked::Fixed((from, to)) if from >= to => {
                return Err(Failure::Invalid("the span to read ends before it begins; swap its ends".to_owned()));
            }
            Asked::Fixed((_, to)) if to > now.saturating_add(60_000) => {
                return Err(Failure::Invalid("the span to read ends in the future; end it now at the latest".to_owned()));
            }
            Asked::Fixed((from, to)) => Span::Fixed(Fixed { from, to, reading: Reading::over(now, from, to) }),
        };
        Self { v: VERSION, span }.sound()
    }

    /// Reads what an earlier call wrote. Where a link leads elsewhere, since `graph_url` is another now, its window begins again.
    pub(super) fn parse(config: &Config, text: &str) -> Result<Self, Failure> {
        #[derive(Deserialize)]
        struct Version {
            v: u32,
        }
        let broken = |why: serde_json::Error| {
            Failure::Invalid(format!("the checkpoint is not one of these sign-ins (line {}, column {})", why.line(), why.column()))
        };
        let Version { v } = serde_json::from_str(text).map_err(broken)?;
        if v != VERSION {
            return Err(Failure::Invalid(format!(
                "the checkpoint has version {v} and this component reads up to {VERSION}; run the component that wrote it, or a newer one"
            )));
        }
        let mut read = serde_json::from_str::<Self>(text).map_err(broken)?.sound()?;
        for reading in read.readings() {
            reading.keep_links(|it| link::own(config, it));
        }
        Ok(read)
    }

    fn readings(&mut self) -> impl Iterator<Item = &mut Reading> {
        let (own, tiers) = match &mut self.span {
            Span::Live(live) => (live.reading.as_mut(), live.tiers.as_mut_slice()),
            Span::Fixed(fixed) => (fixed.reading.as_mut(), Default::default()),
        };
        own.into_iter().chain(tiers.iter_mut().filter_map(|tier| tier.reading.as_mut()))
    }

    /// Refuses instants that no calendar has, spans that end before they begin and tiers without number; everything after this
    /// may rely on it.
    fn sound(mut self) -> Result<Self, Failure> {
        let broken = |why: &str| Err(Failure::Invalid(format!("the checkpoint is not one of these sign-ins: {why}")));
        let own = match &self.span {
            Span::Fixed(fixed) if fixed.from > fixed.to => return broken("its span ends before it begins"),
            Span::Live(live) if live.tiers.len() > TIERS => return broken("it has too many tiers"),
            Span::Fixed(fixed) => fixed.to,
            Span::Live(live) => {
                let starts = live.tiers.iter().map(|tier| tier.start);
                starts.chain([live.born, live.floor, live.mark.saturating_add(1), live.poll]).max().unwrap_or(0)
            }
        };
        let latest = self.readings().map(|reading| reading.latest()).max().unwrap_or(0).max(own);
        if latest > LAST { broken("it names an instant past the year 9999") } else { Ok(self) }
    }

    /// What the next call is handed.
    pub(super) fn text(&self) -> Result<String, Failure> {
        serde_json::to_string(self).map_err(|why| Failure::Invalid(format!("the checkpoint cannot be written: {why}")))
    }

    /// Everything of the span up to here has been read at least once.
    pub(super) fn through(&self) -> u64 {
        match &self.span {
            Span::Live(live) => live.mark,
            Span::Fixed(fixed) => fixed.reading.as_ref().map_or(fixed.to, |reading| reading.through().clamp(fixed.from, fixed.to)),
        }
    }
}
