//! Accounts that are used far away.

use std::sync::Arc;

use super::{
    Played,
    scene::{Cue, Entry, Scene},
};
use crate::{
    Habit,
    calendar::{DAY, HOUR, MINUTE},
    town::Town,
};

/// From a country that nobody here has to do with, when the owner has been silent for long enough to have gone there.
pub(super) fn infrequent<'a>(scene: &mut Scene<'a>) -> Option<Played<'a>> {
    let lands = scene.world.far_lands();
    let town = Arc::clone(scene.dice.pick(&lands)?);
    let (variant, silence) = match scene.dice.below(3) {
        0 => ("over a weekend", 20 * HOUR),
        1 => ("again and again", 38 * HOUR),
        _ => ("while the owner is on leave", 5 * DAY),
    };
    // The journey must fit before it and, the attack itself taken off, after it.
    let fits = |cue: &Cue<'_>| cue.distance(&town).is_some_and(|distance| time_to_go(distance) + 2 * HOUR < silence.min(20 * HOUR));
    let (variant, cue) = match scene.in_silence(silence, fits) {
        Some(cue) => (variant, cue),
        // A small organization may have nobody on leave.
        None => ("over a weekend", scene.in_silence(20 * HOUR, fits)?),
    };
    let address = scene.hideout(&town);
    let count = scene.dice.between(1, 20);
    let entry = Entry::draw(&mut scene.dice);
    let mut now = scene.look_around(cue.person, &address, cue.time, entry, count);
    if variant == "again and again" {
        for _ in 0..scene.dice.between(1, 3) {
            now += scene.dice.between(1, 4) * HOUR;
            let count = scene.dice.between(1, 6);
            now = scene.look_around(cue.person, &address, now, Entry::Session, count);
        }
    }
    Some(Played { person: cue.person, variant })
}

/// From a country where colleagues live, minutes to hours after the owner was at home.
pub(super) fn impossible<'a>(scene: &mut Scene<'a>) -> Option<Played<'a>> {
    let world = scene.world;
    // Whoever is at home today, and seen there.
    let plain = |cue: &Cue<'_>| {
        let seen = cue.last.network.as_ref().is_some_and(|network| network.tags.is_empty() && network.category != Some("vpn"));
        let settled =
            !matches!(cue.person.habit, Habit::Traveller | Habit::PrivateVpn | Habit::Guest) && cue.person.company_gateway.is_none();
        let home = cue.distance(&cue.person.home.town).is_some_and(|distance| distance < 500.0);
        seen && settled && home && cue.person.trips.iter().all(|trip| cue.time + 2 * DAY < trip.depart || trip.home + 2 * DAY < cue.time)
    };
    let cue = scene.at_work(plain)?;
    let populated = |country: &str| world.offices.iter().any(|office| office.town.place.country == country);
    let far: Vec<&Arc<Town>> = world
        .towns
        .iter()
        .filter(|town| populated(town.place.country) && town.place.country != cue.person.country)
        .filter(|town| cue.distance(town).is_some_and(|distance| distance > 2_000.0))
        .collect();
    let town = scene.dice.pick(&far)?;
    let distance = cue.distance(town)?;
    // Faster than anything flies, by half at least.
    let longest = ((distance / 1_400.0 * 60.0) as u64).clamp(5, 240);
    let start = cue.last.time + scene.dice.between(4, longest) * MINUTE;
    let address = scene.hideout(town);
    let variant = match scene.dice.below(3) {
        0 => {
            let count = scene.dice.between(2, 12);
            scene.look_around(cue.person, &address, start, Entry::Session, count);
            "a stolen session"
        }
        1 => {
            let count = scene.dice.between(2, 12);
            scene.look_around(cue.person, &address, start, Entry::Password, count);
            "a stolen password"
        }
        _ => {
            let mut now = start;
            for _ in 0..scene.dice.between(2, 4) {
                let count = scene.dice.between(1, 4);
                now = scene.look_around(cue.person, &address, now, Entry::Session, count) + scene.dice.between(20, 60) * MINUTE;
            }
            "in turns with the owner"
        }
    };
    Some(Played { person: cue.person, variant })
}

/// How long a journey of that many kilometres takes at least, from door to door.
fn time_to_go(kilometres: f64) -> u64 {
    2 * HOUR + (kilometres / 750.0 * HOUR as f64) as u64
}
