//! The steps that act on the account. All are the same when they are done twice.

use serde_json::{Value, json};

use super::{Call, Step, more, undone, without};
use crate::{
    ability::REST,
    graph::{Ask, Needs, Reply, user_path},
    http::{Answer, Method, Request},
    responder::{Action, Progress, Receipt, Setback, Trace},
    types::Failure,
};

/// Of an account that does not exist (<https://learn.microsoft.com/graph/errors>).
const GONE: &str = "Request_ResourceNotFound";

const REVOKE: Needs = Needs {
    forbidden: "grant the app the application permission User.RevokeSessions.All, with admin consent; for an account with an administrator role \
                the app itself needs a higher one: https://learn.microsoft.com/graph/api/resources/users#who-can-perform-sensitive-actions",
    gone: "the account is gone; resolve it again",
};

const SWITCH: Needs = Needs {
    forbidden: "grant the app the application permissions User.EnableDisableAccount.All and User.Read.All, with admin consent; for an account with \
                an administrator role the app itself needs a higher one: \
                https://learn.microsoft.com/graph/api/resources/users#who-can-perform-sensitive-actions",
    gone: "the account is gone; resolve it again",
};

const CONFIRM: Needs = Needs {
    forbidden: "grant the app the application permission IdentityRiskyUser.ReadWrite.All, with admin consent; the tenant needs Entra ID P2",
    gone: "the account is gone, or Entra keeps no record of its risk; resolve it again",
};

/// Ends the sessions: <https://learn.microsoft.com/graph/api/user-revokesigninsessions>.
pub(super) fn revoke(call: &Call<'_>, send: impl FnOnce(Request, u64) -> Answer) -> Result<Progress, Setback> {
    let path = format!("{}/revokeSignInSessions", user_path(&call.order.account.id));
    let reply = act(call, "revoke", "POST /users/{id}/revokeSignInSessions", Method::Post, &path, None, send)?;
    let suspending = call.order.action == Action::Suspend;
    if suspending && reply.refused() == Some(404) && reply.says(&[GONE]) {
        return done("the account was disabled and is gone since: nobody signs in with it".to_owned(), reply.trace);
    }
    if !reply.good() {
        let tried = if suspending { "end the sessions of the account, which is disabled already" } else { "end the account's sessions" };
        return Err(undone(reply, tried, REVOKE));
    }
    let ended = "its sessions and refresh tokens at Entra end within minutes";
    let summary = if suspending { format!("the account is disabled and {ended}; {REST}") } else { format!("{ended}; {REST}") };
    done(summary, reply.trace)
}

/// Nobody signs in any more: <https://learn.microsoft.com/graph/api/user-update>. The sessions come next.
pub(super) fn disable(call: &Call<'_>, send: impl FnOnce(Request, u64) -> Answer) -> Result<Progress, Setback> {
    let reply = switch(call, false, send)?;
    if reply.refused() == Some(404) && reply.says(&[GONE]) {
        // What was wanted is so already. Deleted accounts have no sessions.
        let summary = "the account is gone already: nobody signs in with it, unless it is restored from the deleted users within 30 days";
        return done(summary.to_owned(), reply.trace);
    }
    if !reply.good() {
        return Err(undone(reply, "disable the account", SWITCH));
    }
    more(Step::Revoke, Some(reply.trace))
}

/// Takes that back.
pub(super) fn enable(call: &Call<'_>, send: impl FnOnce(Request, u64) -> Answer) -> Result<Progress, Setback> {
    let reply = switch(call, true, send)?;
    if !reply.good() {
        return Err(undone(reply, "enable the account", SWITCH));
    }
    done("the account is enabled; whoever owns it has to sign in again".to_owned(), reply.trace)
}

/// Sets the risk to high: <https://learn.microsoft.com/graph/api/riskyuser-confirmcompromised>.
pub(super) fn confirm(call: &Call<'_>, send: impl FnOnce(Request, u64) -> Answer) -> Result<Progress, Setback> {
    let body = json!({ "userIds": [call.order.account.id] });
    let path = "/identityProtection/riskyUsers/confirmCompromised";
    let reply = act(call, "confirm", "POST /identityProtection/riskyUsers/confirmCompromised", Method::Post, path, Some(body), send)?;
    if !reply.good() {
        let mut setback = undone(reply, "confirm that the account is compromised", CONFIRM);
        if let Failure::Throttled(wait) = &mut setback.failure {
            // One request a second and tenant, and it never says how long to wait: https://learn.microsoft.com/graph/throttling-limits
            *wait = Some(wait.unwrap_or_default().max(1000));
        }
        return Err(setback);
    }
    done(format!("the account's risk at Entra is high, and the tenant's risk policies apply to it; {REST}"), reply.trace)
}

fn switch(call: &Call<'_>, enabled: bool, send: impl FnOnce(Request, u64) -> Answer) -> Result<Reply, Setback> {
    let step = if enabled { "enable" } else { "disable" };
    let body = json!({ "accountEnabled": enabled });
    act(call, step, "PATCH /users/{id}", Method::Patch, &user_path(&call.order.account.id), Some(body), send)
}

fn act(
    call: &Call<'_>,
    step: &str,
    words: &'static str,
    method: Method,
    path: &str,
    body: Option<Value>,
    send: impl FnOnce(Request, u64) -> Answer,
) -> Result<Reply, Setback> {
    Ask::act(call.config, words, method, path, body).send(call.token, &call.about(step), call.now, send).map_err(without)
}

fn done(summary: String, trace: Trace) -> Result<Progress, Setback> {
    Ok(Progress::Done(Receipt { summary, trace: Some(trace) }))
}
