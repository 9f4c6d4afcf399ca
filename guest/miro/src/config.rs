//! What an operator may set. Parsed once a call, at the boundary; what stands here is right.

use std::collections::BTreeMap;

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use crate::{length::Length, types::Failure};

/// JSON Schema (2020-12) of [`Config`], for `describe`.
pub const SCHEMA: &str = include_str!("config.schema.json");

/// The configuration of one Miro source.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// Where the API is, without a slash at the end.
    pub api_url: String,
    /// Where a person authorizes the app.
    pub authorize_url: String,
    /// The app's client id; OAuth needs it, a static token does not.
    pub client_id: Option<String>,
    /// The team to install the app for, where a person should not choose.
    pub team_id: Option<String>,
    /// How far the first live reading reaches back, in milliseconds.
    pub since: u64,
    /// The latenesses to read again for, in milliseconds, ascending, each once.
    pub revisit: Vec<u64>,
    /// The part of Miro's rate limit that live reading may use up, over 0 and up to 1.
    pub live_share: f64,
    /// The same for a fixed span.
    pub history_share: f64,
    /// Events asked for in one page.
    pub page_limit: u32,
    /// The longest stretch of time that one query covers, in milliseconds.
    pub window: u64,
    /// The largest answer that is read, in bytes.
    pub body_cap: u64,
    /// Further traits by event name.
    pub traits: BTreeMap<String, Vec<String>>,
}

const KEYS: [&str; 12] = [
    "api_url",
    "authorize_url",
    "client_id",
    "team_id",
    "since",
    "revisit",
    "live_share",
    "history_share",
    "page_limit",
    "window",
    "body_cap",
    "traits",
];

const YEAR: u64 = 366 * 86_400_000;
/// No event is looked for later: the ids that tell a late one from a known one are not kept for ever.
const LATEST: u64 = 60 * 86_400_000;

impl Config {
    /// Reads the configuration; what is wrong becomes `failure.invalid` and names the key.
    pub fn parse(text: &str) -> Result<Self, Failure> {
        Self::read(text).map_err(Failure::Invalid)
    }

    fn read(text: &str) -> Result<Self, String> {
        let mut object: Map<String, Value> =
            serde_json::from_str(text).map_err(|error| format!("the configuration of the Miro source is not a JSON object: {error}"))?;
        if let Some(unknown) = object.keys().find(|key| !KEYS.contains(&key.as_str())) {
            return Err(unknown_key(unknown));
        }
        let mut revisit: Vec<u64> = take(&mut object, "revisit", || vec![Length(600_000), Length(3_600_000), Length(86_400_000)])?
            .into_iter()
            .map(|Length(ms)| within("revisit", ms, 1000, LATEST).map(|()| ms))
            .collect::<Result<_, _>>()?;
        revisit.sort_unstable();
        revisit.dedup();
        let config = Self {
            api_url: url("api_url", take(&mut object, "api_url", || "https://api.miro.com".to_owned())?)?,
            authorize_url: url("authorize_url", take(&mut object, "authorize_url", || "https://miro.com/oauth/authorize".to_owned())?)?,
            client_id: word("client_id", take(&mut object, "client_id", || None)?)?,
            team_id: word("team_id", take(&mut object, "team_id", || None)?)?,
            since: take(&mut object, "since", || Length(86_400_000))?.0,
            revisit,
            live_share: share("live_share", take(&mut object, "live_share", || 1.0)?)?,
            history_share: share("history_share", take(&mut object, "history_share", || 0.5)?)?,
            page_limit: take(&mut object, "page_limit", || 100)?,
            window: take(&mut object, "window", || Length(86_400_000))?.0,
            body_cap: take(&mut object, "body_cap", || Size(8 << 20))?.0,
            traits: take(&mut object, "traits", BTreeMap::new)?,
        };
        within("since", config.since, 0, 10 * YEAR)?;
        within("window", config.window, 1000, YEAR)?;
        if !(1..=1000).contains(&config.page_limit) {
            return Err(format!("`page_limit` is {}; it must be from 1 to 1000", config.page_limit));
        }
        if !(65_536..=1 << 30).contains(&config.body_cap) {
            return Err(format!("`body_cap` is {} bytes; it must be from 64KiB to 1GiB", config.body_cap));
        }
        if let Some((event, _)) = config.traits.iter().find(|(_, traits)| traits.iter().any(|name| name.trim().is_empty())) {
            return Err(format!("`traits` gives {event:?} an empty trait; remove it"));
        }
        Ok(config)
    }

