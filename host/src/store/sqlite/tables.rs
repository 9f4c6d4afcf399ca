//! The tables, as each version of the schema brought them. What was released is never changed again.

/// Schema 1.
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

/// What schema 2 added: the generations of components, and what they are proved on.
pub(super) const TABLES_2: &str = "
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

/// What schema 3 added: what was known of the events of a chunk when they were stored (`context`), what detectors found and
/// remember, the alerts that came of it, and what people are told of them.
///
/// What is searched for stands in columns; `body` is the whole as JSON.
pub(super) const TABLES_3: &str = "
ALTER TABLE chunks ADD COLUMN context BLOB;
CREATE TABLE detectors (
    source INTEGER NOT NULL REFERENCES sources,
    detector TEXT NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (source, detector)
) STRICT, WITHOUT ROWID;
CREATE TABLE profiles (
    source INTEGER NOT NULL REFERENCES sources,
    detector TEXT NOT NULL,
    subject TEXT NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (source, detector, subject)
) STRICT;
CREATE TABLE behaviours (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    source INTEGER NOT NULL REFERENCES sources,
    policy TEXT NOT NULL,
    who TEXT NOT NULL,                        -- identifier, e-mail address and name, lower case
    end INTEGER NOT NULL,
    found INTEGER NOT NULL,
    fate INTEGER NOT NULL,                    -- 0: quiet, 1: suppressed, 2: withheld, 3: repeated, 4: raised
    alert INTEGER,                            -- that it counts on
    body TEXT NOT NULL
) STRICT;
CREATE INDEX behaviours_by_end ON behaviours (end);
CREATE INDEX behaviours_by_policy ON behaviours (policy, end);
CREATE INDEX behaviours_by_alert ON behaviours (alert) WHERE alert IS NOT NULL;
CREATE INDEX behaviours_by_found ON behaviours (found);
CREATE TABLE alerts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    source INTEGER NOT NULL REFERENCES sources,
    policy TEXT NOT NULL,
    key TEXT NOT NULL,
    form INTEGER NOT NULL,                    -- 0: single, 1: limit, 2: incident
    state INTEGER NOT NULL,                   -- 0: open, 1: in progress, 2: closed
    who TEXT NOT NULL,                        -- identifier, e-mail address and name, lower case
    raised INTEGER NOT NULL,
    last_seen INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    incident INTEGER,                         -- that holds it
    body TEXT NOT NULL
) STRICT;
CREATE INDEX alerts_by_fingerprint ON alerts (source, policy, key, form);
CREATE INDEX alerts_by_policy ON alerts (source, policy, form, raised);
CREATE INDEX alerts_by_state ON alerts (state, last_seen);
CREATE INDEX alerts_by_incident ON alerts (incident) WHERE incident IS NOT NULL;
CREATE TABLE alert_places (
    source INTEGER NOT NULL REFERENCES sources,
    place TEXT NOT NULL,
    alert INTEGER NOT NULL REFERENCES alerts,
    PRIMARY KEY (source, place, alert)
) STRICT, WITHOUT ROWID;
CREATE INDEX alert_places_by_alert ON alert_places (alert);
CREATE TABLE alert_history (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    alert INTEGER NOT NULL REFERENCES alerts,
    at INTEGER NOT NULL,
    who TEXT,                                 -- absent: the host by itself
    change TEXT NOT NULL
) STRICT;
CREATE INDEX alert_history_by_alert ON alert_history (alert, id);
CREATE TABLE suppressions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    source INTEGER NOT NULL REFERENCES sources,
    policy TEXT NOT NULL,
    mark TEXT NOT NULL,                       -- of the user
    user TEXT NOT NULL,                       -- as they are called on screen
    alert INTEGER NOT NULL,
    who TEXT NOT NULL,
    since INTEGER NOT NULL,
    until INTEGER NOT NULL,
    lifted INTEGER,
    count INTEGER NOT NULL DEFAULT 0,
    latest INTEGER
) STRICT;
CREATE INDEX suppressions_by_mark ON suppressions (source, policy, mark);
CREATE INDEX suppressions_by_alert ON suppressions (alert);
CREATE TABLE outlets (
    sink TEXT NOT NULL,
    source INTEGER NOT NULL REFERENCES sources,
    format TEXT NOT NULL,
    PRIMARY KEY (source, sink)
) STRICT, WITHOUT ROWID;
CREATE TABLE alert_outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    sink TEXT NOT NULL,
    source INTEGER NOT NULL REFERENCES sources,
    alert INTEGER NOT NULL,
    activity TEXT NOT NULL,
    policy TEXT NOT NULL,
    body TEXT NOT NULL,
    refused TEXT                              -- why it is not sent again
) STRICT;
CREATE INDEX alert_outbox_in_order ON alert_outbox (sink, id) WHERE refused IS NULL;
CREATE INDEX alert_outbox_by_alert ON alert_outbox (alert, sink);
CREATE TABLE audiences (
    channel TEXT NOT NULL,
    source INTEGER NOT NULL REFERENCES sources,
    route TEXT NOT NULL,
    PRIMARY KEY (source, channel)
) STRICT, WITHOUT ROWID;
CREATE TABLE notices (
    channel TEXT NOT NULL,
    alert INTEGER NOT NULL,
    revision INTEGER NOT NULL,                -- counts its changes
    due INTEGER,                              -- since when there may be something to tell
    ready INTEGER NOT NULL DEFAULT 0,         -- not before
    told TEXT,                                -- what the channel knows of it
    refused TEXT,                             -- why it is not sent again
    PRIMARY KEY (channel, alert)
) STRICT, WITHOUT ROWID;
CREATE INDEX notices_in_order ON notices (channel, ready, due, alert) WHERE due IS NOT NULL;
CREATE INDEX notices_by_alert ON notices (alert);
CREATE TABLE ledgers (
    channel TEXT PRIMARY KEY,
    body TEXT NOT NULL
) STRICT, WITHOUT ROWID;
";

/// What schema 4 added: what is done about alerts, the log of it, and the people of directories.
///
/// The log is only ever added to: SQLite itself refuses everything else, from whoever opens the file without meaning to forge it.
pub(super) const TABLES_4: &str = "
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
