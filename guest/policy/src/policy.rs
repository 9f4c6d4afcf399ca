//! A policy, as it is right: parsed once, at the boundary, by [`mod@crate::check`].

use serde::{Deserialize, Deserializer, Serialize};

use crate::{check, row::Row, word::words};

words! {
    /// How bad it is.
    Severity {
        /// Worth knowing.
        Low = "low",
        /// Worth a look.
        Medium = "medium",
        /// Worth getting up for.
        High = "high",
    }
}

words! {
    /// The eight categories of risk.
    Category {
        /// Who gets in.
        AccessControl = "access-control",
        /// Whether rules are kept.
        Compliance = "compliance",
        /// Settings that make it weaker.
        ConfigurationControl = "configuration-control",
        /// Applications nobody knew of.
        CloudDiscovery = "cloud-discovery",
        /// Data that leaves.
        Dlp = "dlp",
        /// Administrators and those who become one.
        PrivilegedAccounts = "privileged-accounts",
        /// Content that is shared.
        SharingControl = "sharing-control",
        /// Attacks.
        ThreatDetection = "threat-detection",
    }
}

words! {
    /// What a match becomes.
    Raise {
        /// An alert that somebody has to look at.
        Alert = "alert",
        /// A behaviour: kept for whoever investigates, and nobody is woken.
        Behaviour = "behaviour",
    }
}

/// A rule over activities. Its JSON and its TOML have the same keys.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Policy {
    /// What it is called everywhere: lower-case letters, digits and hyphens.
    pub name: String,
    /// What people call it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// How bad a match is.
    pub severity: Severity,
    /// Which risk it is about.
    pub category: Category,
    /// Whether it is evaluated at all.
    pub enabled: bool,
    /// What an activity must fulfil: every row.
    #[serde(rename = "match")]
    pub rows: Vec<Row>,
    /// How often one user must have done it. Absent: each activity matches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repeated: Option<Repeated>,
    /// Whose activities are looked at.
    #[serde(skip_serializing_if = "Scope::is_everybody")]
    pub scope: Scope,
    /// How many alerts it may raise in a day. The host counts; what else follows from a match is not limited by it.
    pub daily_alert_limit: u32,
    /// What a match becomes.
    pub raise: Raise,
    /// ATT&CK tactics and techniques.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attacks: Vec<String>,
}

impl Policy {
    /// What people call it: its title, else its name.
    #[must_use]
    pub fn title(&self) -> &str {
        self.title.as_deref().unwrap_or(&self.name)
    }
}

impl<'de> Deserialize<'de> for Policy {
    /// Says everything that is wrong with it in one error.
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(from)?;
        check::check(&value).map_err(|wrong| {
            let lines: Vec<String> = wrong.iter().map(ToString::to_string).collect();
            serde::de::Error::custom(lines.join("; "))
        })
    }
}

/// How often, in what time, one user must have done it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Repeated {
    /// The least number of activities that is a match.
    pub count: u32,
    /// Within so many minutes, from the first of them to the last.
    pub minutes: u32,
    /// Counts each app for itself.
    pub single_app: bool,
    /// Counts each object once; what has no object is not counted.
    pub unique_objects: bool,
}

impl Default for Repeated {
    fn default() -> Self {
        Self { count: 5, minutes: 30, single_app: false, unique_objects: false }
    }
}

impl Repeated {
    /// The window in milliseconds.
    #[must_use]
    pub const fn window(&self) -> u64 {
        self.minutes as u64 * 60_000
    }
}

/// Whose activities are looked at. Who is excluded stays out, whatever includes them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Scope {
    /// Only these. Empty: everybody.
    #[serde(skip_serializing_if = "Circle::is_empty")]
    pub include: Circle,
    /// Never these.
    #[serde(skip_serializing_if = "Circle::is_empty")]
    pub exclude: Circle,
}

impl Scope {
    fn is_everybody(&self) -> bool {
        self.include.is_empty() && self.exclude.is_empty()
    }
}

/// Some people.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Circle {
    /// By e-mail address or the vendor's identifier.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub users: Vec<String>,
    /// By group.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
}

impl Circle {
    /// Whether nobody is named.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.users.is_empty() && self.groups.is_empty()
    }
}
