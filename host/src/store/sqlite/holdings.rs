//! Where people stand outside of the log, and how they are found there and taken out.

use rusqlite::{Connection, types::Value};

use super::{fault::Outcome, holds::Holds, names::instant};
use crate::{
    privacy::{Marks, line},
    store::Kept,
};

/// Rows looked at in one transaction.
const ROWS: usize = 500;

/// What an erasure does to a row that names somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    /// The row is about something else: only the name goes.
    Redact,
    /// The row is about them: it goes.
    Forget,
    /// It stays as it is.
    Keep,
}

/// How rows belong to a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Of {
    /// By a column.
    Source,
    /// By their alert.
    Alert,
    /// They do not.
    Everybody,
}

/// A table in which people stand.
#[derive(Debug)]
pub(super) struct Holding {
    pub(super) table: &'static str,
    key: &'static [&'static str],
    texts: &'static [&'static str],
    of: Of,
    pub(super) act: Act,
    /// What of it is erased.
    when: &'static str,
    /// When it happened, so that what is of after an erasure stays. Where that is not known: before any.
    at: &'static str,
}

const fn holding(table: &'static str, key: &'static [&'static str], texts: &'static [&'static str], of: Of, act: Act) -> Holding {
    Holding { table, key, texts, of, act, when: "TRUE", at: "0" }
}

/// When the alert of a row was raised.
const RAISED: &str = "coalesce((SELECT raised FROM alerts WHERE alerts.id = alert), 0)";

/// A response that is not over has to know whom it is about.
pub(super) const OVER: &str = "state IN ('succeeded', 'failed', 'reverted', 'skipped')";

/// All of them, but for the log and what is sealed.
pub(super) const HOLDINGS: [Holding; 17] = [
    Holding { at: "end", ..holding("behaviours", &["id"], &["who", "body"], Of::Source, Act::Redact) },
    Holding { at: "raised", ..holding("alerts", &["id"], &["key", "who", "body"], Of::Source, Act::Redact) },
    Holding { at: "at", ..holding("alert_history", &["id"], &["who", "change"], Of::Alert, Act::Redact) },
    Holding { at: "since", ..holding("suppressions", &["id"], &["mark", "user", "who"], Of::Source, Act::Redact) },
    Holding {
        when: "activity <> 'governance'",
        at: RAISED,
        ..holding("alert_outbox", &["id"], &["body", "refused"], Of::Source, Act::Redact)
    },
    Holding { at: RAISED, ..holding("notices", &["channel", "alert", "condition"], &["told", "refused"], Of::Alert, Act::Redact) },
    holding("ledgers", &["channel"], &["body"], Of::Everybody, Act::Redact),
    holding("parked", &["sink", "seq"], &["reason"], Of::Source, Act::Redact),
    Holding { when: OVER, at: RAISED, ..holding("responses", &["id"], &["key", "who", "body"], Of::Source, Act::Redact) },
    holding("profiles", &["source", "detector", "subject"], &["subject", "body"], Of::Source, Act::Forget),
    holding("people", &["directory", "id"], &["id", "name"], Of::Everybody, Act::Forget),
    holding("person_addresses", &["directory", "address", "person"], &["address", "person"], Of::Everybody, Act::Forget),
    holding("members", &["directory", "name", "person"], &["person", "emails"], Of::Everybody, Act::Forget),
    holding("conditions", &["key"], &["body"], Of::Everybody, Act::Redact),
    holding("notes", &["key"], &["value"], Of::Everybody, Act::Redact),
    holding("gaps", &["id"], &["cause"], Of::Source, Act::Redact),
    holding("governance", &["number"], &["body"], Of::Everybody, Act::Keep),
];

/// Where in a table one has got to.
pub(super) type Place = Option<Vec<Value>>;

/// What became of some rows that name somebody.
pub(super) struct Taken {
    /// How many do not any more.
    pub(super) rows: u64,
    /// How many stay whole: somebody who is held stands there too.
    pub(super) held: u64,
    /// Where to go on.
    pub(super) next: Place,
}

/// A row that names somebody.
struct Found {
    key: Vec<Value>,
    /// Whose it is. None: nobody's.
    source: Option<i64>,
    /// The texts, as they are.
    given: Vec<Value>,
    /// The texts, as they are to be.
    left: Vec<Value>,
    row: Vec<Value>,
}

impl Holding {
    /// Whether it has rows of one source only.
    pub(super) fn is_of(&self, source: Option<i64>) -> bool {
        source.is_none() || self.of != Of::Everybody
    }

    /// Some rows after a place that name somebody, and where to go on.
    fn find(&self, db: &Connection, source: Option<i64>, marks: &Marks, after: &Place, when: &str) -> Outcome<(Vec<Found>, Place)> {
        let keys = self.key.join(", ");
        let of = match (source, self.of) {
            (None, _) | (_, Of::Everybody) => "TRUE".to_owned(),
            (Some(source), Of::Source) => format!("source = {source}"),
            (Some(source), Of::Alert) => format!("alert IN (SELECT id FROM alerts WHERE source = {source})"),
        };
        let behind = match after {
            None => "TRUE".to_owned(),
            Some(place) => format!("({keys}) > ({})", vec!["?"; place.len()].join(", ")),
        };
        let owner = match self.of {
            Of::Source => "source",
            Of::Alert => "(SELECT alerts.source FROM alerts WHERE alerts.id = alert)",
            Of::Everybody => "NULL",
        };
        let sql = format!(
            "SELECT {keys}, {}, {}, {owner}, * FROM {} WHERE {behind} AND {of} AND {when} ORDER BY {keys} LIMIT {ROWS}",
            self.texts.join(", "),
            self.at,
            self.table
        );
        let mut statement = db.prepare_cached(&sql)?;
        let columns = statement.column_count();
        let mut rows = statement.query(rusqlite::params_from_iter(after.iter().flatten()))?;
        let (mut found, mut seen, mut last) = (Vec::new(), 0, None);
        while let Some(row) = rows.next()? {
            let values = |range: std::ops::Range<usize>| range.map(|at| row.get::<_, Value>(at)).collect::<rusqlite::Result<Vec<_>>>();
            let texts = self.key.len()..self.key.len() + self.texts.len();
            let (key, given) = (values(0..self.key.len())?, values(texts.clone())?);
            let marks = marks.then(instant(row, texts.end)?);
            let left: Vec<Value> = given.iter().map(|value| self.left(value, &marks)).collect();
            if left != given {
                found.push(Found { key: key.clone(), source: row.get(texts.end + 1)?, given, left, row: values(texts.end + 2..columns)? });
            }
            seen += 1;
            last = Some(key);
        }
        Ok((found, last.filter(|_| seen == ROWS)))
    }

    /// What is left of a value.
    fn left(&self, value: &Value, marks: &Marks) -> Value {
        match value {
            Value::Text(text) if self.table == "profiles" => {
                if is_whose(text, marks) {
                    Value::Null
                } else {
                    value.clone()
                }
            }
            // What a detector remembers is its own: what can be read in it as text is looked at.
            Value::Blob(bytes) if marks.name(&String::from_utf8_lossy(bytes)) => Value::Null,
            Value::Text(text) => line::redact(text, marks, line::Whose::Host).map_or_else(|| value.clone(), Value::Text),
            _ => value.clone(),
        }
    }

    /// Hands out some rows that name somebody. Where to go on.
    pub(super) fn hand_out(&self, db: &Connection, source: Option<i64>, marks: &Marks, after: &Place) -> Outcome<(Vec<Kept>, Place)> {
        let (found, next) = self.find(db, source, marks, after, "TRUE")?;
        let mut statement = db.prepare_cached("SELECT name FROM pragma_table_info(?1) ORDER BY cid")?;
        let names = statement.query_map([self.table], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
        let kept = found
            .into_iter()
            .map(|found| Kept { table: self.table, row: names.iter().cloned().zip(found.row.iter().map(shown)).collect() });
        Ok((kept.collect(), next))
    }

    /// Takes somebody out of some rows, but for those that are held.
    pub(super) fn erase(&self, db: &Connection, source: Option<i64>, marks: &Marks, holds: &Holds, after: &Place) -> Outcome<Taken> {
        let (found, next) = self.find(db, source, marks, after, self.when)?;
        let is = |from: usize| {
            let each = self.key.iter().enumerate().map(|(at, key)| format!("{key} IS ?{}", from + at));
            each.collect::<Vec<_>>().join(" AND ")
        };
        let (mut rows, mut held) = (0, 0);
        for found in found.into_iter().filter(|_| self.act != Act::Keep) {
            if holds.keep(found.source, |held| found.given.iter().any(|value| self.left(value, held) != *value)) {
                held += 1;
                continue;
            }
            rows += 1;
            let sql = match self.act {
                Act::Keep => continue,
                Act::Forget => format!("DELETE FROM {} WHERE {}", self.table, is(1)),
                Act::Redact => {
                    let set = self.texts.iter().enumerate().map(|(at, text)| format!("{text} = ?{}", self.key.len() + 1 + at));
                    // Two rows that differed by nothing but who: the key of the second is not needed any more.
                    format!("UPDATE OR REPLACE {} SET {} WHERE {}", self.table, set.collect::<Vec<_>>().join(", "), is(1))
                }
            };
            let left = if self.act == Act::Redact { found.left } else { Vec::new() };
            db.prepare_cached(&sql)?.execute(rusqlite::params_from_iter(found.key.into_iter().chain(left)))?;
        }
        Ok(Taken { rows, held, next })
    }
}

/// Whether the subject of a profile is somebody. `user:9`: whose it is stands behind what it is.
pub(super) fn is_whose(subject: &str, marks: &Marks) -> bool {
    let mut whose = subject.match_indices(':').filter_map(|(at, _)| subject.get(at + 1..));
    !marks.is_empty() && (whose.any(|whose| marks.is_account(whose)) || marks.name(subject))
}

/// How many responses that are not over name somebody.
pub(super) fn waiting(db: &Connection, source: Option<i64>, marks: &Marks) -> Outcome<u64> {
    let (mut count, mut after) = (0, None);
    for holding in HOLDINGS.iter().filter(|holding| holding.table == "responses") {
        loop {
            let (found, next) = holding.find(db, source, marks, &after, &format!("NOT ({OVER})"))?;
            count += u64::try_from(found.len()).unwrap_or(u64::MAX);
            if next.is_none() {
                break;
            }
            after = next;
        }
    }
    Ok(count)
}

/// A value of a row, for people.
fn shown(value: &Value) -> serde_json::Value {
    use base64::Engine as _;
    match value {
        Value::Null => serde_json::Value::Null,
        Value::Integer(number) => (*number).into(),
        Value::Real(number) => (*number).into(),
        Value::Text(text) if text.starts_with(['{', '[']) => serde_json::from_str(text).unwrap_or_else(|_| text.as_str().into()),
        Value::Text(text) => text.as_str().into(),
        Value::Blob(bytes) => base64::engine::general_purpose::STANDARD.encode(bytes).into(),
    }
}
