//! An organization from a seed: people, what they do, what is done to them, in the order in which a host hears of it.

use crate::{
    Attack, Happening, Person, Settings, attack, day,
    dice::{Dice, Stream},
    log::Log,
    machine, population,
    world::World,
};

/// An organization and everything that happens in it. The same seed and settings give the same, on every machine.
#[derive(Clone, Debug)]
pub struct Organization {
    /// What happens, in the order in which a host stores it. Most is in order of time; some comes up to half an hour late.
    pub happenings: Vec<Happening>,
    /// What is done to it. [`Happening::attack`] is an index into these.
    pub attacks: Vec<Attack>,
    /// Who is in it.
    pub people: Vec<Person>,
    /// What it was drawn by.
    pub settings: Settings,
    /// What it was drawn from.
    pub seed: u64,
}

impl Organization {
    /// Draws one. Takes seconds and about half a gigabyte at default settings.
    #[must_use]
    pub fn draw(seed: u64, settings: &Settings) -> Self {
        let world = World::draw(seed, settings);
        let mut log = Log::default();
        let mut people: Vec<Person> = Vec::with_capacity(settings.users);
        let mut ends: Vec<usize> = Vec::with_capacity(settings.users);
        for index in 0..settings.users {
            let dice = &mut Dice::new(seed, Stream::Person(index));
            let person = population::draw(&world, settings, index, dice);
            day::live(&world, &person, dice, &mut log);
            people.push(person);
            ends.push(log.happenings.len());
        }
        let mut rest = log.happenings.as_slice();
        let mut begin = 0;
        let mut lives: Vec<&[Happening]> = Vec::with_capacity(settings.users);
        for end in ends {
            let (life, others) = rest.split_at(end - begin);
            lives.push(life);
            (rest, begin) = (others, end);
        }
        let (mut attacks, labelled) = attack::stage(seed, settings, &world, &people, &lives);
        machine::run(&world, &people, &mut Dice::new(seed, Stream::Machines), &mut log);
        let mut happenings = log.happenings;
        happenings.retain(|happening| world.period.contains(happening.time));
        happenings.extend(labelled.happenings);
        for (number, happening) in (0..).zip(&mut happenings) {
            happening.id = identifier(seed, number);
        }
        happenings.sort_by_cached_key(|happening| happening.received);
        let mut firsts: Vec<Option<&Happening>> = vec![None; attacks.len()];
        for happening in &happenings {
            if let Some(first) = happening.attack.and_then(|attack| firsts.get_mut(attack))
                && first.is_none_or(|first| happening.time < first.time)
            {
                *first = Some(happening);
            }
        }
        for (attack, first) in attacks.iter_mut().zip(firsts) {
            attack.first = first.map(|first| first.id.clone()).unwrap_or_default();
        }
        Self { happenings, attacks, people, settings: settings.clone(), seed }
    }
}

/// The identifier of happening `number`: looks drawn, and is another for every number, because each step can be undone.
fn identifier(seed: u64, number: u64) -> Box<str> {
    let mut mixed = number ^ seed.rotate_left(32);
    for factor in [0xbf58_476d_1ce4_e5b9_u64, 0x94d0_49bb_1331_11eb] {
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(factor);
    }
    format!("{:016x}", mixed ^ (mixed >> 31)).into()
}
