//! Who is never acted on automatically, and how much at most.

use std::time::Duration;

use super::{Account, Action, Cause, Facts, Move, Response, Wait};
use crate::{alert::Who, model::Instant};

const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

/// What the configuration says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guards {
    /// Not where the newest event is older than that.
    pub act_within: Duration,
    /// Addresses and identifiers, lower case: break-glass and service accounts.
    pub exclude: Vec<String>,
    /// Addresses and identifiers of the vendor's administrators, lower case.
    pub administrators: Vec<String>,
    /// How much at most.
    pub caps: Caps,
    /// Nothing is done by itself: what would be is only found out.
    pub dry_run: bool,
    /// These wait for a person.
    pub approve: Vec<Action>,
    /// What a policy wants and waits for a person takes two, and so does what a person orders that is drastic.
    pub four_eyes: bool,
}

/// Suspensions that may happen by themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caps {
    /// In an hour.
    pub hour: u64,
    /// In a day: so many, or the share of all users below, whichever is more.
    pub day: u64,
    /// In a day, in tenths of a percent of all users.
    pub permille: u64,
}

impl Caps {
    /// Why one more suspension may not happen by itself, where so many other people were suspended in the hour and in the day before.
    pub fn exceeded(self, (hour, day): (u64, u64), users: u64) -> Option<String> {
        let most = self.day.max(users.saturating_mul(self.permille) / 1000);
        if hour >= self.hour {
            return Some(format!("{hour} suspensions happened by themselves within the hour, at most {} may", self.hour));
        }
        (day >= most).then(|| format!("{day} suspensions happened by themselves within a day, at most {most} may"))
    }

    /// When the hour and the day before began.
    pub fn since(at: Instant) -> (Instant, Instant) {
        (at.minus(HOUR), at.minus(DAY))
    }
}

impl Default for Caps {
    fn default() -> Self {
        Self { hour: 3, day: 5, permille: 5 }
    }
}

/// What guards say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ruling {
    /// Nothing speaks against it.
    Go,
    /// A person has to decide, and why.
    Hold(Wait, String),
    /// It is not to be done, and why.
    Skip(String),
    /// It is too late for it, and by how much.
    Late(String),
}

impl Ruling {
    /// What becomes of the response. `None`: it goes on.
    pub(super) fn next(self) -> Option<Move> {
        match self {
            Self::Go => None,
            Self::Hold(wait, why) => Some(Move::Hold(wait, why)),
            Self::Skip(why) => Some(Move::Skip(why)),
            Self::Late(why) => Some(Move::Lapse(why)),
        }
    }
}

/// Whether a response may go on. What a person asked for or approved may, where that were enough people: the other guards are about
/// what happens by itself.
///
/// Asked when it is taken up and, its account known, again before its first side effect.
pub fn guard(response: &Response, guards: &Guards, facts: &Facts, at: Instant) -> Ruling {
    match &response.cause {
        Cause::Policy { newest, .. } if response.is_automatic() => match by_itself(response, *newest, guards, facts, at) {
            Ruling::Go => approved(response, guards),
            other => other,
        },
        _ => agreed(response, guards),
    }
}

/// Whether a person has to approve it first, by what is configured right now.
fn approved(response: &Response, guards: &Guards) -> Ruling {
    let action = response.action;
    match !response.dry_run && guards.approve.contains(&action) {
        true => Ruling::Hold(Wait::Approval, format!("{action} waits for a person (`approve` in [respond])")),
        false => Ruling::Go,
    }
}

/// Whether as many people want it as have to, by what is configured right now.
fn agreed(response: &Response, guards: &Guards) -> Ruling {
    let takes_two = guards.four_eyes && (response.action.is_drastic() || matches!(response.cause, Cause::Policy { .. }));
    if !takes_two || response.dry_run || response.people() >= 2 {
        return Ruling::Go;
    }
    Ruling::Hold(Wait::FourEyes, "a second person has to approve it (`four_eyes` in [respond])".to_owned())
}

fn by_itself(response: &Response, newest: Instant, guards: &Guards, facts: &Facts, at: Instant) -> Ruling {
    if at.since(newest) > guards.act_within {
        return Ruling::Late(format!("too old: the newest event is of {newest}, and `act_within` is {} s", guards.act_within.as_secs()));
    }
    if let Some(verdict) = facts.cleared {
        return Ruling::Skip(format!("its alert was closed as {}", verdict.as_str()));
    }
    if guards.dry_run && !response.dry_run {
        return Ruling::Skip("nothing is done by itself (`dry_run` in [respond])".to_owned());
    }
    let names = names(response);
    let named = |list: &[String]| list.iter().find(|each| names.contains(&each.to_lowercase())).cloned();
    if let Some(name) = named(&guards.exclude) {
        return Ruling::Skip(format!("{name} is excluded (`exclude` in [respond])"));
    }
    if !response.action.is_drastic() {
        return obstacle(response).map_or(Ruling::Go, Ruling::Skip);
    }
    if let Some(name) = named(&guards.administrators) {
        return Ruling::Skip(format!("{name} administers the vendor's organization (`administrators` in [respond])"));
    }
    if let Some(owner) = &facts.owner
        && owns(owner, &names)
    {
        return Ruling::Skip(format!("{} owns the token that the audit log is read with: collection would end", owner.shown()));
    }
    match response.account.as_ref().map(administers) {
        None | Some(Ruling::Go) => {}
        Some(other) => return other,
    }
    if let Some(why) = obstacle(response) {
        return Ruling::Skip(why);
    }
    capped(response, guards.caps, facts)
}

/// Whether its vendor says that an account administers anything: to such nothing drastic happens by itself.
pub(super) fn administers(account: &Account) -> Ruling {
    match &account.roles {
        Some(roles) if !roles.is_empty() => Ruling::Skip(format!("the account holds administrative roles: {}", roles.join(", "))),
        Some(_) if account.last_administrator => Ruling::Skip("the account is the last administrator".to_owned()),
        Some(_) => Ruling::Go,
        None => Ruling::Hold(Wait::Unknown, "whether the account holds administrative roles cannot be told".to_owned()),
    }
}

/// All that the target and its account are called, lower case.
fn names(response: &Response) -> Vec<String> {
    let target = [&response.target.id, &response.target.email].into_iter().flatten();
    let account = response.account.iter().flat_map(|account| account.emails.iter().chain([&account.id]));
    target.chain(account).map(|name| name.to_lowercase()).collect()
}

fn owns(owner: &Who, names: &[String]) -> bool {
    [&owner.id, &owner.email].into_iter().flatten().any(|name| names.contains(&name.to_lowercase()))
}

fn obstacle(response: &Response) -> Option<String> {
    let account = response.account.as_ref()?;
    account.obstacles.iter().find(|(action, _)| *action == response.action).map(|(_, why)| why.clone())
}

fn capped(response: &Response, caps: Caps, facts: &Facts) -> Ruling {
    match response.is_capped().then(|| caps.exceeded(facts.suspended, facts.users)).flatten() {
        Some(why) => Ruling::Hold(Wait::Cap, why),
        None => Ruling::Go,
    }
}
