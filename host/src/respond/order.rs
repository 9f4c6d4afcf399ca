//! What a person asks for.

use serde::{Deserialize, Serialize};

use super::{Action, Approval, Cause, Mail, Response, ResponseId, State};
use crate::{
    alert::{AlertId, Who},
    model::{Instant, ResponderName, SourceName},
};

/// What a person asks for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Order {
    /// About whose events.
    pub source: SourceName,
    /// Who is to do it.
    pub responder: ResponderName,
    /// What.
    pub action: Action,
    /// To whom.
    pub target: Who,
    /// About which alert.
    pub alert: Option<AlertId>,
    /// Who asks: the user of the operating system.
    pub who: String,
    /// Why.
    pub why: String,
    /// What `notify` says.
    pub mail: Option<Mail>,
    /// Only what would be done is found out.
    pub dry_run: bool,
    /// A second person has to approve.
    pub four_eyes: bool,
    /// The response that it takes back.
    pub reverts: Option<ResponseId>,
}

impl Order {
    /// The response, not yet numbered.
    pub fn response(self, at: Instant) -> Response {
        let Self { source, responder, action, target, alert, who, why, mail, dry_run, four_eyes, reverts } = self;
        let state = match four_eyes && !dry_run {
            true => State::Waiting(super::Wait::FourEyes),
            false => State::Pending,
        };
        // A dry run takes two as well where it is done in earnest after all, and whoever wanted to look is none of them yet.
        let wants = 1 + u32::from(four_eyes);
        let approvals = (four_eyes && !dry_run).then(|| Approval { who: who.clone(), at }).into_iter().collect();
        Response {
            id: ResponseId(0),
            revision: 0,
            source,
            responder,
            action,
            target,
            account: None,
            cause: Cause::Person { who, why, alert },
            mail,
            dry_run,
            state,
            approvals,
            wants,
            attempts: 0,
            due: at,
            step: None,
            begun: None,
            acted: false,
            within: None,
            lapsed: false,
            traces: Vec::new(),
            outcome: None,
            reverts,
            made: at,
            changed: at,
        }
    }
}
