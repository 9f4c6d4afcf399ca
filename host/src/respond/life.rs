//! The states of a response and the moves between them.

use std::fmt;

use audit_pipeline::responder::Effect;
use serde::{Deserialize, Serialize};

use super::{Account, Cause, Response, ResponseId, Step, Trace, is_same, person};
use crate::model::Instant;

/// Answers that one response keeps: enough for every step and a good number of failures.
const TRACES: usize = 20;

/// Where a response stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// For a person.
    Waiting(Wait),
    /// For its turn.
    Pending,
    /// A call of it was made.
    Running,
    /// It was done.
    Succeeded,
    /// It was not done, or nobody knows whether.
    Failed,
    /// It was done, and then taken back by this one.
    Reverted(ResponseId),
    /// It was not to be done.
    Skipped,
}

impl State {
    /// The words of all states.
    pub const WORDS: [&str; 7] = ["waiting", "pending", "running", "succeeded", "failed", "reverted", "skipped"];

    /// Its word in the database and on screen.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Waiting(_) => "waiting",
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Reverted(_) => "reverted",
            Self::Skipped => "skipped",
        }
    }

    /// Whether the host has nothing more to do for it.
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Reverted(_) | Self::Skipped)
    }
}

/// Why a response waits for a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wait {
    /// The configuration wants its actions approved.
    Approval,
    /// A second person has to agree with the first.
    FourEyes,
    /// There were more of its kind in a while than the configuration allows by themselves.
    Cap,
    /// Whether a guard holds cannot be told.
    Unknown,
    /// The store was restored from a backup: it may have been done already, or rejected.
    Restored,
}

impl fmt::Display for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Approval => "for approval",
            Self::FourEyes => "for a second person",
            Self::Cap => "for approval: more than the cap",
            Self::Unknown => "for approval: a guard cannot be checked",
            Self::Restored => "for approval: the store was restored",
        })
    }
}

/// A person who approved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// Who.
    pub who: String,
    /// When.
    pub at: Instant,
}

/// What happens to a response.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Move {
    /// A person says that it is to be done. Of a response that was skipped too.
    Approve,
    /// A person says that it is not.
    Reject(String),
    /// It waits for a person from now on, and why in a sentence.
    Hold(Wait, String),
    /// The vendor knows the account.
    Resolved(Account),
    /// The component said what comes next. What the call before did is in the trace.
    Stepped(Step, Option<Trace>),
    /// The next call is about to be made.
    Begin,
    /// A call failed and is repeated at that moment. Nothing was done by it, or it may be done twice.
    Retry {
        /// What it was to change may have happened all the same.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        unsure: bool,
        /// What was wrong.
        why: String,
        /// What the vendor answered.
        trace: Option<Trace>,
        /// When to try again.
        due: Instant,
    },
    /// It was done.
    Succeed(String, Option<Trace>),
    /// It cannot be done, or nobody knows whether it was.
    Fail(String, Option<Trace>),
    /// It is not to be done.
    Skip(String),
    /// It was a dry run, and this would be done.
    Try(String),
    /// What contains it is not done: it is its turn, and why.
    Release(String),
    /// By the time that it could be taken up it was too late. It gives way to one that comes in time.
    Lapse(String),
    /// Another response took it back.
    Revert(ResponseId),
}

/// A move that cannot be made, and what can be instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Illegal(pub String);

