//! A finding, how it came, and how its policy is to be treated.

use audit_pipeline::detector;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::Story;
use crate::model::{Instant, Lane, Seq};

/// Characters of a policy's name.
const POLICY: usize = 200;
/// Bytes of a key as it is.
const KEY: usize = 500;
/// Alerts of an activity policy in one UTC day.
const DAILY: u64 = 5;

/// What a policy is, which decides what goes without saying and what outlets call it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// An operator's own rule.
    Activity,
    /// A comparison with what is usual.
    Anomaly,
}

/// What the findings of a policy become.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Raise {
    /// Alerts, where they are fresh.
    Alert,
    /// Alerts, history and all.
    Always,
    /// Behaviours, to be searched when they are needed.
    Behaviour,
}

/// How the findings of one policy are treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handling {
    /// What the policy is.
    pub kind: Kind,
    /// What they become.
    pub raise: Raise,
    /// Alerts in one UTC day; further findings are counted in one. It never limits actions.
    pub daily: Option<u64>,
}

impl Handling {
    /// As an operator's rule is treated where nothing is said: five alerts a day.
    pub const ACTIVITY: Self = Self { kind: Kind::Activity, raise: Raise::Alert, daily: Some(DAILY) };
    /// As an anomaly is treated where nothing is said: without a limit.
    pub const ANOMALY: Self = Self { kind: Kind::Anomaly, raise: Raise::Alert, daily: None };
}

/// Whether a detector goes over a log for the first time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It learns from what was stored before there was a detector.
    FirstRun,
    /// It follows what comes in.
    Watching,
}

/// A finding with all that decides what becomes of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Which rule found it.
    pub policy: String,
    /// The same for the same behaviour.
    pub key: String,
    /// What it tells.
    pub story: Story,
    /// How the latest of its events came.
    pub lane: Lane,
    /// When that was stored.
    pub received: Instant,
    /// How its policy is treated.
    pub handling: Handling,
}

impl Found {
    /// A finding of a detector. `lane` and `received` are those of its latest event; `id` gives the vendor's identifier of an event of
    /// its evidence where it is known.
    pub fn new(finding: detector::Finding, lane: Lane, received: Instant, id: impl Fn(Seq) -> Option<String>, handling: Handling) -> Self {
        let policy = finding.policy.chars().take(POLICY).collect();
        // Cut short, two keys might become one.
        let key = match finding.key.len() {
            0..=KEY => finding.key.clone(),
            _ => format!("sha256:{}", hex::encode(Sha256::digest(finding.key.as_bytes()))),
        };
        let mut story = Story::from(finding);
        story.events = story.evidence.iter().filter_map(|seq| id(*seq)).collect();
        Self { policy, key, story, lane, received, handling }
    }
}
