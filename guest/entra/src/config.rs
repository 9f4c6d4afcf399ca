//! What an operator may set. Parsed once a call, at the boundary; what stands here is right.

use serde_json::{Map, Value};

use guest_source::length::Length;

use crate::{
    types::Failure,
    words::{is_guid, quoted},
};

/// JSON Schema (2020-12) of [`Config`], for `describe`.
pub const SCHEMA: &str = include_str!("config.schema.json");

/// One tenant, and the app that acts in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The tenant's identifier or one of its domains.
    pub tenant: String,
    /// The app's identifier.
    pub client_id: String,
    /// The origin of the token endpoint.
    pub login_url: String,
    /// The origin of Microsoft Graph.
    pub graph_url: String,
    /// The mailbox that messages are sent from.
    pub sender: Option<String>,
    /// What mail is written as.
    pub format: Format,
    /// The applications whose sign-ins are read, in lower case, each once. Empty: none are.
    pub applications: Vec<String>,
    /// How far the first live reading reaches back, in milliseconds.
    pub since: u64,
    /// The latenesses to read again for, in milliseconds, ascending, each once.
    pub revisit: Vec<u64>,
}

/// What mail is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Every character of the message escaped.
    Html,
    /// As it is.
    Text,
}

const KEYS: [&str; 9] = ["tenant", "client_id", "login_url", "graph_url", "sender", "format", "applications", "since", "revisit"];
/// As many as one filter holds beside its times: <https://learn.microsoft.com/graph/filter-query-parameter>.
const APPLICATIONS: usize = 10;
/// Each keeps a place of its own in the checkpoint.
const LATENESSES: usize = 8;
/// How long Entra keeps sign-ins with P1 or P2, in milliseconds:
/// <https://learn.microsoft.com/entra/identity/monitoring-health/reference-reports-data-retention>.
pub const KEPT: u64 = 30 * 86_400_000;
/// Words that stand for any tenant: an app by itself has to name one.
const ANY: [&str; 3] = ["common", "organizations", "consumers"];

impl Config {
    /// Reads the configuration; what is wrong becomes `failure.invalid` and names the key.
    pub fn parse(text: &str) -> Result<Self, Failure> {
        Self::read(text).map_err(Failure::Invalid)
    }

    fn read(text: &str) -> Result<Self, String> {
        let mut object: Map<String, Value> =
            serde_json::from_str(text).map_err(|error| format!("the configuration for Entra is not a JSON object: {error}"))?;
        if let Some(unknown) = object.keys().find(|key| !KEYS.contains(&key.as_str())) {
            return Err(unknown_key(unknown));
        }
        let tenant = needed(&mut object, "tenant", "the tenant's ID or one of its domains, from Overview in the Entra admin center")?;
        if ANY.contains(&tenant.to_ascii_lowercase().as_str()) {
            return Err(format!("`tenant` is {tenant:?}, which is any tenant; name the one, by its ID or one of its domains"));
        }
        if !tenant.starts_with(|c: char| c.is_ascii_alphanumeric())
            || !tenant.chars().all(|c| c.is_ascii_alphanumeric() || "-.".contains(c))
        {
            return Err(format!("`tenant` is {}, which is neither an ID nor a domain", quoted(&tenant)));
        }
        let client_id = needed(&mut object, "client_id", "the Application (client) ID of the app registration")?;
        Ok(Self {
            tenant,
            client_id,
            login_url: origin("login_url", word(&mut object, "login_url")?, "https://login.microsoftonline.com")?,
            graph_url: origin("graph_url", word(&mut object, "graph_url")?, "https://graph.microsoft.com")?,
            sender: word(&mut object, "sender")?,
            format: match word(&mut object, "format")?.as_deref() {
                None | Some("html") => Format::Html,
                Some("text") => Format::Text,
                Some(other) => return Err(format!("`format` is {}; it is \"html\" or \"text\"", quoted(other))),
            },
            applications: applications(&mut object)?,
            since: match word(&mut object, "since")? {
                Some(text) => length("since", &text, 0)?,
                None => 86_400_000,
            },
            revisit: revisit(&mut object)?,
        })
    }

    /// The origins that this configuration needs.
    pub fn origins(&self) -> Vec<String> {
        let mut origins = vec![self.login_url.clone(), self.graph_url.clone()];
        origins.dedup();
        origins
    }

    /// The applications whose sign-ins are read.
    ///
    /// # Errors
    /// `invalid` where none is named.
    pub fn applications(&self) -> Result<&[String], Failure> {
        if self.applications.is_empty() {
            return Err(Failure::Invalid(
                "`applications` is missing: the Application ID of each enterprise application whose sign-ins are read, such as Miro's, from \
                 its Overview under Enterprise applications in the Entra admin center"
                    .to_owned(),
            ));
        }
        Ok(&self.applications)
    }

    /// Where tokens come from, and whom an assertion is for.
    pub fn token_url(&self) -> String {
        format!("{}/{}/oauth2/v2.0/token", self.login_url, self.tenant)
    }
}

