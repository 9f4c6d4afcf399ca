//! About how many different users did something in the last one to two months, in a few bytes.
//!
//! Linear counting (Whang, Vander-Zanden and Taylor, "A linear-time probabilistic counting algorithm for database applications", 1990):
//! a bit for each hash, and how many are still unset says how many there were. Good to a few percent up to about three times the bits.

use crate::{
    codec::{Reader, Writer},
    moment::Day,
};

/// Days of a generation. The one before is kept too.
const GENERATION: u16 = 30;

/// Different users, in `W` times 64 bits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crowd<const W: usize> {
    generation: u16,
    now: [u64; W],
    before: [u64; W],
}

impl<const W: usize> Default for Crowd<W> {
    fn default() -> Self {
        Self { generation: 0, now: [0; W], before: [0; W] }
    }
}

impl<const W: usize> Crowd<W> {
    /// This user was one of them.
    pub fn see(&mut self, user: u32, day: Day) {
        self.turn(day);
        let bit = user as usize % (W * 64);
        if let Some(word) = self.now.get_mut(bit / 64) {
            *word |= 1 << (bit % 64);
        }
    }

    /// About how many there were.
    pub fn count(&self) -> u32 {
        let set: u32 = self.now.iter().zip(&self.before).map(|(now, before)| (now | before).count_ones()).sum();
        let bits = (W * 64) as f64;
        let unset = (bits - f64::from(set)).max(1.0);
        (bits * (bits / unset).ln()).round() as u32
    }

    fn turn(&mut self, day: Day) {
        let generation = day.0 / GENERATION;
        if generation > self.generation {
            self.before = if generation == self.generation + 1 { self.now } else { [0; W] };
            self.now = [0; W];
            self.generation = generation;
        }
    }

    /// Into a body.
    pub fn write(&self, into: &mut Writer) {
        into.number(self.generation);
        for word in self.now.iter().chain(&self.before) {
            into.raw(&word.to_le_bytes());
        }
    }

    /// Out of a body.
    pub fn read(from: &mut Reader<'_>) -> Option<Self> {
        let mut read = Self { generation: from.number()?, ..Self::default() };
        for word in read.now.iter_mut().chain(&mut read.before) {
            *word = u64::from_le_bytes(from.raw()?);
        }
        Some(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash;

    #[test]
    fn it_counts_different_users_within_a_few_percent() {
        let mut crowd = Crowd::<32>::default();
        for user in 0..3000_u32 {
            for _ in 0..3 {
                crowd.see(hash::narrow(&format!("user:{user}")), Day(100));
            }
        }
        assert!((2800..3200).contains(&crowd.count()), "{}", crowd.count());
        crowd.see(7, Day(130));
        assert!(crowd.count() > 2800, "the generation before counts");
        crowd.see(7, Day(200));
        assert_eq!(crowd.count(), 1, "older ones do not");
    }
}
