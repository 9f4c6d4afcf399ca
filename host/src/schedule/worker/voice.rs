//! How much a source may say in the log. What its component writes there (warnings, gaps, failures with ever other words)
//! is bounded, so that one source that talks without end neither fills a disk nor hides what the others say.

use std::time::Duration;

use crate::model::Instant;

/// Lines that may come at once.
const BURST: u32 = 20;
/// One more after each of these.
const REFILL: Duration = Duration::from_secs(60);
/// The longest line, in characters.
pub(super) const LINE: usize = 1000;

/// Lines left to say, and those that were not said.
#[derive(Clone, Copy, Debug)]
pub(super) struct Voice {
    left: u32,
    refilled: Instant,
    unsaid: u64,
}

/// Whether to say something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Say {
    /// Yes, after saying how many lines were left out since the last one.
    After(u64),
    /// No: it is counted.
    Nothing,
}

impl Voice {
    pub(super) fn new(now: Instant) -> Self {
        Self { left: BURST, refilled: now, unsaid: 0 }
    }

    /// Asks for one line.
    pub(super) fn ask(&mut self, now: Instant) -> Say {
        let periods = now.since(self.refilled).as_millis() / REFILL.as_millis();
        if periods > 0 {
            self.left = self.left.saturating_add(u32::try_from(periods).unwrap_or(BURST)).min(BURST);
            self.refilled = now;
        }
        if self.left == 0 {
            self.unsaid = self.unsaid.saturating_add(1);
            return Say::Nothing;
        }
        self.left -= 1;
        Say::After(std::mem::take(&mut self.unsaid))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn i7_a_flood_is_cut_and_counted_and_a_line_a_minute_goes_on() {
        let mut voice = Voice::new(Instant(0));
        for _ in 0..BURST {
            assert_eq!(voice.ask(Instant(0)), Say::After(0));
        }
        for at in 0..1000 {
            assert_eq!(voice.ask(Instant(at)), Say::Nothing);
        }
        assert_eq!(voice.ask(Instant(60_000)), Say::After(1000));
        assert_eq!(voice.ask(Instant(60_001)), Say::Nothing);
        assert_eq!(voice.ask(Instant(60_000 * 500)), Say::After(1));
    }
}
