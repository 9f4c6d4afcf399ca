//! Which events a sink gets: the filters of `keep` and `drop`, in the words that policies ask in.
//!
//! What always holds:
//!
//! - **Dropped is not lost.** The event stays in the store for detectors, other sinks and `miro-source` itself; only this sink's cursor passes
//!   it, once, and each is counted under the filter that dropped it.
//! - **In doubt it is delivered.** An event that its component cannot read any more is dropped by no filter.
//! - **Alerts are not events**: no filter is asked about them.

use std::{collections::BTreeMap, sync::Arc};

use activity_policy::{Activity, Compiled, Filter, Policy, activity::Lane as PolicyLane, activity_of};
use audit_pipeline::types::{self, Event};
use futures_util::future::BoxFuture;

use crate::{
    config::SieveConfig,
    model::{Lane, Seq, SourceName},
    store::{ActionSeen, StoredEvent},
};

/// Makes events of records again, one or a reason for each. The outer error means that nothing could be read now.
pub type Normalize = Arc<dyn Fn(SourceName, Vec<String>) -> BoxFuture<'static, Result<Vec<Result<Event, String>>, String>> + Send + Sync>;

/// The filters of a sink.
#[derive(Clone)]
pub struct Sieve {
    filters: Arc<SieveConfig>,
    apps: Arc<BTreeMap<SourceName, String>>,
    normalize: Normalize,
}

impl std::fmt::Debug for Sieve {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sieve").field("filters", &self.filters).finish_non_exhaustive()
    }
}

/// What a sieve made of events.
#[derive(Debug, Default)]
pub(crate) struct Sifted {
    /// What the sink gets.
    pub(crate) kept: Vec<StoredEvent>,
    /// What it does not get, and by which filter.
    pub(crate) dropped: Vec<(Seq, String)>,
}

impl Sieve {
    /// Of these filters.
    pub fn new(filters: SieveConfig, normalize: Normalize) -> Self {
        Self { filters: Arc::new(filters), apps: Arc::default(), normalize }
    }

    /// What filters call the app of each source.
    pub fn over(self, apps: BTreeMap<SourceName, String>) -> Self {
        Self { apps: Arc::new(apps), ..self }
    }

    /// The names of its filters, as they are counted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.filters.all().map(|policy| policy.name.as_str())
    }

    /// Parts events of one source.
    pub(crate) async fn sift(&self, source: &SourceName, events: Vec<StoredEvent>) -> Result<Sifted, String> {
        let records = events.iter().map(|event| event.record.clone()).collect();
        let made = (self.normalize)(source.clone(), records).await?;
        if made.len() != events.len() {
            return Err(format!("the component read {} events of {} records", made.len(), events.len()));
        }
        let judge = Judge::new(&self.filters);
        let app = self.apps.get(source).map(String::as_str);
        let mut sifted = Sifted::default();
        for (stored, event) in events.into_iter().zip(made) {
            let by = event.ok().and_then(|event| judge.drops(&activity(app, source, &stored, &event)).map(str::to_owned));
            match by {
                Some(filter) => sifted.dropped.push((stored.seq, filter)),
                None => sifted.kept.push(stored),
            }
        }
        Ok(sifted)
    }
}

/// The filters, ready to be asked.
struct Judge<'a> {
    filters: &'a SieveConfig,
    keep: Compiled<'a>,
    drop: Compiled<'a>,
}

impl<'a> Judge<'a> {
    fn new(filters: &'a SieveConfig) -> Self {
        Self { filters, keep: Compiled::new(&filters.keep, &[]), drop: Compiled::new(&filters.drop, &[]) }
    }

