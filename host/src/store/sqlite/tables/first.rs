//! Schema 1.

pub(super) const TABLES: &str = "
CREATE TABLE canary (
    sealed BLOB NOT NULL
) STRICT;
CREATE TABLE sources (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE chunks (
    last INTEGER PRIMARY KEY AUTOINCREMENT,   -- the place of its last event; AUTOINCREMENT: never reused
    source INTEGER NOT NULL REFERENCES sources,
    lane INTEGER NOT NULL,
    route INTEGER REFERENCES histories,       -- the backfill that brought it, where it is not for every sink
    received INTEGER NOT NULL,
    count INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE INDEX chunks_in_order ON chunks (source, lane, last, count, received, route);
CREATE TABLE seen (
    source INTEGER NOT NULL,                  -- unchecked: one row an event
    id BLOB NOT NULL,
    stored INTEGER NOT NULL,                  -- in seconds, not milliseconds: one row an event; negative: no sink gets it
    PRIMARY KEY (source, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE checkpoints (
    source INTEGER NOT NULL REFERENCES sources,
    stream INTEGER NOT NULL,                  -- 0: live, else a backfill
    body TEXT NOT NULL,
    through INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (source, stream)
) STRICT, WITHOUT ROWID;
CREATE TABLE cursors (
    sink TEXT NOT NULL,
    source INTEGER NOT NULL REFERENCES sources,
    lane INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (sink, source, lane)
) STRICT, WITHOUT ROWID;
CREATE TABLE parked (
    sink TEXT NOT NULL,
    seq INTEGER NOT NULL,
    source INTEGER NOT NULL REFERENCES sources,
    reason TEXT NOT NULL,
    at INTEGER NOT NULL,
    retry INTEGER NOT NULL,
    PRIMARY KEY (sink, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX parked_by_place ON parked (seq);
CREATE TABLE grants (
    source INTEGER PRIMARY KEY REFERENCES sources,
    version INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    fingerprint BLOB NOT NULL,
    obtained INTEGER NOT NULL,
    intent_since INTEGER,
    intent_attempts INTEGER NOT NULL DEFAULT 0,
    dead TEXT
) STRICT;
CREATE TABLE gaps (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    source INTEGER NOT NULL REFERENCES sources,
    start INTEGER NOT NULL,
    end INTEGER NOT NULL,
    cause TEXT NOT NULL,
    found INTEGER NOT NULL,
    filled INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE histories (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    source INTEGER NOT NULL REFERENCES sources,
    start INTEGER NOT NULL,
    end INTEGER NOT NULL,
    sink TEXT,                                -- the only one that gets it; empty: none does
    gap INTEGER REFERENCES gaps,
    through INTEGER NOT NULL,
    events INTEGER NOT NULL,
    finished INTEGER NOT NULL,
    unread INTEGER NOT NULL DEFAULT 0         -- it found gaps itself, so it fills none
) STRICT;
CREATE TABLE actions (
    source INTEGER NOT NULL REFERENCES sources,
    action TEXT NOT NULL,
    count INTEGER NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    traits TEXT NOT NULL,
    PRIMARY KEY (source, action)
) STRICT, WITHOUT ROWID;
CREATE TABLE late (
    source INTEGER NOT NULL REFERENCES sources,
    received INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    delay INTEGER NOT NULL,
    PRIMARY KEY (source, received, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE notes (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
";
