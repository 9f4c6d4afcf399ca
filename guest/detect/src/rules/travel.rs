//! Two activities of one user farther apart than anybody travels in the time between.

use serde_json::json;

use super::{Because, Rule, Scene, network::object};
use crate::{
    config::{Sensitivity, Setting, TravelLevel},
    detector::Finding,
    memory::track::Stay,
    moment::{DAY, HOUR, Moment},
    place::Place,
    words,
};

/// A journey between two activities.
struct Journey {
    /// Kilometres, where both ends are known.
    distance: Option<f64>,
    /// Seconds.
    time: u32,
    other: Moment,
    seq: u64,
    from: Place,
    /// Others used that address too.
    shared: bool,
    /// That place could be reached from the one before it.
    reached: bool,
    /// One end is a phone of theirs that has been at home before while they were not.
    roaming: bool,
}

/// The nearest activities before and after are out of reach.
pub(super) fn impossible(scene: &mut Scene<'_>) -> Option<Finding> {
    let place = scene.place?;
    let (before, after) = scene.user.track.around(scene.at);
    let journeys = [before.and_then(|stay| journey(scene, place, stay)), after.and_then(|stay| journey(scene, place, stay))];
    scene.reached = journeys.iter().flatten().all(|journey| journey.roaming);
    // Their phone seems to be at home while they are where they came by a journey that was possible.
    let abroad = journeys.iter().flatten().any(|journey| journey.reached && journey.from.country != place.country);
    if abroad && scene.is_usual(place) && scene.user.networks.is_phone(&place) {
        scene.user.roams = scene.at.day();
    }
    let sensitivity = scene.gate(Rule::ImpossibleTravel)?;
    if !scene.is_settled() {
        return None;
    }
    let journey = journeys.into_iter().flatten().find(|journey| !is_common(scene, sensitivity, place, journey))?;
    Some(finding(scene, place, &journey))
}

/// From the end of a stay that is nearer in time, where it cannot have been made.
fn journey(scene: &Scene<'_>, place: Place, stay: &Stay) -> Option<Journey> {
    let from = stay.place;
    // Never a journey, however sensitive: the same address, and addresses that say nothing about a person's whereabouts.
    let strict = scene.config.travel == TravelLevel::City && (from.hosted || place.hosted);
    if from.address == place.address || strict || is_nowhere(scene, from) || is_nowhere(scene, place) {
        return None;
    }
    let (other, seq) = if scene.at.0.abs_diff(stay.last.0) <= scene.at.0.abs_diff(stay.first.0) {
        (stay.last, stay.last_seq)
    } else {
        (stay.first, stay.first_seq)
    };
    let time = scene.at.0.abs_diff(other.0);
    let apart = from.point.zip(place.point).map(|(from, to)| (from.distance(to), f64::from(from.radius) + f64::from(to.radius)));
    let elsewhere = from.country != place.country && !from.country.borders(place.country);
    let distance = match (scene.config.travel, apart) {
        (TravelLevel::City, Some((distance, off))) => Some((distance - off).max(0.0)),
        (_, apart) if elsewhere => apart.map(|(distance, _)| distance),
        _ => return None,
    };
    let out_of_reach = match distance {
        Some(distance) => {
            distance >= f64::from(scene.set(Setting::TravelDistance))
                && distance * 3600.0 > f64::from(scene.set(Setting::TravelSpeed)) * f64::from(time)
        }
        // Where no coordinates are known, an hour is too short between countries that do not border each other.
        None => time < HOUR,
    };
    let roams = scene.user.roams.0 > 0 && scene.at.day().since(scene.user.roams) <= scene.past();
    let roaming = roams && [from, place].iter().any(|place| scene.user.networks.is_phone(place));
    out_of_reach.then_some(Journey { distance, time, other, seq, from, shared: stay.shared, reached: stay.reached, roaming })
}

/// Whether a place says nothing about where anybody is: a VPN, or an address that may be anywhere.
fn is_nowhere(scene: &Scene<'_>, place: Place) -> bool {
    let vague = place.point.is_some_and(|point| u32::from(point.radius) > scene.set(Setting::TravelRadius));
    scene.is_rootless(place) || vague
}

