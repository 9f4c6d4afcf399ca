//! What ends on a day that is known: notices 14, 7 and 1 days before.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Concerns;
use crate::{
    alert::Severity,
    config::{ComponentRef, SourceConfig},
    model::Instant,
};

const DAY: Duration = Duration::from_secs(86_400);

/// A certificate, and when it ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expiry {
    /// Whose it is, or of which origin.
    pub subject: String,
    /// When it ends.
    pub ends: Instant,
    /// What to do.
    pub advice: String,
    /// Whose business it is.
    pub concerns: Concerns,
}

/// How near the end is: the step, how bad that is, and in words. None while it is far.
pub(super) fn near(ends: Instant, now: Instant) -> Option<Near> {
    let left = ends.since(now);
    let (step, severity, words) = match () {
        () if ends <= now => (4, Severity::High, "is over"),
        () if left <= DAY => (3, Severity::High, "is over within a day"),
        () if left <= DAY * 7 => (2, Severity::Medium, "is over within 7 days"),
        () if left <= DAY * 14 => (1, Severity::Medium, "is over within 14 days"),
        () => return None,
    };
    Some(Near { step, severity, words })
}

/// How near an end is.
pub(super) struct Near {
    pub(super) step: u64,
    pub(super) severity: Severity,
    pub(super) words: &'static str,
}

/// How long a vendor lets things last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lifetime {
    /// How long it keeps its log: what is not read by then is lost.
    pub log: Option<Duration>,
    /// How long a refresh token is good, counted from when its pair was obtained.
    pub refresh: Option<Duration>,
}

/// Those of a source's vendor, as far as they are known; `keeps` of the source says how long its log is kept.
pub fn lifetime(source: &SourceConfig) -> Lifetime {
    let usual = match &source.component {
        // <https://developers.miro.com/reference/enterprise-get-audit-logs>: the last 90 days.
        // <https://developers.miro.com/docs/getting-started-with-oauth>: 60 days.
        ComponentRef::Builtin(name) if name == "miro" => Lifetime { log: Some(DAY * 90), refresh: Some(DAY * 60) },
        // <https://learn.microsoft.com/en-us/entra/identity/monitoring-health/reference-reports-data-retention>: 30 days with P1 or P2.
        ComponentRef::Builtin(name) if name == "entra" => Lifetime { log: Some(DAY * 30), refresh: None },
        _ => Lifetime::default(),
    };
    Lifetime { log: source.keeps.or(usual.log), ..usual }
}
