//! The steps of an order. The first call of an order has no side effect; each later one has one at most, and the call before
//! said which.
//!
//! | action | steps |
//! |---|---|
//! | `sign-out` | revoke |
//! | `suspend` | disable, revoke |
//! | `restore` | enable |
//! | `confirm-compromised` | confirm |
//! | `notify` | (reads the owner's mailbox at once), manager where one gets a copy, send |
//!
//! | step | request | effect |
//! |---|---|---|
//! | revoke | `POST /users/{id}/revokeSignInSessions` | repeatable |
//! | disable, enable | `PATCH /users/{id}` | repeatable |
//! | confirm | `POST /identityProtection/riskyUsers/confirmCompromised` | repeatable |
//! | manager | `GET /users/{id}/manager` | none |
//! | send | `POST /users/{sender}/sendMail` | once |

mod act;
mod mail;
mod notify;
mod state;

#[cfg(test)]
mod tests;

use crate::{
    config::Config,
    graph::{Needs, Reply},
    http::{Answer, Request},
    responder::{Action, Effect, Order, Progress, Setback, Step as More, Trace},
    types::Failure,
};
use state::Step;

/// The next step of an order.
pub fn respond(
    config: &Config,
    token: &str,
    order: &Order,
    state: Option<&str>,
    now: u64,
    send: impl FnOnce(Request, u64) -> Answer,
) -> Result<Progress, Setback> {
    if order.account.id.trim().is_empty() || order.account.id.len() > 512 {
        return Err(without(Failure::Invalid("the account of the order has no identifier that could be one; resolve it first".to_owned())));
    }
    let step = state.map(|text| Step::parse(text, order.action)).transpose().map_err(without)?;
    let call = Call { config, token, order, now };
    match (order.action, step) {
        (Action::SignOut, None) => more(Step::Revoke, None),
        (Action::Suspend, None) => more(Step::Disable, None),
        (Action::Restore, None) => more(Step::Enable, None),
        (Action::ConfirmCompromised, None) => more(Step::Confirm, None),
        (Action::Notify, None) => notify::owner(&call, send),
        (_, Some(Step::Revoke)) => act::revoke(&call, send),
        (_, Some(Step::Disable)) => act::disable(&call, send),
        (_, Some(Step::Enable)) => act::enable(&call, send),
        (_, Some(Step::Confirm)) => act::confirm(&call, send),
        (_, Some(Step::Manager { to })) => notify::manager(&call, to, send),
        (_, Some(Step::Send { to, cc })) => notify::deliver(&call, &to, &cc, send),
    }
}

/// What every step of a call has at hand.
struct Call<'a> {
    config: &'a Config,
    token: &'a str,
    order: &'a Order,
    now: u64,
}

impl Call<'_> {
    /// What the identifier of a request is made of.
    fn about<'a>(&'a self, step: &'a str) -> [&'a str; 3] {
        let action = match self.order.action {
            Action::Notify => "notify",
            Action::SignOut => "sign-out",
            Action::Suspend => "suspend",
            Action::Restore => "restore",
            Action::ConfirmCompromised => "confirm-compromised",
        };
        [&self.order.account.id, action, step]
    }
}

/// What comes next, and what that will do.
fn more(step: Step, trace: Option<Trace>) -> Result<Progress, Setback> {
    let (effect, intent) = match &step {
        Step::Revoke => (Effect::Repeatable, "end the account's sessions".to_owned()),
        Step::Disable => (Effect::Repeatable, "disable the account".to_owned()),
        Step::Enable => (Effect::Repeatable, "enable the account".to_owned()),
        Step::Confirm => (Effect::Repeatable, "confirm to Entra that the account is compromised".to_owned()),
        Step::Manager { .. } => (Effect::None, "look up the manager".to_owned()),
        Step::Send { to, cc } if cc.is_empty() => (Effect::Once, format!("send the message to {to}")),
        Step::Send { to, cc } if cc.len() == 1 => (Effect::Once, format!("send the message to {to} and one copy")),
        Step::Send { to, cc } => (Effect::Once, format!("send the message to {to} and {} copies", cc.len())),
    };
    let state = step.text().map_err(without)?;
    Ok(Progress::More(More { state, effect, intent, trace }))
}

/// A setback before anything was sent.
fn without(failure: Failure) -> Setback {
    Setback { failure, uncertain: false, trace: None }
}

/// A setback of a request that reads.
fn unread(reply: Reply, failure: Failure) -> Setback {
    Setback { failure, uncertain: false, trace: Some(reply.trace) }
}

/// A setback of a request that acts.
fn undone(reply: Reply, tried: &str, needs: Needs) -> Setback {
    Setback { failure: reply.failure(tried, needs), uncertain: reply.uncertain(), trace: Some(reply.trace) }
}
