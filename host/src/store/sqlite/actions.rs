//! Event names seen.

use std::collections::BTreeMap;

use audit_pipeline::types::Event;
use rusqlite::{Connection, params};

use super::{
    fault::Outcome,
    names::{column, instant, number, source},
};
use crate::{model::Instant, store::ActionSeen};

/// Counts what a page brought.
pub(super) fn count(db: &Connection, source: i64, received: Instant, events: &[&Event]) -> Outcome<()> {
    let mut counts: BTreeMap<&str, (i64, &Event)> = BTreeMap::new();
    for event in events {
        let count = counts.entry(&event.action).or_insert((0, event));
        *count = (count.0 + 1, event);
    }
    let mut upsert = db.prepare_cached(
        "INSERT INTO actions (source, action, count, first, last, traits) VALUES (?1, ?2, ?3, ?4, ?4, ?5)
         ON CONFLICT DO UPDATE SET count = count + excluded.count, last = excluded.last, traits = excluded.traits",
    )?;
    for (action, (count, latest)) in counts {
        let traits = serde_json::Value::from(latest.traits.clone()).to_string();
        upsert.execute(params![source, action, count, column(received.0), traits])?;
    }
    Ok(())
}

pub(super) fn list(db: &Connection) -> Outcome<Vec<ActionSeen>> {
    let mut statement = db.prepare_cached(
        "SELECT name, action, count, first, last, traits FROM actions JOIN sources ON sources.id = source ORDER BY name, action",
    )?;
    let rows = statement.query_map([], |row| {
        Ok(ActionSeen {
            source: source(row, 0)?,
            action: row.get(1)?,
            count: number(row, 2)?,
            first: instant(row, 3)?,
            last: instant(row, 4)?,
            traits: serde_json::from_str(&row.get::<_, String>(5)?).unwrap_or_default(),
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