/// A text without spaces, where it is set.
fn word(object: &mut Map<String, Value>, key: &str) -> Result<Option<String>, String> {
    match object.remove(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => match text.trim() {
            "" => Err(format!("`{key}` is empty; set it or leave it out")),
            text if text.len() > 512 => Err(format!("`{key}` has {} bytes; it has 512 at most", text.len())),
            text if text.chars().any(|c| c.is_whitespace() || c.is_control()) => {
                Err(format!("`{key}` is {}, with a space in it", quoted(text)))
            }
            text => Ok(Some(text.to_owned())),
        },
        Some(_) => Err(format!("`{key}` is not a text")),
    }
}

/// A list of texts, where it is set.
fn list(object: &mut Map<String, Value>, key: &str) -> Result<Option<Vec<String>>, String> {
    let text = |value| match value {
        Value::String(text) => Ok(text.trim().to_owned()),
        _ => Err(format!("`{key}` has an entry that is not a text")),
    };
    match object.remove(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Array(values)) => values.into_iter().map(text).collect::<Result<_, _>>().map(Some),
        Some(_) => Err(format!("`{key}` is not a list")),
    }
}

fn applications(object: &mut Map<String, Value>) -> Result<Vec<String>, String> {
    let Some(ids) = list(object, "applications")? else { return Ok(Vec::new()) };
    if !(1..=APPLICATIONS).contains(&ids.len()) {
        return Err(format!("`applications` has {} entries; it has from 1 to {APPLICATIONS}, or is left out", ids.len()));
    }
    if let Some(odd) = ids.iter().find(|id| !is_guid(id)) {
        return Err(format!("`applications` has {}, which is not an Application ID; write it like \"{APPLICATION}\"", quoted(odd)));
    }
    let mut ids: Vec<String> = ids.iter().map(|id| id.to_ascii_lowercase()).collect();
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

const APPLICATION: &str = "6e7b768e-07e2-4810-8459-485f84f8f204";

fn revisit(object: &mut Map<String, Value>) -> Result<Vec<u64>, String> {
    let Some(texts) = list(object, "revisit")? else { return Ok(vec![900_000, 86_400_000]) };
    if texts.len() > LATENESSES {
        return Err(format!("`revisit` has {} entries; it has {LATENESSES} at most", texts.len()));
    }
    let mut lengths: Vec<u64> = texts.iter().map(|text| length("revisit", text, 1000)).collect::<Result<_, _>>()?;
    lengths.sort_unstable();
    lengths.dedup();
    Ok(lengths)
}

/// A length of time, no longer than Entra keeps sign-ins.
fn length(key: &str, text: &str, least: u64) -> Result<u64, String> {
    let Length(ms) = text.parse::<Length>().map_err(|_| {
        format!("`{key}` is {}, which is not a length of time; write it like \"10m\", \"24h\", \"7d\" or \"90s\"", quoted(text))
    })?;
    if (least..=KEPT).contains(&ms) {
        return Ok(ms);
    }
    Err(format!("`{key}` is {}; it must be from {} to {}, since Entra keeps sign-ins no longer", Length(ms), Length(least), Length(KEPT)))
}

fn needed(object: &mut Map<String, Value>, key: &str, what: &str) -> Result<String, String> {
    word(object, key)?.ok_or_else(|| format!("`{key}` is missing: {what}"))
}

fn unknown_key(key: &str) -> String {
    let nearest = KEYS.iter().map(|known| (strsim::jaro_winkler(key, known), known)).max_by(|a, b| a.0.total_cmp(&b.0));
    match nearest {
        Some((near, known)) if near > 0.75 => format!("the configuration for Entra has no key `{}`; did you mean `{known}`?", short(key)),
        _ => {
            format!("the configuration for Entra has no key `{}`; it has {}", short(key), KEYS.map(|known| format!("`{known}`")).join(", "))
        }
    }
}

fn short(key: &str) -> String {
    key.chars().take(60).collect()
}

/// Scheme, host and port, in lower case and without a slash at the end: links in answers are held against it.
fn origin(key: &str, text: Option<String>, default: &str) -> Result<String, String> {
    let Some(text) = text else { return Ok(default.to_owned()) };
    let text = text.trim_end_matches('/').to_ascii_lowercase();
    let wrong = |why: &str| format!("`{key}` is {}, {why}; write it like \"{default}\"", quoted(&text));
    let (scheme, authority) = text.split_once("://").ok_or_else(|| wrong("which has no scheme"))?;
    if scheme != "https" && scheme != "http" {
        return Err(wrong("which is neither https nor http"));
    }
    if authority.contains('@') {
        // Not repeated: what stands before an @ is a password more often than not.
        return Err(format!("`{key}` carries a user or password; remove it"));
    }
    if authority.contains(['/', '?', '#']) {
        return Err(wrong("which is more than an origin"));
    }
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (authority, None),
    };
    if host.is_empty() || !host.chars().all(|c| c.is_ascii_alphanumeric() || "-._[]:".contains(c)) {
        return Err(wrong("whose host is not one"));
    }
    match (scheme, port.map(str::parse::<u16>)) {
        (_, Some(Err(_))) => Err(wrong("whose port is not one")),
        ("https", Some(Ok(443))) | ("http", Some(Ok(80))) | (_, None) => Ok(format!("{scheme}://{host}")),
        (_, Some(Ok(port))) => Ok(format!("{scheme}://{host}:{port}")),
    }
}

#[cfg(test)]
mod tests;
