//! The words of the domain as types that cannot be mixed: names, places in the log, instants, lanes.

use std::{fmt, str::FromStr, time::Duration};

use serde::{Deserialize, Serialize};

/// The name of a `[[source]]`: 1 to 64 of `a-z A-Z 0-9 _ -`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SourceName(std::sync::Arc<str>);

/// The name of a `[[sink]]`: 1 to 64 of `a-z A-Z 0-9 _ -`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SinkName(std::sync::Arc<str>);

/// The name of a detector: 1 to 64 of `a-z A-Z 0-9 _ -`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DetectorName(std::sync::Arc<str>);

/// The name of a `[[notify]]`, which is a channel: 1 to 64 of `a-z A-Z 0-9 _ -`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ChannelName(std::sync::Arc<str>);

/// The name of a `[[responder]]`: 1 to 64 of `a-z A-Z 0-9 _ -`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ResponderName(std::sync::Arc<str>);

/// The name of a `[[threat-list]]`: 1 to 64 of `a-z A-Z 0-9 _ -`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ListName(std::sync::Arc<str>);

/// A name that is not one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a name is 1 to 64 letters, digits, '_' or '-'")]
pub struct InvalidName;

macro_rules! name {
    ($name:ident) => {
        impl $name {
            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl FromStr for $name {
            type Err = InvalidName;
            fn from_str(text: &str) -> Result<Self, InvalidName> {
                let fits = |c: u8| c.is_ascii_alphanumeric() || c == b'_' || c == b'-';
                if (1..=64).contains(&text.len()) && text.bytes().all(fits) { Ok(Self(text.into())) } else { Err(InvalidName) }
            }
        }
        impl TryFrom<String> for $name {
            type Error = InvalidName;
            fn try_from(text: String) -> Result<Self, InvalidName> {
                text.parse()
            }
        }
        impl From<$name> for String {
            fn from(name: $name) -> String {
                name.0.as_ref().to_owned()
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}
name!(SourceName);
name!(SinkName);
name!(DetectorName);
name!(ChannelName);
name!(ResponderName);
name!(ListName);

/// A point in time: milliseconds since the Unix epoch, UTC. The same number as the contract's `instant`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Instant(pub u64);

impl Instant {
    /// The beginning of 1970.
    pub const EPOCH: Self = Self(0);
    /// Later than anything.
    pub const FAR: Self = Self(i64::MAX as u64);

    /// The wall clock of this machine.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the wall clock")]
    pub fn system() -> Self {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Self(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
    }

    /// How long after `earlier`; zero where it is not after.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }

    /// That much later, never overflowing.
    pub fn plus(self, by: Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(by.as_millis()).unwrap_or(u64::MAX)))
    }

    /// That much earlier, not before 1970.
    pub fn minus(self, by: Duration) -> Self {
        Self(self.0.saturating_sub(u64::try_from(by.as_millis()).unwrap_or(u64::MAX)))
    }

    /// As part of a file's name: `20260601T120203.123Z`. Two of one second differ.
    pub fn compact(self) -> String {
        self.to_string().replace([':', '-'], "")
    }
}

impl fmt::Display for Instant {
    /// RFC 3339 in UTC with milliseconds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match i64::try_from(self.0).ok().and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok()) {
            Some(at) => write!(f, "{at:.3}"),
            None => write!(f, "{} ms", self.0),
        }
    }
}

/// A place in the log: grows by commit, has holes, is never reused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seq(pub i64);

/// The number of a generation in a store's history: grows, is never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GenerationNumber(pub i64);

impl fmt::Display for GenerationNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// How an event came into the log, which is also how urgently it is delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lane {
    /// Read for the first time, soon after it happened.
    Live,
    /// Arrived after its window had been read.
    Late,
    /// Asked for by a backfill.
    History,
}

impl Lane {
    /// In order of delivery.
    pub const ALL: [Self; 3] = [Self::Live, Self::Late, Self::History];

    /// Its name in the database, the configuration and on screen.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Late => "late",
            Self::History => "history",
        }
    }
}

impl fmt::Display for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// One reading machine of a source, with a checkpoint of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stream {
    /// The live span and its revisits.
    Live,
    /// A backfill, by its number.
    History(i64),
}
