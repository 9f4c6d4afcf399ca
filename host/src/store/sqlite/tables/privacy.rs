//! What schema 6 added: who was erased, by nothing but keyed hashes.

pub(super) const TABLES: &str = "
CREATE TABLE erased (
    source INTEGER NOT NULL,                  -- whose events; 0: of every source
    hash BLOB NOT NULL,                       -- keyed, of an identity
    kind INTEGER NOT NULL,                    -- 0: an account, 1: a name
    words INTEGER NOT NULL,                   -- how large it was, so that not everything is hashed
    bytes INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (source, hash)
) STRICT, WITHOUT ROWID;
CREATE TABLE clean (
    yes INTEGER NOT NULL                      -- a row: nothing that was ever deleted is left in the file
) STRICT;
";
