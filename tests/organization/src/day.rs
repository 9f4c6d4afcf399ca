//! A person's ordinary days, from the first to the last.

use crate::{
    Habit, Person,
    calendar::{DAY, HOUR, MINUTE},
    chore,
    dice::Dice,
    log::Log,
    session::Session,
    trip::Purpose,
    whereabouts,
    world::World,
};

/// Writes everything that `person` does in the period.
pub(crate) fn live(world: &World, person: &Person, dice: &mut Dice, log: &mut Log) {
    let from = log.happenings.len();
    let mut quiet_until = world.period.start;
    for day in 0..world.period.days {
        let noon = world.period.midnight(day, person.home.town.place.ahead) + 12 * HOUR;
        if person.is_here(noon) {
            quiet_until = today(world, person, dice, log, day, quiet_until);
        }
        if person.stale_device == Some(day) && person.is_here(noon) {
            let session = Session { world, person, address: person.home.address(noon) };
            session.nag(dice, log, noon + 10 * HOUR);
        }
    }
    straggle(world, person, dice, log);
    let end = world.period.end();
    let mut kept = log.happenings.split_off(from);
    kept.retain(|happening| {
        let gone = person.departure.is_some_and(|departure| happening.time >= departure.at + 15 * MINUTE);
        world.period.start <= happening.time && happening.time < end && !gone
    });
    kept.sort_by_key(|happening| happening.time);
    log.happenings.append(&mut kept);
}

/// Writes one day and gives the time of its last action.
fn today(world: &World, person: &Person, dice: &mut Dice, log: &mut Log, day: u32, mut quiet_until: u64) -> u64 {
    let trip = person.trip_at(world.period.midnight(day, person.home.town.place.ahead) + 14 * HOUR);
    let place = trip.map_or(person.home.town.place, |trip| trip.town.place);
    let holiday = trip.is_some_and(|trip| trip.purpose == Purpose::Holiday);
    let midnight = world.period.midnight(day, place.ahead);
    let at_work = world.period.works(day, person.country) && !holiday;
    let sessions = if at_work {
        if dice.chance(0.88) { share(dice, person.rate * 2.6).max(1) } else { 0 }
    } else {
        u64::from(dice.chance(if holiday { 0.2 } else { 0.03 } * person.rate.min(3.0)))
    };
    let starts: Vec<u64> = if at_work {
        let first = (midnight + 8 * HOUR).saturating_add_signed(person.shift * MINUTE as i64);
        dice.moments(sessions, first, if dice.clone().chance(0.1) { 13 * HOUR } else { 10 * HOUR })
    } else {
        dice.moments(sessions, midnight + 9 * HOUR, 13 * HOUR)
    };
    let mut trouble = person.password_day == Some(day);
    for start in starts {
        let start = start.max(quiet_until + 2 * MINUTE);
        if start >= midnight + DAY || !person.is_here(start) {
            continue;
        }
        let Some(address) = whereabouts::address(dice, world, person, day, start) else { continue };
        let session = Session { world, person, address };
        quiet_until = if std::mem::take(&mut trouble) {
            session.forget_password(dice, log, start)
        } else {
            let count = 1 + dice.streak(0.68);
            session.work(dice, log, start, count)
        };
    }
    let chores = matches!(person.habit, Habit::Administrator | Habit::Archivist | Habit::Facilitator) || person.great_days.contains(&day);
    if at_work && chores {
        let start = (midnight + dice.between(9 * 60, 15 * 60) * MINUTE).max(quiet_until + 5 * MINUTE);
        if start < midnight + DAY
            && let Some(address) = whereabouts::address(dice, world, person, day, start)
        {
            quiet_until = chore::today(&Session { world, person, address }, dice, log, day, start).max(quiet_until);
        }
    }
    quiet_until
}

/// A whole number near `mean`, rarely far above it.
fn share(dice: &mut Dice, mean: f64) -> u64 {
    let whole = mean as u64;
    let rest = u64::from(dice.chance(mean - whole as f64));
    let spread = dice.below(whole + 2);
    (whole + rest + spread).saturating_sub(whole / 2 + 1) + dice.streak(0.12)
}

/// An open tab still saves, some minutes after the account is gone.
fn straggle(world: &World, person: &Person, dice: &mut Dice, log: &mut Log) {
    let Some(departure) = person.departure.filter(|_| dice.chance(0.35)) else { return };
    let session = Session { world, person, address: person.home.address(departure.at) };
    let mut now = departure.at.saturating_sub(10 * MINUTE);
    for _ in 0..dice.between(2, 5) {
        let deed = crate::log::Deed::new(now, &crate::action::BOARD_UPDATED).on(world.boards.usual(dice, person.team));
        session.write(dice, log, deed);
        now += dice.between(1, 7) * MINUTE;
    }
}
