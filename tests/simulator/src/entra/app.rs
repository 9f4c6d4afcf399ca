//! An app registration in the tenant: what proves that it is itself, and what it may do.

use std::collections::BTreeSet;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{
    certificate::{Certificate, TEST_CERTIFICATE},
    refusal::Refusal,
};
use crate::directory::guid;

/// The application permissions that this Graph knows, see <https://learn.microsoft.com/en-us/graph/permissions-reference>.
pub const PERMISSIONS: &[&str] = &[
    "AuditLog.Read.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
    "Group.Read.All",
    "GroupMember.Read.All",
    "IdentityRiskyUser.ReadWrite.All",
    "Mail.Send",
    "RoleManagement.Read.Directory",
    "User.DeleteRestore.All",
    "User.EnableDisableAccount.All",
    "User.Read.All",
    "User.ReadWrite.All",
    "User.RevokeSessions.All",
];

/// A client secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Secret {
    /// The secret itself.
    pub value: String,
    /// Until when it holds, in milliseconds; without it, for ever.
    #[serde(default)]
    pub expires: Option<u64>,
}

/// An app registration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct App {
    /// Its application (client) id.
    pub client_id: String,
    /// Its client secrets.
    pub secrets: Vec<Secret>,
    /// Its certificates.
    pub certificates: Vec<Certificate>,
    /// The application permissions that an administrator consented to.
    pub permissions: BTreeSet<String>,
    /// Whether it holds a directory role that lets it touch administrators.
    pub privileged: bool,
}

impl App {
    /// The one that is there from the start: one secret, the test certificate, and every permission that is no superset of
    /// another.
    pub(crate) fn all(seed: u64) -> Self {
        let secret = URL_SAFE_NO_PAD.encode(Sha256::digest([b"app".as_slice(), &seed.to_le_bytes()].concat()));
        let all = PERMISSIONS.iter().filter(|name| !["Directory.ReadWrite.All", "User.ReadWrite.All"].contains(name));
        Self {
            client_id: guid(seed, "app", 0),
            secrets: vec![Secret { value: secret.chars().take(40).collect(), expires: None }],
            certificates: Certificate::parse(TEST_CERTIFICATE).into_iter().collect(),
            permissions: all.map(|name| (*name).to_owned()).collect(),
            privileged: false,
        }
    }

    /// The same under another id and with these permissions only.
    pub fn with_permissions(&self, client_id: &str, permissions: &[&str]) -> Self {
        let permissions = permissions.iter().map(|name| (*name).to_owned()).collect();
        Self { client_id: client_id.to_owned(), permissions, ..self.clone() }
    }

    pub(super) fn admits(&self, secret: &str, now: u64) -> Result<(), Refusal> {
        let known = self.secrets.iter().find(|known| known.value == secret).ok_or(Refusal::SECRET)?;
        if known.expires.is_some_and(|end| end <= now) { Err(Refusal::EXPIRED_SECRET) } else { Ok(()) }
    }
}
