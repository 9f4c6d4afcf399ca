//! From which address a person acts at a moment.

use crate::{
    Habit, Person,
    calendar::{HOUR, MINUTE},
    dice::Dice,
    egress::Gateway,
    network::{Address, Network},
    town::Town,
    trip::{Purpose, Trip},
    world::World,
};

/// The address that `person` leaves by at `time` on day `day`; `None` in the air.
pub(crate) fn address(dice: &mut Dice, world: &World, person: &Person, day: u32, time: u64) -> Option<Address> {
    let address = match person.trip_at(time) {
        Some(trip) if trip.in_the_air(time) => return in_flight(dice, world, trip, time),
        Some(trip) => away(dice, world, person, trip),
        None => at_home(dice, world, person, day, time),
    };
    Some(blur(dice, address))
}

fn at_home(dice: &mut Dice, world: &World, person: &Person, day: u32, time: u64) -> Address {
    let home = &person.home;
    if let Some(exit) = dice.pick(&person.private_exits).and_then(|&exit| world.private_vpn.get(exit))
        && dice.chance(0.45)
    {
        return exit.address(dice);
    }
    let minute = (time as i64 + i64::from(home.town.place.ahead) * MINUTE as i64).rem_euclid(24 * HOUR as i64) / MINUTE as i64;
    if let Some(office) = &person.office
        && person.goes_to_office(day)
        && (8 * 60..18 * 60).contains(&(minute - person.shift))
    {
        // On the train, at lunch, between buildings.
        return if dice.chance(0.1) { office.town.phone(dice) } else { office.address(dice) };
    }
    if dice.chance(0.14) {
        return phone(dice, person, &home.town);
    }
    match company_gateway(world, person) {
        Some(gateway) if dice.chance(0.7) => gateway.address(dice),
        _ if person.habit == Habit::Remote && dice.chance(0.1) => home.town.cable.v4(dice.between(50, 90) as u16),
        _ => home.address(time),
    }
}

fn away(dice: &mut Dice, world: &World, person: &Person, trip: &Trip) -> Address {
    if dice.chance(0.2) {
        // A phone abroad often keeps an address of the country that its card is from.
        let town = if person.roams { &person.home.town } else { &trip.town };
        return phone(dice, person, town);
    }
    if let Some(gateway) = company_gateway(world, person)
        && dice.chance(0.5)
    {
        return gateway.address(dice);
    }
    match world.office_in(&trip.town) {
        Some(office) if trip.purpose == Purpose::Business && dice.chance(0.6) => office.address(dice),
        _ => trip.hotel.clone(),
    }
}

/// Few planes offer a connection, and then it comes to earth where the satellite's operator stands.
fn in_flight(dice: &mut Dice, world: &World, trip: &Trip, time: u64) -> Option<Address> {
    let long = (trip.land - trip.depart) > 6 * HOUR;
    let cruising = (trip.depart + 2 * HOUR..trip.land.saturating_sub(HOUR)).contains(&time);
    (long && cruising && dice.chance(0.15)).then(|| {
        let station = &world.seat.town;
        station
            .hosting
            .described(|network| Network { isp: Some("Satellite Aero".into()), radius_km: Some(2_000), tags: Vec::new(), ..network })
            .v4(9)
    })
}

fn phone(dice: &mut Dice, person: &Person, town: &Town) -> Address {
    // In every forty-first phone contract the gateway has a bad name.
    if person.home.host % 41 == 7 && dice.chance(0.3) { town.tainted_gateway.clone() } else { town.phone(dice) }
}

fn company_gateway<'a>(world: &'a World, person: &Person) -> Option<&'a Gateway> {
    person.company_gateway.and_then(|index| world.company_vpn.get(index))
}

/// Geography has holes: now and then nothing is known of an address, or only its country.
fn blur(dice: &mut Dice, mut address: Address) -> Address {
    let Some(known) = &address.network else { return address };
    match dice.below(1_000) {
        0..4 => address.network = None,
        4..12 => {
            let country = Network { city: None, latitude: None, longitude: None, radius_km: None, ..(**known).clone() };
            address.network = Some(country.into());
        }
        _ => {}
    }
    address
}
