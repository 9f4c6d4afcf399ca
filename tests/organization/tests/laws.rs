//! What holds of every organization.

use std::collections::{BTreeMap, BTreeSet};

use organization::{ActorKind, Habit, Happening, Kind, Organization, Outcome, Settings};
use proptest::prelude::*;

const DAY: u64 = 86_400_000;

fn small() -> Settings {
    Settings { users: 600, days: 40, attacks_per_kind: 2, ..Settings::default() }
}

fn bytes(organization: &Organization) -> String {
    format!("{:?}", (&organization.happenings, &organization.attacks))
}

/// What people did, person by person in order of time, without what was done to them.
fn lives(organization: &Organization) -> BTreeMap<&str, Vec<&Happening>> {
    let mut lives: BTreeMap<&str, Vec<&Happening>> = BTreeMap::new();
    for happening in &organization.happenings {
        if happening.actor.kind == ActorKind::User && happening.attack.is_none() {
            lives.entry(happening.actor.id.as_deref().unwrap_or_default()).or_default().push(happening);
        }
    }
    lives.values_mut().for_each(|life| life.sort_by_key(|happening| happening.time));
    lives
}

fn kilometres(one: &Happening, other: &Happening) -> Option<f64> {
    let point = |happening: &Happening| {
        let network = happening.network.as_ref()?;
        Some((network.latitude?.to_radians(), network.longitude?.to_radians()))
    };
    let ((north, east), (to_north, to_east)) = (point(one)?, point(other)?);
    let cosine = north.sin() * to_north.sin() + north.cos() * to_north.cos() * (east - to_east).cos();
    Some(6_371.0 * cosine.clamp(-1.0, 1.0).acos())
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    let settings = Settings { users: 300, days: 30, attacks_per_kind: 1, ..Settings::default() };
    let first = bytes(&Organization::draw(7, &settings));
    assert_eq!(first, bytes(&Organization::draw(7, &settings)));
    assert_ne!(first, bytes(&Organization::draw(8, &settings)));
}

