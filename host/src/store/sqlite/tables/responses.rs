//! What schema 4 added: what is done about alerts, the log of it, and the people of directories.
//!
//! The log is only ever added to: SQLite itself refuses everything else, from whoever opens the file without meaning to forge it.

pub(super) const TABLES: &str = "
CREATE TABLE reactions (
    source INTEGER NOT NULL REFERENCES sources,
    responder TEXT NOT NULL,
    action TEXT NOT NULL,
    digest TEXT NOT NULL,
    since INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (source, responder, action, digest)
) STRICT, WITHOUT ROWID;
CREATE TABLE responses (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    source INTEGER NOT NULL REFERENCES sources,
    responder TEXT NOT NULL,
    action TEXT NOT NULL,
    state TEXT NOT NULL,                      -- its word
    due INTEGER NOT NULL,
    alert INTEGER,
    key TEXT,                                 -- of what a policy made: the same is not made twice
    who TEXT NOT NULL,                        -- identifiers, e-mail addresses and names, lower case
    changed INTEGER NOT NULL,
    suspended INTEGER,                        -- since when it counts as a suspension that happened by itself
    body TEXT NOT NULL
) STRICT;
CREATE INDEX responses_due ON responses (responder, due, id) WHERE state IN ('pending', 'running');
CREATE INDEX responses_by_state ON responses (state, changed);
CREATE INDEX responses_by_changed ON responses (changed);
CREATE INDEX responses_by_alert ON responses (alert) WHERE alert IS NOT NULL;
CREATE INDEX responses_suspended ON responses (source, suspended) WHERE suspended IS NOT NULL;
CREATE UNIQUE INDEX responses_once ON responses (source, key) WHERE key IS NOT NULL;
CREATE TABLE governance (
    number INTEGER PRIMARY KEY,               -- from 1, without a hole
    body TEXT NOT NULL,
    previous TEXT NOT NULL,
    hash TEXT NOT NULL
) STRICT;
CREATE TRIGGER governance_is_added_to BEFORE INSERT ON governance
WHEN NEW.number IS NOT (SELECT coalesce(max(number), 0) + 1 FROM governance)
BEGIN SELECT RAISE(ABORT, 'the governance log is only added to, at its end'); END;
CREATE TRIGGER governance_is_not_changed BEFORE UPDATE ON governance
BEGIN SELECT RAISE(ABORT, 'the governance log is only added to: nothing in it is changed'); END;
CREATE TRIGGER governance_is_not_cut BEFORE DELETE ON governance
BEGIN SELECT RAISE(ABORT, 'the governance log is only added to: nothing is taken out of it'); END;
CREATE TABLE directories (
    directory TEXT PRIMARY KEY,               -- the responder that is one
    checkpoint TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE people (
    directory TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT,
    state INTEGER NOT NULL,                   -- 0: active, 1: disabled, 2: deleted
    since INTEGER NOT NULL,                   -- of the state: as the directory says, else when it was learned
    learned INTEGER NOT NULL,
    PRIMARY KEY (directory, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX people_departed ON people (directory, id) WHERE state <> 0;
CREATE TABLE person_addresses (
    directory TEXT NOT NULL,
    address TEXT NOT NULL,                    -- lower case
    person TEXT NOT NULL,
    place INTEGER NOT NULL,
    PRIMARY KEY (directory, address, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX person_addresses_by_person ON person_addresses (directory, person, place);
CREATE TABLE member_groups (
    directory TEXT NOT NULL,
    name TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (directory, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE members (
    directory TEXT NOT NULL,
    name TEXT NOT NULL,                       -- of the group
    person TEXT NOT NULL,
    emails TEXT NOT NULL,
    PRIMARY KEY (directory, name, person)
) STRICT, WITHOUT ROWID;
";
