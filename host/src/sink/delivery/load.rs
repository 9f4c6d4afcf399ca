//! What to deliver next: live before late before history, the sources in turn; parked events that an operator wants
//! tried again go before history.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::BoxFuture;

use super::flight::Flight;
use crate::{
    model::{Lane, Seq, SinkName, SourceName},
    sink::{BatchLimits, Line, Mask},
    store::{self, Parked, Range, Store, StoredEvent},
};

/// Makes other lines of records: called with the records of one source, answers one line or one reason for each. The outer
/// error means that nothing could be converted now.
pub type Convert = Arc<dyn Fn(SourceName, Vec<String>) -> BoxFuture<'static, Result<Vec<Result<String, String>>, String>> + Send + Sync>;

/// What a sink writes for an event.
#[derive(Clone)]
pub enum Lines {
    /// The vendor's own object, as it is.
    Record,
    /// What this makes of it.
    Converted(Convert),
}

impl std::fmt::Debug for Lines {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Record => "Record",
            Self::Converted(_) => "Converted",
        })
    }
}

/// What is being delivered.
#[derive(Debug)]
pub(super) enum Load {
    /// A batch of the log.
    Batch(Flight),
    /// Parked events of one source and lane, once more.
    Again(SourceName, Lane, Vec<Line>),
}

/// What the log has for a sink.
pub(super) enum Found {
    Nothing,
    /// Events, and the index of their source.
    Events(usize, Lane, Vec<StoredEvent>),
    /// Parked events of one source and lane.
    Parked(SourceName, Lane, Vec<StoredEvent>),
    /// A parked event that the log has no longer.
    Lost(Parked),
}

/// Looks for the next events, beginning with source number `turn`.
///
/// `together`: how many parked events may go at once.
pub(super) fn look(
    store: &dyn Store,
    sink: &SinkName,
    sources: &[SourceName],
    turn: usize,
    limits: BatchLimits,
    together: usize,
) -> store::Result<Found> {
    let in_turn = || sources.iter().enumerate().cycle().skip(turn).take(sources.len());
    for lane in Lane::ALL {
        if lane == Lane::History
            && let Some(found) = again(store, sink, sources, BatchLimits { events: limits.events.min(together), ..limits })?
        {
            return Ok(found);
        }
        for (index, source) in in_turn() {
            let after = store.cursor(sink, source, lane)?;
            let range = Range { source, lane, after, sink: Some(sink), events: limits.events, bytes: limits.bytes };
            let events = store.read(&range)?;
            if !events.is_empty() {
                return Ok(Found::Events(index, lane, events));
            }
        }
    }
    Ok(Found::Nothing)
}

/// Parked events that are to be tried again: as many as one batch takes of the source and lane of the first.
fn again(store: &dyn Store, sink: &SinkName, sources: &[SourceName], limits: BatchLimits) -> store::Result<Option<Found>> {
    let mut wanted = store.to_retry(sink, sources, limits.events.max(1))?.into_iter();
    let Some(first) = wanted.next() else { return Ok(None) };
    let Some((_, event)) = store.event(first.seq)? else { return Ok(Some(Found::Lost(first))) };
    let (source, lane, mut bytes) = (first.source, event.lane, event.record.len());
    let mut events = vec![event];
    for parked in wanted.take_while(|parked| parked.source == source) {
        let Some((_, event)) = store.event(parked.seq)?.filter(|(_, event)| event.lane == lane) else { break };
        bytes = bytes.saturating_add(event.record.len());
        if bytes > limits.bytes {
            break;
        }
        events.push(event);
    }
    Ok(Some(Found::Parked(source, lane, events)))
}

/// Lines made of events.
pub(super) struct Made {
    /// Those that could be made, in order, up to the first that could not.
    pub(super) lines: Vec<Line>,
    /// The first that could not, and why.
    pub(super) broken: Option<(Seq, String)>,
}

impl Lines {
    /// Makes the lines of events of one source, as they leave.
    pub(super) async fn make(&self, source: &SourceName, events: Vec<StoredEvent>, mask: Option<&Mask>) -> Result<Made, String> {
        let Some(mask) = mask else { return self.plain(source, events).await };
        let known = mask.known(source, &events).await?;
        let mut made = self.plain(source, events).await?;
        let mut masked = Vec::with_capacity(made.lines.len());
        for (line, known) in made.lines.into_iter().zip(known) {
            let known = match known {
                Ok(known) => known,
                Err(why) => {
                    made.broken = Some((line.seq, format!("nobody knows what to mask in it: {why}")));
                    break;
                }
            };
            let bytes = mask.line(&String::from_utf8_lossy(&line.bytes), &known).into_owned().into();
            masked.push(Line { bytes, ..line });
        }
        Ok(Made { lines: masked, ..made })
    }

    async fn plain(&self, source: &SourceName, events: Vec<StoredEvent>) -> Result<Made, String> {
        let line = |seq, action, text: String| Line { seq, action, bytes: Bytes::from(text) };
        let Self::Converted(convert) = self else {
            let lines = events.into_iter().map(|event| line(event.seq, event.action, event.record)).collect();
            return Ok(Made { lines, broken: None });
        };
        let mut records = Vec::with_capacity(events.len());
        let mut heads = Vec::with_capacity(events.len());
        for event in events {
            heads.push((event.seq, event.action));
            records.push(event.record);
        }
        let converted = convert(source.clone(), records).await?;
        if converted.len() != heads.len() {
            return Err(format!("the component made {} lines of {} records", converted.len(), heads.len()));
        }
        let mut made = Made { lines: Vec::with_capacity(heads.len()), broken: None };
        for ((seq, action), result) in heads.into_iter().zip(converted) {
            match result {
                Ok(text) if !text.contains(['\n', '\r']) => made.lines.push(line(seq, action, text)),
                Ok(_) => made.broken = Some((seq, "the component made more than one line of it".to_owned())),
                Err(why) => made.broken = Some((seq, why)),
            }
            if made.broken.is_some() {
                break;
            }
        }
        Ok(made)
    }
}

/// The longest beginning that fits, line breaks included; at least one line.
pub(super) fn fit(lines: &mut Vec<Line>, limits: BatchLimits) {
    let mut bytes = 0_usize;
    let fits = lines.iter().take(limits.events).take_while(|line| {
        bytes = bytes.saturating_add(line.bytes.len() + 1);
        bytes <= limits.bytes
    });
    let count = fits.count().max(1);
    lines.truncate(count);
}
