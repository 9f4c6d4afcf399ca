//! Which stream of a source is read next, and where it stands: the live one when its poll is due, else the oldest backfill that nothing
//! holds up.

use std::sync::Arc;

use audit_pipeline::source::Span;

use super::{Next, Worker};
use crate::{
    model::{Instant, SourceName, Stream},
    runtime::{CallError, Generation},
    schedule::state::Problem,
    store::{History, Purpose, Store, StoreError, blocking},
};

impl Worker {
    /// Which stream the next step belongs to, or when there is one.
    pub(super) async fn choose(&mut self, now: Instant) -> Result<Result<Stream, Next>, StoreError> {
        if now >= self.live_due {
            return Ok(Ok(Stream::Live));
        }
        if self.histories.is_none() {
            let name = self.settings.name.clone();
            let mut all = blocking(&self.store, |store| store.histories()).await?;
            all.retain(|history| history.source == name && !history.finished);
            self.hindrances.keep(&all);
            self.status.backfills = self.hindrances.problems();
            self.histories = Some(all);
        }
        let Some((id, due)) = self.next_history(now) else { return Ok(Err(Next::At(self.live_due))) };
        if now >= due { Ok(Ok(Stream::History(id))) } else { Ok(Err(Next::At(self.live_due.min(due)))) }
    }

    /// The backfill that is read next, and when.
    pub(super) fn next_history(&self, now: Instant) -> Option<(i64, Instant)> {
        let due = |history: &History| self.hindrances.get(history.id).map_or(now, |each| each.due.max(now));
        // The oldest of those that are due at the same time.
        let (id, due) = self.histories.iter().flatten().map(|history| (history.id, due(history))).min_by_key(|(_, due)| *due)?;
        Some((id, due.max(self.history_due)))
    }

    /// What holds up all that is left to be read, where the latest poll is complete and only backfills are: of each, and how often in a row
    /// it failed.
    pub fn held_up(&self) -> Vec<(&Problem, u32)> {
        let left = self.histories.iter().flatten().filter(|_| self.caught_up);
        let each = left.map(|history| self.hindrances.get(history.id).and_then(|each| Some((each.problem.as_ref()?, each.tries))));
        each.collect::<Option<_>>().unwrap_or_default()
    }

    /// Where the stream stands; begins it where it never was.
    pub(super) async fn checkpoint(&mut self, stream: Stream, base: &Arc<Generation>) -> Result<Result<String, CallError>, StoreError> {
        if stream == Stream::Live
            && let Some(checkpoint) = &self.live
        {
            return Ok(Ok(checkpoint.clone()));
        }
        let name = self.settings.name.clone();
        if let Some(stored) = blocking(&self.store, move |store| store.checkpoint(&name, stream)).await? {
            if stream == Stream::Live {
                self.status.watermark = Some(stored.through);
            }
            return Ok(Ok(stored.body));
        }
        let now = self.clock.now();
        let history = self.histories.iter().flatten().find(|history| stream == Stream::History(history.id));
        let (span, from) = match history {
            Some(history) => (Span::Fixed((history.start.0, history.end.0)), history.start),
            None => (Span::Live(now.0), now),
        };
        let first = match self.source.pinned(Arc::clone(base)).begin(span, now).await {
            Ok(first) => first,
            Err(why) => return Ok(Err(why)),
        };
        let (name, body) = (self.settings.name.clone(), first.clone());
        let learn = self.settings.learn.filter(|_| stream == Stream::Live);
        blocking(&self.store, move |store| {
            // First, so that a crash between the two does not forget it.
            if let Some(learn) = learn {
                remember_to_learn(store, &name, now.minus(learn), now)?;
            }
            store.begin(&name, stream, &body, from, now)
        })
        .await?;
        if learn.is_some() {
            self.histories = None;
        }
        Ok(Ok(first))
    }
}

/// Puts a stretch of the past down to be learned from, once for each source.
fn remember_to_learn(store: &dyn Store, source: &SourceName, start: Instant, end: Instant) -> Result<(), StoreError> {
    let known = store.histories()?.iter().any(|history| history.source == *source && history.purpose == Purpose::Learning);
    if !known {
        let (source, purpose) = (source.clone(), Purpose::Learning);
        store.add_history(&History { id: 0, source, start, end, purpose, gap: None, through: start, events: 0, finished: false })?;
    }
    Ok(())
}
