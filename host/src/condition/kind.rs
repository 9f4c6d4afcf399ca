//! What there is to know.

use serde::{Deserialize, Serialize};

/// What kind of thing is so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A source needs a person, or has not healed by itself for a while.
    Source,
    /// A sink needs a person.
    Sink,
    /// Events wait for a sink for too long.
    Undelivered,
    /// A source brings nothing, where it usually does.
    Silent,
    /// Collection stands still, and what is not read will soon not be kept at the vendor any more.
    Gap,
    /// A stretch of the log is not stored, and nobody has read it since.
    Lost,
    /// A refresh token is near its end.
    Refresh,
    /// A certificate is.
    Certificate,
    /// A source has event names that nothing is known of.
    Names,
    /// The daily check fails.
    Check,
    /// Something that is configured does not run.
    Refused,
    /// A channel tells nobody.
    Channel,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Source,
        Self::Sink,
        Self::Undelivered,
        Self::Silent,
        Self::Gap,
        Self::Lost,
        Self::Refresh,
        Self::Certificate,
        Self::Names,
        Self::Check,
        Self::Refused,
        Self::Channel,
    ];

    /// Its name, in the store, on screen and for machines.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Sink => "sink",
            Self::Undelivered => "undelivered",
            Self::Silent => "silent",
            Self::Gap => "gap",
            Self::Lost => "lost",
            Self::Refresh => "refresh",
            Self::Certificate => "certificate",
            Self::Names => "names",
            Self::Check => "check",
            Self::Refused => "refused",
            Self::Channel => "channel",
        }
    }

    /// What Sumo Logic's health events call the tracker.
    pub fn tracker(self) -> &'static str {
        match self {
            Self::Source => "SourceError",
            Self::Sink => "SinkPaused",
            Self::Undelivered => "EventsUndelivered",
            Self::Silent => "SourceSilent",
            Self::Gap => "GapGrowing",
            Self::Lost => "EventsLost",
            Self::Refresh => "RefreshTokenExpiring",
            Self::Certificate => "CertificateExpiring",
            Self::Names => "EventNamesUnmapped",
            Self::Check => "CheckFailed",
            Self::Refused => "ComponentRefused",
            Self::Channel => "ChannelFailed",
        }
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}
