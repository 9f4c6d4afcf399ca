//! What people do with alerts and suppressions.

use rusqlite::Connection;

use super::{
    alerts,
    fault::{Outcome, conflict},
    outbox, suppressions,
};
use crate::{
    alert::{
        Activity, Alert, AlertId, AlertQuery, Change, Closing, Closure, Entry, Form, State, Step, Suppression, SuppressionId, Wanted, after,
    },
    model::Instant,
};

/// Who does it, and when.
pub(super) struct Hand<'a> {
    pub(super) who: &'a str,
    pub(super) at: Instant,
}

impl Hand<'_> {
    fn entry(&self, change: Change) -> Entry {
        Entry { at: self.at, who: Some(self.who.to_owned()), change }
    }
}

/// Takes, closes or reopens an alert, and with an incident what it holds.
pub(super) fn change(db: &Connection, id: AlertId, step: &Step, hand: &Hand<'_>) -> Outcome<Alert> {
    let mut alert = alerts::get(db, id)?;
    let state = after(&alert.state, step, hand.who, hand.at).map_err(|why| conflict(format!("failed to change alert {id}: {why}")))?;
    enter(db, &mut alert, state.clone(), hand)?;
    match step {
        Step::Take => {}
        Step::Close(closing) => suppress(db, &alert, closing, None, hand)?,
        Step::Reopen => lift_of(db, id, hand)?,
    }
    if let Form::Incident(_) = alert.form {
        for member in alerts::list(db, &held(id))? {
            carry(db, member, id, step, &state, hand)?;
        }
    }
    Ok(alert)
}

fn held(incident: AlertId) -> AlertQuery {
    AlertQuery { wanted: Wanted::All, policy: None, user: None, since: None, address: None, incident: Some(incident), most: u64::MAX }
}

/// Does to an alert what was done to the incident that holds it.
fn carry(db: &Connection, mut member: Alert, incident: AlertId, step: &Step, state: &State, hand: &Hand<'_>) -> Outcome<()> {
    match (step, state, &member.state) {
        (Step::Close(closing), State::Closed(closure), State::Open | State::InProgress { .. }) => {
            let closure = Closure { with: Some(incident), ..closure.clone() };
            enter(db, &mut member, State::Closed(closure), hand)?;
            suppress(db, &member, closing, Some(incident), hand)
        }
        // What was closed by itself stays closed.
        (Step::Reopen, _, State::Closed(closure)) if closure.with == Some(incident) => {
            enter(db, &mut member, State::Open, hand)?;
            lift_of(db, member.id, hand)
        }
        _ => Ok(()),
    }
}

/// Puts an alert into a state, tells of it, and writes it down.
fn enter(db: &Connection, alert: &mut Alert, state: State, hand: &Hand<'_>) -> Outcome<()> {
    let activity = if matches!(state, State::Closed(_)) { Activity::Close } else { Activity::Update };
    alert.state = state;
    alert.changed = hand.at;
    outbox::tell(db, alert, activity)?;
    alerts::put(db, alert)?;
    alerts::note(db, alert.id, &hand.entry(Change::Became(alert.state.clone())))
}

fn suppress(db: &Connection, alert: &Alert, closing: &Closing, with: Option<AlertId>, hand: &Hand<'_>) -> Outcome<()> {
    let Some(until) = closing.until(hand.at, with) else { return Ok(()) };
    match suppressions::add(db, alert, hand.who, hand.at, until)? {
        Some(_) => alerts::note(db, alert.id, &hand.entry(Change::Suppressed(until))),
        None => Ok(()),
    }
}

fn lift_of(db: &Connection, alert: AlertId, hand: &Hand<'_>) -> Outcome<()> {
    match suppressions::lift_of(db, alert, hand.at)? {
        0 => Ok(()),
        _ => alerts::note(db, alert, &hand.entry(Change::Lifted)),
    }
}

/// Ends a suppression before its time.
pub(super) fn lift(db: &Connection, id: SuppressionId, hand: &Hand<'_>) -> Outcome<Suppression> {
    let known = suppressions::list(db)?.into_iter().find(|each| each.id == id);
    let Some(mut suppression) = known else {
        return Err(conflict(format!("there is no suppression {id}: `miro-source alerts suppressions list` shows what there is")));
    };
    if !suppression.holds(hand.at) {
        let since = suppression.lifted.unwrap_or(suppression.until);
        return Err(conflict(format!("suppression {id} has been over since {since}")));
    }
    db.execute("UPDATE suppressions SET lifted = ?2 WHERE id = ?1", [id.0, super::names::column(hand.at.0)])?;
    if alerts::find(db, suppression.alert)?.is_some() {
        alerts::note(db, suppression.alert, &hand.entry(Change::Lifted))?;
    }
    suppression.lifted = Some(hand.at);
    Ok(suppression)
}
