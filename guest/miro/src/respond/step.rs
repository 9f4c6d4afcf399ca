//! The state between two calls, and what comes next.
//!
//! | order | first call | second call |
//! |---|---|---|
//! | `sign-out` | no request → [`State::Reset`] | the sessions end |
//! | `suspend`, `restore` | the user is found → [`State::Switch`] | the user is switched |

use serde::{Deserialize, Serialize};

use super::{
    Config,
    account::{address, is_id},
    exchange::{self, Asked},
    scim, session,
    token::no_such,
};
use crate::{
    http::{Answer, Request},
    responder::{Action, Effect, Order, Progress, Receipt, Setback, Step, Trace},
    types::Failure,
};

/// What the next call will do, and to whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
enum State {
    /// End the sessions of that address.
    Reset { email: String },
    /// Switch that user.
    Switch { id: String, active: bool },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Versioned {
    version: u32,
    next: State,
}

const VERSION: u32 = 1;

/// What a call has to do.
#[derive(Debug)]
pub(super) enum Plan {
    /// Nothing: this comes next.
    Next(Step),
    /// Send this.
    Ask(Request, Question),
}

/// What was asked.
#[derive(Debug)]
pub(super) enum Question {
    /// Who has that address as its name.
    Find(String),
    /// That the sessions end.
    Reset,
    /// That the user is switched.
    Switch(bool),
}

/// Whether an order lets in or keeps out; `None` where it does neither.
fn active(action: Action) -> Option<bool> {
    match action {
        Action::Suspend => Some(false),
        Action::Restore => Some(true),
        Action::SignOut | Action::Notify | Action::ConfirmCompromised => None,
    }
}

pub(super) fn plan(config: &Config, token: &str, order: &Order, state: Option<&str>) -> Result<Plan, Failure> {
    let email = order.account.emails.first().map(String::as_str).or(Some(order.account.id.as_str())).and_then(address);
    let email = email.ok_or_else(|| Failure::Invalid("the account has no e-mail address, by which Miro knows it".to_owned()))?;
    let Some(state) = state else {
        return match (order.action, active(order.action)) {
            (Action::SignOut, _) => {
                let intent = format!("end every session of {email} at Miro");
                Ok(Plan::Next(step(State::Reset { email }, Effect::Repeatable, intent, None)?))
            }
            (_, Some(_)) => Ok(Plan::Ask(scim::find(config, token, &email)?, Question::Find(email))),
            (_, None) => Err(no_such()),
        };
    };
    let foreign = || Failure::Invalid("the state does not belong to this order; begin it anew".to_owned());
    let state: Versioned = serde_json::from_str(state).map_err(|_| foreign())?;
    match state.next {
        _ if state.version != VERSION => Err(foreign()),
        State::Reset { email: stored } if order.action == Action::SignOut && stored == email => {
            Ok(Plan::Ask(session::reset(config, token, &email)?, Question::Reset))
        }
        State::Switch { id, active: stored } if active(order.action) == Some(stored) && is_id(&id) => {
            Ok(Plan::Ask(scim::patch(config, token, &id, stored)?, Question::Switch(stored)))
        }
        State::Reset { .. } | State::Switch { .. } => Err(foreign()),
    }
}

pub(super) fn answer(token: &str, order: &Order, question: Question, came: Answer, now: u64) -> Result<Progress, Setback> {
    let email = order.account.emails.first().unwrap_or(&order.account.id);
    match question {
        Question::Reset => {
            let (_, trace) = exchange::judge(session::RESET, token, came, now)?;
            let summary = format!(
                "Every session of {email} at Miro has ended. Whoever has the password or gets in by single sign-on can sign in again, and tokens of apps go on."
            );
            Ok(done(summary, trace))
        }
        Question::Find(email) => {
            let (response, trace) = exchange::judge(scim::FIND, token, came, now)?;
            let text = exchange::text(&response).map_err(|why| exchange::odd(scim::FIND, trace.clone(), why))?;
            let mut found = scim::found(text, &email).map_err(|why| exchange::odd(scim::FIND, trace.clone(), why))?;
            let wanted = active(order.action).unwrap_or_default();
            match (found.pop(), found.len()) {
                (None, _) => Err(nobody(scim::FIND, trace, &format!("Miro's SCIM has no user {email}; a guest is not among them"))),
                (Some(_), 1..) => Err(nobody(scim::FIND, trace, &format!("Miro's SCIM has {} users {email}", found.len() + 1))),
                (Some(user), 0) if user.active == Some(wanted) => {
                    let already = if wanted { "was active" } else { "was deactivated" };
                    Ok(done(format!("{email} {already} at Miro already; nothing was changed."), trace))
                }
                (Some(user), 0) => {
                    let verb = if wanted { "activate" } else { "deactivate" };
                    let state = State::Switch { id: user.id, active: wanted };
                    let next = step(state, Effect::Repeatable, format!("{verb} {email} at Miro"), Some(trace));
                    next.map(Progress::More).map_err(|failure| Setback { failure, uncertain: false, trace: None })
                }
            }
        }
        Question::Switch(wanted) => {
            let (response, trace) = exchange::judge(scim::PATCH, token, came, now)?;
            if exchange::text(&response).ok().and_then(scim::is_active) == Some(!wanted) {
                return Err(exchange::odd(scim::PATCH, trace, "Miro took the request and left the account as it was"));
            }
            let summary = match wanted {
                false => format!(
                    "{email} is deactivated at Miro: nobody signs in with it, and its boards stay. An identity provider that provisions Miro can switch it on again."
                ),
                true => format!("{email} is active at Miro again. An identity provider that provisions Miro can switch it off again."),
            };
            Ok(done(summary, trace))
        }
    }
}

fn step(next: State, effect: Effect, intent: String, trace: Option<Trace>) -> Result<Step, Failure> {
    let state = serde_json::to_string(&Versioned { version: VERSION, next });
    let state = state.map_err(|error| Failure::Protocol(format!("the next step cannot be written down: {error}")))?;
    Ok(Step { state, effect, intent, trace })
}

fn done(summary: String, trace: Trace) -> Progress {
    Progress::Done(Receipt { summary, trace: Some(trace) })
}

fn nobody(asked: Asked, trace: Trace, why: &str) -> Setback {
    Setback { failure: Failure::Invalid(format!("cannot {}: {why}", asked.tried)), uncertain: false, trace: Some(trace) }
}
