//! What is asked of a host that is to use another component.

use serde::{Deserialize, Serialize};

use crate::{
    config::ComponentRef,
    swap::{Consent, Difference, Refusal},
};

/// A component that a person wants to have replaced.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Swap {
    /// As the configuration names it, or a short name.
    pub component: String,
    /// What is to take its place. The host reads it itself.
    pub file: ComponentRef,
    /// What is accepted.
    pub consent: Consent,
}

/// Why a component was not replaced.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NotSwapped {
    /// The step that the candidate failed, and why.
    pub reason: String,
    /// What it does differently, where a person may accept that.
    pub differences: Vec<Difference>,
}

impl From<Refusal> for NotSwapped {
    fn from(refusal: Refusal) -> Self {
        Self { reason: refusal.to_string(), differences: refusal.differences }
    }
}
