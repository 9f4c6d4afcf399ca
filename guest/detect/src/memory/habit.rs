//! How much of something a user does in one session: a decaying histogram of past sessions.

use crate::{
    codec::{Reader, Writer},
    moment::Week,
};

/// The largest count of each class; the last has no end.
const CLASSES: [u32; 20] = [1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 48, 64, 96, 128, 256, 512, u32::MAX];
/// A session's weight when it is new. Every week takes a quarter of it, and what falls below [`LEAST`] is forgotten: after five weeks.
const NEW: u16 = 64;
const LEAST: u16 = 16;
/// So many in a session are work in bulk.
pub const BULK: u32 = 10;

/// Sessions of the past month by how much was done in them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Habit {
    week: Week,
    weights: [u16; CLASSES.len()],
}

impl Habit {
    /// A session ended in which it was done `count` times.
    pub fn add(&mut self, week: Week, count: u32) {
        self.decay(week);
        let class = CLASSES.iter().position(|most| count <= *most).unwrap_or(CLASSES.len() - 1);
        if let Some(weight) = self.weights.get_mut(class) {
            *weight = weight.saturating_add(NEW);
        }
    }

    /// The 99th percentile of a session, rounded up to the end of its class; 0 where there was none.
    pub fn p99(&self) -> u32 {
        let all: u64 = self.weights.iter().map(|weight| u64::from(*weight)).sum();
        let mut below = 0;
        for (weight, most) in self.weights.iter().zip(CLASSES) {
            below += u64::from(*weight) * 100;
            if *weight > 0 && below >= all * 99 {
                return if most == u32::MAX { 1024 } else { most };
            }
        }
        0
    }

    /// `factor` times the 99th percentile. Few sessions say little about the hundredth: of who does it in bulk, it is more by six times
    /// as much over their number, and at most by as much where they did so once. Who does a little is not known to do it in bulk.
    pub fn most(&self, factor: u32) -> u32 {
        let usual = factor.saturating_mul(self.p99());
        let more = usual.saturating_mul(6) / self.sessions().max(1);
        match self.from(BULK) {
            0 => usual,
            1 => usual.saturating_add(more.min(usual)),
            _ => usual.saturating_add(more),
        }
    }

    /// About how many sessions it rests on.
    pub fn sessions(&self) -> u32 {
        self.from(0)
    }

    /// About how many of them had at least so many.
    fn from(&self, least: u32) -> u32 {
        let classes = self.weights.iter().zip(CLASSES).filter(|(_, most)| *most >= least);
        classes.map(|(weight, _)| u32::from(weight.div_ceil(NEW))).sum()
    }

    /// Forgets what is long ago by this week.
    pub fn decay(&mut self, week: Week) {
        for _ in 0..week.0.saturating_sub(self.week.0).min(6) {
            for weight in &mut self.weights {
                // In 32 bits: three times a weight may not fit.
                let left = u16::try_from(u32::from(*weight) * 3 / 4).unwrap_or(u16::MAX);
                *weight = if left < LEAST { 0 } else { left };
            }
        }
        self.week = self.week.max(week);
    }

    /// Into a body.
    pub fn write(&self, into: &mut Writer) {
        into.number(self.week.0);
        // Most users never do most of what there is a habit of.
        if self.weights == [0; CLASSES.len()] {
            into.number(0_u8);
            return;
        }
        let present = self.weights.iter().enumerate().fold(0_u32, |bits, (class, weight)| bits | u32::from(*weight > 0) << class);
        into.number(present);
        self.weights.iter().filter(|weight| **weight > 0).for_each(|weight| into.number(*weight));
    }

    /// Out of a body.
    pub fn read(from: &mut Reader<'_>) -> Option<Self> {
        let week = Week(from.number()?);
        let present: u32 = from.number()?;
        let mut weights = [0; CLASSES.len()];
        for (class, weight) in weights.iter_mut().enumerate() {
            if present >> class & 1 == 1 {
                *weight = from.number()?;
            }
        }
        Some(Self { week, weights })
    }
}