/// What each sensitivity passes over.
fn is_common(scene: &Scene<'_>, sensitivity: Sensitivity, to: Place, journey: &Journey) -> bool {
    let from = journey.from;
    let (day, past, common) = (scene.at.day(), scene.past(), scene.set(Setting::TravelCommon));
    let safe = from.safe && to.safe;
    let usual = |place: Place| {
        if from.country == to.country { scene.is_usual(place) } else { scene.user.countries.share(place.country, scene.at) >= common }
    };
    // "Locations regularly used by other users in the organization": an exit that many share is nobody's whereabouts. A far place is
    // news beside it all the same where the user has not been there before.
    let exit = scene.is_shared() || (journey.shared && scene.user.countries.before(to.country, scene.at));
    // Back where they are at home, from a journey that was possible: something at home went on by itself meanwhile.
    let home = journey.reached && usual(to);
    // Both are places of theirs of late: somebody who travels leaves things running, and phones keep the network of their card.
    let recent = scene.days(Setting::TravelRecent);
    let visited =
        |place: Place| scene.user.countries.before(place.country, scene.at) && scene.user.countries.within(place.country, scene.at, recent);
    let known = from.country != to.country && visited(from) && visited(to);
    // Back where they had come by a journey that was possible: what was elsewhere meanwhile was not them, and was judged by itself.
    let back = scene.user.track.reached(to.country, scene.at, u32::from(recent) * DAY);
    let user = (usual(from) && usual(to)) || exit || home || known || journey.roaming || (from.country != to.country && back);
    let regular = |place: Place| scene.organization.others(place.country, scene.number(), day, past) >= 2;
    let tenant = (to.asn != 0 && scene.organization.alerted.within(to.asn, day, past)) || (regular(from) && regular(to));
    match sensitivity {
        Sensitivity::High => false,
        Sensitivity::Medium => safe || user,
        Sensitivity::Low => safe || user || tenant,
    }
}

fn finding(scene: &Scene<'_>, place: Place, journey: &Journey) -> Finding {
    let (from, to) = if journey.other <= scene.at { (journey.from, place) } else { (place, journey.from) };
    let (there, here) = (from.country.name(), to.country.name());
    let way = match journey.distance {
        Some(distance) => format!("{} km in {}", words::number(distance.round() as u64), words::length(journey.time)),
        None => format!("{} between them", words::length(journey.time)),
    };
    let mut reasons = vec![format!("active from {there} ({}) and from {here} ({}): {way}", from.address, to.address)];
    if let Some(distance) = journey.distance {
        let speed = distance * 3600.0 / f64::from(journey.time.max(1));
        let reached =
            if journey.time == 0 { "at the same time".to_owned() } else { format!("at {} km/h", words::number(speed.round() as u64)) };
        reasons.push(format!("{reached}; nobody travels faster than {} km/h", words::number(scene.set(Setting::TravelSpeed).into())));
    }
    let visited = scene.user.countries.past(scene.at);
    let names: Vec<String> =
        visited.iter().take(4).map(|(country, count)| format!("{} ({})", country.name(), words::number((*count).into()))).collect();
    reasons.push(format!("activities in five weeks: {}", words::list(&names.iter().map(String::as_str).collect::<Vec<_>>())));
    let mut pair = [from.country.code(), to.country.code()];
    pair.sort_unstable();
    let baseline = json!({
        "activities_by_country": visited.iter().map(|(country, count)| (country.code().to_owned(), json!(count))).collect::<serde_json::Map<_, _>>(),
        "distance_km": journey.distance.map(f64::round),
        "seconds": journey.time,
    });
    scene.finding(
        Rule::ImpossibleTravel,
        Because {
            key: pair.join("-"),
            reasons,
            addresses: vec![journey.from.address],
            start: Some(journey.other),
            end: Some(journey.other),
            evidence: vec![journey.seq],
            baseline: object(baseline),
            ..Because::default()
        },
    )
}
