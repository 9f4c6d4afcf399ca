//! Drawing people.

use std::{ops::Range, sync::Arc};

use crate::{
    Actor, ActorKind, Departure, DepartureKind, Habit, Person, Settings,
    calendar::{DAY, MINUTE},
    dice::Dice,
    egress::Office,
    name::Name,
    person::Home,
    town::Town,
    trip,
    world::{TEAM, World},
};

/// How many of a hundred thousand have which habit. Administrators are counted apart: there are some in every organization.
const HABITS: [(Habit, u32); 9] = [
    (Habit::Commuter, 62_000),
    (Habit::Remote, 11_000),
    (Habit::BorderCrosser, 3_500),
    (Habit::Traveller, 4_500),
    (Habit::CompanyVpn, 9_000),
    (Habit::PrivateVpn, 1_500),
    (Habit::Archivist, 1_000),
    (Habit::Facilitator, 2_000),
    (Habit::Guest, 5_500),
];

/// Person number `index`, and nobody else.
pub(crate) fn draw(world: &World, settings: &Settings, index: usize, dice: &mut Dice) -> Person {
    let habit = if every(settings, index, 1, (settings.users / 125).max(8)) {
        Habit::Administrator
    } else {
        dice.weigh(&HABITS, |&(_, weight)| weight).map_or(Habit::Commuter, |&(habit, _)| habit)
    };
    let office = dice.weigh(&world.offices, |office| office.weight).unwrap_or(&world.seat);
    let (habit, office) = if habit == Habit::BorderCrosser { near_a_border(world, dice, office) } else { (habit, Arc::clone(office)) };
    let home = home(world, dice, habit, &office);

    let leaver = every(settings, index, 0, (settings.users / 50).max(settings.attacks_per_kind * 3));
    let departure = leaver.then(|| departure(world, dice));
    let joined = if leaver { None } else { joining(world, dice) };
    let leave = if joined.is_some() || leaver { None } else { leave(world, dice) };
    let renamed = dice.chance(0.008).then(|| world.period.start + dice.below(u64::from(settings.days)) * DAY + 500 * MINUTE);

    let name = Name::draw(dice);
    let company = if habit == Habit::Guest { "studio.example" } else { "meridian.example" };
    let id: Arc<str> = format!("3458764{index:06}{:06}", dice.below(1_000_000)).into();
    let actor = |name: Name| {
        Arc::new(Actor {
            kind: ActorKind::User,
            id: Some(Arc::clone(&id)),
            name: Some(name.display().into()),
            email: Some(format!("{}@{company}", name.mailbox(index)).into()),
        })
    };
    let married = name.married(dice);
    let before = actor(name);
    let team = (index / TEAM).min(world.teams - 1);
    let password_user = habit == Habit::Guest || dice.chance(0.3);
    let days = u64::from(settings.days);
    Person {
        email: before.email.clone().unwrap_or_default(),
        country: home.town.place.country,
        habit,
        joined,
        departure,
        leave,
        renamed,
        actor: before,
        later_actor: actor(married),
        groups: groups(dice, habit, team),
        team,
        office: (!matches!(habit, Habit::Remote | Habit::Guest)).then_some(office),
        office_days: dice.any() as u8 | 1 << dice.below(7),
        rate: rate(dice, habit),
        shift: (dice.bell() * 50.0) as i64,
        company_gateway: (habit == Habit::CompanyVpn || dice.chance(0.04)).then(|| dice.below(world.company_vpn.len() as u64) as usize),
        private_exits: private_exits(world, dice, habit),
        roams: dice.chance(0.3),
        trips: trip::draw(dice, world, habit, &home),
        appointed: if habit == Habit::Administrator && dice.chance(0.25) { dice.below(days) as u32 } else { 0 },
        great_days: great_days(world, dice, habit),
        password_day: (password_user && dice.chance(days as f64 / 90.0)).then(|| dice.below(days) as u32),
        stale_device: dice.chance(0.003).then(|| dice.below(days) as u32),
        home,
        id,
    }
}

/// Whether person `index` is one of `count` that are spread over all, beginning with `offset`.
fn every(settings: &Settings, index: usize, offset: usize, count: usize) -> bool {
    let stride = (settings.users / count.max(1)).max(4);
    index % stride == offset
}

fn near_a_border(world: &World, dice: &mut Dice, otherwise: &Arc<Office>) -> (Habit, Arc<Office>) {
    let near: Vec<&Arc<Office>> = world.offices.iter().filter(|office| world.across(&mut dice.clone(), &office.town).is_some()).collect();
    dice.pick(&near).map_or((Habit::Commuter, Arc::clone(otherwise)), |&office| (Habit::BorderCrosser, Arc::clone(office)))
}

