//! How a message looks on its way. Each template is a plain function from a [`Message`](super::Message) to a body; what is not
//! our own word goes where nothing in it can mean anything.

mod json;
mod mail;
mod pagerduty;
mod slack;
mod teams;

pub(super) use json::json;
pub(super) use mail::{Parties, mail};
pub(super) use pagerduty::pagerduty;
pub(super) use slack::slack;
pub(super) use teams::teams;

use super::Manner;

/// What a webhook is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Template {
    /// An object of our own.
    Json,
    /// A message of a Slack incoming webhook.
    Slack,
    /// An Adaptive Card for a workflow of Microsoft Teams.
    Teams,
    /// An event of PagerDuty's Events API v2.
    PagerDuty,
}

impl Template {
    /// Who reads it.
    pub fn manner(self) -> Manner {
        match self {
            Self::Json => Manner::Program,
            Self::PagerDuty => Manner::Pager,
            Self::Slack | Self::Teams => Manner::People,
        }
    }
}
