//! What is known between two calls: compact JSON, written for ever. `fixtures/resolve-v1-*.json` hold what version 1 wrote.

use serde::{Deserialize, Serialize};

use crate::{
    graph::User,
    responder::{Account, Action},
    types::Failure,
};

/// The version that this component writes.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
pub(super) struct State {
    v: u32,
    #[serde(flatten)]
    at: At,
}

/// What comes next.
#[derive(Clone, Serialize, Deserialize)]
#[serde(tag = "at", rename_all = "lowercase")]
pub(super) enum At {
    /// The second search.
    Aliases,
    /// The roles of the account that was found.
    Roles(Reading),
}

/// An account whose roles are being read.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Reading {
    pub(super) account: Known,
    /// Those read so far.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) roles: Vec<String>,
    /// Pages read so far.
    #[serde(default)]
    pub(super) pages: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) link: Option<String>,
}

/// An account but for its roles.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Known {
    pub(super) id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    pub(super) emails: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) enabled: Option<bool>,
    /// It signs in at another tenant.
    #[serde(default)]
    pub(super) guest: bool,
    /// Another directory keeps it.
    #[serde(default)]
    pub(super) synced: bool,
}

impl State {
    pub(super) fn roles(account: Known) -> Result<String, Failure> {
        Self::text(At::Roles(Reading { account, roles: Vec::new(), pages: 0, link: None }))
    }

    pub(super) fn text(at: At) -> Result<String, Failure> {
        serde_json::to_string(&Self { v: VERSION, at })
            .map_err(|why| Failure::Invalid(format!("the state of the search cannot be written: {why}")))
    }

    pub(super) fn parse(text: &str) -> Result<At, Failure> {
        match serde_json::from_str::<Self>(text) {
            Ok(Self { v: VERSION, at }) => Ok(at),
            _ => Err(Failure::Invalid(
                "the state of the search is not one of this component, or of a newer version of it; begin again".to_owned(),
            )),
        }
    }
}

impl Known {
    /// `None` without an identifier.
    pub(super) fn of(user: &User) -> Option<Self> {
        Some(Self {
            id: user.id()?.to_owned(),
            name: user.name(),
            emails: user.addresses(),
            enabled: user.account_enabled.truth(),
            guest: user.is_guest(),
            synced: user.on_premises_sync_enabled.truth() == Some(true),
        })
    }

    /// With its roles.
    pub(super) fn with(self, roles: Option<Vec<String>>) -> Account {
        let mut obstacles = Vec::new();
        let mut add = |action, why: &str| obstacles.push((action, why.to_owned()));
        if self.guest {
            add(Action::SignOut, "it is a guest, who signs in at the home tenant: sessions there are not ended from here");
            add(Action::Suspend, "it is a guest, who signs in at the home tenant: disabled here, the account goes on there");
        }
        if self.synced {
            add(Action::Suspend, "it is synchronized from Active Directory, whose next synchronization enables it again; disable it there");
        }
        Account {
            id: self.id,
            name: self.name,
            emails: self.emails,
            enabled: self.enabled,
            roles,
            // The directory does not say, and counting the others would take their number in requests.
            last_administrator: false,
            obstacles,
        }
    }
}
