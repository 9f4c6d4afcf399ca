//! How a command ends, in numbers that cron and systemd understand.

use crate::{
    config::{ConfigErrors, NotFound, secret::SecretError},
    egress::NetworkError,
    enrich::FeedErrors,
    sink::SinkError,
    store::{StoreError, StoreErrorKind},
    trust::Refused,
};

/// How a command ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// Everything asked for is done.
    Done = 0,
    /// Something is left, parked, or went wrong in passing: it says what.
    Left = 1,
    /// The configuration cannot work.
    Configuration = 2,
    /// A person must authorize again.
    Authorize = 3,
    /// Another process owns the store.
    Owned = 4,
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// An error that knows how the command ends.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Ended {
    /// How.
    pub exit: Exit,
    /// Why, for people.
    pub message: String,
}

impl Ended {
    /// Ends a command with an explanation.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into() }
    }
}

/// How an error ends a command.
pub(super) fn of(error: &anyhow::Error) -> Exit {
    error.chain().find_map(known).unwrap_or(Exit::Left)
}

fn known(cause: &(dyn std::error::Error + 'static)) -> Option<Exit> {
    if let Some(ended) = cause.downcast_ref::<Ended>() {
        return Some(ended.exit);
    }
    if cause.is::<ConfigErrors>()
        || cause.is::<NotFound>()
        || cause.is::<SecretError>()
        || cause.is::<SinkError>()
        || cause.is::<NetworkError>()
        || cause.is::<FeedErrors>()
        || matches!(cause.downcast_ref::<Refused>(), Some(Refused::Distrusted(_)))
    {
        return Some(Exit::Configuration);
    }
    let store = cause.downcast_ref::<StoreError>()?;
    Some(match store.kind {
        StoreErrorKind::Locked => Exit::Owned,
        StoreErrorKind::Unusable => Exit::Configuration,
        _ => Exit::Left,
    })
}

/// Writes a line of results to standard output.
pub(super) fn say(line: std::fmt::Arguments<'_>) {
    use std::io::Write as _;
    if let Err(why) = writeln!(std::io::stdout().lock(), "{line}") {
        if why.kind() == std::io::ErrorKind::BrokenPipe {
            std::process::exit(Exit::Done as i32);
        }
        // Where even this cannot be said, the exit code is all there is.
        let _ = writeln!(std::io::stderr(), "miro-source: failed to write to standard output: {why}");
        std::process::exit(Exit::Left as i32);
    }
}
