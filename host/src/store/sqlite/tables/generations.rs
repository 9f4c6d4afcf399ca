//! What schema 2 added: the generations of components, and what they are proved on.

pub(super) const TABLES: &str = "
CREATE TABLE generations (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    component TEXT NOT NULL,                  -- as the configuration names it
    digest TEXT NOT NULL,
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    born INTEGER NOT NULL,
    ended INTEGER,
    state INTEGER NOT NULL,                   -- 0: current, 1: replaced, 2: taken back, 3: refused
    reason TEXT NOT NULL,
    configured TEXT NOT NULL,                 -- the digest of what the configuration named then
    probation INTEGER NOT NULL DEFAULT 0,
    lasting INTEGER NOT NULL DEFAULT 0,
    polls INTEGER NOT NULL DEFAULT 0,
    failures INTEGER NOT NULL DEFAULT 0,
    package BLOB                              -- of the current one, and of the one to go back to
) STRICT;
CREATE UNIQUE INDEX generations_current ON generations (component) WHERE state = 0;
CREATE TABLE kept (
    generation INTEGER NOT NULL REFERENCES generations,
    source INTEGER NOT NULL REFERENCES sources,
    stream INTEGER NOT NULL,
    body TEXT,                                -- absent while the stream has not begun
    through INTEGER,
    at INTEGER,
    finished INTEGER,                         -- of a backfill
    polls INTEGER NOT NULL DEFAULT 0,         -- of the live stream, since the generation became current
    PRIMARY KEY (generation, source, stream)
) STRICT, WITHOUT ROWID;
CREATE INDEX kept_by_source ON kept (source, stream);
CREATE TABLE transcripts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    source INTEGER NOT NULL REFERENCES sources,
    at INTEGER NOT NULL,
    sealed BLOB NOT NULL
) STRICT;
CREATE INDEX transcripts_by_source ON transcripts (source, id);
";
