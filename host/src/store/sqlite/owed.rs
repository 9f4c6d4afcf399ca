//! What a store that is damaged still owes its readers: from when on its sources are read again.

use std::time::Duration;

use rusqlite::{Connection, params};

use super::{Reread, checkpoints, chunk, fault::Outcome, log, names, prune};
use crate::model::{Instant, Lane, SourceName, Stream};

/// From when a source is read again: before its retention, where somebody had not had what happened before, or it was not read that
/// far. What comes then may have happened as much earlier as events are late.
pub(super) fn begin(from: Option<&Connection>, source: &SourceName, reread: &Reread, now: Instant) -> Instant {
    let mut since = vec![now.minus(reread.retention)];
    match from.and_then(|from| Some((waiting(from, source, reread.keeps).ok()?, checkpoints::read(from, source, Stream::Live).ok()?))) {
        Some((waiting, live)) => since.extend(waiting.into_iter().chain(live.map(|live| live.through))),
        None => since.push(now.minus(reread.keeps)),
    }
    since.into_iter().fold(now, Instant::min).minus(reread.lateness)
}

/// When the oldest event happened that not every reader has passed: what was caught up happened long before it came, but never before
/// what the vendor kept then. Backfills have their own way.
fn waiting(from: &Connection, source: &SourceName, keeps: Duration) -> Outcome<Option<Instant>> {
    let mut select = from.prepare(&format!(
        "SELECT last, count, received FROM chunks WHERE source = (SELECT id FROM sources WHERE name = ?1) AND lane <> ?2 AND NOT {}",
        prune::PASSED
    ))?;
    let mut rows = select.query(params![source.as_str(), names::lane_column(Lane::History)])?;
    let (chunks, mut oldest) = (chunk::Cache::default(), None::<Instant>);
    while let Some(row) = rows.next()? {
        let (last, count, received) = (row.get(0)?, row.get(1)?, names::instant(row, 2)?);
        let chunk = chunks.unpack((last, count), || log::packed(from, last))?;
        let mut happened = received;
        for place in 0..usize::try_from(count).unwrap_or_default() {
            happened = happened.min(chunk.get(place)?.time);
        }
        let happened = happened.max(received.minus(keeps));
        oldest = Some(oldest.map_or(happened, |oldest| oldest.min(happened)));
    }
    Ok(oldest)
}
