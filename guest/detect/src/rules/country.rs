//! Activity from a country that neither the user nor, unless very sensitive, others are active from.

use serde_json::json;

use super::{Because, Rule, Scene, network::object};
use crate::{
    config::{Sensitivity, Setting},
    detector::Finding,
    words,
};

/// The country is new for the user, and rare for the organization.
pub(super) fn infrequent(scene: &Scene<'_>) -> Option<Finding> {
    let sensitivity = scene.gate(Rule::InfrequentCountry)?;
    let (place, past) = (scene.place?, scene.past());
    if !scene.is_settled() || place.safe || scene.user.countries.within(place.country, scene.at, past) {
        return None;
    }
    let others = scene.organization.others(place.country, scene.number(), scene.at.day(), past);
    let frequent = others >= scene.set(Setting::CountryOthers) as usize || scene.is_rootless(place) || scene.is_usual(place);
    if sensitivity != Sensitivity::High && frequent {
        return None;
    }
    let name = place.country.name();
    let visited = scene.user.countries.past(scene.at);
    let names: Vec<&str> = visited.iter().take(4).map(|(country, _)| country.name()).collect();
    let count: u32 = visited.iter().map(|(_, count)| *count).sum();
    let mut reasons = vec![format!("active from {name} ({})", place.address)];
    if !names.is_empty() {
        reasons.push(format!(
            "in five weeks {} from {}, none from {name}",
            words::counted(count.into(), "activity", "activities"),
            words::list(&names)
        ));
    }
    reasons.push(match others {
        0 => format!("nobody else in the organization was active from {name} in {past} days"),
        others => format!(
            "in {past} days {} of the organization active from {name}",
            words::counted(others as u64, "other user was", "other users were")
        ),
    });
    let baseline = json!({
        "activities_by_country": visited.iter().map(|(country, count)| (country.code().to_owned(), json!(count))).collect::<serde_json::Map<_, _>>(),
        "other_users_there": others,
        "days": past,
    });
    Some(scene.finding(
        Rule::InfrequentCountry,
        Because { key: place.country.code().to_owned(), reasons, baseline: object(baseline), ..Because::default() },
    ))
}
