"""Where a source stands: checkpoint, ids seen, gaps and tokens, in one SQLite database, so that what belongs together is
kept together. Tokens lie in it as they are: its folder is for its owner only.
"""

import hashlib, os, sqlite3
from contextlib import contextmanager

# Longer than any event is read again.
REMEMBER = 100 * 86_400_000

SCHEMA = """
    CREATE TABLE IF NOT EXISTS seen (id TEXT PRIMARY KEY, time INTEGER) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS gap (start INTEGER, end INTEGER, cause TEXT);
    CREATE TABLE IF NOT EXISTS place (one INTEGER PRIMARY KEY CHECK (one = 1), checkpoint TEXT, configured TEXT,
        access TEXT, refresh TEXT, expires INTEGER, due INTEGER, attempts INTEGER DEFAULT 0);
    INSERT OR IGNORE INTO place (one) VALUES (1);
"""


class Owned(Exception):
    """Another process has it."""


class Place:
    """Owned by one process from opening to closing; every change is on disk when its call returns."""

    def __init__(self, folder):
        os.makedirs(folder, mode=0o700, exist_ok=True)
        os.umask(0o077)
        self.database = sqlite3.connect(os.path.join(folder, "place.db"), timeout=0, isolation_level=None)
        self.database.row_factory = sqlite3.Row
        try:
            # The first statement takes the lock, and this mode keeps it.
            self.database.execute("PRAGMA locking_mode = EXCLUSIVE")
            self.database.executescript("BEGIN EXCLUSIVE;" + SCHEMA + "COMMIT;")
        except sqlite3.OperationalError as why:
            if "locked" in str(why):
                raise Owned from why
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.database.close()

    def read(self):
        """All of it: checkpoint, configured, access, refresh, expires, due, attempts."""
        return self.database.execute("SELECT * FROM place").fetchone()

    def adopt(self, access, refresh):
        """Takes configured tokens once: from then on the kept pair is the newer one, until they are changed."""
        configured = hashlib.sha256(f"{access}\n{refresh}".encode()).hexdigest()
        if access and configured != self.read()["configured"]:
            self._tokens(access, refresh, None, None)
            self.database.execute("UPDATE place SET configured = ?", (configured,))

    def intend(self):
        self.database.execute("UPDATE place SET attempts = attempts + 1")

    def forget_intent(self):
        self.database.execute("UPDATE place SET attempts = 0")

    def renewed(self, access, refresh, expires, now):
        """A new pair; due two minutes, or a fifth of its life, before it ends."""
        self._tokens(access, refresh, expires, expires and expires - min(120_000, (expires - now) // 5))

    def _tokens(self, *values):
        self.database.execute("UPDATE place SET access = ?, refresh = ?, expires = ?, due = ?, attempts = 0", values)

    @contextmanager
    def step(self):
        """One page: all of it is kept, or nothing."""
        self.database.execute("BEGIN")
        try:
            yield Step(self.database)
        except BaseException:
            self.database.execute("ROLLBACK")
            raise
        self.database.execute("COMMIT")


class Step:
    def __init__(self, database):
        self.database = database

    def new(self, id, time):
        return self.database.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (id, time)).rowcount == 1

    def gap(self, start, end, cause):
        self.database.execute("INSERT INTO gap VALUES (?, ?, ?)", (start, end, cause))

    def checkpoint(self, checkpoint, through):
        self.database.execute("UPDATE place SET checkpoint = ?", (checkpoint,))
        self.database.execute("DELETE FROM seen WHERE time < ?", (through - REMEMBER,))
