//! What an operator may set for acting, apart from what is set for reading.

use serde_json::{Map, Value};

use crate::{
    config::{origin, take, url, word},
    types::Failure,
};

/// JSON Schema (2020-12) of [`Config`], for `describe`.
pub const SCHEMA: &str = include_str!("config.schema.json");

const KEYS: [&str; 3] = ["api_url", "scim_url", "organization"];

/// The configuration of the Miro responder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Where the API is, without a slash at the end.
    pub api_url: String,
    /// Where SCIM is, without a slash at the end.
    pub scim_url: String,
    /// The organization's id: with it, members are looked up.
    pub organization: Option<String>,
}

impl Config {
    /// Reads the configuration; what is wrong becomes `failure.invalid` and names the key.
    pub fn parse(text: &str) -> Result<Self, Failure> {
        Self::read(text).map_err(Failure::Invalid)
    }

    fn read(text: &str) -> Result<Self, String> {
        let mut object: Map<String, Value> =
            serde_json::from_str(text).map_err(|error| format!("the configuration of the Miro responder is not a JSON object: {error}"))?;
        if let Some(unknown) = object.keys().find(|key| !KEYS.contains(&key.as_str())) {
            return Err(format!("the Miro responder has no key `{unknown}`; it has {}", KEYS.map(|known| format!("`{known}`")).join(", ")));
        }
        let organization = word("organization", take(&mut object, "organization", || None)?)?;
        if organization.as_ref().is_some_and(|id| !id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))) {
            return Err("`organization` is not the id of an organization at Miro; copy it from the address of its settings".to_owned());
        }
        Ok(Self {
            api_url: url("api_url", take(&mut object, "api_url", || "https://api.miro.com".to_owned())?)?,
            scim_url: url("scim_url", take(&mut object, "scim_url", || "https://miro.com/api/v1/scim".to_owned())?)?,
            organization,
        })
    }

    /// The origins that this configuration needs, each once.
    pub fn origins(&self) -> Vec<String> {
        let mut origins = vec![origin(&self.api_url).to_owned(), origin(&self.scim_url).to_owned()];
        origins.dedup();
        origins
    }
}
