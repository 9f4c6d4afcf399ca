//! What the store knows of what it has let go, and of when sinks took what they got: what `verify` goes by.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Result;
use crate::model::{Instant, Lane, Seq, SinkName, SourceName};

/// What a sink takes so soon after it was stored did not wait.
pub const PROMPT: Duration = Duration::from_secs(10);
/// What it takes within that is told as one.
const TOGETHER: Duration = Duration::from_secs(60);

/// Events of a lane that had waited when a sink took them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waited {
    /// Those strictly after this place.
    pub after: Seq,
    /// Up to this one.
    pub through: Seq,
    /// When the first of them was taken.
    pub since: Instant,
    /// When the last of them was.
    pub by: Instant,
}

impl Waited {
    /// Adds what was taken last. However much comes, few are left: two are told as one where no more time lies between than a minute, or
    /// than has passed since.
    pub fn add(all: &mut Vec<Self>, next: Self) {
        let now = next.by;
        let mut left: Vec<Self> = Vec::with_capacity(all.len() + 1);
        for each in all.drain(..).chain([next]) {
            match left.last_mut() {
                Some(before) if each.by.since(before.since) <= TOGETHER.max(now.since(each.by)) => {
                    *before = Self {
                        after: before.after.min(each.after),
                        through: before.through.max(each.through),
                        since: before.since.min(each.since),
                        by: before.by.max(each.by),
                    };
                }
                _ => left.push(each),
            }
        }
        *all = left;
    }

    /// When an event was taken at the latest. `None`: it had not waited.
    pub fn by(all: &[Self], seq: Seq) -> Option<Instant> {
        all.iter().filter(|each| each.after < seq && seq <= each.through).map(|each| each.by).max()
    }
}

/// The part of the store by which it is proved that nothing is missing.
pub trait Evidence: Send + Sync + 'static {
    /// What was stored before and is not there counts as let go before the sink became a reader of the source: it was never meant for it.
    fn joined(&self, sink: &SinkName, source: &SourceName) -> Result<Instant>;
    /// Of what was stored before that, ids are forgotten: whether one of then that is not known was stored, nobody knows.
    fn forgotten(&self, source: &SourceName) -> Result<Instant>;
    /// What of a lane had waited when a sink took it, a few stretches of it. All else it took within [`PROMPT`] of its being stored.
    fn waited(&self, sink: &SinkName, source: &SourceName, lane: Lane) -> Result<Vec<Waited>>;
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A sink that is behind, and takes one event every seven seconds.
    fn backlog(events: i64) -> Vec<Waited> {
        let mut all = Vec::new();
        for seq in 1..=events {
            let at = taken(seq);
            Waited::add(&mut all, Waited { after: Seq(seq - 1), through: Seq(seq), since: at, by: at });
        }
        all
    }

    fn taken(seq: i64) -> Instant {
        Instant(1_700_000_000_000 + 7000 * u64::try_from(seq).unwrap())
    }

    #[test]
    fn i7_however_long_a_sink_is_behind_few_stretches_are_kept_and_each_tells_when_it_was_taken() {
        let events = 40_000;
        let (all, now) = (backlog(events), taken(events));
        assert!(all.len() < 40, "{}", all.len());
        for seq in (1..=events).map(Seq) {
            let (by, taken) = (Waited::by(&all, seq).unwrap(), taken(seq.0));
            assert!(by >= taken, "never before it was");
            assert!(by.since(taken) <= TOGETHER.max(now.since(by)), "{seq:?}: {by} is long after {taken}");
        }
        assert_eq!(Waited::by(&all, Seq(events + 1)), None);
    }

    #[test]
    fn what_did_not_wait_between_two_outages_is_not_told_as_if_it_had() {
        let mut all = Vec::new();
        let of = |after, through, at| Waited { after: Seq(after), through: Seq(through), since: Instant(at), by: Instant(at) };
        Waited::add(&mut all, of(10, 20, 1_000_000));
        Waited::add(&mut all, of(30, 40, 2_000_000));
        assert_eq!([15, 25, 35].map(|seq| Waited::by(&all, Seq(seq))), [Some(Instant(1_000_000)), None, Some(Instant(2_000_000))]);
        // A clock that was set back.
        Waited::add(&mut all, of(40, 50, 1_500_000));
        assert_eq!(Waited::by(&all, Seq(45)), Some(Instant(2_000_000)));
    }
}
