//! Standard output, NDJSON. A reader that went away is a state, not a crash.

use std::{
    io::{self, ErrorKind, Write},
    sync::{Arc, Mutex, PoisonError},
};

use futures_util::future::BoxFuture;

use super::{Batch, BatchLimits, Outcome, Sink, SinkError, file::ndjson};

/// Writes lines to standard output.
pub struct StdoutSink {
    out: Arc<Mutex<dyn Write + Send>>,
}

impl std::fmt::Debug for StdoutSink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StdoutSink").finish_non_exhaustive()
    }
}

impl Default for StdoutSink {
    fn default() -> Self {
        Self::to(io::stdout())
    }
}

impl StdoutSink {
    /// Writes to `out` instead.
    pub fn to(out: impl Write + Send + 'static) -> Self {
        Self { out: Arc::new(Mutex::new(out)) }
    }
}

impl Sink for StdoutSink {
    fn deliver<'a>(&'a mut self, batch: Batch<'a>) -> BoxFuture<'a, Outcome> {
        let (out, bytes) = (Arc::clone(&self.out), ndjson(batch.events));
        Box::pin(async move {
            let done = tokio::task::spawn_blocking(move || {
                let mut out = out.lock().unwrap_or_else(PoisonError::into_inner);
                out.write_all(&bytes).and_then(|()| out.flush())
            });
            match done.await.unwrap_or_else(|gone| Err(io::Error::other(gone))) {
                Ok(()) => Outcome::Accepted { warning: None },
                Err(why) if why.kind() == ErrorKind::BrokenPipe => Outcome::Paused {
                    reason: "whoever read standard output has gone; start again with a reader, or use a sink of type \"file\"".to_owned(),
                },
                Err(why) => Outcome::Retry { after: None, reason: format!("failed to write to standard output: {why}"), ambiguous: true },
            }
        })
    }

    fn limits(&self) -> BatchLimits {
        BatchLimits { events: 1000, bytes: 1_000_000 }
    }

    fn check(&mut self) -> BoxFuture<'_, Result<String, SinkError>> {
        Box::pin(async { Ok("standard output".to_owned()) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::{Lane, Seq},
        sink::Line,
    };

    struct Closed;
    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn a_closed_pipe_pauses_and_says_why() {
        let source = "acme".parse().unwrap();
        let events = [Line { seq: Seq(1), action: "a".to_owned(), bytes: "{}".into() }];
        let outcome = StdoutSink::to(Closed).deliver(Batch { source: &source, lane: Lane::Live, events: &events }).await;
        assert!(matches!(outcome, Outcome::Paused { reason } if reason.contains("standard output")));
    }
}
