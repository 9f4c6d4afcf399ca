//! Which alerts are right: those that rest on something an attack did.

use std::collections::{BTreeMap, BTreeSet};

use organization::{Kind, Organization};

use crate::replay::Alert;

/// One organization, scored.
#[derive(Clone, Debug)]
pub(crate) struct Score {
    pub(crate) seed: u64,
    /// By kind: attacks, and how many of them an alert rests on.
    pub(crate) kinds: BTreeMap<Kind, (usize, usize)>,
    /// By rule: alerts that are right, and that are wrong.
    pub(crate) rules: BTreeMap<String, (usize, usize)>,
    /// Wrong alerts for 5,000 users and a day.
    pub(crate) wrong: f64,
    /// Attacks that no alert rests on: kind, variant, and how they began.
    pub(crate) missed: Vec<(Kind, &'static str, String)>,
    /// Some of the wrong alerts.
    pub(crate) examples: Vec<(String, Vec<String>)>,
}

impl Score {
    pub(crate) fn of(seed: u64, organization: &Organization, alerts: &[Alert]) -> Self {
        let mut found = BTreeSet::new();
        let mut score = Self { seed, kinds: BTreeMap::new(), rules: BTreeMap::new(), wrong: 0.0, missed: Vec::new(), examples: Vec::new() };
        for alert in alerts {
            let attacks: Vec<usize> = alert.evidence.iter().filter_map(|place| organization.happenings.get(*place)?.attack).collect();
            let right = !attacks.is_empty();
            found.extend(attacks);
            let (rights, wrongs) = score.rules.entry(alert.policy.clone()).or_default();
            if right {
                *rights += 1;
            } else {
                *wrongs += 1;
                score.examples.push((alert.policy.clone(), alert.reasons.clone()));
            }
        }
        for (place, attack) in organization.attacks.iter().enumerate() {
            let (all, some) = score.kinds.entry(attack.kind).or_default();
            *all += 1;
            if found.contains(&place) {
                *some += 1;
            } else {
                score.missed.push((attack.kind, attack.variant, began(organization, place)));
            }
        }
        let wrong: usize = score.rules.values().map(|(_, wrong)| wrong).sum();
        let settings = &organization.settings;
        score.wrong = wrong as f64 * 5000.0 / settings.users as f64 / f64::from(settings.days);
        score
    }

    /// Attacks, and how many were found.
    pub(crate) fn all(&self) -> (usize, usize) {
        self.kinds.values().fold((0, 0), |(all, found), (more, some)| (all + more, found + some))
    }
}

/// What the account did before and during an attack, place by place.
fn began(organization: &Organization, attack: usize) -> String {
    let Some(told) = organization.attacks.get(attack) else { return String::new() };
    let of_user = organization.happenings.iter().filter(|each| each.actor.id.as_deref() == Some(&told.user));
    let near = of_user.filter(|each| each.time + 36 * 3_600_000 > told.start && each.time <= told.end);
    let mut said = Vec::<String>::new();
    for each in near {
        let network = each.network.as_ref();
        let here = format!(
            "{}{} {}{}",
            if each.attack.is_some() { "!" } else { "" },
            network.and_then(|network| network.country).unwrap_or("-"),
            network.and_then(|network| network.category).unwrap_or_default(),
            network.map(|network| network.tags.join(",")).unwrap_or_default()
        );
        if said.last().is_none_or(|last| !last.ends_with(&here)) {
            said.push(format!("{:.1}h {here}", (each.time as f64 - told.start as f64) / 3.6e6));
        }
    }
    let mut done: BTreeMap<&str, usize> = BTreeMap::new();
    for each in organization.happenings.iter().filter(|each| each.attack == Some(attack)) {
        *done.entry(each.action).or_default() += 1;
    }
    let done: Vec<String> = done.into_iter().map(|(action, count)| format!("{count} {action}")).collect();
    format!("{} within {} min, {}", done.join(", "), (told.end - told.start) / 60_000, said.join(", "))
}
