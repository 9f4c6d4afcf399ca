//! The kill switch: a note says how it stands, and a record of the governance log who did that, when and why.

use std::path::Path;

use rusqlite::Connection;

use super::{
    Access, Open, chain, connection, copy,
    fault::{Fault, Outcome},
    notes, schema,
};
use crate::{
    model::Instant,
    respond::{STOPPED, Said, Stopped, Switch, Switched},
    store::{Result, seal::Key},
};

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

/// Throws it in the copy at `to` where it is thrown in the store at `from`, which that is to replace, or where nobody can read whether
/// it is. How it stands then; `None` where nothing was to be done. A copy of an older miro-source stays one, and gets the note alone.
pub(super) fn bring(from: &Path, to: &Path, key: &Key) -> Result<Option<Stopped>> {
    let read = |db: &Connection| -> Outcome<Option<Stopped>> {
        let empty: bool = db.query_row("SELECT count(*) = 0 FROM sqlite_schema", [], |row| row.get(0))?;
        if empty { Ok(None) } else { Ok(Stopped::among(&notes::list(db, STOPPED)?)) }
    };
    let stopped = match copy::read(from, key, "read whether anything may act", read) {
        Ok(None) => return Ok(None),
        Ok(Some(stopped)) => stopped,
        Err(error) => {
            tracing::warn!(%error, "nothing acts until somebody says so");
            let why = "the store that was there cannot be read: whether anything was to act is not known".to_owned();
            Stopped { who: "miro-source".to_owned(), at: Instant::system(), why }
        }
    };
    let Stopped { who, at, why } = stopped.clone();
    let switched = Switched { at, who, switch: Switch::Stop, why: Some(why) };
    let write = || -> Outcome<()> {
        let db = connection::writer(&Open::new(to, key.clone(), Access::Owner))?;
        connection::transact(&db, |db| {
            let note = switched.note();
            match notes::list(db, STOPPED)?.iter().any(|(key, text)| key == STOPPED && *text == note) {
                true => Ok(()),
                false if schema::is_older(db)? => notes::put(db, STOPPED, &note),
                false => put(db, &switched).map(drop),
            }
        })
    };
    write().map_err(|fault: Fault| fault.of("bring over that nothing is to act"))?;
    Ok(Some(stopped))
}
