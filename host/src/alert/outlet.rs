//! Where alerts go, and what of them is said there.

use serde::{Deserialize, Serialize};

use super::{Alert, cef, ocsf};
use crate::{
    model::{SinkName, SourceName},
    neutral,
};

/// As what a sink gets alerts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AlertFormat {
    /// OCSF 1.8.0, Detection Finding.
    Ocsf,
    /// ArcSight's Common Event Format, as Defender's SIEM agent wrote it.
    Cef,
}

/// What is said of an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Activity {
    /// It is new.
    Create,
    /// It changed.
    Update,
    /// It is over.
    Close,
}

/// A sink that gets the alerts of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outlet {
    /// The sink.
    pub sink: SinkName,
    /// The source.
    pub source: SourceName,
    /// As what.
    pub format: AlertFormat,
}

impl Outlet {
    /// The note of how many sources there are, whoever gets their alerts, those of files that are wrong included.
    pub const SOURCES: &str = "outlets/sources";
}

/// One line on its way to a sink.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispatch {
    /// Its number.
    pub id: i64,
    /// Of which source's alerts.
    pub source: SourceName,
    /// The policy, for messages about it.
    pub policy: String,
    /// The line.
    pub body: String,
}

/// The line that says it.
pub fn render(alert: &Alert, activity: Activity, format: AlertFormat) -> String {
    match format {
        AlertFormat::Ocsf => neutral::json(&ocsf(alert, activity).to_string()).into_owned(),
        AlertFormat::Cef => cef(alert),
    }
}
