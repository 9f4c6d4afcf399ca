//! What schema 5 added of conditions: what is so and ends, and that channels are told of it as they are of alerts.

pub(super) const TABLES: &str = "
CREATE TABLE conditions (
    key TEXT PRIMARY KEY,                     -- its kind and subject
    ended INTEGER,                            -- absent while it is so
    body TEXT NOT NULL
) STRICT, WITHOUT ROWID;
DROP INDEX notices_in_order;
DROP INDEX notices_by_alert;
ALTER TABLE notices RENAME TO notices_of_alerts;
CREATE TABLE notices (
    channel TEXT NOT NULL,
    alert INTEGER NOT NULL,                   -- 0 for a condition
    condition TEXT NOT NULL DEFAULT '',       -- its key; empty for an alert
    revision INTEGER NOT NULL,                -- counts its changes
    due INTEGER,                              -- since when there may be something to tell
    ready INTEGER NOT NULL DEFAULT 0,         -- not before
    told TEXT,                                -- what the channel knows of it
    refused TEXT,                             -- why it is not sent again
    PRIMARY KEY (channel, alert, condition)
) STRICT, WITHOUT ROWID;
INSERT INTO notices (channel, alert, revision, due, ready, told, refused)
    SELECT channel, alert, revision, due, ready, told, refused FROM notices_of_alerts;
DROP TABLE notices_of_alerts;
CREATE INDEX notices_in_order ON notices (channel, ready, due, alert) WHERE due IS NOT NULL;
CREATE INDEX notices_by_alert ON notices (alert, condition);
";
