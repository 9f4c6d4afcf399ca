//! What an operator lets a responder do.

use super::{Action, Response};
use crate::model::{ResponderName, SourceName};

/// What an operator lets a responder do, as it is configured right now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remit {
    /// Which responder.
    pub name: ResponderName,
    /// To whose users.
    pub sources: Vec<SourceName>,
    /// What.
    pub actions: Vec<Action>,
}

impl Remit {
    /// Why a response is not to be done, where it lies outside: it may have been made of another configuration.
    pub fn refuses(&self, response: &Response) -> Option<String> {
        let Self { name, sources, actions } = self;
        if !sources.contains(&response.source) {
            return Some(format!("`sources` of responder {name} does not name {}", response.source));
        }
        (!actions.contains(&response.action)).then(|| format!("`actions` of responder {name} does not name {}", response.action))
    }
}
