//! What else the governance log tells: what people did to the host itself, and what changed under it.

use serde::{Deserialize, Serialize};

use crate::model::{Instant, SourceName};

/// One of these.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deed {
    /// When.
    pub at: Instant,
    /// Who: the user of the operating system. `None`: nobody, it was found so.
    pub who: Option<String>,
    /// What was done, or found.
    pub deed: Kind,
    /// To what, in a few words.
    pub about: String,
    /// The one source whose business it is, and that of the sinks which get its alerts. `None`: that of the whole host, and of the sinks
    /// which get those of every source. No part of the record.
    #[serde(skip)]
    pub source: Option<SourceName>,
}

/// What was done. A word once written stays: the log holds it for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A person begins something that changes what the host holds or does.
    Asks,
    /// What was begun did not come to be.
    Failed,
    /// The host runs with another configuration than before.
    Configuration,
    /// A source may reach other origins than before, or is authorized in another way.
    Grant,
    /// Another generation of a component is used.
    Component,
    /// The store is an older one than was written, or a copy: what was done since is not in it.
    Restored,
    /// A day is over: how far the log had got.
    Head,
}

impl Kind {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Asks => "asks",
            Self::Failed => "failed",
            Self::Configuration => "configuration",
            Self::Grant => "grant",
            Self::Component => "component",
            Self::Restored => "restored",
            Self::Head => "head",
        }
    }
}

/// Something that is recorded only when it is another than the last time.
#[derive(Clone, Copy, Debug)]
pub struct Turn<'a> {
    /// The note that remembers it.
    pub note: &'a str,
    /// What it is.
    pub value: &'a str,
}
