//! Finding a victim and a moment.

use std::collections::BTreeSet;

use crate::{
    Habit, Happening, Outcome, Person,
    action::{self, Action},
    calendar::{DAY, HOUR, MINUTE},
    dice::Dice,
    log::{Deed, Log},
    network::Address,
    session::Session,
    town::Town,
    world::World,
};

/// An account and the moment of its life at which an attack begins.
#[derive(Clone, Copy)]
pub(super) struct Cue<'a> {
    pub(super) person: &'a Person,
    /// What its owner did last before the attack.
    pub(super) last: &'a Happening,
    pub(super) time: u64,
}

impl Cue<'_> {
    /// Kilometres from where the owner was last, if anybody knows.
    pub(super) fn distance(&self, town: &Town) -> Option<f64> {
        let network = self.last.network.as_ref()?;
        Some(town.place.distance(network.latitude?, network.longitude?))
    }
}

/// Where attacks are staged.
pub(super) struct Scene<'a> {
    pub(super) world: &'a World,
    pub(super) people: &'a [Person],
    lives: &'a [&'a [Happening]],
    pub(super) dice: Dice,
    pub(super) log: Log,
    taken: BTreeSet<usize>,
}

const TRIES: usize = 4_000;

impl<'a> Scene<'a> {
    pub(super) fn new(world: &'a World, people: &'a [Person], lives: &'a [&'a [Happening]], dice: Dice) -> Self {
        Self { world, people, lives, dice, log: Log::default(), taken: BTreeSet::new() }
    }

    /// Somebody who has just done something. `suits` judges person and moment.
    pub(super) fn at_work(&mut self, suits: impl Fn(&Cue<'a>) -> bool) -> Option<Cue<'a>> {
        self.search(|scene, person, life| {
            let last = scene.dice.pick(life)?;
            let time = last.time + scene.dice.between(2, 40) * MINUTE;
            let cue = Cue { person, last, time };
            (last.outcome == Outcome::Success && suits(&cue)).then_some(cue)
        })
    }

    /// Somebody who did nothing for `silence` before and does nothing for as long after.
    pub(super) fn in_silence(&mut self, silence: u64, suits: impl Fn(&Cue<'a>) -> bool) -> Option<Cue<'a>> {
        self.search(|scene, person, life| {
            let from = scene.dice.below(life.len() as u64) as usize;
            let pairs = life.get(from..)?.iter().zip(life.get(from + 1..)?);
            let (last, next) = pairs.take(120).find(|(last, next)| next.time - last.time > 2 * silence + 2 * HOUR)?;
            let room = next.time - last.time - 2 * silence - HOUR;
            let time = last.time + silence + scene.dice.below(room);
            let cue = Cue { person, last, time };
            suits(&cue).then_some(cue)
        })
    }

    /// Somebody whose account is gone for good, and a moment after.
    pub(super) fn departed(&mut self, after: u64) -> Option<Cue<'a>> {
        for (person, life) in
            self.people.iter().zip(self.lives).cycle().skip(self.dice.below(self.people.len() as u64) as usize).take(self.people.len())
        {
            let (Some(departure), Some(last)) = (person.departure, life.last()) else { continue };
            let time = departure.at + after;
            let late = time < self.world.period.ripe() || time + DAY > self.world.period.end();
            if !late && person.habit != Habit::Guest && self.taken.insert(index_of(self.people, person)) {
                return Some(Cue { person, last, time });
            }
        }
        None
    }

    /// One address of an attacker in `town`.
    pub(super) fn hideout(&mut self, town: &Town) -> Address {
        town.hideout(&mut self.dice)
    }

    /// What somebody does who looks around in a stolen account: a sign-in or a stolen session, boards, some things to take along.
    pub(super) fn look_around(&mut self, person: &Person, address: &Address, start: u64, entry: Entry, count: u64) -> u64 {
        let session = Session { world: self.world, person, address: address.clone() };
        let mut now = start;
        if entry == Entry::Password {
            session.write(&mut self.dice, &mut self.log, Deed::new(now, &action::SIGN_IN));
            now += self.dice.between(4_000, 40_000);
        }
        for _ in 0..count {
            let action = match self.dice.below(12) {
                0 => &action::BOARD_EXPORTED,
                1 => &action::FILE_DOWNLOADED,
                _ => &action::BOARD_OPENED,
            };
            let object = self.world.boards.usual(&mut self.dice, person.team);
            session.write(&mut self.dice, &mut self.log, Deed::new(now, action).on(object));
            now += self.dice.between(6_000, 180_000);
        }
        now
    }

    /// `count` failed sign-ins within `span`.
    pub(super) fn guess(&mut self, person: &Person, addresses: &[Address], start: u64, count: u64, span: u64) {
        for moment in self.dice.moments(count, start, span) {
            let Some(address) = self.dice.pick(addresses).cloned() else { return };
            Session { world: self.world, person, address }.fail(&mut self.dice, &mut self.log, moment);
        }
    }

    /// `action` on `count` boards within `span`.
    pub(super) fn sweep(&mut self, person: &Person, address: &Address, action: &'static Action, start: u64, count: u64, span: u64) {
        let boards = self.world.boards.many(&mut self.dice, person.team, count as usize);
        let session = Session { world: self.world, person, address: address.clone() };
        for (moment, board) in self.dice.moments(count, start, span).into_iter().zip(boards) {
            session.write(&mut self.dice, &mut self.log, Deed::new(moment, action).on(Some(board)));
        }
    }

    /// The address that the owner used last, or one at home.
    pub(super) fn own_address(&self, cue: &Cue<'_>) -> Address {
        match &cue.last.ip {
            Some(ip) => Address { ip: std::sync::Arc::clone(ip), network: cue.last.network.clone() },
            None => cue.person.home.address(cue.time),
        }
    }

    fn search(&mut self, mut look: impl FnMut(&mut Self, &'a Person, &'a [Happening]) -> Option<Cue<'a>>) -> Option<Cue<'a>> {
        let period = self.world.period;
        // One in eight is new here.
        let past = if self.dice.chance(0.125) { 2 } else { 11 };
        for _ in 0..TRIES {
            let index = self.dice.below(self.people.len() as u64) as usize;
            let (Some(person), Some(&life)) = (self.people.get(index), self.lives.get(index)) else { continue };
            if self.taken.contains(&index) || person.departure.is_some() {
                continue;
            }
            let Some(cue) = look(self, person, life) else { continue };
            let late = cue.time < period.ripe() || cue.time + 2 * DAY > period.end();
            if !late && active_days(life, cue.time) >= past {
                self.taken.insert(index);
                return Some(cue);
            }
        }
        None
    }
}

/// How an attacker comes in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Entry {
    /// By the password, or past it: the log shows a sign-in.
    Password,
    /// With a session that was stolen: the log shows none.
    Session,
}

impl Entry {
    pub(super) fn draw(dice: &mut Dice) -> Self {
        if dice.chance(0.6) { Self::Password } else { Self::Session }
    }
}

/// On how many days something was done before `time`.
fn active_days(life: &[Happening], time: u64) -> usize {
    let mut days: Vec<u64> = life.iter().take_while(|happening| happening.time < time).map(|happening| happening.time / DAY).collect();
    days.dedup();
    days.len()
}

fn index_of(people: &[Person], person: &Person) -> usize {
    people.iter().position(|other| std::ptr::eq(other, person)).unwrap_or(people.len())
}
