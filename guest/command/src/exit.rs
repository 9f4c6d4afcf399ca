//! How a run ends, in the numbers of the native host.

use std::fmt;

/// How a run ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// Caught up, everything written.
    Done = 0,
    /// Something is left; the next run goes on with it.
    Left = 1,
    /// This configuration cannot work.
    Configuration = 2,
    /// A person must authorize again, or change something at the vendor.
    Authorize = 3,
}

/// Why a run ends early.
#[derive(Debug, PartialEq, Eq)]
pub struct Ended {
    /// How.
    pub exit: Exit,
    /// Why, and what to do.
    pub why: String,
}

impl Ended {
    /// Something is left.
    pub fn left(why: impl Into<String>) -> Self {
        Self { exit: Exit::Left, why: why.into() }
    }

    /// The configuration cannot work.
    pub fn configuration(why: impl Into<String>) -> Self {
        Self { exit: Exit::Configuration, why: why.into() }
    }

    /// A person must act at the vendor.
    pub fn authorize(why: impl Into<String>) -> Self {
        Self { exit: Exit::Authorize, why: why.into() }
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

/// What a run or a part of it comes to.
pub type Result<T> = std::result::Result<T, Ended>;
