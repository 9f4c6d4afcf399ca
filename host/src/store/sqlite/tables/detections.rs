//! What schema 3 added: what was known of the events of a chunk when they were stored (`context`), what detectors found and
//! remember, the alerts that came of it, and what people are told of them.
//!
//! What is searched for stands in columns; `body` is the whole as JSON.

pub(super) const TABLES: &str = "
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
