//! Journeys, with the time that they take.

use std::sync::Arc;

use crate::{
    calendar::{DAY, HOUR, MINUTE},
    dice::Dice,
    network::Address,
    person::{Habit, Home},
    town::Town,
    world::World,
};

/// Why somebody travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Business,
    Holiday,
}

/// A journey there and back. In the air, and an hour around it, there is silence.
#[derive(Clone, Debug)]
pub(crate) struct Trip {
    pub(crate) town: Arc<Town>,
    pub(crate) purpose: Purpose,
    /// When it leaves home.
    pub(crate) depart: u64,
    /// When it arrives.
    pub(crate) land: u64,
    /// When it leaves for home.
    pub(crate) back: u64,
    /// When it is at home again.
    pub(crate) home: u64,
    /// The address of the hotel.
    pub(crate) hotel: Address,
}

impl Trip {
    /// Whether somebody on this journey is between places at `time`.
    pub(crate) fn in_the_air(&self, time: u64) -> bool {
        (self.depart..self.land).contains(&time) || (self.back..self.home).contains(&time)
    }

    /// `nights` away from the evening or the morning of day `day` on.
    fn draw(dice: &mut Dice, world: &World, home: &Home, town: &Arc<Town>, purpose: Purpose, day: u32, nights: u64) -> Self {
        let travel = travel_time(dice, home.town.place.distance_to(town.place));
        let hour = if dice.chance(0.5) { dice.between(6 * 60, 9 * 60) } else { dice.between(16 * 60, 20 * 60) };
        let depart = world.period.midnight(day, home.town.place.ahead) + hour * MINUTE;
        let land = depart + travel;
        let back = land + nights * DAY + dice.between(2, 10) * HOUR;
        let back = back.max(land + 6 * HOUR);
        let hotel = town.broadband(dice).v4(dice.between(59_000, 59_999) as u16);
        Self { town: Arc::clone(town), purpose, depart, land, back, home: back + travel, hotel }
    }
}

/// From the last action before a journey to the first after it: at 800 km/h, and what stations and airports take.
fn travel_time(dice: &mut Dice, kilometres: f64) -> u64 {
    let overhead = if kilometres < 300.0 { dice.between(20, 60) } else { dice.between(60, 180) };
    let speed = if kilometres < 300.0 { 120.0 } else { 800.0 };
    (overhead + (kilometres / speed * 60.0) as u64) * MINUTE
}

/// All journeys of a person, in order and apart.
pub(crate) fn draw(dice: &mut Dice, world: &World, habit: Habit, home: &Home) -> Vec<Trip> {
    let mut trips: Vec<Trip> = Vec::new();
    let mut add = |dice: &mut Dice, town: Option<Arc<Town>>, purpose, day, nights| {
        let Some(town) = town.filter(|town| town.place != home.town.place) else { return };
        let trip = Trip::draw(dice, world, home, &town, purpose, day, nights);
        if trips.iter().all(|other| trip.home + DAY / 2 < other.depart || other.home + DAY / 2 < trip.depart) {
            trips.push(trip);
        }
    };
    let days = u64::from(world.period.days);
    if dice.chance(0.12) {
        let town = dice.weigh(&world.towns, |town| leisure(world, town)).cloned();
        let day = dice.below(days) as u32;
        let nights = dice.between(5, 14);
        add(dice, town, Purpose::Holiday, day, nights);
    }
    if dice.chance(0.002) {
        // Weeks with the family, and with the laptop.
        let town = dice.pick(&world.rare()).map(|&town| Arc::clone(town));
        let (day, nights) = (dice.between(days / 3, days) as u32, dice.between(6, 20));
        add(dice, town, Purpose::Business, day, nights);
    }
    if habit == Habit::Traveller {
        let mut day = dice.below(8);
        while day < days {
            let town = destination(dice, world);
            let nights = dice.between(0, 3);
            add(dice, town, Purpose::Business, day as u32, nights);
            day += nights + dice.between(4, 12);
        }
    } else if habit != Habit::Guest && dice.chance(0.05) {
        let town = destination(dice, world);
        let (day, nights) = (dice.below(days) as u32, dice.between(1, 4));
        add(dice, town, Purpose::Business, day, nights);
    }
    trips.sort_by_key(|trip| trip.depart);
    trips
}

fn leisure(world: &World, town: &Town) -> u32 {
    if world.is_strange(town.place.country) { 0 } else { town.place.leisure }
}

/// An office more often than a customer.
fn destination(dice: &mut Dice, world: &World) -> Option<Arc<Town>> {
    if dice.chance(0.65) {
        return dice.weigh(&world.offices, |office| office.weight).map(|office| Arc::clone(&office.town));
    }
    dice.weigh(
        &world.towns,
        |town| if world.is_strange(town.place.country) { 0 } else { town.place.business * 2 + town.place.leisure.min(1) },
    )
    .cloned()
}
