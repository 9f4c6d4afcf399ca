//! What comes next in an order: compact JSON, written for ever. `fixtures/respond-v1-*.json` hold what version 1 wrote.

use serde::{Deserialize, Serialize};

use crate::{responder::Action, types::Failure};

/// The version that this component writes.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct State {
    v: u32,
    #[serde(flatten)]
    step: Step,
}

/// A step.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "lowercase")]
pub(super) enum Step {
    Revoke,
    Disable,
    Enable,
    Confirm,
    /// `to`: the owner's mailbox.
    Manager {
        to: String,
    },
    /// Who gets the message.
    Send {
        to: String,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        cc: Vec<String>,
    },
}

impl Step {
    /// Reads what an earlier call wrote; it must be a step of this action.
    pub(super) fn parse(text: &str, action: Action) -> Result<Self, Failure> {
        let wrong = |what: &str| Failure::Invalid(format!("the state of the order is not one of {what}; begin the order again"));
        let step = match serde_json::from_str::<State>(text) {
            Ok(State { v: VERSION, step }) => step,
            _ => return Err(wrong("this component, or of a newer version of it")),
        };
        let fits = match &step {
            Self::Revoke => matches!(action, Action::SignOut | Action::Suspend),
            Self::Disable => action == Action::Suspend,
            Self::Enable => action == Action::Restore,
            Self::Confirm => action == Action::ConfirmCompromised,
            Self::Manager { .. } | Self::Send { .. } => action == Action::Notify,
        };
        if fits { Ok(step) } else { Err(wrong("this action")) }
    }

    pub(super) fn text(self) -> Result<String, Failure> {
        serde_json::to_string(&State { v: VERSION, step: self })
            .map_err(|why| Failure::Invalid(format!("the state of the order cannot be written: {why}")))
    }
}
