//! Chance, the same on every machine.
//!
//! Everything is made of whole draws of one named generator with additions, multiplications and comparisons, so that neither
//! a new version of `rand` nor another mathematical library changes an organization. (Distances need sines; they are whole kilometres.)

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{RngCore as _, SeedableRng as _},
};

/// What a sequence of draws is for. Each has its own, so that a change to one leaves the others as they are.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Stream {
    World,
    Machines,
    Attack(usize),
    Person(usize),
}

impl Stream {
    const fn number(self) -> u64 {
        match self {
            Self::World => 0,
            Self::Machines => 1,
            Self::Attack(index) => 1_000 + index as u64,
            Self::Person(index) => 1_000_000 + index as u64,
        }
    }
}

/// A sequence of draws.
#[derive(Clone, Debug)]
pub(crate) struct Dice(ChaCha8Rng);

impl Dice {
    pub(crate) fn new(seed: u64, stream: Stream) -> Self {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        generator.set_stream(stream.number());
        Self(generator)
    }

    /// Any number.
    pub(crate) fn any(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// From 0 to 1, without 1.
    pub(crate) fn unit(&mut self) -> f64 {
        const STEPS: f64 = (1_u64 << 53) as f64;
        (self.any() >> 11) as f64 / STEPS
    }

    /// From 0 to `end`, without `end`; 0 where `end` is.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        ((u128::from(self.any()) * u128::from(end)) >> 64) as u64
    }

    /// From `first` to `last`, both included.
    pub(crate) fn between(&mut self, first: u64, last: u64) -> u64 {
        first + self.below(last.saturating_sub(first).saturating_add(1))
    }

    pub(crate) fn chance(&mut self, share: f64) -> bool {
        self.unit() < share
    }

    /// How often in a row a chance of `share` comes true: mostly seldom, rarely often, never more than 60 times.
    pub(crate) fn streak(&mut self, share: f64) -> u64 {
        (0..60).take_while(|_| self.chance(share)).count() as u64
    }

    /// From about -3 to 3, mostly near 0.
    pub(crate) fn bell(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
    }

    /// Spreads over the orders of magnitude from 1 to `2^doublings`.
    pub(crate) fn magnitude(&mut self, doublings: u64) -> u64 {
        let base = 1 << self.below(doublings);
        base + self.below(base)
    }

    /// One of several; `None` of none.
    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        from.get(self.below(from.len() as u64) as usize)
    }

    /// One of several, by weight; `None` where nothing weighs.
    pub(crate) fn weigh<'a, T>(&mut self, from: &'a [T], weight: impl Fn(&T) -> u32) -> Option<&'a T> {
        let total = from.iter().map(|one| u64::from(weight(one))).sum();
        let mut left = self.below(total);
        from.iter().find(|one| {
            let weight = u64::from(weight(one));
            let found = left < weight;
            left = left.saturating_sub(weight);
            found
        })
    }

    /// `count` moments within `span` from `start`, in order.
    pub(crate) fn moments(&mut self, count: u64, start: u64, span: u64) -> Vec<u64> {
        let mut moments: Vec<u64> = (0..count).map(|_| start + self.below(span.max(1))).collect();
        moments.sort_unstable();
        moments
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_are_those_of_the_named_generator_for_ever() {
        let mut dice = Dice::new(1, Stream::World);
        assert_eq!([dice.below(1_000), dice.below(1_000), dice.below(1_000)], [402, 80, 596]);
    }

    #[test]
    fn streams_differ() {
        assert_ne!(Dice::new(1, Stream::World).any(), Dice::new(1, Stream::Machines).any());
        assert_ne!(Dice::new(1, Stream::Person(1)).any(), Dice::new(1, Stream::Person(2)).any());
    }

    #[test]
    fn weights_are_kept() {
        let mut dice = Dice::new(1, Stream::World);
        let hits = (0..1_000).filter(|_| dice.weigh(&[1, 0, 3], |&weight| weight) == Some(&3)).count();
        assert!((700..800).contains(&hits), "{hits}");
        assert_eq!(dice.weigh(&[0, 0], |&weight| weight), None);
    }
}
