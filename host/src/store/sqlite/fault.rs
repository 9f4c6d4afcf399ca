//! SQLite's errors, by what to do about them.

use rusqlite::ErrorCode;

use crate::store::{StoreError, StoreErrorKind};

/// What a step inside a transaction returns.
pub(super) type Outcome<T> = std::result::Result<T, Fault>;

/// Why a step inside a transaction failed.
#[derive(Debug)]
pub(super) enum Fault {
    Sql(rusqlite::Error),
    Store(StoreError),
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Fault {
    /// As an error of the call `what`.
    pub(super) fn of(self, what: &str) -> StoreError {
        match self {
            Self::Store(error) => error,
            Self::Sql(error) => {
                let (kind, advice) = judge(&error);
                StoreError { kind, message: format!("failed to {what}: {error}{advice}"), source: Some(error.into()) }
            }
        }
    }
}

fn judge(error: &rusqlite::Error) -> (StoreErrorKind, &'static str) {
    use StoreErrorKind::{Conflict, Damaged, Poisoned, Retry, Unusable};
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => (Retry, ": free some space on the disk of the store"),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::OutOfMemory | ErrorCode::OperationInterrupted) => (Retry, ""),
        Some(ErrorCode::PermissionDenied | ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::AuthorizationForStatementDenied) => {
            (Unusable, ": check that the store's file and folder belong to this user and may be written")
        }
        Some(ErrorCode::NotADatabase) => (Unusable, ": check that the path names a store"),
        Some(ErrorCode::DatabaseCorrupt) => (Damaged, ": the file is damaged"),
        Some(ErrorCode::SystemIoFailure | ErrorCode::InternalMalfunction | ErrorCode::FileLockingProtocolFailed) => {
            (Poisoned, ": what is on disk is known only after a restart")
        }
        _ => (Conflict, ""),
    }
}

pub(super) fn conflict(message: impl Into<String>) -> Fault {
    StoreError::new(StoreErrorKind::Conflict, message).into()
}

pub(super) fn damaged(message: impl Into<String>) -> Fault {
    StoreError::new(StoreErrorKind::Damaged, message).into()
}

/// A commit or its opposite failed: nobody knows what came of it.
pub(super) fn unknown(message: impl Into<String>) -> Fault {
    StoreError::new(StoreErrorKind::Poisoned, message).into()
}

pub(super) fn read_only(what: &str) -> StoreError {
    StoreError::new(StoreErrorKind::Unusable, format!("failed to {what}: the store was opened for reading only"))
}

pub(super) fn poisoned(what: &str) -> StoreError {
    StoreError::new(
        StoreErrorKind::Poisoned,
        format!("failed to {what}: an earlier write or sync failed half-way, so what is on disk is known only after a restart"),
    )
}
