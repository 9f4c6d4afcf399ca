//! `[store]`, `[network]`, `[log]`, `[web]`, `[health]`: what holds for the whole host.

use std::time::Duration;

use toml::de::DeValue;

use super::{
    HealthConfig, NetworkConfig, SecretRef, StoreConfig, WebConfig,
    document::Document,
    locate::key_path,
    reference::reference,
    section::{Entry, Section, listed, nearest},
    sink::truth,
    units,
};
use crate::{
    egress::nat64::Nat64,
    store::room::{Limits, RESERVE},
};

pub(super) const DAY: Duration = Duration::from_secs(86_400);
/// What stays free where nothing is said: enough for this host to go on by, and little beside a disk.
const MIN_FREE: u64 = 256_000_000;
/// How long closed alerts are kept where nothing is said: a year, and a month to write about it.
const ALERTS: Duration = Duration::from_secs(400 * 86_400);
/// How long behaviours are: what an investigation looks back to.
const BEHAVIOURS: Duration = Duration::from_secs(90 * 86_400);

/// `[log]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogConfig {
    /// `format`: how a line looks. Default `text`.
    pub format: LogFormat,
    /// `level`: `error`, `warn`, `info`, `debug` or `trace`, or a list such as `info,miro_source::sink=debug`. Default `info`.
    pub level: String,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self { format: LogFormat::Text, level: "info".to_owned() }
    }
}

/// How a line of the log looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

pub(super) fn store(document: &Document, root: &Section<'_>) -> Option<StoreConfig> {
    let help = "write [store] on a line of its own and its keys below";
    let section = root.entry("store").map(|mut entry| {
        entry.label = "[store]".to_owned();
        entry.table(&["path", "key", "retention", "alerts_retention", "behaviours_retention", "max_size", "min_free"], help)
    });
    let section = match section {
        Some(Some(section)) => Some(section),
        Some(None) => return None,
        None => None,
    };
    let entry = |key: &str| section.as_ref().and_then(|section| section.entry(key));
    let path = match entry("path") {
        Some(entry) => document.path(entry.text("name the database file, like path = \"miro-source.db\"")?),
        None => document.path("miro-source.db"),
    };
    let key = match entry("key") {
        Some(entry) => reference(&entry)?,
        None => match key_path() {
            Some(path) => SecretRef::File(path),
            None => {
                document.note_file(
                    "`key` is missing in [store], and neither XDG_CONFIG_HOME nor HOME says where the usual one is",
                    "write [store] and below it key = { file = \"/etc/miro-source/key\" }",
                );
                return None;
            }
        },
    };
    let kept = |name: &str, usual: Duration, like: &str| match entry(name) {
        Some(entry) => duration(&entry, DAY..=DAY * 36_500, "a duration of at least a day", like),
        None => Some(usual),
    };
    let retention = kept("retention", DAY * 30, "write it like \"30d\"")?;
    let alerts_retention = kept("alerts_retention", retention.max(ALERTS), "write it like \"400d\"")?;
    let behaviours_retention = kept("behaviours_retention", retention.max(BEHAVIOURS), "write it like \"90d\"")?;
    let size = |name: &str, within: std::ops::RangeInclusive<u64>, expected: &str, like: &str| match entry(name) {
        Some(entry) => size(&entry, within, expected, like).map(Some),
        None => Some(None),
    };
    let like = "write it like max_size = \"20GB\", or leave it out";
    let max_size = size("max_size", 2 * RESERVE..=u64::MAX, "a size of at least 64 MB", like)?;
    let min_free = size("min_free", 0..=u64::MAX, "a size", "write it like min_free = \"1GB\"")?.unwrap_or(MIN_FREE);
    let limits = Limits { max_size, min_free };
    Some(StoreConfig { path, key, retention, alerts_retention, behaviours_retention, limits })
}

