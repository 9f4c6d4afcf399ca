//! What becomes of a finding.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{AlertId, Cause, Found, Raise, Stage, SuppressionId};
use crate::model::{Instant, Lane};

/// What is older when it is received raises no alert, and an alert not seen for so long is not the same behaviour any more.
pub(crate) const FRESH: Duration = Duration::from_hours(24);
/// More alerts than this with one cause are one incident.
pub(super) const CROWD: usize = 20;

/// Why a finding raises no alert, whatever else is going on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Quiet {
    /// Its policy wants behaviours only.
    Policy,
    /// A backfill brought it.
    History,
    /// The detector went over the log for the first time.
    FirstRun,
    /// It was more than a day old when it was received.
    Old,
}

/// Whether a finding only teaches, and why.
pub fn quiet(found: &Found, stage: Stage) -> Option<Quiet> {
    match found.handling.raise {
        Raise::Behaviour => Some(Quiet::Policy),
        Raise::Always => None,
        Raise::Alert if found.lane == Lane::History => Some(Quiet::History),
        Raise::Alert if stage == Stage::FirstRun => Some(Quiet::FirstRun),
        Raise::Alert if found.received.since(found.story.end) > FRESH => Some(Quiet::Old),
        Raise::Alert => None,
    }
}

/// An alert that is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// Its number.
    pub id: AlertId,
    /// When it last had something new.
    pub last_seen: Instant,
}

/// Alerts that share a cause, and the incident that is open about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crowd {
    /// What they share.
    pub cause: Cause,
    /// The open incident, if there is one.
    pub incident: Option<Known>,
    /// Open alerts of the cause's own stretch of time that no incident holds yet; of a feed: none of a feed.
    pub alerts: Vec<AlertId>,
}

/// What there is when a finding comes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Situation {
    /// A suppression in force for its policy and user.
    pub suppression: Option<SuppressionId>,
    /// The latest open alert with its fingerprint.
    pub same: Option<Known>,
    /// Alerts that its policy raised in this UTC day.
    pub today: u64,
    /// What it might be a part of, in the order in which causes go ([`Cause`]).
    pub crowds: Vec<Crowd>,
}

/// What becomes of a finding that may raise an alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Course {
    /// Counted on a suppression.
    Suppress(SuppressionId),
    /// Counted on an open alert.
    Repeat(AlertId),
    /// Counted in the one alert of its policy and day that says how many there were.
    Withhold,
    /// An alert within an open incident.
    Join(AlertId),
    /// An alert, and an incident that holds it and these.
    Fold(Cause, Vec<AlertId>),
    /// An alert.
    Raise,
}

/// Decides. The order is that of what an analyst has already said: to be left alone, to be working on it, to want few.
pub fn course(found: &Found, at: Instant, situation: &Situation) -> Course {
    if let Some(id) = situation.suppression {
        return Course::Suppress(id);
    }
    if let Some(same) = situation.same
        && at.since(same.last_seen) <= FRESH
    {
        return Course::Repeat(same.id);
    }
    if found.handling.daily.is_some_and(|daily| situation.today >= daily) {
        return Course::Withhold;
    }
    for crowd in &situation.crowds {
        match crowd.incident {
            Some(incident) if at.since(incident.last_seen) <= crowd.cause.within() => return Course::Join(incident.id),
            _ if crowd.alerts.len() >= CROWD => return Course::Fold(crowd.cause.clone(), crowd.alerts.clone()),
            _ => {}
        }
    }
    Course::Raise
}
