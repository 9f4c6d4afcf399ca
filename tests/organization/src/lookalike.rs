//! People who did nothing wrong and look as if they had.

use std::{collections::BTreeMap, fmt};

use crate::{ActorKind, Happening, Outcome, calendar::HOUR};

/// How many people at least once looked like victims or attackers, without an attack.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lookalikes {
    /// Between two actions in two countries they went more than 500 km, faster than 900 km/h.
    pub fast: usize,
    /// They were in more countries than one.
    pub abroad: usize,
    /// They were the only one ever in some country.
    pub alone: usize,
    /// Their address was tagged as a relay or a bot.
    pub tagged: usize,
    /// Five sign-ins failed within an hour.
    pub failing: usize,
    /// They took away, opened or deleted twenty things within an hour.
    pub bulky: usize,
    /// They did twenty administrative things within an hour.
    pub administrating: usize,
}

impl Lookalikes {
    pub(crate) fn count(happenings: &[Happening]) -> Self {
        let mut lives: BTreeMap<&str, Vec<&Happening>> = BTreeMap::new();
        for happening in happenings.iter().filter(|happening| happening.attack.is_none() && happening.actor.kind == ActorKind::User) {
            lives.entry(happening.actor.id.as_deref().unwrap_or_default()).or_default().push(happening);
        }
        let mut all = Self::default();
        let mut visitors: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (person, mut life) in lives {
            life.sort_by_key(|happening| happening.time);
            let mut countries: Vec<&str> = life.iter().filter_map(|happening| country(happening)).collect();
            countries.sort_unstable();
            countries.dedup();
            all.abroad += usize::from(countries.len() > 1);
            for country in countries {
                visitors.entry(country).or_default().push(person);
            }
            all.fast += usize::from(life.iter().zip(life.iter().skip(1)).any(|(one, next)| is_fast(one, next)));
            all.tagged += usize::from(life.iter().any(|happening| is_tagged(happening)));
            let hour = |is: &dyn Fn(&Happening) -> bool| fullest_hour(&life, is);
            all.failing += usize::from(hour(&|it| it.outcome == Outcome::Failure) >= 5);
            let words = [&["exported", "downloaded"][..], &["shared"], &["deleted"]];
            all.bulky += usize::from(words.iter().any(|words| hour(&|it| words.iter().any(|word| it.has(word))) >= 20));
            all.administrating += usize::from(hour(&|it| it.has("administrative")) >= 20);
        }
        let mut alone: Vec<&str> = visitors.into_values().filter(|people| people.len() == 1).flatten().collect();
        alone.sort_unstable();
        alone.dedup();
        all.alone = alone.len();
        all
    }
}

fn country(happening: &Happening) -> Option<&'static str> {
    happening.network.as_ref()?.country
}

fn is_tagged(happening: &Happening) -> bool {
    happening.network.as_ref().is_some_and(|network| network.tags.iter().any(|tag| ["tor", "anonymous-proxy", "botnet"].contains(tag)))
}

fn is_fast(one: &Happening, next: &Happening) -> bool {
    let point = |happening: &Happening| {
        let network = happening.network.as_ref()?;
        Some((network.latitude?, network.longitude?))
    };
    let (Some(from), Some(to)) = (point(one), point(next)) else { return false };
    let kilometres = crate::place::distance(from, to);
    let hours = (next.time - one.time) as f64 / HOUR as f64;
    country(one) != country(next) && kilometres > 500.0 && kilometres > 900.0 * hours
}

/// How many of those that `is` says fall into one hour at most.
fn fullest_hour(life: &[&Happening], is: &dyn Fn(&Happening) -> bool) -> usize {
    let times: Vec<u64> = life.iter().filter(|happening| is(happening)).map(|happening| happening.time).collect();
    let mut first = times.iter().peekable();
    let (mut fullest, mut within) = (0, 0);
    for time in &times {
        within += 1;
        while first.next_if(|&&first| time - first > HOUR).is_some() {
            within -= 1;
        }
        fullest = fullest.max(within);
    }
    fullest
}

impl fmt::Display for Lookalikes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { fast, abroad, alone, tagged, failing, bulky, administrating } = self;
        write!(
            f,
            "people who look like it: {fast} faster than a plane, {abroad} in several countries, {alone} alone in one, {tagged} behind a tagged \
             address, {failing} with five failures in an hour, {bulky} with twenty exports, shares or deletions, {administrating} with twenty \
             acts of administration"
        )
    }
}