pub(super) fn network(document: &Document, root: &Section<'_>) -> Option<NetworkConfig> {
    let Some(mut entry) = root.entry("network") else { return Some(NetworkConfig::default()) };
    entry.label = "[network]".to_owned();
    let keys = ["proxy", "proxy_password", "no_proxy", "ca_file", "bind", "nat64"];
    let section = entry.table(&keys, "write [network] on a line of its own and its keys below")?;
    let proxy = match section.text("proxy", PROXY) {
        Some((text, entry)) => proxy(text, &entry),
        None => None,
    };
    let proxy_password = section.entry("proxy_password").and_then(|entry| reference(&entry));
    if let (Some(_), Some(span)) = (&proxy_password, section.key_span("proxy_password"))
        && proxy.as_ref().is_none_or(|url| url.username().is_empty())
    {
        document.note(
            &span,
            "`proxy_password` in [network] has no user to belong to",
            "name the user in `proxy`, like proxy = \"http://user@proxy.corp:3128\"",
        );
    }
    let no_proxy =
        section.entry("no_proxy").and_then(|entry| entry.texts("write it like no_proxy = [\"localhost\", \".corp\", \"10.0.0.0/8\"]"));
    let ca_file = section.text("ca_file", "name a file of certificates in PEM form").and_then(|(text, entry)| {
        let path = document.path(text);
        if path.is_file() {
            Some(path)
        } else {
            entry.note(
                format!("names {}, which is no file", path.display()),
                "name a file of certificates in PEM form; a relative path starts at the folder of this file",
            );
            None
        }
    });
    let bind = section.text("bind", BIND).and_then(|(text, entry)| {
        let address = text.parse::<std::net::IpAddr>().ok();
        if address.is_none() {
            entry.wrong("an IP address of this machine", BIND);
        }
        address
    });
    let nat64 = section.text("nat64", NAT64).and_then(|(text, entry)| match text.parse::<Nat64>() {
        Ok(nat64) => Some(nat64),
        Err(why) => {
            entry.wrong(&why.to_string(), NAT64);
            None
        }
    });
    Some(NetworkConfig {
        bind,
        nat64,
        proxy,
        proxy_password,
        no_proxy: no_proxy.unwrap_or_default().into_iter().map(|(text, _)| text.to_owned()).collect(),
        ca_file,
    })
}

const BIND: &str = "write it like bind = \"192.0.2.10\", without a port; `ip address` lists those of this machine";
const NAT64: &str = "write the prefix of this network's NAT64 like nat64 = \"2001:db8:64::/96\"; the well-known 64:ff9b::/96 needs no line";
const PROXY: &str = "write it like proxy = \"http://proxy.corp:3128\"";

fn proxy(text: &str, entry: &Entry<'_>) -> Option<url::Url> {
    let url = match url::Url::parse(text) {
        Ok(url) => url,
        Err(why) => {
            entry.note(format!("is not a URL: {why}"), PROXY);
            return None;
        }
    };
    if url.password().is_some() {
        entry.note(
            "holds a password, which does not belong in this file",
            "keep the user in `proxy` and write proxy_password = { env = \"PROXY_PASSWORD\" } beside it",
        );
        return None;
    }
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        entry.note("is not an http:// or https:// URL with a host", PROXY);
        return None;
    }
    if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
        entry.note("has more than a scheme, a host and a port", PROXY);
        return None;
    }
    Some(url)
}

pub(super) fn log(root: &Section<'_>) -> Option<LogConfig> {
    let Some(mut entry) = root.entry("log") else { return Some(LogConfig::default()) };
    entry.label = "[log]".to_owned();
    let section = entry.table(&["format", "level"], "write [log] on a line of its own and its keys below")?;
    let mut config = LogConfig::default();
    if let Some((text, entry)) = section.text("format", "write format = \"text\" or format = \"json\"") {
        match choice(text, &entry, &[("text", LogFormat::Text), ("json", LogFormat::Json)]) {
            Some(format) => config.format = format,
            None => return None,
        }
    }
    let help = "write level = \"info\" (or error, warn, debug, trace), or a list such as \"info,miro_source::sink=debug\"";
    if let Some((text, entry)) = section.text("level", help) {
        let known = |part: &str| {
            let level = part.rsplit('=').next().unwrap_or(part).trim();
            part.contains(['=', '[', ':', '_'])
                || ["off", "error", "warn", "info", "debug", "trace"].contains(&level.to_ascii_lowercase().as_str())
        };
        if !text.split(',').all(known) || tracing_subscriber::EnvFilter::try_new(text).is_err() {
            entry.wrong("a level of the log", help);
            return None;
        }
        config.level = text.to_owned();
    }
    Some(config)
}

