//! When what lies in each stretch of the log happened: it is read again only for a time of which it holds something.

use std::collections::BTreeMap;

use crate::model::{Instant, Lane, Seq};

/// A stretch of a lane: what stands strictly after the one place, up to the other.
#[derive(Clone, Copy, Debug)]
struct Block {
    after: Seq,
    through: Seq,
    /// When the first and the last of it happened.
    span: (Instant, Instant),
}

/// The stretches of each lane in order, without a hole, as far as it was read.
#[derive(Debug, Default)]
pub(super) struct Blocks(BTreeMap<Lane, Vec<Block>>);

impl Blocks {
    /// The next stretch was read, up to that place: what lies there happened then.
    pub(super) fn note(&mut self, lane: Lane, through: Seq, times: impl IntoIterator<Item = Instant>) {
        let after = self.end(lane);
        let span = times.into_iter().fold((Instant::FAR, Instant::EPOCH), |(first, last), time| (first.min(time), last.max(time)));
        self.0.entry(lane).or_default().push(Block { after, through, span });
    }

    /// How far a lane was read.
    pub(super) fn end(&self, lane: Lane) -> Seq {
        self.0.get(&lane).and_then(|blocks| blocks.last()).map_or(Seq::default(), |block| block.through)
    }

    /// Between which places there may be something that happened in this time.
    pub(super) fn of(&self, lane: Lane, start: Instant, end: Instant) -> Vec<(Seq, Seq)> {
        let blocks = self.0.get(&lane).into_iter().flatten();
        blocks.filter(|block| block.span.0 < end && block.span.1 >= start).map(|block| (block.after, block.through)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A log of a hundred stretches of a day each, and one that a backfill brought of the first two days.
    fn log() -> Blocks {
        let mut blocks = Blocks::default();
        for day in 0..100 {
            blocks.note(Lane::Live, Seq(day * 10 + 10), [Instant(day.unsigned_abs() * 10 + 3), Instant(day.unsigned_abs() * 10 + 7)]);
        }
        blocks.note(Lane::History, Seq(2000), [Instant(19), Instant(0)]);
        blocks
    }

    #[test]
    fn i7_each_stretch_of_the_log_is_read_again_only_for_the_times_that_it_holds_something_of() {
        let blocks = log();
        let read: usize = (0..25).map(|week| blocks.of(Lane::Live, Instant(week * 40), Instant(week * 40 + 40)).len()).sum();
        assert_eq!(read, 100, "all of it once, however many windows there are");
        let read: usize = (0..200).map(|half| blocks.of(Lane::Live, Instant(half * 5), Instant(half * 5 + 5)).len()).sum();
        assert_eq!(read, 200, "twice where two windows meet in it");
    }

    #[test]
    fn what_happened_at_the_edge_of_a_window_is_read_and_a_lane_goes_on_where_it_ended() {
        let mut blocks = log();
        assert_eq!(blocks.of(Lane::Live, Instant(17), Instant(23)), [(Seq(10), Seq(20))], "from when on, and until when not");
        assert_eq!(blocks.of(Lane::Live, Instant(17), Instant(24)), [(Seq(10), Seq(20)), (Seq(20), Seq(30))]);
        assert_eq!(blocks.of(Lane::Live, Instant(18), Instant(23)), []);
        assert_eq!(blocks.of(Lane::History, Instant(5), Instant(6)), [(Seq(0), Seq(2000))]);
        assert_eq!((blocks.end(Lane::Live), blocks.end(Lane::Late)), (Seq(1000), Seq(0)));
        blocks.note(Lane::Live, Seq(1003), [Instant(1)]);
        assert_eq!(blocks.of(Lane::Live, Instant(0), Instant(3)), [(Seq(1000), Seq(1003))]);
    }
}
