//! Many alerts with one cause, as one.

use std::{net::IpAddr, time::Duration};

use serde::{Deserialize, Serialize};

use super::{Alert, Form, Kind, State, Story};
use crate::model::Instant;

/// Alerts that an incident lists; it counts them all.
const LISTED: usize = 100;

/// What alerts have in common.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// One policy raised them within an hour.
    Policy(String),
    /// They came from one place within a day: an IPv4 address, or the /64 of an IPv6 address.
    Place(String),
}

impl Cause {
    /// How close together they are.
    pub fn within(&self) -> Duration {
        match self {
            Self::Policy(_) => Duration::from_hours(1),
            Self::Place(_) => Duration::from_hours(24),
        }
    }

    /// The key of its incident's fingerprint.
    pub fn key(&self) -> String {
        match self {
            Self::Policy(policy) => format!("policy:{policy}"),
            Self::Place(place) => format!("place:{place}"),
        }
    }

    /// The policy under which its incident is found.
    pub fn policy(&self) -> &str {
        match self {
            Self::Policy(policy) => policy,
            Self::Place(_) => "common-address",
        }
    }

    fn title(&self, count: u64) -> String {
        match self {
            Self::Policy(policy) => format!("Incident: {count} alerts of policy {policy}, more than 20 within an hour"),
            Self::Place(place) => format!("Incident: {count} alerts from {place}, more than 20 within a day"),
        }
    }
}

/// Where an address belongs. IPv6 hands a whole /64 to one household or machine, which moves within it at will.
pub fn place(address: &str) -> String {
    match address.parse::<IpAddr>().map(|ip| ip.to_canonical()) {
        Ok(IpAddr::V4(ip)) => ip.to_string(),
        Ok(IpAddr::V6(ip)) => {
            let network = std::net::Ipv6Addr::from(u128::from(ip) & !u128::from(u64::MAX));
            format!("{network}/64")
        }
        Err(_) => address.to_owned(),
    }
}

impl Alert {
    /// A new incident of these alerts, the latest last. Without a number: the store gives one.
    pub fn incident(cause: &Cause, members: &[Self], at: Instant) -> Option<Self> {
        let latest = members.last()?;
        let mut incident = Self {
            id: super::AlertId(0),
            source: latest.source.clone(),
            detector: latest.detector.clone(),
            policy: cause.policy().to_owned(),
            key: cause.key(),
            kind: Kind::Anomaly,
            form: Form::Incident(cause.clone()),
            story: Story { start: latest.story.start, end: latest.story.end, baseline: serde_json::json!({}), ..Story::default() },
            state: State::Open,
            raised: at,
            last_seen: at,
            changed: at,
            count: 0,
            incident: None,
            announced: None,
            members: Vec::new(),
        };
        for member in members {
            incident.gather(member, at);
        }
        Some(incident)
    }

    /// An incident has one alert more.
    pub fn gather(&mut self, member: &Self, at: Instant) {
        let Form::Incident(cause) = &self.form else { return };
        self.count = self.count.saturating_add(1);
        if self.members.len() < LISTED {
            self.members.push(member.id);
        }
        self.story.title = cause.title(self.count);
        let listed = self.members.len();
        self.story.reasons = vec![match u64::try_from(listed) {
            Ok(all) if all == self.count => format!("All {listed} are listed with it"),
            _ => format!("The first {listed} of {} are listed with it", self.count),
        }];
        self.story.widen(&member.story);
        (self.last_seen, self.changed) = (at, at);
    }
}
