//! How loading and calling fail.

use std::fmt;

use audit_pipeline::{source::RefreshFailure, types::Failure};

use super::kind::Kind;

/// Why a component cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RuntimeError {
    /// The engine does not start here.
    #[error("failed to start the WebAssembly engine: {0}")]
    Engine(String),
    /// Not a component, or one that cannot be compiled.
    #[error("failed to compile the component: {0}")]
    Compile(String),
    /// It imports what no component gets.
    #[error(
        "the component imports `{import}`, which no component gets; a {kind} may import functions {allowed} (world {world}): build it without {import}",
        allowed = allowed(*kind), world = kind.world()
    )]
    Import {
        /// The import.
        import: String,
        /// What the component is for.
        kind: Kind,
    },
    /// Larger than anything that is loaded.
    #[error("the component has {0} bytes, at most {most} are loaded", most = super::limits::COMPONENT)]
    TooLarge(usize),
    /// It does not fit the world.
    #[error("the component does not fit the world {world}: {why}", world = kind.world())]
    World {
        /// What the component is for.
        kind: Kind,
        /// What does not fit.
        why: String,
    },
}

fn allowed(kind: Kind) -> String {
    match kind.allowed() {
        [] => "from nowhere".to_owned(),
        interfaces => format!("only from {}", interfaces.join(", ")),
    }
}

/// Why a call brought nothing.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum CallError {
    /// The component answered so, or the gate refused what the answer depends on.
    Failed(Failure),
    /// The component stopped itself: a bug in it.
    Trapped(String),
    /// It took longer than a call may.
    TimedOut,
    /// It needed more memory than a call may.
    OutOfMemory,
    /// It returned more than a call may.
    OutputTooLarge,
    /// It answered something that the contract forbids.
    Broken(String),
}

/// Why a refresh brought no credentials.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum RefreshError {
    /// Answered, or provable from outside: what may be done next is in it.
    Refused(RefreshFailure),
    /// No answer, and nothing left the gate: the pair is as good as before.
    BrokenUnsent(CallError),
    /// No answer, and a request may have reached the vendor: as good as [`RefreshFailure::Unknown`].
    Broken(CallError),
}

impl CallError {
    /// Whether it tells something about the component rather than about the vendor, the network or the configuration: it
    /// stopped, exceeded a limit, or broke its contract or took the vendor's for broken.
    pub fn tells_of_component(&self) -> bool {
        match self {
            Self::Trapped(_) | Self::TimedOut | Self::OutOfMemory | Self::OutputTooLarge | Self::Broken(_) => true,
            Self::Failed(failure) => matches!(failure, Failure::Protocol(_)),
        }
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(failure) => write_failure(f, failure),
            Self::Trapped(why) => write!(f, "the component stopped: {why}"),
            Self::TimedOut => f.write_str("the component took too long"),
            Self::OutOfMemory => f.write_str("the component needed more memory than it may have"),
            Self::OutputTooLarge => f.write_str("the component returned more than it may"),
            Self::Broken(what) => write!(f, "the component broke its contract: {what}"),
        }
    }
}

impl std::error::Error for CallError {}

impl fmt::Display for RefreshError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(RefreshFailure::Unsent(failure)) => {
                f.write_str("the refresh was not sent: ")?;
                write_failure(f, failure)
            }
            Self::Refused(RefreshFailure::Rejected(failure)) => {
                f.write_str("the refresh was refused: ")?;
                write_failure(f, failure)
            }
            Self::Refused(RefreshFailure::Unknown(why)) => write!(f, "the answer to the refresh was lost: {why}"),
            Self::BrokenUnsent(why) => write!(f, "the refresh was not sent: {why}"),
            Self::Broken(why) => write!(f, "the answer to the refresh was lost: {why}"),
        }
    }
}

impl std::error::Error for RefreshError {}

/// Why a step of a response was not taken, or may have been.
#[derive(Clone, Debug)]
pub struct RespondError {
    /// What went wrong.
    pub why: CallError,
    /// Whether its side effect may have happened all the same.
    pub uncertain: bool,
    /// What the vendor answered.
    pub trace: Option<audit_pipeline::responder::Trace>,
}

impl RespondError {
    /// Nothing left this machine.
    pub(super) fn unsent(why: CallError) -> Self {
        Self { why, uncertain: false, trace: None }
    }
}

impl fmt::Display for RespondError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.why.fmt(f)
    }
}

impl std::error::Error for RespondError {}

fn write_failure(f: &mut fmt::Formatter<'_>, failure: &Failure) -> fmt::Result {
    match failure {
        Failure::Throttled(None) => f.write_str("the vendor asks to slow down"),
        Failure::Throttled(Some(wait)) => write!(f, "the vendor asks to wait {} s", wait.div_ceil(1000)),
        Failure::Expired => f.write_str("the vendor refuses the access token"),
        Failure::Unavailable(text)
        | Failure::Unauthorized(text)
        | Failure::Forbidden(text)
        | Failure::Invalid(text)
        | Failure::Protocol(text) => f.write_str(text),
    }
}
