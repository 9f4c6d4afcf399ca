//! The alerts that Sumo Logic accepted, beside those that the takeover should have raised.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use simulator::World;

use super::takeover::{EXPECTED, MAIL};

/// An alert, as its latest line says.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Told {
    policy: String,
    severity: String,
    title: String,
    who: String,
}

/// What came of the watching.
#[derive(Clone, Debug, Default)]
pub(super) struct Watched {
    alerts: BTreeMap<String, Told>,
}

impl Watched {
    /// What Sumo Logic accepted by now.
    pub(super) fn of(world: &World) -> Self {
        let lines = world.others().into_iter().filter_map(|record| serde_json::from_slice::<Value>(&record.line).ok());
        let alerts = lines.filter(|line| line["class_uid"] == 2004).filter_map(|line| {
            let text = |pointer: &str| line.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
            let told = Told {
                policy: text("/finding_info/analytic/name"),
                severity: text("/severity"),
                title: text("/finding_info/title"),
                who: text("/evidences/0/actor/user/email_addr"),
            };
            Some((line.pointer("/finding_info/uid")?.as_str()?.to_owned(), told))
        });
        Self { alerts: alerts.collect() }
    }

    /// Whether every expected rule has spoken.
    pub(super) fn complete(&self) -> bool {
        self.missing().is_empty()
    }

    /// Expected rules that did not speak of the account.
    fn missing(&self) -> Vec<&'static str> {
        let spoke: BTreeSet<&str> = self.alerts.values().filter(|told| told.who == MAIL).map(|told| told.policy.as_str()).collect();
        EXPECTED.iter().map(|(policy, _)| *policy).filter(|policy| !spoke.contains(policy)).collect()
    }

    /// Alerts that nobody should have raised.
    fn unexpected(&self) -> usize {
        self.alerts.values().filter(|told| expected(told).is_none()).count()
    }

    /// How many alerts are missing or should not be.
    pub(super) fn wrong(&self) -> usize {
        self.missing().len() + self.unexpected()
    }

    /// Prints them.
    pub(super) fn print(&self) {
        println!("alerts raised       {:>9}  as Sumo Logic accepted them", self.alerts.len());
        for told in self.alerts.values() {
            let why = expected(told).map_or_else(|| format!("NOT EXPECTED, of {}", told.who), |why| format!("expected: {why}"));
            println!("  {:<6} {:<20} {}", told.severity.to_lowercase(), told.policy, why);
            println!("                              {}", told.title);
        }
        for policy in self.missing() {
            println!("  MISSING {policy}");
        }
    }
}

/// Why an alert was to be raised.
fn expected(told: &Told) -> Option<&'static str> {
    let found = EXPECTED.iter().find(|(policy, _)| told.who == MAIL && told.policy == *policy);
    found.map(|(_, why)| *why)
}