/// The response after a move. `who` is the person who made it; `None`: the host by itself.
pub fn after(response: &Response, next: &Move, who: Option<&str>, at: Instant) -> Result<Response, Illegal> {
    let mut after = Response { revision: response.revision + 1, changed: at, ..response.clone() };
    let is = response.state.as_str();
    let who = who.filter(|who| !who.is_empty());
    match next {
        Move::Approve => approve(&mut after, who, at)?,
        Move::Reject(why) => match (&response.state, who) {
            (State::Waiting(_) | State::Pending, Some(who)) => {
                // Whoever wants it after all finds as many as at first.
                let asked = asked(response).map(str::to_owned);
                after.approvals.retain(|each| asked.as_ref().is_some_and(|asked| is_same(asked, &each.who)));
                end(&mut after, State::Skipped, format!("rejected by {who}: {why}"));
            }
            (State::Waiting(_) | State::Pending, None) => return Err(Illegal("only a person rejects".to_owned())),
            _ => return Err(Illegal(format!("response {} is {is}: only what waits or is pending can be rejected", response.id))),
        },
        Move::Revert(by) => match response.state {
            State::Succeeded => after.state = State::Reverted(*by),
            _ => return Err(Illegal(format!("response {} is {is}: only what succeeded can be taken back", response.id))),
        },
        _ if response.state.is_final() => return Err(Illegal(format!("response {} is {is}, which is final", response.id))),
        // Held for something else it would not say any more what it waits for; but what became of it before a restore nobody knows.
        _ if matches!(response.state, State::Waiting(_)) && !matches!(next, Move::Hold(Wait::Restored, _)) => {
            return Err(Illegal(format!("response {} waits for a person: approve or reject it", response.id)));
        }
        Move::Hold(wait, why) => {
            after.state = State::Waiting(*wait);
            after.outcome = Some(why.clone());
            if *wait == Wait::FourEyes {
                want_two(&mut after);
            }
        }
        Move::Resolved(account) => (after.account, after.attempts, after.outcome) = (Some(account.clone()), 0, None),
        Move::Stepped(step, trace) => {
            keep(&mut after, trace.as_ref());
            after.acted |= response.step.as_ref().is_some_and(|step| step.begun);
            (after.step, after.state, after.attempts, after.outcome) = (Some(step.clone()), State::Running, 0, None);
        }
        Move::Begin => {
            after.state = State::Running;
            if let Some(step) = &mut after.step {
                if step.begun && step.effect == Effect::Once {
                    return Err(Illegal(format!("response {}: nobody knows whether this was done: {}", response.id, step.intent)));
                }
                if step.effect != Effect::None {
                    after.begun.get_or_insert(at);
                }
                // What became of the call before, nobody noted.
                after.acted |= step.begun;
                step.begun = true;
            }
        }
        Move::Retry { unsure, why, trace, due } => {
            keep(&mut after, trace.as_ref());
            if let Some(step) = &mut after.step {
                after.acted |= step.begun && *unsure;
                step.begun = false;
            }
            (after.attempts, after.due, after.outcome) = (response.attempts.saturating_add(1), *due, Some(why.clone()));
        }
        Move::Succeed(what, trace) => {
            keep(&mut after, trace.as_ref());
            end(&mut after, State::Succeeded, what.clone());
        }
        Move::Fail(why, trace) => {
            keep(&mut after, trace.as_ref());
            end(&mut after, State::Failed, why.clone());
        }
        Move::Skip(why) | Move::Try(why) => end(&mut after, State::Skipped, why.clone()),
        Move::Release(_) if response.within.is_none() => {
            return Err(Illegal(format!("response {} waits for no other one", response.id)));
        }
        Move::Release(why) => (after.within, after.due, after.outcome) = (None, at, Some(why.clone())),
        Move::Lapse(why) => {
            after.lapsed = true;
            end(&mut after, State::Skipped, why.clone());
        }
    }
    Ok(after)
}

/// Who asked for it.
fn asked(response: &Response) -> Option<&str> {
    match &response.cause {
        Cause::Person { who, .. } => Some(who),
        Cause::Policy { .. } => None,
    }
}

fn approve(after: &mut Response, who: Option<&str>, at: Instant) -> Result<(), Illegal> {
    let Some(who) = who else { return Err(Illegal("only a person approves".to_owned())) };
    match &after.state {
        State::Waiting(_) => {}
        // Too old, a guard, a dry run: a person may still want it. What a step of it began is never begun anew.
        State::Skipped if after.begun.is_none() && after.step.as_ref().is_none_or(|step| !step.begun) => {}
        State::Skipped => {
            return Err(Illegal(format!("response {} was begun before it was skipped: look at the account, and order anew", after.id)));
        }
        other => return Err(Illegal(format!("response {} is {}: there is nothing to approve", after.id, other.as_str()))),
    }
    if after.wants > 1 && person(who).is_none() {
        return Err(Illegal(format!(
            "response {} needs {} people, and nobody can tell which person {who} is: log in as yourself, and approve it by `sudo -u` the \
             user that the host runs as",
            after.id, after.wants
        )));
    }
    // Where enough people wanted it before it was held again, one of them may say that it goes on.
    let several = after.wants > 1 && after.people() < after.wants;
    if several && after.approvals.iter().any(|each| is_same(&each.who, who)) {
        return Err(Illegal(format!("response {} needs somebody else than {who} to approve it too", after.id)));
    }
    after.approvals.retain(|each| !is_same(&each.who, who));
    after.approvals.push(Approval { who: who.to_owned(), at });
    (after.state, after.outcome) = match after.wants <= 1 || after.people() >= after.wants {
        true => (State::Pending, None),
        false => (State::Waiting(Wait::FourEyes), Some(format!("approved by {who}, which is not enough"))),
    };
    (after.dry_run, after.lapsed, after.within) = (false, false, None);
    after.due = at;
    Ok(())
}

/// It takes two people, whatever was configured when it was made. Whoever ordered it is the first of them, unless to try it out.
fn want_two(after: &mut Response) {
    after.wants = after.wants.max(2);
    // What was ordered to be tried out is done in earnest only where somebody approved that.
    if let Cause::Person { who, .. } = &after.cause
        && after.approvals.is_empty()
        && !after.dry_run
    {
        after.approvals.push(Approval { who: who.clone(), at: after.made });
    }
}

fn end(after: &mut Response, state: State, outcome: String) {
    (after.state, after.outcome, after.due) = (state, Some(outcome), Instant::FAR);
}

fn keep(after: &mut Response, trace: Option<&Trace>) {
    if let Some(trace) = trace {
        after.traces.push(trace.clone());
        let over = after.traces.len().saturating_sub(TRACES);
        after.traces.drain(..over);
    }
}
