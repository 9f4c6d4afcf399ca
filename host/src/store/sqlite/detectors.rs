//! How far each detector judged, and what it remembers.

use audit_pipeline::detector::Profile;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::{
    fault::{Outcome, conflict},
    log,
    names::{detector, find, register, source},
};
use crate::{
    alert::Judgement,
    model::{DetectorName, Seq, SourceName},
    store::Judge,
};

pub(super) fn cursor(db: &Connection, source: &SourceName, detector: &DetectorName) -> Outcome<Option<Seq>> {
    let mut statement =
        db.prepare_cached("SELECT seq FROM detectors WHERE source = (SELECT id FROM sources WHERE name = ?1) AND detector = ?2")?;
    Ok(statement.query_row([source.as_str(), detector.as_str()], |row| row.get(0).map(Seq)).optional()?)
}

/// Makes a detector a reader of a source, from the beginning.
pub(super) fn join(db: &Connection, source: &SourceName, detector: &DetectorName) -> Outcome<()> {
    let source = register(db, source)?;
    db.prepare_cached("INSERT OR IGNORE INTO detectors (source, detector, seq) VALUES (?1, ?2, 0)")?
        .execute(params![source, detector.as_str()])?;
    Ok(())
}

/// Moves the cursor over what was judged, from exactly where the judgement began.
pub(super) fn advance(db: &Connection, judgement: &Judgement<'_>) -> Outcome<()> {
    let Judgement { source, detector, after, through, .. } = judgement;
    let head = log::head(db)?;
    if through < after || *through > head {
        return Err(conflict(format!(
            "failed to move the cursor of detector {detector} from {} to {}: the log ends at {}",
            after.0, through.0, head.0
        )));
    }
    join(db, source, detector)?;
    let mut update = db.prepare_cached(
        "UPDATE detectors SET seq = ?4 WHERE source = (SELECT id FROM sources WHERE name = ?1) AND detector = ?2 AND seq = ?3",
    )?;
    match update.execute(params![source.as_str(), detector.as_str(), after.0, through.0])? {
        1 => Ok(()),
        _ => Err(conflict(format!(
            "detector {detector} has judged what follows place {} of {source} already: read its cursor again",
            after.0
        ))),
    }
}

pub(super) fn list(db: &Connection) -> Outcome<Vec<Judge>> {
    let mut statement =
        db.prepare_cached("SELECT name, detector FROM detectors JOIN sources ON sources.id = source ORDER BY name, detector")?;
    let rows = statement.query_map([], |row| Ok(Judge { source: source(row, 0)?, detector: detector(row, 1)? }))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(super) fn forget(db: &Connection, source: &SourceName, detector: &DetectorName) -> Outcome<()> {
    let Some(source) = find(db, source)? else { return Ok(()) };
    for table in ["detectors", "profiles"] {
        db.execute(&format!("DELETE FROM {table} WHERE source = ?1 AND detector = ?2"), params![source, detector.as_str()])?;
    }
    Ok(())
}

pub(super) fn profiles(db: &Connection, source: &SourceName, detector: &DetectorName, subjects: &[String]) -> Outcome<Vec<Profile>> {
    let source = find(db, source)?;
    let mut statement = db.prepare_cached("SELECT body FROM profiles WHERE source = ?1 AND detector = ?2 AND subject = ?3")?;
    let each = subjects.iter().map(|subject| {
        let body = statement.query_row(params![source, detector.as_str(), subject], |row| row.get(0)).optional()?;
        Ok(Profile { subject: subject.clone(), body: body.unwrap_or_default() })
    });
    each.collect()
}

/// Remembers a profile; an empty one is forgotten.
pub(super) fn remember(db: &Connection, source: i64, detector: &DetectorName, profile: &Profile) -> Outcome<()> {
    let sql = match profile.body.is_empty() {
        true => "DELETE FROM profiles WHERE source = ?1 AND detector = ?2 AND subject = ?3 AND ?4 IS NOT NULL",
        false => "INSERT OR REPLACE INTO profiles (source, detector, subject, body) VALUES (?1, ?2, ?3, ?4)",
    };
    db.prepare_cached(sql)?.execute(params![source, detector.as_str(), profile.subject, profile.body])?;
    Ok(())
}
