//! How a message travels: the one thing that a webhook, a mail and a command have in common.

use std::{path::PathBuf, time::Duration};

use futures_util::future::BoxFuture;

use super::{Manner, Message};

/// Carries messages to one place.
pub trait Carrier: Send {
    /// Carries it once and says what became of it. Never waits to try again; dropping the future abandons the attempt, which may
    /// have arrived.
    fn carry<'a>(&'a mut self, message: &'a Message<'a>) -> BoxFuture<'a, Answer>;

    /// Whether everything that it needs can be read. Sends nothing. Returns what it found, for people.
    fn check(&mut self) -> BoxFuture<'_, Result<String, CarrierError>>;

    /// Who reads what it carries.
    fn manner(&self) -> Manner;

    /// The files of its secrets: one that changes may end what needs a person.
    fn files(&self) -> Vec<PathBuf>;
}

/// What became of a message, by what to do next. Texts are for people and hold no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is there.
    Accepted {
        /// What the far side said.
        said: String,
    },
    /// Carry it again later: it may have arrived, or not.
    Retry {
        /// Not before that long; otherwise after the worker's own backoff.
        after: Option<Duration>,
        /// What happened.
        reason: String,
    },
    /// A person must act; trying again soon is pointless.
    Paused {
        /// What to do.
        reason: String,
    },
    /// The far side says that something is wrong with the message.
    Refused {
        /// What it said.
        reason: String,
    },
}

/// Why nothing can be carried.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct CarrierError(pub String);
