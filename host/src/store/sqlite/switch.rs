//! The kill switch: a note says how it stands, and a record of the governance log who did that, when and why.

use rusqlite::Connection;

use super::{chain, fault::Outcome, notes};
use crate::respond::{STOPPED, Said, Switch, Switched};

/// Whether nothing may act.
pub(super) fn is_thrown(db: &Connection) -> Outcome<bool> {
    Ok(notes::list(db, STOPPED)?.iter().any(|(key, text)| key == STOPPED && !text.is_empty()))
}

/// Notes and records it. `false`: there was nothing to lift.
pub(super) fn put(db: &Connection, switched: &Switched) -> Outcome<bool> {
    if switched.switch == Switch::Resume && !is_thrown(db)? {
        return Ok(false);
    }
    notes::put(db, STOPPED, &switched.note())?;
    chain::append(db, &Said::Switch(switched.clone()))?;
    Ok(true)
}
