//! The connections to the file, and the one way to write through them.

use std::{
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use parking_lot::FairMutex;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::{
    Access, Open, copy,
    fault::{self, Fault, Outcome},
    schema,
};
use crate::store::{Result, StoreError, StoreErrorKind};

/// The connection that writes. Whoever waits for it has it next: one who writes much in small steps lets others pass between two.
pub(super) struct Writes {
    pub(super) connection: FairMutex<Connection>,
    poisoned: AtomicBool,
}

/// The connection that only reads, by turns as well.
pub(super) struct Reads(FairMutex<Connection>);

pub(super) fn open(options: &Open) -> Result<(Option<Writes>, Option<Reads>)> {
    let during = |error: Fault| {
        let mut error = error.of("open it");
        error.message = format!("the store {}: {}", options.path.display(), error.message);
        error
    };
    match options.access {
        Access::Reader => {
            if options.vfs.is_none() && !options.path.exists() {
                let text = format!("there is no store at {} yet: `miro-source run` creates it", options.path.display());
                return Err(StoreError::new(StoreErrorKind::Unusable, text));
            }
            let reads = reader(options).map_err(during)?;
            schema::check(&reads, &options.key).map_err(during)?;
            Ok((None, Some(Reads(FairMutex::new(reads)))))
        }
        Access::Owner => {
            if options.vfs.is_none() {
                keep_private(&options.path)?;
            }
            let writes = writer(options).map_err(during)?;
            if options.vfs.is_none()
                && let Some(older) = schema::to_raise(&writes, &options.key).map_err(during)?
            {
                copy::keep(&options.path, &options.key, older)?;
            }
            schema::prepare(&writes, &options.key).map_err(during)?;
            let reads = match options.exclusive {
                true => None,
                false => Some(Reads(FairMutex::new(reader(options).map_err(during)?))),
            };
            Ok((Some(Writes { connection: FairMutex::new(writes), poisoned: AtomicBool::new(false) }), reads))
        }
    }
}

impl Reads {
    pub(super) fn call<T>(&self, what: &str, call: impl FnOnce(&Connection) -> Outcome<T>) -> Result<T> {
        let connection = self.0.lock();
        snapshot(&connection, call).map_err(|fault| schema::outdated(&connection, fault).of(what))
    }
}

impl Writes {
    /// Runs `call` in a transaction, which is on disk when this returns `Ok` and did nothing when it does not; except
    /// when the error says poisoned: then nobody knows.
    pub(super) fn call<T>(&self, what: &str, call: impl FnOnce(&Connection) -> Outcome<T>) -> Result<T> {
        let connection = self.connection.lock();
        self.fit(what)?;
        self.judge(transact(&connection, call).map_err(|fault| fault.of(what)))
    }

    /// Runs `call` outside of any transaction: for what SQLite does in none.
    pub(super) fn alone<T>(&self, what: &str, call: impl FnOnce(&Connection) -> Outcome<T>) -> Result<T> {
        let connection = self.connection.lock();
        self.fit(what)?;
        self.judge(call(&connection).map_err(|fault| fault.of(what)))
    }

    /// Reads through the writing connection, where there is no other.
    pub(super) fn read<T>(&self, what: &str, call: impl FnOnce(&Connection) -> Outcome<T>) -> Result<T> {
        let connection = self.connection.lock();
        self.judge(snapshot(&connection, call).map_err(|fault| fault.of(what)))
    }

    fn judge<T>(&self, result: Result<T>) -> Result<T> {
        if let Err(error) = &result
            && matches!(error.kind, StoreErrorKind::Poisoned | StoreErrorKind::Damaged)
        {
            self.poison();
        }
        result
    }

    pub(super) fn poison(&self) {
        self.poisoned.store(true, Ordering::Release);
    }

    fn fit(&self, what: &str) -> Result<()> {
        if self.poisoned.load(Ordering::Acquire) { Err(fault::poisoned(what)) } else { Ok(()) }
    }
}

/// One state of the database for all statements of `call`.
fn snapshot<T>(connection: &Connection, call: impl FnOnce(&Connection) -> Outcome<T>) -> Outcome<T> {
    let transaction = connection.unchecked_transaction()?;
    let result = call(&transaction)?;
    transaction.finish()?;
    Ok(result)
}

pub(super) fn transact<T>(connection: &Connection, call: impl FnOnce(&Connection) -> Outcome<T>) -> Outcome<T> {
    execute(connection, "BEGIN IMMEDIATE")?;
    let result = call(connection).and_then(|value| match execute(connection, "COMMIT") {
        Ok(()) => Ok(value),
        // A full disk is found while the log is appended to: SQLite takes that back by itself.
        Err(error) if matches!(error.sqlite_error_code(), Some(ErrorCode::DiskFull | ErrorCode::DatabaseBusy)) => Err(error.into()),
        Err(error) => Err(fault::unknown(format!("failed to commit: {error}: what is on disk is known only after a restart"))),
    });
    // Some errors roll back by themselves.
    if result.is_err()
        && !connection.is_autocommit()
        && let Err(error) = execute(connection, "ROLLBACK")
    {
        return Err(fault::unknown(format!("failed to roll back: {error}: what is on disk is known only after a restart")));
    }
    result
}

fn execute(connection: &Connection, sql: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(sql)?.execute([]).map(drop)
}

pub(super) fn writer(options: &Open) -> Outcome<Connection> {
    let connection = connect(options, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
    if options.exclusive {
        connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    }
    // What is not ours, or not ours yet, stays as it is.
    schema::recognize(&connection)?;
    // Before the first table, or it has no effect: the file shrinks as records go.
    connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    // In WAL mode the same as FULL. Before it, on the way there, it also keeps a deleted rollback journal from coming back
    // after power loss and taking the whole store with it.
    connection.pragma_update(None, "synchronous", "EXTRA")?;
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // What is deleted is overwritten: an erasure leaves nothing in the file.
    connection.pragma_update_and_check(None, "secure_delete", true, |_| Ok(()))?;
    connection.pragma_update(None, "cache_size", -16_000)?;
    connection.pragma_update(None, "journal_size_limit", 16 << 20)?;
    Ok(connection)
}

fn reader(options: &Open) -> Outcome<Connection> {
    let connection = connect(options, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

/// One connection that reads, for what takes long: nobody waits for it.
pub(super) fn single(options: &Open) -> Outcome<Connection> {
    connect(options, OpenFlags::SQLITE_OPEN_READ_ONLY)
}

fn connect(options: &Open, flags: OpenFlags) -> Outcome<Connection> {
    let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = match &options.vfs {
        Some(vfs) => Connection::open_with_flags_and_vfs(&options.path, flags, vfs.as_str())?,
        None => Connection::open_with_flags(&options.path, flags)?,
    };
    connection.busy_timeout(Duration::from_secs(10))?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

/// Makes the file readable by its owner only; SQLite gives `-wal` and `-shm` the same mode.
fn keep_private(path: &Path) -> Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let private = |options: &std::fs::OpenOptions| -> std::io::Result<()> {
        let file = options.open(path)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            if file.metadata()?.permissions().mode() & 0o077 != 0 {
                file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
            }
        }
        drop(file);
        Ok(())
    };
    private(&options).map_err(|cause| StoreError {
        kind: StoreErrorKind::Unusable,
        message: format!("failed to open the store {}: {cause}: check that its folder exists and may be written", path.display()),
        source: Some(cause.into()),
    })
}
