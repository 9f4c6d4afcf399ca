//! What a component is for: which world it fits, what it may import, and what it must export.

use std::fmt;

/// The kind of a component. Decides its allow-list, so a detector that asks for HTTP is refused when it is loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// World `http-source`: a vendor's audit log, over HTTP.
    Source,
    /// World `pure-detector`: judges events, reaches nothing.
    Detector,
    /// World `http-responder`: acts on accounts, over HTTP.
    Responder,
    /// World `http-directory`: tells who left and who belongs where, over HTTP.
    Directory,
}

/// The interfaces whose functions and resources a component that talks HTTP may import, whatever their patch version.
const HTTP: &[&str] = &[
    "wasi:http/types",
    "wasi:http/outgoing-handler",
    "wasi:io/error",
    "wasi:io/poll",
    "wasi:io/streams",
    // Timers for its own patience. It can read how much time passed, not what time it is.
    "wasi:clocks/monotonic-clock",
];

impl Kind {
    /// The interfaces it may import functions and resources from.
    pub fn allowed(self) -> &'static [&'static str] {
        match self {
            Self::Source | Self::Responder | Self::Directory => HTTP,
            Self::Detector => &[],
        }
    }

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Detector => "detector",
            Self::Responder => "responder",
            Self::Directory => "directory",
        }
    }

    /// Its world.
    pub fn world(self) -> &'static str {
        match self {
            Self::Source => "audit:pipeline/http-source@0.1.0",
            Self::Detector => "audit:pipeline/pure-detector@0.1.0",
            Self::Responder => "audit:pipeline/http-responder@0.1.0",
            Self::Directory => "audit:pipeline/http-directory@0.1.0",
        }
    }

    /// The interface that describes it.
    pub(super) fn interface(self) -> &'static str {
        match self {
            Self::Source => "audit:pipeline/source@0.1.0",
            Self::Detector => "audit:pipeline/detector@0.1.0",
            Self::Responder => "audit:pipeline/responder@0.1.0",
            Self::Directory => "audit:pipeline/directory@0.1.0",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
