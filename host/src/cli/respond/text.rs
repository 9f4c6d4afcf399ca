//! A response as people read it.

use crate::{
    neutral::visible,
    respond::{Account, Cause, Response, State, Trace, Wait},
};

/// How much of an outcome a line holds.
const OUTCOME: usize = 160;

/// Who it is about: as the vendor knows them, else as they were called.
pub(super) fn whom(response: &Response) -> String {
    match response.account.as_ref().and_then(|account| account.emails.first()) {
        Some(email) => visible(email).into_owned(),
        None => visible(response.target.shown()).into_owned(),
    }
}

/// Where it stands, in words.
pub(super) fn state(state: &State) -> String {
    match state {
        State::Waiting(wait) => format!("waiting {wait}"),
        State::Reverted(by) => format!("reverted by response {by}"),
        other => other.as_str().to_owned(),
    }
}

/// Two lines of each.
pub(in crate::cli) fn lines(responses: &[Response]) -> String {
    let mut text = String::new();
    for each in responses {
        let dry = if each.dry_run { " (dry run)" } else { "" };
        text.push_str(&format!(
            "{:>6}  {}  {} {} by {}{dry}: {}\n",
            each.id,
            each.changed,
            each.action,
            whom(each),
            each.responder,
            state(&each.state)
        ));
        let outcome = each.outcome.as_deref().map(|outcome| format!("; {}", crate::neutral::brief(outcome, OUTCOME))).unwrap_or_default();
        text.push_str(&format!("        {}{outcome}\n", why(&each.cause)));
    }
    text
}

/// Why it was made, in a line.
pub(super) fn why(cause: &Cause) -> String {
    let about = cause.alert().map(|alert| format!(" (alert {alert})")).unwrap_or_default();
    match cause {
        Cause::Policy { policy, title, severity, .. } => {
            format!("{}: {}, {}{about}", visible(policy), visible(title), severity.as_str())
        }
        Cause::Person { who, why, .. } => format!("{}: {}{about}", visible(who), visible(why)),
    }
}

/// What whoever approves it says yes to: it is done, even where it was only tried out; after a restore perhaps once more.
pub(super) fn proposal(response: &Response) -> String {
    let earnest = if response.dry_run { " in earnest" } else { "" };
    let again = (response.state == State::Waiting(Wait::Restored)).then_some(response.outcome.as_deref()).flatten();
    let again = again.map(|outcome| format!("; {}", crate::neutral::brief(outcome, OUTCOME))).unwrap_or_default();
    format!("{} {}{earnest} with {} ({}){again}", response.action, whom(response), response.responder, why(&response.cause))
}

/// The account, a line each.
pub(super) fn account(account: &Account) -> Vec<String> {
    let mut lines = vec![format!("id {}", account.id)];
    lines.extend(account.name.clone());
    lines.extend((!account.emails.is_empty()).then(|| account.emails.join(", ")));
    lines.push(
        match account.enabled {
            Some(true) => "gets in",
            Some(false) => "does not get in",
            None => "the vendor does not say whether it gets in",
        }
        .to_owned(),
    );
    lines.push(match account.roles.as_deref() {
        None => "the vendor does not say which administrative roles it has".to_owned(),
        Some([]) => "no administrative roles".to_owned(),
        Some(roles) => format!("administrative roles: {}", roles.join(", ")),
    });
    lines.extend(account.last_administrator.then(|| "the last administrator".to_owned()));
    lines.extend(account.obstacles.iter().map(|(action, why)| format!("{action}: {why}")));
    lines
}

/// What a vendor answered.
pub(super) fn trace(trace: &Trace) -> String {
    let Trace { at, request, status, request_id, code } = trace;
    let status = status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
    let code = code.as_deref().map(|code| format!(" {code}")).unwrap_or_default();
    let id = request_id.as_deref().map(|id| format!(", request id {id}")).unwrap_or_default();
    format!("{at}  {request}: {status}{code}{id}")
}