fn home(world: &World, dice: &mut Dice, habit: Habit, office: &Office) -> Home {
    let town = match habit {
        Habit::BorderCrosser => world.across(dice, &office.town),
        Habit::Remote | Habit::Guest => remote_town(world, dice, office),
        _ => None,
    };
    let town = town.unwrap_or_else(|| Arc::clone(&office.town));
    let block = town.broadband(dice).clone();
    Home { block, town, host: dice.below(59_000) as u16, lease: dice.between(8, 90), modern: dice.chance(0.3) }
}

/// Mostly somewhere in the country of an office, rarely anywhere.
fn remote_town(world: &World, dice: &mut Dice, office: &Office) -> Option<Arc<Town>> {
    let anywhere = dice.chance(0.06);
    let open: Vec<&Arc<Town>> = world.familiar().filter(|town| anywhere || town.place.country == office.town.place.country).collect();
    dice.pick(&open).map(|&town| Arc::clone(town))
}

/// Many do little, few do very much.
fn rate(dice: &mut Dice, habit: Habit) -> f64 {
    let base = match dice.below(100) {
        0..20 => 0.3,
        20..70 => 0.8,
        70..90 => 1.4,
        90..98 => 2.5,
        _ => 5.0,
    };
    if habit == Habit::Guest { base * 0.4 } else { base * (0.8 + dice.unit() * 0.4) }
}

/// Three in a hundred begin within the period, half as many more when a quarter does.
fn joining(world: &World, dice: &mut Dice) -> Option<u64> {
    let day = match dice.below(1_000) {
        0..30 => dice.below(u64::from(world.period.days)) as u32,
        30..45 => world.period.quarter_days().first().copied()?,
        _ => return None,
    };
    Some(world.period.start + u64::from(day) * DAY)
}

/// The account goes on an evening: of the leaver, of the administrator, or at any time at all.
fn departure(world: &World, dice: &mut Dice) -> Departure {
    let period = world.period;
    let kind = if dice.chance(0.6) { DepartureKind::Deleted } else { DepartureKind::Disabled };
    // The later ones, too, must leave room for what comes after.
    let day = dice.between(u64::from(period.days) / 4, u64::from(period.days) * 4 / 5);
    Departure { kind, at: period.start + day * DAY + dice.between(6 * 60, 22 * 60) * MINUTE }
}

fn leave(world: &World, dice: &mut Dice) -> Option<Range<u64>> {
    if !dice.chance(0.03) {
        return None;
    }
    let from = world.period.start + dice.below(u64::from(world.period.days)) * DAY;
    Some(from..from + dice.between(21, 35) * DAY)
}

fn groups(dice: &mut Dice, habit: Habit, team: usize) -> Arc<[Arc<str>]> {
    let mut groups: Vec<Arc<str>> = vec![format!("Team {team}").into()];
    match habit {
        Habit::Administrator => groups.push("Miro administrators".into()),
        Habit::Guest => groups.push("Guests".into()),
        Habit::Traveller if dice.chance(0.6) => groups.push("Frequent travellers".into()),
        _ => {}
    }
    groups.into()
}

fn private_exits(world: &World, dice: &mut Dice, habit: Habit) -> Vec<usize> {
    if habit != Habit::PrivateVpn {
        return Vec::new();
    }
    (0..dice.between(1, 4)).map(|_| dice.below(world.private_vpn.len() as u64) as usize).collect()
}

/// Around the begin of a quarter, and once at another time. For a few others: the end of a project.
fn great_days(world: &World, dice: &mut Dice, habit: Habit) -> Vec<u32> {
    if !matches!(habit, Habit::Archivist | Habit::Administrator | Habit::Facilitator) {
        let project = habit != Habit::Guest && dice.chance(0.04);
        return if project { vec![dice.below(u64::from(world.period.days)) as u32] } else { Vec::new() };
    }
    let mut days = vec![dice.below(u64::from(world.period.days)) as u32];
    days.extend(dice.pick(&world.period.quarter_days()));
    days
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_are_spread_over_all() {
        let settings = Settings { users: 1_000, ..Settings::default() };
        assert_eq!((0..1_000).filter(|&index| every(&settings, index, 0, 20)).count(), 20);
        assert_eq!((0..1_000).filter(|&index| every(&settings, index, 1, 1_000)).count(), 250);
    }

    #[test]
    fn nobody_lives_or_goes_where_attackers_come_from() {
        let settings = Settings { users: 400, ..Settings::default() };
        let world = World::draw(3, &settings);
        for index in 0..400 {
            let person = draw(&world, &settings, index, &mut Dice::new(3, crate::dice::Stream::Person(index)));
            let strange = |town: &Town| world.far_lands().iter().any(|land| land.place.country == town.place.country);
            assert!(!strange(&person.home.town) && person.trips.iter().all(|trip| !strange(&trip.town)), "{index}");
        }
    }
}
