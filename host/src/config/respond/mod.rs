//! `[respond]`, `[[responder]]` and `[[action]]`: what is done to accounts where a policy finds something, by whom, and within
//! which bounds.
//!
//! `settings`, `responder` and `action` read one section each, `mail` what `notify` says. What only shows between them, the
//! sources and the policies is in `join` (who acts on whose accounts) and `aim` (what an action comes down to, and whether what
//! its policies find is enough for it: `evidence`; whose rule a name is: `named`). `advice` is what works and is perhaps not meant. [`reactions`] is what is left for the pipeline.

mod action;
mod advice;
mod aim;
mod evidence;
mod join;
mod mail;
mod named;
mod reactions;
mod responder;
mod settings;

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

pub(super) use self::{
    action::{Acting, action},
    advice::warnings,
    aim::aim,
    join::{clashes, found},
    responder::{Responding, responder},
    settings::respond,
};
pub use self::{mail::mail, reactions::reactions};
use super::{AssertionConfig, ComponentRef, SecretRef};
use crate::{
    alert::Severity,
    egress::Origin,
    model::{ResponderName, SourceName},
    respond::{Action, Caps, Guards, Mail},
};

/// `[respond]`: what holds for everything that is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RespondConfig {
    /// `enabled`: without it nothing acts, by hand either. Default `false`.
    pub enabled: bool,
    /// `dry_run`: what would be done is found out and logged, and not done. Default `true`.
    pub dry_run: bool,
    /// `act_within`: nothing is done about what is older, 1 minute to 24 hours. Default `1h`.
    pub act_within: Duration,
    /// `approve`: these wait for a person. Default none.
    pub approve: Vec<Action>,
    /// `four_eyes`: what waits for a person, and what a person orders that is drastic, takes a second one. Default `false`.
    pub four_eyes: bool,
    /// `suspensions_per_hour` and `suspensions_per_day`: how many may happen by themselves. Default 3 and 5.
    pub caps: Caps,
    /// `exclude`: nothing is done to these by itself, addresses and identifiers in lower case. Default none.
    pub exclude: Vec<String>,
    /// `administrators`: nothing drastic is done to these by itself. Default none.
    pub administrators: Vec<String>,
}

impl Default for RespondConfig {
    fn default() -> Self {
        Self {
            enabled: false,
            dry_run: true,
            act_within: Duration::from_secs(3600),
            approve: Vec::new(),
            four_eyes: false,
            caps: Caps::default(),
            exclude: Vec::new(),
            administrators: Vec::new(),
        }
    }
}

impl RespondConfig {
    /// Who is never acted on by itself, and how much at most.
    pub fn guards(&self) -> Guards {
        Guards {
            act_within: self.act_within,
            exclude: self.exclude.clone(),
            administrators: self.administrators.clone(),
            caps: self.caps,
            dry_run: self.dry_run,
            approve: self.approve.clone(),
            four_eyes: self.four_eyes,
        }
    }

    /// How many people have to approve what a policy asks for.
    pub fn approvals(&self, action: Action) -> u32 {
        match (self.approve.contains(&action), self.four_eyes) {
            (false, _) => 0,
            (true, false) => 1,
            (true, true) => 2,
        }
    }
}

/// `[[responder]]`: what acts on accounts at one vendor.
#[derive(Clone, Debug, PartialEq)]
pub struct ResponderConfig {
    /// `name`
    pub name: ResponderName,
    /// `component`: `builtin:entra`, `builtin:miro`, or a path.
    pub component: ComponentRef,
    /// `sources`: whose accounts it acts on. Never empty. May be left out while there is one source; in an included file it is
    /// about that file's sources.
    pub sources: Vec<SourceName>,
    /// `actions`: what it may do. `restore` is among them where `suspend` is. Empty only beside a `directory`.
    pub actions: Vec<Action>,
    /// `directory`, `interval` and `groups`: what it tells of people. Default nothing.
    pub directory: Option<DirectoryConfig>,
    /// `config`: the component's own, as JSON. Default `{}`.
    pub config: serde_json::Value,
    /// `secrets`: by the name the component asks for.
    pub secrets: BTreeMap<String, SecretRef>,
    /// What the secret `assertion` is made of, where it authenticates with one.
    pub assertion: Option<AssertionConfig>,
    /// `allow`: the origins granted. Never empty.
    pub allow: Vec<Origin>,
    /// The file it came from, for messages.
    pub file: PathBuf,
    /// The line of that file on which its `[[responder]]` stands, for messages.
    pub line: usize,
}

impl ResponderConfig {
    /// Where all that must stay secret is.
    pub fn guarded(&self) -> Vec<&SecretRef> {
        self.secrets.values().chain(self.assertion.as_ref().map(AssertionConfig::guarded)).collect()
    }

    /// Whether it is the one of that name that is built in.
    pub(crate) fn is_built_in(&self, name: &str) -> bool {
        matches!(&self.component, ComponentRef::Builtin(own) if own == name)
    }
}

/// `directory = true`, and what belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectoryConfig {
    /// `interval`: how often it is asked, 1 minute to 24 hours. Default `5m`.
    pub interval: Duration,
    /// `groups`: whose members are read, by name or identifier. Default none.
    pub groups: Vec<String>,
}

/// `[[action]]`: what is done where policies find something.
#[derive(Clone, Debug, PartialEq)]
pub struct ActionConfig {
    /// `policies`: rules of detectors and names of `[[policy]]`, `detector/rule` where several detectors of a source may have it.
    /// Never empty.
    pub policies: Vec<String>,
    /// `do`
    pub action: Action,
    /// `with`: who does it. Never empty; each may, and acts on accounts of one of `sources`. May be left out while of each source
    /// exactly one may.
    pub with: Vec<ResponderName>,
    /// `severity`: at least. Default high.
    pub severity: Severity,
    /// `subject`, `text`, `copy` and `manager`: of `notify`, with places to fill. A text is embedded.
    pub mail: Option<Mail>,
    /// Whose accounts: all sources, in an included file those of the file.
    pub sources: Vec<SourceName>,
}