#[test]
fn every_kind_of_attack_is_there_as_often_as_asked_for() {
    let organization = Organization::draw(1, &Settings { users: 1_500, attacks_per_kind: 6, ..Settings::default() });
    for kind in Kind::ALL {
        assert_eq!(organization.attacks.iter().filter(|attack| attack.kind == kind).count(), 6, "{kind}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn labels_identifiers_and_order_hold(seed in any::<u64>()) {
        let settings = small();
        let organization = Organization::draw(seed, &settings);
        let end = settings.start + u64::from(settings.days) * DAY;
        let mut ids = BTreeSet::new();
        let mut sizes = vec![0; organization.attacks.len()];
        let mut before = 0;
        for happening in &organization.happenings {
            prop_assert!(ids.insert(&happening.id), "{} twice", happening.id);
            prop_assert!(before <= happening.received, "{} out of order", happening.id);
            before = happening.received;
            prop_assert!(happening.time < happening.received && happening.received <= happening.time + 30 * 60_000);
            prop_assert!((settings.start..end).contains(&happening.time));
            prop_assert!(!happening.traits.is_empty());
            if let Some(label) = happening.attack {
                let attack = &organization.attacks[label];
                prop_assert!((attack.start..=attack.end).contains(&happening.time));
                sizes[label] += 1;
            }
        }
        for (attack, size) in organization.attacks.iter().zip(sizes) {
            prop_assert_eq!(attack.size, size);
            prop_assert!(attack.start >= settings.start + u64::from(settings.days) * DAY / 3 - DAY / 24);
            let first = organization.happenings.iter().find(|happening| happening.id == attack.first).unwrap();
            prop_assert_eq!(first.time, attack.start);
        }
        let victims: BTreeSet<_> = organization.attacks.iter().map(|attack| &attack.user).collect();
        prop_assert_eq!(victims.len(), organization.attacks.len());
        for kind in Kind::ALL {
            prop_assert!(organization.attacks.iter().any(|attack| attack.kind == kind), "no {}", kind);
        }
    }

    #[test]
    fn attacks_are_what_they_say(seed in any::<u64>()) {
        let organization = Organization::draw(seed, &small());
        let homes: BTreeSet<_> = organization.people.iter().map(|person| person.country).collect();
        let visited: BTreeSet<_> = lives(&organization).values().flatten().filter_map(|it| it.network.as_ref()?.country).collect();
        for (label, attack) in organization.attacks.iter().enumerate() {
            let made: Vec<&Happening> = organization.happenings.iter().filter(|it| it.attack == Some(label)).collect();
            let own = || made.iter().filter(|it| it.actor.id.as_ref() == Some(&attack.user));
            let tagged = |tag: &str| made.iter().all(|it| it.network.as_ref().is_some_and(|network| network.tags.contains(&tag)));
            let count = |word: &str| made.iter().filter(|it| it.has(word)).count();
            let country = made[0].network.as_ref().and_then(|network| network.country).unwrap_or("??");
            let holds = match attack.kind {
                Kind::AnonymousIp => made.iter().all(|it| {
                    let network = it.network.as_ref().unwrap();
                    network.tags.contains(&"tor") || network.tags.contains(&"anonymous-proxy")
                }),
                Kind::InfrequentCountry => !visited.contains(country) && !homes.contains(country),
                Kind::SuspiciousIp => ["botnet", "malware-c2", "password-spray", "brute-force"].into_iter().any(tagged),
                Kind::ImpossibleTravel => homes.contains(country),
                Kind::TerminatedUser => made.iter().all(|it| it.departed.is_some_and(|departed| departed.at < it.time)),
                Kind::FailedLogins => made.iter().filter(|it| it.outcome == Outcome::Failure).count() >= 15,
                Kind::UnusualAdministration => count("administrative") >= 3,
                Kind::MassExport => count("exported") + count("downloaded") >= 30,
                Kind::MassShare => count("shared") >= 30,
                Kind::MassDelete => count("deleted") >= 30,
            };
            prop_assert!(holds && own().count() > 0, "{attack:?} from {country}");
        }
    }
}

#[test]
fn whoever_has_no_vpn_and_no_foreign_phone_travels_no_faster_than_a_plane() {
    let organization = Organization::draw(2, &small());
    let lives = lives(&organization);
    let mut fast: BTreeMap<Habit, usize> = BTreeMap::new();
    for person in &organization.people {
        for pair in lives.get(&*person.id).into_iter().flat_map(|life| life.windows(2)) {
            let hours = (pair[1].time - pair[0].time) as f64 / 3_600_000.0;
            if kilometres(pair[0], pair[1]).is_some_and(|kilometres| kilometres > 500.0 && kilometres > 950.0 * hours) {
                *fast.entry(person.habit).or_default() += 1;
            }
        }
    }
    let all: usize = organization.happenings.len();
    let homely = fast.get(&Habit::Commuter).copied().unwrap_or_default();
    assert!(homely * 1_000 < all, "{fast:?} of {all}");
    assert!(fast.contains_key(&Habit::CompanyVpn) && fast.contains_key(&Habit::PrivateVpn), "{fast:?}");
}

#[test]
fn whoever_departed_is_silent_within_minutes_and_whoever_is_on_leave_at_once() {
    let organization = Organization::draw(3, &small());
    let lives = lives(&organization);
    let (mut stray, mut departed) = (0, 0);
    for person in &organization.people {
        let life = lives.get(&*person.id).map(Vec::as_slice).unwrap_or_default();
        if let Some(departure) = person.departure {
            departed += 1;
            assert!(life.iter().all(|it| it.time < departure.at + 15 * 60_000), "{}", person.email);
            stray += life.iter().filter(|it| it.time >= departure.at).count();
        }
        if let Some(leave) = &person.leave {
            // Days begin elsewhere at another time, and a forgotten device goes on through a night.
            let hours = 24 * 3_600_000;
            assert!(life.iter().all(|it| !(leave.start + hours..leave.end).contains(&it.time)), "{}", person.email);
        }
    }
    assert!(departed > 5 && stray > 0, "{departed} {stray}");
}

#[test]
fn a_renamed_person_keeps_the_identifier() {
    let organization = Organization::draw(4, &small());
    let lives = lives(&organization);
    let names = |id: &str| -> BTreeSet<_> { lives.get(id).into_iter().flatten().map(|it| it.actor.email.clone().unwrap()).collect() };
    let renamed: Vec<_> = organization.people.iter().filter(|person| person.renamed.is_some()).collect();
    assert!(renamed.iter().any(|person| names(&person.id).len() == 2));
    assert!(organization.people.iter().filter(|person| person.renamed.is_none()).all(|person| names(&person.id).len() <= 1));
}

#[test]
fn nothing_is_too_small_to_be_drawn() {
    for (users, days, attacks_per_kind) in [(0, 1, 1), (1, 1, 0), (3, 0, 1), (40, 5, 3)] {
        let organization = Organization::draw(6, &Settings { users, days, attacks_per_kind, ..Settings::default() });
        assert_eq!(organization.people.len(), users);
        assert!(!organization.summary().to_string().is_empty());
    }
}

#[test]
fn an_average_working_day_has_about_ten_happenings() {
    let summary = Organization::draw(5, &small()).summary();
    assert!((8.0..12.5).contains(&summary.per_active_day), "{}", summary.per_active_day);
    assert!(summary.busy_day > 4 * summary.median_day, "{summary}");
}
