//! One action on one account by one responder, from its making to its end.

use std::{fmt, time::Duration};

use audit_pipeline::responder;
use serde::{Deserialize, Serialize};

use super::{Action, Approval, State, people};
use crate::{
    alert::{AlertId, Severity, Who},
    model::{Instant, ResponderName, SourceName},
};

/// What could not be done for so long is not done any more.
const PATIENCE: Duration = Duration::from_hours(24);

/// The number of a response in a store: grows, is never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ResponseId(pub i64);

impl fmt::Display for ResponseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One action on one account by one responder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Response {
    /// Its number.
    pub id: ResponseId,
    /// Counts its changes: whoever changes it says which one they saw.
    pub revision: u64,
    /// About whose events.
    pub source: SourceName,
    /// Who does it.
    pub responder: ResponderName,
    /// What.
    pub action: Action,
    /// To whom, as the alert or the person called them.
    pub target: Who,
    /// To whom, as the vendor knows them, once that was asked.
    pub account: Option<Account>,
    /// Why it was made.
    pub cause: Cause,
    /// What `notify` says.
    pub mail: Option<Mail>,
    /// Only what would be done is found out.
    pub dry_run: bool,
    /// Where it stands.
    pub state: State,
    /// Who approved it.
    pub approvals: Vec<Approval>,
    /// How many people it takes where it waits for any. Whoever ordered it, and not to try it out, is the first of two.
    pub wants: u32,
    /// Calls that failed since the last that did not.
    pub attempts: u32,
    /// Not before this moment.
    pub due: Instant,
    /// What comes next, as the component said. Absent before it was asked.
    pub step: Option<Step>,
    /// When the first call that changes anything was about to be made: from then on something of it may have happened.
    pub begun: Option<Instant>,
    /// A step of it that changes something was taken, or may have been: from then on it is brought to its end.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub acted: bool,
    /// The stronger action about the same finding that contains it, while it waits for the end of that one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Action>,
    /// It was skipped because it could not be taken up in time, and gives way to one that can.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub lapsed: bool,
    /// What the vendor answered, the latest last.
    pub traces: Vec<Trace>,
    /// What came of it, or what is wrong right now, in a sentence.
    pub outcome: Option<String>,
    /// The response that this one takes back.
    pub reverts: Option<ResponseId>,
    /// When it was made.
    pub made: Instant,
    /// When it last changed.
    pub changed: Instant,
}

impl Response {
    /// What makes it the same as another one, so that it is not made twice: where a policy made it.
    pub fn key(&self) -> Option<String> {
        self.key_of(self.action)
    }

    /// The key of the one that does something else about the same finding, by the same responder.
    pub fn key_of(&self, action: Action) -> Option<String> {
        let Cause::Policy { policy, alert, key, .. } = &self.cause else { return None };
        let who = self.target.mark().unwrap_or_default();
        let about = alert.map_or_else(|| format!("finding {key}"), |alert| format!("alert {alert}"));
        Some(format!("{policy}\n{about}\n{}\n{action}\n{who}", self.responder))
    }

    /// Whether it makes room for the same one made of something newer: nothing of it was taken up, and for no other reason than that
    /// it was too late. What a person rejected, or a guard skipped, stays so.
    pub fn gives_way(&self, to: &Self) -> bool {
        let newest = |response: &Self| match response.cause {
            Cause::Policy { newest, .. } => Some(newest),
            Cause::Person { .. } => None,
        };
        let late = self.state == State::Skipped && (self.revision == 0 || self.lapsed);
        late && to.state != State::Skipped && newest(self) < newest(to)
    }

    /// Whether no person asked for it, nor approved it: that is what guards are about.
    pub fn is_automatic(&self) -> bool {
        matches!(self.cause, Cause::Policy { .. }) && self.approvals.is_empty()
    }

    /// Whether it is a suspension that happens by itself. So many may: each has its place in the count.
    pub fn counts(&self) -> bool {
        self.action == Action::Suspend && self.is_automatic() && !self.dry_run
    }

    /// Whether it still has to find a place in that count. What began has one.
    pub fn is_capped(&self) -> bool {
        self.counts() && self.begun.is_none()
    }

    /// Whether it failed for so long that it is not tried any more: since it was made, or since a person last wanted it. Half of it is
    /// worse than all of it: what has acted is tried until it is done.
    pub fn is_given_up(&self, now: Instant) -> bool {
        let wanted = self.approvals.iter().map(|each| each.at).fold(self.made, Instant::max);
        !self.acted && self.attempts > 0 && now.since(wanted) > PATIENCE
    }

