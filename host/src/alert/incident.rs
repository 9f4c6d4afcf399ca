//! Many alerts with one cause, as one.
//!
//! Where several causes apply, the one that explains most goes first: a change of a feed, then a place, then a policy. Of places and
//! policies, one with an open incident goes before one without. An incident of a feed takes its alerts out of incidents of the others.

use std::{net::IpAddr, time::Duration};

use serde::{Deserialize, Serialize};

use super::{Alert, AlertId, Form, Kind, State, Story, course::CROWD};
use crate::{enrich::FeedChange, model::Instant};

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
    /// They rest on what a feed says only since a change, within a day after it.
    Feed(FeedChange),
}

impl Cause {
    /// How close together they are.
    pub fn within(&self) -> Duration {
        match self {
            Self::Policy(_) => Duration::from_hours(1),
            Self::Place(_) | Self::Feed(_) => Duration::from_hours(24),
        }
    }

    /// The key of its incident's fingerprint.
    pub fn key(&self) -> String {
        match self {
            Self::Policy(policy) => format!("policy:{policy}"),
            Self::Place(place) => format!("place:{place}"),
            Self::Feed(FeedChange { feed, at }) => format!("feed:{feed}@{}", at.0),
        }
    }

    /// The policy under which its incident is found.
    pub fn policy(&self) -> &str {
        match self {
            Self::Policy(policy) => policy,
            Self::Place(_) => "common-address",
            Self::Feed(_) => "feed-change",
        }
    }

    /// One that others took alerts out of may hold few.
    fn title(&self, count: u64) -> String {
        let stretch = match self {
            Self::Policy(_) => "within an hour",
            Self::Place(_) | Self::Feed(_) => "within a day",
        };
        let many =
            if usize::try_from(count).is_ok_and(|count| count <= CROWD) { String::new() } else { format!(", more than {CROWD} {stretch}") };
        match self {
            Self::Policy(policy) => format!("Incident: {count} alerts of policy {policy}{many}"),
            Self::Place(place) => format!("Incident: {count} alerts from {place}{many}"),
            Self::Feed(FeedChange { feed, at }) => format!("Incident: {count} alerts rest on what {feed} says only since {at}{many}"),
        }
    }

    /// What to know about it beside what it holds, and what to do.
    fn advice(&self) -> Vec<String> {
        match self {
            Self::Policy(_) | Self::Place(_) => Vec::new(),
            Self::Feed(FeedChange { feed, at }) => vec![
                format!("A new version of {feed} was taken up at {at}: of an address of each alert it says what the one before did not"),
                format!(
                    "Look at {feed} before the users: `miro-source feeds` says where it comes from and how it stands. Where it is wrong about \
                     addresses of yours, a [[range]] that holds them overrides it, with a category where it is about tags, with a country \
                     where it is about places"
                ),
            ],
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
            id: AlertId(0),
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
        incident.story.reasons.extend(cause.advice());
        Some(incident)
    }

    /// An incident has one alert more.
    pub fn gather(&mut self, member: &Self, at: Instant) {
        self.count = self.count.saturating_add(1);
        if self.members.len() < LISTED {
            self.members.push(member.id);
        }
        self.recount();
        self.story.widen(&member.story);
        (self.last_seen, self.changed) = (at, at);
    }

    /// Another incident holds these of its alerts from now on, for what it is about explains them better.
    pub fn release(&mut self, gone: &[AlertId], to: &Self, at: Instant) {
        self.count = self.count.saturating_sub(u64::try_from(gone.len()).unwrap_or(u64::MAX));
        self.members.retain(|member| !gone.contains(member));
        self.recount();
        self.story.reasons.push(format!("{} that it held are in incident {} now: {}", gone.len(), to.id, to.story.title));
        self.changed = at;
    }

    /// Says how many there are.
    fn recount(&mut self) {
        let Form::Incident(cause) = &self.form else { return };
        self.story.title = cause.title(self.count);
        let listed = self.members.len();
        let counted = match u64::try_from(listed) {
            Ok(all) if all == self.count => format!("All {listed} are listed with it"),
            _ => format!("The first {listed} of {} are listed with it", self.count),
        };
        match self.story.reasons.first_mut() {
            Some(first) => *first = counted,
            None => self.story.reasons.push(counted),
        }
    }
}
