//! What was there before the people: towns, offices, networks, boards.

use std::sync::Arc;

use crate::{
    Settings,
    board::Boards,
    calendar::{HOUR, MINUTE, Period},
    dice::{Dice, Stream},
    egress::{Gateway, Known, Office},
    feed::Feed,
    place::PLACES,
    town::Town,
};

const OFFICES: usize = 11;
/// How many countries nobody of the organization lives in, travels to for work or leaves by.
const STRANGE: usize = 13;
/// To how many of these somebody goes all the same, once, for reasons of their own.
const RARE: usize = 4;
/// How many people make a team.
pub(crate) const TEAM: usize = 25;

/// What was there before the people.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) period: Period,
    pub(crate) towns: Vec<Arc<Town>>,
    /// Countries that the organization has nothing to do with. Somebody goes to the first of them all the same.
    strange: Vec<&'static str>,
    /// The headquarters come first.
    pub(crate) offices: Vec<Arc<Office>>,
    pub(crate) seat: Arc<Office>,
    pub(crate) company_vpn: Vec<Gateway>,
    pub(crate) private_vpn: Vec<Gateway>,
    pub(crate) feed: Feed,
    pub(crate) boards: Boards,
    pub(crate) teams: usize,
    /// When the sign-in service failed for everybody.
    pub(crate) outage: std::ops::Range<u64>,
}

impl World {
    pub(crate) fn draw(seed: u64, settings: &Settings) -> Self {
        let dice = &mut Dice::new(seed, Stream::World);
        let period = Period { start: settings.start, days: settings.days };
        let towns: Vec<Arc<Town>> =
            (0..).step_by(Town::BLOCKS as usize).zip(PLACES).map(|(block, place)| Arc::new(Town::new(place, block))).collect();
        let free = PLACES.len() as u32 * Town::BLOCKS;

        let chosen = choose_offices(dice, &towns);
        let mut offices: Vec<Arc<Office>> = Vec::new();
        for (index, (town, block)) in chosen.iter().zip(free..).enumerate() {
            let weight = 40 / (index as u32 + 1) + 2;
            let known = match index {
                2 => Known::Mistaken,
                5 | 8 => Known::Nothing,
                _ => Known::Corporate,
            };
            offices.push(Arc::new(Office::new(Arc::clone(town), block, weight, known)));
        }
        let (Some(seat), Some(anywhere)) = (offices.first().cloned(), towns.first()) else {
            unreachable!("the table of places is not empty");
        };
        let free = free + OFFICES as u32;

        let mut gateways = 0..;
        let mut company = |category, index: usize| {
            let town = chosen.get(index).unwrap_or(anywhere);
            Gateway::company(town, free + gateways.next().unwrap_or(0), category)
        };
        let company_vpn = vec![company("vpn", 0), company("vpn", 3), company("corporate", 4)];
        let strange = choose_strange(dice, &chosen);
        let exits = towns.iter().filter(|town| town.place.business > 0 && !strange.contains(&town.place.country));
        let private_vpn = exits.zip(free + 3..).map(|(town, block)| Gateway::private(town, block)).collect();
        let feed = Feed::draw(dice, towns.iter().map(AsRef::as_ref), free + 100);
        let teams = settings.users.div_ceil(TEAM).max(1);
        let boards = Boards::draw(dice, teams);
        let morning = period.midnight(period.days * 2 / 3, seat.town.place.ahead) + 9 * HOUR + dice.below(HOUR);
        let outage = morning..morning + dice.between(25, 45) * MINUTE;
        Self { period, towns, strange, offices, seat, company_vpn, private_vpn, feed, boards, teams, outage }
    }

    /// Whether the organization has nothing to do with `country`.
    pub(crate) fn is_strange(&self, country: &str) -> bool {
        self.strange.contains(&country)
    }

    /// Towns of the organization's world.
    pub(crate) fn familiar(&self) -> impl Iterator<Item = &Arc<Town>> {
        self.towns.iter().filter(|town| !self.is_strange(town.place.country))
    }

    /// Towns of countries where nobody of the organization ever is.
    pub(crate) fn far_lands(&self) -> Vec<&Arc<Town>> {
        let unseen = self.strange.get(RARE..).unwrap_or_default();
        self.towns.iter().filter(|town| unseen.contains(&town.place.country)).collect()
    }

    /// Towns where one or two people have family, and nobody else has been.
    pub(crate) fn rare(&self) -> Vec<&Arc<Town>> {
        self.towns.iter().filter(|town| self.strange.iter().take(RARE).any(|&country| country == town.place.country)).collect()
    }

    /// An office of that town.
    pub(crate) fn office_in(&self, town: &Town) -> Option<&Arc<Office>> {
        self.offices.iter().find(|office| office.town.place == town.place)
    }

    /// A town of another country to which people commute every day from `town`.
    pub(crate) fn across(&self, dice: &mut Dice, town: &Town) -> Option<Arc<Town>> {
        let near: Vec<&Arc<Town>> = self
            .familiar()
            .filter(|other| other.place.country != town.place.country && other.place.distance_to(town.place) < 110.0)
            .collect();
        dice.pick(&near).map(|&town| Arc::clone(town))
    }
}

/// Where the offices are: one town after another by weight, the second with a border at its door, the third on another continent.
fn choose_offices(dice: &mut Dice, towns: &[Arc<Town>]) -> Vec<Arc<Town>> {
    const BORDER: [&str; 7] = ["Basel", "Geneva", "Luxembourg", "Copenhagen", "Vienna", "Singapore", "San Diego"];
    let mut chosen: Vec<Arc<Town>> = Vec::new();
    while chosen.len() < OFFICES {
        let open = |town: &Arc<Town>| !chosen.iter().any(|taken| taken.place == town.place);
        let weight = |town: &Arc<Town>| {
            let suits = match (chosen.first(), chosen.len()) {
                (Some(_), 1) => BORDER.contains(&town.place.city),
                (Some(seat), 2) => town.place.distance_to(seat.place) > 4_000.0,
                _ => true,
            };
            if suits && open(town) { town.place.business } else { 0 }
        };
        let Some(town) = dice.weigh(towns, weight).cloned() else { break };
        chosen.push(town);
    }
    chosen
}

/// Which countries nobody has to do with: none with an office, none where many would open one or go on holiday.
fn choose_strange(dice: &mut Dice, offices: &[Arc<Town>]) -> Vec<&'static str> {
    let mut countries: Vec<&'static str> = Vec::new();
    for place in PLACES {
        let used = |country| offices.iter().any(|office| office.place.country == country && office.place.business > 0);
        let busy = PLACES.iter().any(|other| other.country == place.country && (other.business > 1 || other.leisure > 2));
        let neighbour = offices.iter().any(|office| office.place.distance_to(place) < 110.0);
        if !busy && !neighbour && !used(place.country) && !countries.contains(&place.country) {
            countries.push(place.country);
        }
    }
    while countries.len() > STRANGE {
        let out = dice.below(countries.len() as u64) as usize;
        countries.remove(out);
    }
    countries
}
