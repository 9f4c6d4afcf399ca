//! Whether and how a rule looks at a user: switched on, whom it is for, how sensitive.

use activity_policy::membership;
use serde::Deserialize;

use crate::detector::{Severity, Sighting};

/// How much of what is common is still reported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sensitivity {
    /// Nothing that is common to the system, the organization or the user.
    Low,
    /// Nothing that is common to the system or the user.
    #[default]
    Medium,
    /// Nothing that is common to the system.
    High,
}

/// How grave, as an operator writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Grave {
    /// `informational`
    Informational,
    /// `low`
    Low,
    /// `medium`
    Medium,
    /// `high`
    High,
}

impl From<Grave> for Severity {
    fn from(grave: Grave) -> Self {
        match grave {
            Grave::Informational => Self::Informational,
            Grave::Low => Self::Low,
            Grave::Medium => Self::Medium,
            Grave::High => Self::High,
        }
    }
}

/// Some of the users: those who match *all* that is set here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Members {
    /// One of these: by e-mail address or identifier.
    pub users: Vec<String>,
    /// A member of one of these, as policies ask for them: in whatever case, and `External users` are guests.
    pub groups: Vec<String>,
}

impl Members {
    fn is_empty(&self) -> bool {
        self.users.is_empty() && self.groups.is_empty()
    }

    fn has(&self, sighting: &Sighting, home: &[String]) -> bool {
        let actor = &sighting.event.actor;
        let is = |user: &String| {
            actor.email.as_deref().is_some_and(|email| email.eq_ignore_ascii_case(user)) || actor.id.as_deref() == Some(user.as_str())
        };
        (self.users.is_empty() || self.users.iter().any(is))
            && (self.groups.is_empty() || membership::is_member(&self.groups, &sighting.standing.groups, actor.email.as_deref(), home))
    }
}

/// Another sensitivity for some of the users.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Level {
    /// For whom.
    #[serde(default)]
    pub users: Vec<String>,
    /// For whom.
    #[serde(default)]
    pub groups: Vec<String>,
    /// How sensitive.
    pub sensitivity: Sensitivity,
}

/// Whether and how a rule looks at a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gate {
    /// Switched on.
    pub enabled: bool,
    /// How sensitive it is.
    pub sensitivity: Sensitivity,
    /// For some it is another: the first that fits.
    pub levels: Vec<Level>,
    /// How grave its findings are, where that is set.
    pub severity: Option<Severity>,
    /// Only these; nobody named: everybody.
    pub include: Members,
    /// Never these, even if included.
    pub exclude: Members,
}

impl Gate {
    /// How sensitive it is for the actor; nothing where it does not look at them. `home`: the organization's own e-mail domains.
    pub fn opens(&self, sighting: &Sighting, home: &[String]) -> Option<Sensitivity> {
        let excluded = !self.exclude.is_empty() && self.exclude.has(sighting, home);
        if !self.enabled || excluded || !self.include.has(sighting, home) {
            return None;
        }
        let level = self.levels.iter().find(|level| {
            let members = Members { users: level.users.clone(), groups: level.groups.clone() };
            !members.is_empty() && members.has(sighting, home)
        });
        Some(level.map_or(self.sensitivity, |level| level.sensitivity))
    }
}
