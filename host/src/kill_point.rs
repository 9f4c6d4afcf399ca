//! Named places where a test may kill the process as a power cut would. Nothing at all without the feature `kill-points`,
//! which only the tests' own binary switches on.
//!
//! `MIRO_SOURCE_KILL_AT=committed:3` kills at the third passing of `committed`.

/// Where the process can be killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KillPoint {
    /// A page was fetched, nothing of it stored.
    Fetched,
    /// A page was committed.
    Committed,
    /// A sink accepted a batch, its cursor not moved.
    Accepted,
    /// The cursor was moved.
    CursorMoved,
    /// A refresh is journaled, not sent.
    Intent,
    /// A refresh was answered, the pair not stored.
    Answer,
    /// The new pair is stored.
    Renewed,
    /// A canary has a page in hand.
    Rehearsed,
    /// A candidate became current, its canary's pages not stored.
    Promoted,
    /// A channel took a message about an alert, that it did is not noted.
    Told,
    /// That an action begins is noted, its request not sent.
    Begun,
    /// An action was answered, that it was is not noted.
    Acted,
}

impl KillPoint {
    /// Every one of them.
    pub const ALL: [Self; 12] = [
        Self::Fetched,
        Self::Committed,
        Self::Accepted,
        Self::CursorMoved,
        Self::Intent,
        Self::Answer,
        Self::Renewed,
        Self::Rehearsed,
        Self::Promoted,
        Self::Told,
        Self::Begun,
        Self::Acted,
    ];

    /// Its name in `MIRO_SOURCE_KILL_AT`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fetched => "fetched",
            Self::Committed => "committed",
            Self::Accepted => "accepted",
            Self::CursorMoved => "cursor-moved",
            Self::Intent => "intent",
            Self::Answer => "answer",
            Self::Renewed => "renewed",
            Self::Rehearsed => "rehearsed",
            Self::Promoted => "promoted",
            Self::Told => "told",
            Self::Begun => "begun",
            Self::Acted => "acted",
        }
    }

    /// The process passes this place.
    #[cfg(not(feature = "kill-points"))]
    pub(crate) fn pass(self) {}

    /// The process passes this place, and ends here if a test asked for it.
    #[cfg(feature = "kill-points")]
    pub(crate) fn pass(self) {
        use std::sync::{
            LazyLock,
            atomic::{AtomicU64, Ordering},
        };
        static ASKED: LazyLock<Option<(String, u64)>> = LazyLock::new(|| {
            let text = std::env::var("MIRO_SOURCE_KILL_AT").ok()?;
            let (name, nth) = text.split_once(':')?;
            Some((name.to_owned(), nth.parse().ok()?))
        });
        static PASSED: AtomicU64 = AtomicU64::new(0);
        if let Some((name, nth)) = &*ASKED
            && name == self.as_str()
            && PASSED.fetch_add(1, Ordering::Relaxed) + 1 == *nth
        {
            // As `kill -9`: no destructor, no flush. Only the pid is ours to name.
            let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
        }
    }
}