pub(super) fn web(root: &Section<'_>) -> Option<WebConfig> {
    const LISTEN: &str = "write an IP address of this machine and a port, like listen = \"127.0.0.1:9184\" or listen = \"[::1]:9184\"";
    let Some(mut entry) = root.entry("web") else { return Some(WebConfig::default()) };
    entry.label = "[web]".to_owned();
    let section = entry.table(&["listen"], "write [web] on a line of its own and below it listen = \"127.0.0.1:9184\"")?;
    let Some(entry) = section.entry("listen") else { return Some(WebConfig::default()) };
    let Ok(address) = entry.text(LISTEN)?.parse() else {
        entry.wrong("an IP address and a port", LISTEN);
        return None;
    };
    Some(WebConfig { listen: Some(address) })
}

pub(super) fn health(root: &Section<'_>) -> Option<HealthConfig> {
    const HEARTBEAT: &str = "write it like heartbeat = \"1h\", or heartbeat = false for none";
    let Some(mut entry) = root.entry("health") else { return Some(HealthConfig::default()) };
    entry.label = "[health]".to_owned();
    let section = entry.table(&["heartbeat", "check"], "write [health] on a line of its own and its keys below")?;
    let mut config = HealthConfig::default();
    if let Some(entry) = section.entry("heartbeat") {
        config.heartbeat = match entry.value {
            DeValue::Boolean(false) => None,
            _ => Some(duration(&entry, Duration::from_secs(60)..=DAY, "a duration from 1 minute to 24 hours, or false", HEARTBEAT)?),
        };
    }
    if let Some(entry) = section.entry("check") {
        config.check = truth(&entry, "write check = false for no daily check, or leave it out")?;
    }
    Some(config)
}

/// One of several words.
pub(super) fn choice<T: Copy>(text: &str, entry: &Entry<'_>, words: &[(&'static str, T)]) -> Option<T> {
    if let Some((_, value)) = words.iter().find(|(word, _)| *word == text) {
        return Some(*value);
    }
    let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
    let help = match nearest(text, &names) {
        Some(near) => format!("did you mean \"{near}\"?"),
        None => "write one of them, in double quotes".to_owned(),
    };
    entry.wrong(&format!("one of {}", listed(&names)), help);
    None
}

/// A size within bounds.
fn size(entry: &Entry<'_>, within: std::ops::RangeInclusive<u64>, expected: &str, help: &str) -> Option<u64> {
    let size = match entry.value {
        DeValue::Integer(number) => number.as_str().parse().ok(),
        _ => units::size(entry.text(help)?).ok(),
    };
    let size = size.filter(|size| within.contains(size));
    if size.is_none() {
        entry.wrong(expected, help);
    }
    size
}

/// A duration within bounds.
pub(super) fn duration(entry: &Entry<'_>, within: std::ops::RangeInclusive<Duration>, expected: &str, help: &str) -> Option<Duration> {
    if let toml::de::DeValue::Integer(number) = entry.value {
        entry.wrong(expected, format!("a duration needs a unit: \"{number}s\" for seconds, \"{number}m\" for minutes"));
        return None;
    }
    match units::duration(entry.text(help)?) {
        Ok(duration) if within.contains(&duration) => Some(duration),
        _ => {
            entry.wrong(expected, help);
            None
        }
    }
}

/// `detect`: whether anything is judged. Default `true`.
pub(super) fn detect(root: &Section<'_>) -> Option<bool> {
    const HELP: &str = "write detect = false to only collect and deliver, or leave it out";
    match root.entry("detect") {
        None => Some(true),
        Some(entry) => match entry.value {
            DeValue::Boolean(judge) => Some(*judge),
            _ => {
                entry.wrong("true or false", HELP);
                None
            }
        },
    }
}
