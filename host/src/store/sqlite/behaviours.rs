//! Everything that was found.

use rusqlite::{Connection, params};

use super::{
    alerts::{packed, unpacked},
    fault::Outcome,
    names::column,
};
use crate::alert::{Behaviour, BehaviourQuery, Fate, Found, Judgement};

pub(super) fn add(db: &Connection, source: i64, judgement: &Judgement<'_>, found: &Found, fate: Fate) -> Outcome<()> {
    let (kind, alert) = match fate {
        Fate::Quiet(_) => (0, None),
        Fate::Suppressed(_) => (1, None),
        Fate::Withheld(alert) => (2, Some(alert)),
        Fate::Repeated(alert) => (3, Some(alert)),
        Fate::Raised(alert) => (4, Some(alert)),
    };
    let behaviour = Behaviour {
        id: 0,
        source: judgement.source.clone(),
        detector: judgement.detector.clone(),
        policy: found.policy.clone(),
        key: found.key.clone(),
        story: found.story.clone(),
        lane: found.lane,
        found: judgement.at,
        fate,
    };
    let mut insert = db.prepare_cached(
        "INSERT INTO behaviours (source, policy, who, end, found, fate, alert, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?;
    insert.execute(params![
        source,
        found.policy,
        found.story.who.searchable(),
        column(found.story.end.0),
        column(judgement.at.0),
        kind,
        alert.map(|alert| alert.0),
        packed(&behaviour)?,
    ])?;
    Ok(())
}

pub(super) fn list(db: &Connection, query: &BehaviourQuery) -> Outcome<Vec<Behaviour>> {
    let mut statement = db.prepare_cached(
        "SELECT id, body FROM behaviours
         WHERE (?1 IS NULL OR policy = ?1) AND (?2 IS NULL OR instr(who, ?2)) AND (?3 IS NULL OR end >= ?3) AND (?4 IS NULL OR alert = ?4)
           AND (?6 IS NULL OR EXISTS (SELECT 1 FROM json_each(body, '$.story.addresses') AS each WHERE each.value = ?6))
         ORDER BY end DESC, id DESC LIMIT ?5",
    )?;
    let key = params![
        query.policy,
        query.user.as_ref().map(|user| user.to_lowercase()),
        query.since.map(|since| column(since.0)),
        query.alert.map(|alert| alert.0),
        column(query.most),
        query.address,
    ];
    let mut rows = statement.query(key)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(Behaviour { id: row.get(0)?, ..unpacked(&row.get::<_, String>(1)?)? });
    }
    Ok(found)
}
