//! What the store holds beside the log: the events an alert rests on, other alerts, other behaviours, what was done.

use std::sync::Arc;

use crate::{
    alert::{Alert, AlertId, AlertQuery, Behaviour, BehaviourQuery, Wanted},
    cli::Result,
    investigate::{Attribute, Focus, Person},
    respond::{Response, ResponseQuery},
    store::{self, Store, StoredEvent, blocking},
};

/// Alerts, or behaviours, that are told.
const MOST: usize = 20;
/// And how many are looked at for each word.
const LOOKED_AT: u64 = 1000;

/// The events that an alert rests on, as far as they are kept.
pub(super) async fn evidence(store: &Arc<dyn Store>, alert: &Alert) -> Result<Vec<StoredEvent>> {
    let (source, places) = (alert.source.clone(), alert.story.evidence.clone());
    let found = blocking(store, move |store| store::at(store, &source, &places));
    Ok(found.await?)
}

/// What is asked of the store.
#[derive(Debug)]
pub(super) struct Related {
    person: Person,
    addresses: Vec<String>,
    but: Option<AlertId>,
}

impl Related {
    /// About what is in focus, but for the alert itself.
    pub(super) fn of(focus: &Focus, but: Option<AlertId>) -> Self {
        let addresses = focus.values.get(&Attribute::Address).into_iter().flatten().cloned().collect();
        Self { person: focus.person.clone(), addresses, but }
    }

    /// What was done to the user, and about the alert: the last changed first.
    pub(super) fn done(&self, store: &dyn Store) -> store::Result<Vec<Response>> {
        let of = |user: Option<String>, alert| ResponseQuery { user, alert, limit: MOST, ..ResponseQuery::default() };
        let mut done = match self.but {
            Some(alert) => store.responses(&of(None, Some(alert)))?,
            None => Vec::new(),
        };
        for user in self.person.words() {
            let found = store.responses(&of(Some(user.to_lowercase()), None))?;
            done.extend(found.into_iter().filter(|each| self.person.is_who(&each.target)));
        }
        done.sort_by_key(|each| std::cmp::Reverse((each.changed, each.id)));
        done.dedup_by_key(|each| each.id);
        done.truncate(MOST);
        Ok(done)
    }

    /// The latest first.
    pub(super) fn find(&self, store: &dyn Store) -> store::Result<(Vec<Alert>, Vec<Behaviour>)> {
        let (mut alerts, mut behaviours) = (Vec::new(), Vec::new());
        let by_user = self.person.words().map(|user| (Some(user.to_owned()), None));
        let by_address = self.addresses.iter().map(|address| (None, Some(address.clone())));
        for (user, address) in by_user.chain(by_address) {
            let named = user.is_some();
            let query = AlertQuery {
                wanted: Wanted::All,
                policy: None,
                user: user.clone(),
                since: None,
                address: address.clone(),
                incident: None,
                most: LOOKED_AT,
            };
            let found = store.alerts(&query)?;
            alerts.extend(found.into_iter().filter(|alert| Some(alert.id) != self.but && (!named || self.person.is_who(&alert.story.who))));
            let query = BehaviourQuery { policy: None, user, since: None, address, alert: None, most: LOOKED_AT };
            let found = store.behaviours(&query)?;
            behaviours.extend(found.into_iter().filter(|each| !named || self.person.is_who(&each.story.who)));
        }
        alerts.sort_by_key(|alert| std::cmp::Reverse((alert.last_seen, alert.id)));
        alerts.dedup_by_key(|alert| alert.id);
        alerts.truncate(MOST);
        behaviours.sort_by_key(|each| std::cmp::Reverse((each.story.end, each.id)));
        behaviours.dedup_by_key(|each| each.id);
        // What counts on an alert that is told is told by its count.
        let told = |id| Some(id) == self.but || alerts.iter().any(|alert| alert.id == id);
        behaviours.retain(|each| !each.fate.alert().is_some_and(told));
        behaviours.truncate(MOST);
        Ok((alerts, behaviours))
    }
}
