//! A detector over the stored history from empty profiles: what it would have raised. Nothing is stored.
//!
//! Every event counts as if it had come in live; what was known of its address is what was stored with it, or what is known today
//! ([`Knowledge`]). Findings with one key become
//! one alert while no more than a day lies between them, and an activity policy's daily limit withholds what is past it.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

use audit_pipeline::detector::{Finding, Profile, Sighting};
use futures_util::future::BoxFuture;
use serde::Serialize;

use super::{
    Rulebook,
    batch::{self, Memory, Stuck},
    sighting::know,
};
use crate::{
    alert::{Handling, Raise, Severity},
    enrich::Enricher,
    model::{Instant, SourceName},
    runtime::{Detector, Source},
    store::{StoreError, StoredEvent},
};

/// Findings with one key that are no farther apart are one alert.
const SAME: u64 = 24 * 3_600_000;
const DAY: u64 = 24 * 3_600_000;

/// What would have been raised.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Raised {
    /// Whose events.
    pub source: SourceName,
    /// Which rule.
    pub policy: String,
    /// What people call it.
    pub title: String,
    /// The gravest of its findings.
    pub severity: Severity,
    /// Who did it.
    pub user: String,
    /// When its first event happened.
    pub start: Instant,
    /// When its last event happened.
    pub end: Instant,
    /// Findings in it.
    pub count: u64,
    /// Why.
    pub reasons: Vec<String>,
    /// The detector's own key.
    pub key: String,
}

/// What is taken for known of an event beside what it says itself.
#[derive(Clone, Default)]
pub enum Knowledge {
    /// What was known when it was stored.
    #[default]
    Stored,
    /// What feeds, ranges, groups and departures say today.
    Today(Arc<Enricher>),
}

impl Knowledge {
    /// Puts it into a sighting: the one place for all of it.
    fn put(&self, source: &SourceName, sighting: &mut Sighting) {
        if let Self::Today(enricher) = self {
            let known = enricher.known(source, &sighting.event);
            know(sighting, &known);
        }
    }
}

/// One detector over one source's history.
pub struct Backtest {
    source: SourceName,
    detector: Detector,
    maker: Source,
    rulebook: Rulebook,
    from: Instant,
    knowledge: Knowledge,
    only: Option<BTreeSet<String>>,
    held: Held,
    open: HashMap<String, usize>,
    raised: Vec<Raised>,
    daily: BTreeMap<(String, u64), u64>,
    /// Findings that a daily limit withheld.
    pub withheld: u64,
    /// Findings of rules that raise nothing.
    pub behaviours: u64,
    /// Events judged.
    pub judged: u64,
}

/// Profiles in memory.
#[derive(Default)]
struct Held(Mutex<HashMap<String, Vec<u8>>>);

impl Memory for Held {
    fn profiles(&self, subjects: Vec<String>) -> BoxFuture<'_, Result<Vec<Profile>, StoreError>> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found =
            subjects.into_iter().map(|subject| Profile { body: held.get(&subject).cloned().unwrap_or_default(), subject }).collect();
        Box::pin(std::future::ready(Ok(found)))
    }
}

impl std::fmt::Debug for Backtest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Backtest").field("source", &self.source).field("judged", &self.judged).finish_non_exhaustive()
    }
}

impl Backtest {
    /// Of a source, reporting what ends at or after `from`. What was before only teaches.
    pub fn new(source: SourceName, detector: Detector, maker: Source, rulebook: Rulebook, from: Instant) -> Self {
        Self {
            source,
            detector,
            maker,
            rulebook,
            from,
            knowledge: Knowledge::Stored,
            only: None,
            held: Held::default(),
            open: HashMap::new(),
            raised: Vec::new(),
            daily: BTreeMap::new(),
            withheld: 0,
            behaviours: 0,
            judged: 0,
        }
    }

    /// With this taken for known.
    pub fn knowing(self, knowledge: Knowledge) -> Self {
        Self { knowledge, ..self }
    }

    /// With the findings of these policies only.
    pub fn only(self, policies: BTreeSet<String>) -> Self {
        Self { only: Some(policies), ..self }
    }

    /// The next events of the log.
    pub async fn judge(&mut self, events: &[StoredEvent]) -> Result<(), Stuck> {
        let mut sightings = batch::sightings(&self.maker, &self.source, events).await?;
        sightings.iter_mut().for_each(|sighting| self.knowledge.put(&self.source, sighting));
        let verdict = batch::verdict(&self.detector, &sightings, &self.held).await?;
        self.judged = self.judged.saturating_add(u64::try_from(events.len()).unwrap_or_default());
        let mut held = self.held.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.extend(verdict.profiles.into_iter().map(|profile| (profile.subject, profile.body)));
        drop(held);
        verdict.findings.into_iter().for_each(|finding| self.add(finding));
        Ok(())
    }

    /// What would have been raised, first come first.
    pub fn raised(self) -> Vec<Raised> {
        self.raised
    }

    fn add(&mut self, finding: Finding) {
        let Handling { raise, daily, .. } = self.rulebook.handling(&finding.policy);
        let wanted = self.only.as_ref().is_none_or(|policies| policies.contains(&finding.policy));
        if finding.end < self.from.0 || !wanted {
            return;
        }
        if raise == Raise::Behaviour {
            self.behaviours = self.behaviours.saturating_add(1);
            return;
        }
        if let Some(same) = self.open.get(&finding.key).and_then(|place| self.raised.get_mut(*place))
            && finding.end.saturating_sub(same.end.0) <= SAME
        {
            same.end = same.end.max(Instant(finding.end));
            same.count = same.count.saturating_add(1);
            same.severity = same.severity.max(finding.severity.into());
            same.reasons = finding.reasons;
            return;
        }
        let today = self.daily.entry((finding.policy.clone(), finding.end / DAY)).or_default();
        if daily.is_some_and(|most| *today >= most) {
            self.withheld = self.withheld.saturating_add(1);
            return;
        }
        *today = today.saturating_add(1);
        self.open.insert(finding.key.clone(), self.raised.len());
        self.raised.push(raised(&self.source, finding));
    }
}

fn raised(source: &SourceName, finding: Finding) -> Raised {
    let actor = finding.actor;
    let user = actor.email.or(actor.id).or(actor.name).or_else(|| finding.addresses.first().cloned());
    Raised {
        source: source.clone(),
        policy: finding.policy,
        title: finding.title,
        severity: finding.severity.into(),
        user: user.unwrap_or_else(|| "unknown".to_owned()),
        start: Instant(finding.start),
        end: Instant(finding.end),
        count: 1,
        reasons: finding.reasons,
        key: finding.key,
    }
}
