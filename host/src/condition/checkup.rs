//! What the daily check found, kept between checks.
//!
//! A check that finds something is repeated after an hour, and so on until it finds nothing. What two in a row find is told: a name
//! server that slept for a moment wakes nobody.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{Concerns, Expiry};
use crate::{
    model::Instant,
    store::{Result, Store},
};

const DAY: u64 = 86_400_000;
/// When to look again where something was found.
const AGAIN: Duration = Duration::from_secs(3600);

/// What `miro-source check` does, without a terminal. Reaches the vendors once; stores, refreshes and delivers nothing.
pub type Check = Arc<dyn Fn(Instant) -> BoxFuture<'static, Checked> + Send + Sync>;

/// Something that does not work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What: `source acme`, `origin https://…`.
    pub subject: String,
    /// How.
    pub text: String,
    /// What to do.
    pub advice: Option<String>,
    /// Whose business it is.
    pub concerns: Concerns,
    /// When it was first found.
    pub since: Instant,
}

/// What one check found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// What does not work.
    pub findings: Vec<Finding>,
    /// The certificates that were seen.
    pub certificates: Vec<Expiry>,
    /// What has a certificate, or may have one, that could not be looked at.
    pub unseen: Vec<String>,
    /// Where part of the configuration cannot be read: what was looked at all the same. What is known of anything else stays.
    pub only: Option<BTreeSet<String>>,
}

/// What checks found so far. Kept in the store as `checkup`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkup {
    /// When the last one was; when the host first ran, before the first.
    pub at: Option<Instant>,
    /// What the last one found.
    pub found: Vec<Finding>,
    /// What the one before found too.
    pub confirmed: Vec<Finding>,
    /// The certificates, each as it was seen last.
    pub certificates: Vec<Expiry>,
}

impl Checkup {
    /// Where it is kept.
    pub const KEY: &'static str = "checkup";

    /// As it is kept. What cannot be read is as if no check had been.
    pub fn noted(store: &dyn Store) -> Result<Self> {
        let noted = store.notes(Self::KEY)?.into_iter().find(|(key, _)| key == Self::KEY);
        Ok(noted.and_then(|(_, text)| serde_json::from_str(&text).ok()).unwrap_or_default())
    }

    /// Whether it is time for another. `name` decides the time of the day, so that not every host asks at the same.
    pub fn is_due(&self, name: &str, now: Instant) -> bool {
        let Some(at) = self.at else { return false };
        if !self.found.is_empty() {
            return now.since(at) >= AGAIN;
        }
        let digest = Sha256::digest(name);
        let hour = digest.iter().take(4).fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte)) % DAY;
        let slot = now.0.saturating_sub(hour) / DAY * DAY + hour;
        at.0 < slot && slot <= now.0
    }

    /// After a check that found nothing out, and why: everything else is as the one before left it.
    pub fn cut_short(&self, why: String, now: Instant) -> Self {
        let subject = "the check itself".to_owned();
        let advice = Some("see what `miro-source check` waits for".to_owned());
        let mut next = Self { at: Some(now), ..self.clone() };
        let others = |finding: &Finding| finding.subject != subject;
        next.found.retain(others);
        next.confirmed.retain(others);
        let before = self.found.iter().find(|finding| finding.subject == subject);
        let since = before.map_or(now, |before| before.since);
        let finding = Finding { subject, text: why, advice, concerns: Concerns::Host, since };
        next.confirmed.extend(before.map(|_| finding.clone()));
        next.found.push(finding);
        next
    }

    /// After another check. What it could not look at is as it was.
    pub fn after(&self, checked: Checked, now: Instant) -> Self {
        let Checked { findings: mut found, mut certificates, unseen, only } = checked;
        for finding in &mut found {
            let before = self.found.iter().find(|before| before.subject == finding.subject);
            finding.since = before.map_or(now, |before| before.since);
        }
        let mut confirmed: Vec<Finding> = found.iter().filter(|finding| finding.since < now).cloned().collect();
        let hidden = |finding: &&Finding| only.as_ref().is_some_and(|only| !only.contains(&finding.subject));
        found.extend(self.found.iter().filter(hidden).cloned());
        confirmed.extend(self.confirmed.iter().filter(hidden).cloned());
        let seen = |of: &Expiry| certificates.iter().any(|expiry| expiry.subject == of.subject);
        let kept: Vec<Expiry> = self
            .certificates
            .iter()
            .filter(|before| (only.is_some() || unseen.contains(&before.subject)) && !seen(before))
            .cloned()
            .collect();
        certificates.extend(kept);
        Self { at: Some(now), found, confirmed, certificates }
    }
}
