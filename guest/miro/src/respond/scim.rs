//! A user of Miro's SCIM (<https://developers.miro.com/reference/getting-started-4>, RFC 7644): found by name, switched off and on.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Config,
    account::{address, is_id},
    exchange::{self, Asked},
};
use crate::{
    http::{Method, Request, form},
    responder::Effect,
    types::Failure,
};

const FORBIDDEN: &str = "SCIM is not switched on in Company settings, or the organization's plan has none";

pub(super) const FIND: Asked = Asked {
    words: "GET /Users?filter=userName eq …",
    tried: "find the account in Miro's SCIM",
    effect: Effect::None,
    forbidden: FORBIDDEN,
    missing: "nothing answers there; check `scim_url`",
};

pub(super) const PATCH: Asked = Asked {
    words: "PATCH /Users/{id}",
    tried: "change the account in Miro's SCIM",
    effect: Effect::Repeatable,
    forbidden: FORBIDDEN,
    missing: "the account is not there any more, or is a guest, whom SCIM does not reach",
};

/// A user, as far as switching takes it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct User {
    pub(super) id: String,
    /// Whether it gets in; `None` where that is not said.
    pub(super) active: Option<bool>,
}

#[derive(Deserialize)]
struct Resource {
    #[serde(default)]
    id: Value,
    #[serde(default, rename = "userName")]
    user_name: Value,
    #[serde(default)]
    active: Value,
}

#[derive(Deserialize)]
struct List {
    #[serde(default, rename = "Resources")]
    resources: Option<Vec<Resource>>,
    #[serde(default, rename = "totalResults")]
    total: Value,
}

/// Who has that address as its name.
pub(super) fn find(config: &Config, token: &str, email: &str) -> Result<Request, Failure> {
    let filter = format!("userName eq {}", Value::from(email));
    let url = format!("{}/Users?{}", config.scim_url, form::encode(&[("filter", &filter)]));
    exchange::request(Method::Get, url, token, None)
}

/// Whoever was found. `Err` says what breaks SCIM's own contract; an empty list is nobody.
pub(super) fn found(text: &str, email: &str) -> Result<Vec<User>, &'static str> {
    let list: List = serde_json::from_str(text).map_err(|_| "the answer is no list of users")?;
    if list.resources.is_none() && list.total.as_u64() != Some(0) {
        return Err("the answer has no `Resources`");
    }
    let named = |resource: &Resource| resource.user_name.as_str().and_then(address).is_some_and(|name| name == email);
    list.resources.into_iter().flatten().filter(named).map(|resource| resource.user().ok_or("a user has no id")).collect()
}

/// That user switched off or on. As Miro documents it, the value is a text.
pub(super) fn patch(config: &Config, token: &str, id: &str, active: bool) -> Result<Request, Failure> {
    let operation = json!({ "op": "Replace", "path": "active", "value": active.to_string() });
    let body = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation] });
    exchange::request(Method::Patch, format!("{}/Users/{}", config.scim_url, form::encoded(id)), token, Some(body.to_string()))
}

/// Whether the user that came back gets in; `None` where the answer does not say.
pub(super) fn is_active(text: &str) -> Option<bool> {
    serde_json::from_str::<Resource>(text).ok()?.is_active()
}

impl Resource {
    fn is_active(&self) -> Option<bool> {
        self.active.as_bool().or_else(|| self.active.as_str().and_then(|text| text.to_ascii_lowercase().parse().ok()))
    }

    fn user(&self) -> Option<User> {
        let id = self.id.as_str().filter(|id| is_id(id))?;
        Some(User { id: id.to_owned(), active: self.is_active() })
    }
}
