//! Windows that are held against the log together: one passage over the log serves all of them.

use std::collections::BTreeMap;

use super::{kept::Held, vendor::Read};
use crate::model::Instant;

/// Windows are taken together until the vendor holds so many events of them.
const TOGETHER: usize = 50_000;
/// As long as the log holds no more of them: the last window may fill it up twice.
const IN_LOG: usize = 2 * TOGETHER;

/// Some windows in order of time, without a hole, as the vendor gave them.
#[derive(Default)]
pub(super) struct Passage {
    windows: Vec<(Instant, Read)>,
    events: usize,
}

impl Passage {
    /// Adds the next window, which begins then.
    pub(super) fn push(&mut self, start: Instant, read: Read) {
        self.events += read.events.len();
        self.windows.push((start, read));
    }

    /// Whether no more windows fit.
    pub(super) fn is_full(&self) -> bool {
        self.events >= TOGETHER
    }

    /// From when, and until when.
    pub(super) fn span(&self) -> (Instant, Instant) {
        let (first, last) = (self.windows.first(), self.windows.last());
        (first.map_or(Instant::EPOCH, |(start, _)| *start), last.map_or(Instant::EPOCH, |(_, read)| read.end))
    }

    /// The ids of each of its windows.
    pub(super) fn ids(&self) -> Vec<Vec<String>> {
        self.windows.iter().map(|(_, read)| read.events.keys().cloned().collect()).collect()
    }

    /// How many events of the log it may be held against at once: one window, against whatever there is.
    pub(super) fn most(&self) -> usize {
        if self.windows.len() > 1 { IN_LOG } else { usize::MAX }
    }

    /// The earlier and the later of its windows, by themselves.
    pub(super) fn halves(mut self) -> [Self; 2] {
        let later = self.windows.split_off(self.windows.len() / 2);
        [self.windows, later].map(|windows| Self { events: windows.iter().map(|(_, read)| read.events.len()).sum(), windows })
    }

    /// What the log holds of it, window by window.
    pub(super) fn sort(&self, held: BTreeMap<String, Held>) -> Vec<BTreeMap<String, Held>> {
        let mut sorted: Vec<BTreeMap<String, Held>> = self.windows.iter().map(|_| BTreeMap::new()).collect();
        for (id, held) in held {
            let window = self.windows.partition_point(|(_, read)| read.end <= held.time);
            if let Some(window) = sorted.get_mut(window) {
                window.insert(id, held);
            }
        }
        sorted
    }

    /// Its windows, each with when it begins.
    pub(super) fn into_windows(self) -> Vec<(Instant, Read)> {
        self.windows
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Lane, Seq};

    /// A window of ten, with so many events.
    fn window(number: u64, events: usize) -> (Instant, Read) {
        let events = (0..events).map(|event| (format!("{number}-{event}"), Instant(number * 10))).collect();
        (Instant(number * 10), Read { events, ..Read::until(Instant(number * 10 + 10)) })
    }

    /// How many passages over the log it takes, where windows of the log hold so many events each.
    fn passages(windows: u64, at_vendor: usize, in_log: usize) -> usize {
        let (mut passages, mut next) = (0, 0);
        while next < windows {
            let mut passage = Passage::default();
            while next < windows && !passage.is_full() {
                let (start, read) = window(next, at_vendor);
                passage.push(start, read);
                next += 1;
            }
            let mut left = vec![passage];
            while let Some(passage) = left.pop() {
                passages += 1;
                if passage.windows.len() * in_log > passage.most() {
                    left.extend(passage.halves().into_iter().rev());
                }
            }
        }
        passages
    }

    #[test]
    fn i7_the_log_is_passed_over_once_for_all_windows_whose_events_fit_and_not_once_for_each() {
        assert_eq!(passages(365, 100, 100), 1);
        assert_eq!(passages(30, TOGETHER / 10, TOGETHER / 10), 3);
        assert_eq!(passages(32, 7000, 7001), 4, "those that do not fill it evenly");
        assert_eq!(passages(3, TOGETHER, TOGETHER), 3, "those that fill it stand alone");
        assert_eq!(passages(8, 0, TOGETHER), 7, "what the log alone holds is halved until it fits");
        assert_eq!(passages(1, 1, TOGETHER * 2), 1, "one window is held against whatever there is");
    }

    #[test]
    fn what_the_log_holds_is_sorted_into_the_windows_that_it_happened_in() {
        let mut passage = Passage::default();
        for number in 1..4 {
            let (start, read) = window(number, 1);
            passage.push(start, read);
        }
        assert_eq!(passage.span(), (Instant(10), Instant(40)));
        let held = |time: u64| {
            let (seq, lane, time) = (Seq(1), Lane::Live, Instant(time));
            (time.0.to_string(), Held { seq, lane, time, received: time, taken: time, passed: true, parked: false })
        };
        let sorted = passage.sort([10, 19, 20, 39].map(held).into());
        let ids: Vec<Vec<&str>> = sorted.iter().map(|window| window.keys().map(String::as_str).collect()).collect();
        assert_eq!(ids, [vec!["10", "19"], vec!["20"], vec!["39"]]);
        let [earlier, later] = passage.halves();
        assert_eq!((earlier.span(), later.span()), ((Instant(10), Instant(20)), (Instant(20), Instant(40))));
    }
}
