//! What guards have to know of a response beside itself.

use super::{Caps, Response, owner_key};
use crate::{
    alert::{Verdict, Who},
    model::{Instant, ResponderName},
    store::{Result, Store},
};

/// What is so right now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Who the source's token belongs to, where that is known.
    pub owner: Option<Who>,
    /// Other users suspended by themselves by now: in the hour and in the day before.
    pub suspended: (u64, u64),
    /// Users that are known.
    pub users: u64,
    /// As what an analyst closed its alert, where that means to leave it alone.
    pub cleared: Option<Verdict>,
}

impl Facts {
    /// Finds out about a response whose users the directory counts.
    pub fn find(store: &dyn Store, response: &Response, directory: Option<&ResponderName>, at: Instant) -> Result<Self> {
        let (hour, day) = Caps::since(at);
        let key = owner_key(&response.source);
        let owner = store.notes(&key)?.into_iter().find(|(found, _)| *found == key);
        let alert = response.cause.alert().map_or(Ok(None), |alert| store.alert(alert))?;
        Ok(Self {
            owner: owner.and_then(|(_, text)| serde_json::from_str(&text).ok()),
            suspended: store.suspended(&response.source, &response.target, hour, day)?,
            users: users(store, directory)?,
            cleared: alert.and_then(|alert| alert.state.cleared()),
        })
    }
}

/// How many users a directory knows.
pub(super) fn users(store: &dyn Store, directory: Option<&ResponderName>) -> Result<u64> {
    directory.map_or(Ok(0), |directory| store.people_count(directory))
}
