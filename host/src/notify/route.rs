//! Which alerts a channel is told of.

use serde::{Deserialize, Serialize};

use crate::{
    alert::{Alert, Cause, Form, Severity},
    model::{ChannelName, SourceName},
};

/// What of a source a channel is told of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// At least so bad.
    pub severity: Severity,
    /// Only of these policies; empty: of all.
    pub policies: Vec<String>,
}

impl Route {
    /// Whether an alert concerns the channel. An incident of one place or of one feed holds alerts of any policy, so it always may.
    pub fn takes(&self, alert: &Alert) -> bool {
        let mixed = matches!(alert.form, Form::Incident(Cause::Place(_) | Cause::Feed(_)));
        let named = mixed || self.policies.is_empty() || self.policies.contains(&alert.policy);
        named && alert.story.severity >= self.severity
    }
}

/// A channel that is told of the alerts of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audience {
    /// The channel.
    pub channel: ChannelName,
    /// The source.
    pub source: SourceName,
    /// Of which alerts.
    pub route: Route,
}