    /// How many people approved it. People, not approvals: whoever approves again is one person still.
    pub fn people(&self) -> u32 {
        u32::try_from(people(self.approvals.iter().map(|each| each.who.as_str()))).unwrap_or(u32::MAX)
    }
}

/// Why a response was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// A policy found something.
    Policy {
        /// Which.
        policy: String,
        /// The alert that it raised or counts on, where it did.
        alert: Option<AlertId>,
        /// The finding's own key.
        key: String,
        /// Its title, for whoever reads the log.
        title: String,
        /// How bad.
        severity: Severity,
        /// When the newest event of it happened.
        newest: Instant,
    },
    /// A person asked.
    Person {
        /// Who: the user of the operating system.
        who: String,
        /// Why, in their words.
        why: String,
        /// About which alert.
        alert: Option<AlertId>,
    },
}

impl Cause {
    /// The alert that it is about.
    pub fn alert(&self) -> Option<AlertId> {
        match self {
            Self::Policy { alert, .. } | Self::Person { alert, .. } => *alert,
        }
    }
}

/// An account as its vendor knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The vendor's identifier.
    pub id: String,
    /// The display name. Written by users: never trust its characters.
    pub name: Option<String>,
    /// Its addresses, the one it signs in with first.
    pub emails: Vec<String>,
    /// Whether it gets in, where the vendor says.
    pub enabled: Option<bool>,
    /// Its administrative roles, where the vendor says.
    pub roles: Option<Vec<String>>,
    /// Nobody else could administer what it administers.
    pub last_administrator: bool,
    /// Actions that cannot work for it, or not for long, and why.
    pub obstacles: Vec<(Action, String)>,
}

impl From<responder::Account> for Account {
    fn from(account: responder::Account) -> Self {
        let responder::Account { id, name, emails, enabled, roles, last_administrator, obstacles } = account;
        let obstacles = obstacles.into_iter().map(|(action, why)| (action.into(), why)).collect();
        Self { id, name, emails, enabled, roles, last_administrator, obstacles }
    }
}

impl From<Account> for responder::Account {
    fn from(account: Account) -> Self {
        let Account { id, name, emails, enabled, roles, last_administrator, obstacles } = account;
        let obstacles = obstacles.into_iter().map(|(action, why)| (action.into(), why)).collect();
        Self { id, name, emails, enabled, roles, last_administrator, obstacles }
    }
}

/// What `notify` says: the template, until the response is made; then the text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    /// The subject.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// Further recipients.
    pub copies: Vec<String>,
    /// The owner's manager gets a copy.
    pub manager: bool,
}

impl From<Mail> for responder::Message {
    fn from(mail: Mail) -> Self {
        let Mail { subject, text, copies, manager } = mail;
        Self { subject, text, copies, manager }
    }
}

/// What the next call will do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// The component's state, opaque.
    pub state: String,
    /// Whether it changes anything, and whether it may be repeated.
    pub effect: responder::Effect,
    /// In words.
    pub intent: String,
    /// The call is under way, or its answer was lost.
    pub begun: bool,
}

/// What a vendor answered, without secrets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trace {
    /// When.
    pub at: Instant,
    /// What was asked, in words.
    pub request: String,
    /// The status of the answer. Absent where there was none.
    pub status: Option<u16>,
    /// The vendor's identifier of the request.
    pub request_id: Option<String>,
    /// The vendor's word for what was wrong.
    pub code: Option<String>,
}

impl Trace {
    /// As a component reported it.
    pub fn new(trace: responder::Trace, at: Instant) -> Self {
        let responder::Trace { request, status, request_id, code } = trace;
        Self { at, request, status, request_id, code }
    }
}

/// Which responses to show. The latest first.
#[derive(Clone, Debug, Default)]
pub struct ResponseQuery {
    /// Only of these states; empty: of all.
    pub states: Vec<String>,
    /// Only of one alert.
    pub alert: Option<AlertId>,
    /// Only of whose identifier, address or name contains this, lower case.
    pub user: Option<String>,
    /// Only of one responder.
    pub responder: Option<ResponderName>,
    /// Only changed at or after.
    pub since: Option<Instant>,
    /// At most so many.
    pub limit: usize,
}