    /// The origins that this configuration needs: that of `api_url`. The authorization page is opened by a browser.
    pub fn origins(&self) -> Vec<String> {
        vec![origin(&self.api_url).to_owned()]
    }

    /// The longest lateness, 0 without tiers.
    pub fn longest(&self) -> u64 {
        self.revisit.last().copied().unwrap_or(0)
    }
}

/// A number of bytes: `8388608`, `"8MiB"`, `"512KiB"`.
struct Size(u64);

impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(from)?;
        let read = match &value {
            Value::Number(number) => number.as_u64(),
            Value::String(text) => bytes(text),
            _ => None,
        };
        read.map(Self).ok_or_else(|| serde::de::Error::custom(format!("{value} is not a size; write bytes, or \"8MiB\"")))
    }
}

fn bytes(text: &str) -> Option<u64> {
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let each: u64 = match unit.trim() {
        "" | "B" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        "kB" => 1000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(each)
}

pub(crate) fn take<T: DeserializeOwned>(object: &mut Map<String, Value>, key: &str, default: impl FnOnce() -> T) -> Result<T, String> {
    match object.remove(key) {
        None | Some(Value::Null) => Ok(default()),
        Some(value) => serde_json::from_value(value).map_err(|error| format!("`{key}`: {error}")),
    }
}

fn unknown_key(key: &str) -> String {
    let nearest = KEYS.iter().map(|known| (strsim::jaro_winkler(key, known), known)).max_by(|a, b| a.0.total_cmp(&b.0));
    match nearest {
        Some((near, known)) if near > 0.75 => format!("the Miro source has no key `{key}`; did you mean `{known}`?"),
        _ => format!("the Miro source has no key `{key}`; it has {}", KEYS.map(|known| format!("`{known}`")).join(", ")),
    }
}

fn within(key: &str, ms: u64, least: u64, most: u64) -> Result<(), String> {
    if (least..=most).contains(&ms) {
        return Ok(());
    }
    Err(format!("`{key}` is {}; it must be from {} to {}", Length(ms), Length(least), Length(most)))
}

fn share(key: &str, part: f64) -> Result<f64, String> {
    if part > 0.0 && part <= 1.0 {
        return Ok(part);
    }
    Err(format!("`{key}` is {part}; it is a part of the rate limit: over 0 and up to 1"))
}

pub(crate) fn word(key: &str, text: Option<String>) -> Result<Option<String>, String> {
    match text {
        Some(text) if text.trim().is_empty() => Err(format!("`{key}` is empty; set it or leave it out")),
        Some(text) => Ok(Some(text.trim().to_owned())),
        None => Ok(None),
    }
}

/// Scheme, host and port of an address that [`url`] has passed.
pub(crate) fn origin(url: &str) -> &str {
    let host = url.find("://").map_or(0, |at| at + 3);
    let end = url.get(host..).and_then(|rest| rest.find('/')).map_or(url.len(), |at| host + at);
    url.get(..end).unwrap_or(url)
}

pub(crate) fn url(key: &str, text: String) -> Result<String, String> {
    let text = text.trim().trim_end_matches('/');
    let wrong = |why: &str| format!("`{key}` is {text:?}, {why}; write it like \"https://api.miro.com\"");
    let (scheme, rest) = text.split_once("://").ok_or_else(|| wrong("which has no scheme"))?;
    let scheme = scheme.to_ascii_lowercase();
    if scheme != "https" && scheme != "http" {
        return Err(wrong("which is neither https nor http"));
    }
    let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    if authority.contains('@') {
        // Not repeated: what stands before an @ is a password more often than not.
        return Err(format!("`{key}` carries a user or password; remove it"));
    }
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (authority, None),
    };
    if host.is_empty() || !host.chars().all(|c| c.is_ascii_alphanumeric() || "-._[]:".contains(c)) {
        return Err(wrong("whose host is not one"));
    }
    if port.is_some_and(|port| port.parse::<u16>().is_err()) {
        return Err(wrong("whose port is not one"));
    }
    if path.contains(['?', '#']) || path.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(wrong("which is more than an address and a path"));
    }
    Ok(format!("{scheme}://{}{path}", authority.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests;