    /// The filter that drops it, where one does: the first of `drop` that holds, else the first of `keep` that does not.
    fn drops(&self, activity: &Activity<'_>) -> Option<&'a str> {
        if let Some(rule) = self.drop.matching(activity).next() {
            return Some(&rule.policy().name);
        }
        let mut held = self.keep.matching(activity).map(|rule| rule.policy().name.as_str());
        // Both are in the order of the configuration.
        self.filters.keep.iter().map(|policy| policy.name.as_str()).find(|name| held.next() != Some(*name))
    }
}

/// Whether every event name that was ever seen is dropped, whatever else there is to an event: the filters are not what was meant.
pub fn drops_all_of(filters: &SieveConfig, seen: &[ActionSeen]) -> bool {
    let about_names = |policy: &Policy| {
        let of_name = |filter| matches!(filter, Filter::ActivityType | Filter::ActivityAction | Filter::ActivityTrait);
        policy.rows.iter().all(|row| of_name(row.filter))
    };
    let only = |policies: &[Policy]| policies.iter().filter(|policy| about_names(policy)).cloned().collect();
    let filters = SieveConfig { keep: only(&filters.keep), drop: only(&filters.drop) };
    let judge = Judge::new(&filters);
    let drops = |seen: &ActionSeen| {
        let activity = Activity { action: &seen.action, traits: &seen.traits, ..Activity::default() };
        judge.drops(&activity).is_some()
    };
    !seen.is_empty() && seen.iter().all(drops)
}

/// A stored event as a filter sees it.
fn activity<'a>(app: Option<&'a str>, source: &'a SourceName, stored: &'a StoredEvent, event: &'a Event) -> Activity<'a> {
    Activity {
        seq: u64::try_from(stored.seq.0).unwrap_or_default(),
        lane: match stored.lane {
            Lane::Live => PolicyLane::Live,
            Lane::Late => PolicyLane::Late,
            Lane::History => PolicyLane::History,
        },
        app,
        source: Some(source.as_str()),
        groups: stored.known.standing.as_deref().map_or(&[], |standing| &standing.groups),
        ..activity_of!(types, event, stored.known.network.as_deref())
    }
}

#[cfg(test)]
mod tests {
    use activity_policy::activity;
    use serde_json::json;

    use super::*;
    use crate::model::Instant;

    fn policies(name: &str, rows: &[serde_json::Value]) -> Vec<Policy> {
        let policy = |(place, row): (usize, &serde_json::Value)| {
            let json = json!({"name": format!("{name}-{}", place + 1), "severity": "low", "category": "compliance", "match": [row]});
            activity_policy::check(&json).unwrap()
        };
        rows.iter().enumerate().map(policy).collect()
    }

    fn seen(action: &str, traits: &[&str]) -> ActionSeen {
        let (at, traits) = (Instant(1), traits.iter().map(|each| (*each).to_owned()).collect());
        ActionSeen { source: "acme".parse().unwrap(), action: action.into(), count: 1, first: at, last: at, traits }
    }

    #[test]
    fn a_row_of_drop_is_enough_and_all_rows_of_keep_must_hold() {
        let keep = [
            json!({"filter": "activity.trait", "equals": ["sign-in", "exported"]}),
            json!({"filter": "user.domain", "equals": "acme.example"}),
        ];
        let drop = [
            json!({"filter": "activity.action", "starts_with": "board_"}),
            json!({"filter": "user.email", "equals": "robot@acme.example"}),
        ];
        let filters = SieveConfig { keep: policies("keep", &keep), drop: policies("drop", &drop) };
        let judge = Judge::new(&filters);
        let verdict = |action: &str, traits: &[String], email: &str| {
            let actor = activity::Actor { email: Some(email), ..activity::Actor::default() };
            judge.drops(&Activity { action, traits, actor, ..Activity::default() }).map(str::to_owned)
        };
        let sign_in = ["sign-in".to_owned()];
        assert_eq!(verdict("sign_in", &sign_in, "ann@acme.example"), None);
        assert_eq!(verdict("board_opened", &sign_in, "ann@acme.example").as_deref(), Some("drop-1"));
        assert_eq!(verdict("sign_in", &sign_in, "robot@acme.example").as_deref(), Some("drop-2"));
        assert_eq!(verdict("team_created", &[], "ann@acme.example").as_deref(), Some("keep-1"));
        assert_eq!(verdict("sign_in", &sign_in, "eve@other.example").as_deref(), Some("keep-2"));
    }

    #[test]
    fn filters_that_drop_every_name_seen_are_noticed_and_others_are_not() {
        let all = [seen("board_opened", &["read"]), seen("sign_in", &["sign-in"])];
        let misspelt = SieveConfig { keep: policies("keep", &[json!({"filter": "activity.type", "equals": "signin"})]), drop: Vec::new() };
        assert!(drops_all_of(&misspelt, &all) && !drops_all_of(&misspelt, &[]));
        let users =
            SieveConfig { keep: Vec::new(), drop: policies("drop", &[json!({"filter": "user.email", "does_not_equal": "a@b.example"})]) };
        assert!(!drops_all_of(&users, &all), "who does it is not known here");
        let some = SieveConfig { keep: policies("keep", &[json!({"filter": "activity.type", "equals": "sign-in"})]), drop: Vec::new() };
        assert!(!drops_all_of(&some, &all));
    }
}
