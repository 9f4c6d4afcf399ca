//! What can go wrong with a store, by what to do about it.

/// What to do about a [`StoreError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// Another process owns the store.
    Locked,
    /// Wrong key, wrong file, newer schema, no permission: a person must act.
    Unusable,
    /// Disk full or busy: the call did nothing and may be repeated.
    Retry,
    /// The file is damaged: stop and start again; whoever owns it then sets it aside and goes on with a new one.
    Damaged,
    /// A write or sync failed half-way: stop and start again.
    Poisoned,
    /// The generation of the component that made this page was taken back meanwhile: the call did nothing; read the
    /// checkpoint again.
    TakenBack,
    /// What was asked does not fit what is stored (a stale version): a bug or a race lost.
    Conflict,
}

/// Why a store call failed.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct StoreError {
    /// What to do about it.
    pub kind: StoreErrorKind,
    /// For people: what was tried, what was wrong, what to do.
    pub message: String,
    /// The cause, where there is one.
    #[source]
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl StoreError {
    /// An error without a deeper cause.
    pub fn new(kind: StoreErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), source: None }
    }

    pub(crate) fn gone(gone: &tokio::task::JoinError) -> Self {
        Self::new(StoreErrorKind::Poisoned, format!("failed to finish a store call: {gone}"))
    }
}
