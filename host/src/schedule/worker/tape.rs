//! Taking transcripts: the latest pages as they were read, for proving the next generation.

use std::{sync::Arc, time::Duration};

use audit_pipeline::source::Page;

use super::Worker;
use crate::{
    model::{Instant, Stream},
    runtime::CallError,
    store::blocking,
    swap::Recorder,
};

/// No more often than this: a backlog of a thousand pages is no better a proof than its first.
const PAUSE: Duration = Duration::from_secs(60);
/// How many of a source are kept.
const KEPT: u64 = 4;

impl Worker {
    /// One `collect` on the generation that this step runs on, taken down where it is time for that.
    pub(super) async fn collect(&mut self, stream: Stream, token: &str, checkpoint: &str, now: Instant) -> Result<Page, CallError> {
        let source = self.source.pinned(Arc::clone(&self.serving.generation));
        if stream != Stream::Live || now < self.tape_due {
            return source.collect(token, checkpoint, now).await;
        }
        let recorder = Arc::new(Recorder::new(source.transport(), token));
        let page = source.over(Arc::clone(&recorder) as _).collect(token, checkpoint, now).await?;
        // An empty page proves little.
        if !page.events.is_empty() {
            self.tape_due = now.plus(PAUSE);
            let transcript = recorder.transcript(self.serving.generation.digest(), source.config(), checkpoint, now.0, &page);
            if let Some(bytes) = transcript.and_then(|transcript| transcript.to_bytes().ok()) {
                let name = self.settings.name.clone();
                if let Err(why) = blocking(&self.store, move |store| store.keep_transcript(&name, now, &bytes, KEPT)).await {
                    // The page matters, not its transcript.
                    tracing::warn!(source = %self.settings.name, "failed to keep a transcript: {why}");
                }
            }
        }
        Ok(page)
    }
}
