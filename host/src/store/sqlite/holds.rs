//! What stays whole, whoever is erased: what a legal hold names.

use std::collections::HashMap;

use rusqlite::Connection;

use super::{fault::Outcome, names::find};
use crate::{
    model::SourceName,
    privacy::{Hold, Marks},
};

/// What stays whole of a source.
pub(super) struct Stays {
    all: bool,
    /// What names these.
    of: Marks,
}

impl Stays {
    pub(super) fn of(hold: &Hold) -> Self {
        Self { all: *hold == Hold::All, of: hold.marks() }
    }

    /// Whether something does, of which can be asked whether it names somebody.
    pub(super) fn keep(&self, names: impl FnOnce(&Marks) -> bool) -> bool {
        self.all || (!self.of.is_empty() && names(&self.of))
    }
}

/// What stays whole of each source, and of what belongs to none.
pub(super) struct Holds {
    sources: HashMap<i64, Stays>,
    /// What names anybody who is held.
    elsewhere: Stays,
}

impl Holds {
    pub(super) fn of(db: &Connection, holds: &HashMap<SourceName, Hold>) -> Outcome<Self> {
        let (mut sources, mut everybody) = (HashMap::new(), Vec::new());
        for (source, hold) in holds {
            if let Some(source) = find(db, source)? {
                sources.insert(source, Stays::of(hold));
            }
            if let Hold::Of(who) = hold {
                everybody.extend(who.iter().cloned());
            }
        }
        Ok(Self { sources, elsewhere: Stays::of(&Hold::Of(everybody)) })
    }

    /// Whether something of a source does, or of none.
    pub(super) fn keep(&self, source: Option<i64>, names: impl FnOnce(&Marks) -> bool) -> bool {
        match source {
            Some(source) => self.sources.get(&source).is_some_and(|stays| stays.keep(names)),
            None => self.elsewhere.keep(names),
        }
    }
}
