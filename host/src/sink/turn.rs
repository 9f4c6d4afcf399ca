//! One after the other: events and alerts go to one sink by two workers, and the far side sees one sender.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use tokio::sync::Mutex;

use super::{Allowance, Batch, BatchLimits, Outcome, Sink, SinkError};

/// What those who share a sink share: one sends at a time, and together they send so much. All clones are the same one.
#[derive(Clone, Debug, Default)]
pub struct Turns {
    one: Arc<Mutex<()>>,
    allowance: Allowance,
}

impl Turns {
    /// Of a sink that is sent so many uncompressed bytes a minute at most; none for as many as there are.
    pub fn at(rate: Option<u64>) -> Self {
        Self { one: Arc::default(), allowance: Allowance::of(rate) }
    }

    /// What they may send.
    pub fn allowance(&self) -> Allowance {
        self.allowance.clone()
    }

    /// A sink that delivers only while no other does that was given to the same turns.
    pub fn taking(&self, sink: Box<dyn Sink>) -> Box<dyn Sink> {
        Box::new(InTurn { turns: self.clone(), sink })
    }
}

struct InTurn {
    turns: Turns,
    sink: Box<dyn Sink>,
}

impl Sink for InTurn {
    fn deliver<'a>(&'a mut self, batch: Batch<'a>) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            let _turn = self.turns.one.lock().await;
            self.sink.deliver(batch).await
        })
    }

    fn limits(&self) -> BatchLimits {
        self.sink.limits()
    }

    fn check(&mut self) -> BoxFuture<'_, Result<String, SinkError>> {
        self.sink.check()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;
    use crate::model::Lane;

    /// A far side that takes a while and counts it as an error to be asked meanwhile.
    struct Alone(Arc<AtomicBool>);

    impl Sink for Alone {
        fn deliver<'a>(&'a mut self, _: Batch<'a>) -> BoxFuture<'a, Outcome> {
            Box::pin(async {
                assert!(!self.0.swap(true, Ordering::SeqCst), "two at once");
                for _ in 0..10 {
                    tokio::task::yield_now().await;
                }
                self.0.store(false, Ordering::SeqCst);
                Outcome::Accepted { warning: None }
            })
        }

        fn limits(&self) -> BatchLimits {
            BatchLimits { events: 1, bytes: 1 }
        }

        fn check(&mut self) -> BoxFuture<'_, Result<String, SinkError>> {
            Box::pin(async { Ok(String::new()) })
        }
    }

    #[tokio::test]
    async fn two_workers_of_one_sink_never_send_at_once() {
        let (busy, turns, source) = (Arc::new(AtomicBool::new(false)), Turns::default(), "acme".parse().unwrap());
        let sink = || turns.taking(Box::new(Alone(Arc::clone(&busy))));
        let (mut events, mut alerts) = (sink(), sink());
        let batch = || Batch { source: &source, lane: Lane::Live, events: &[] };
        for _ in 0..3 {
            let both = tokio::join!(events.deliver(batch()), alerts.deliver(batch()));
            assert_eq!(both, (Outcome::Accepted { warning: None }, Outcome::Accepted { warning: None }));
        }
    }
}
