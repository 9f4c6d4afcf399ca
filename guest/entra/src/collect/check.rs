//! Whether sign-ins may be read with a token.

use serde::de::IgnoredAny;

use super::query::{self, PERMISSION};
use crate::{
    config::Config,
    graph::{Ask, Page},
    http::{Answer, Request},
    source::Identity,
    types::{Entity, Failure},
};

const TRIED: &str = "check whether sign-ins may be read";

/// Asks for one sign-in. The token says nothing of itself that a component could judge, so what it may do is tried.
pub fn check(config: &Config, token: &str, send: impl FnOnce(Request, u64) -> Answer) -> Result<Identity, Failure> {
    let ask = Ask::get(config, query::WORDS, &query::any(config.applications()?));
    let reply = ask.send(token, &["check", &config.tenant], 0, send)?;
    let named = |kind: &str, id: &str| Some(Entity { kind: Some(kind.to_owned()), id: Some(id.to_owned()), name: None });
    let identity = Identity {
        organization: named("tenant", &config.tenant),
        user: named("application", &config.client_id),
        scopes: vec![PERMISSION.to_owned()],
        missing: Vec::new(),
    };
    if reply.refused() == Some(403) && !query::is_unlicensed(&reply) {
        return Ok(Identity { scopes: Vec::new(), missing: vec![PERMISSION.to_owned()], ..identity });
    }
    query::judged::<Page<IgnoredAny>>(&reply, TRIED).map(|_| identity)
}
