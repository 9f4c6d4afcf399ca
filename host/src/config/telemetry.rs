//! `[telemetry]`: who is told how long each step took. By default nobody.

use http::HeaderName;
use toml::de::DeValue;
use url::Url;

use super::{
    headers::{HeaderText, headers},
    section::{Entry, Section},
    sink::{Noted, optional},
};

const ENDPOINT: &str = "write where a collector takes OTLP over HTTP, like endpoint = \"http://127.0.0.1:4318\"; /v1/traces is added to it";
const HEADERS: &str = "write it like headers = { Authorization = { env = \"OTLP_AUTHORIZATION\" } }";
const SERVICE_NAME: &str = "write it like service_name = \"miro-source\", or leave it out";
const ATTRIBUTES: &str = "write it like attributes = { \"deployment.environment.name\" = \"production\" }";
const SAMPLE: &str = "write sample = 0.1 to keep a tenth of all traces, or leave it out to keep all";
/// Where traces are taken, below the endpoint.
const PATH: &str = "v1/traces";

/// `[telemetry]`
#[derive(Clone, Debug, PartialEq)]
pub struct TelemetryConfig {
    /// `endpoint`: where traces are posted, its path included.
    pub endpoint: Url,
    /// `headers`, in order of appearance.
    pub headers: Vec<(HeaderName, HeaderText)>,
    /// `service_name`. Default `miro-source`.
    pub service_name: String,
    /// `attributes`: of the resource, in order of appearance.
    pub attributes: Vec<(String, String)>,
    /// `sample`: the share of traces that is kept, above 0 and up to 1. Default 1.
    pub sample: f64,
}

impl TelemetryConfig {
    /// The attributes of the resource that this host is.
    pub fn resource(&self) -> Vec<(String, String)> {
        let own = [("service.name", self.service_name.as_str()), ("service.version", env!("CARGO_PKG_VERSION"))];
        let own = own.map(|(key, value)| (key.to_owned(), value.to_owned()));
        own.into_iter().chain(self.attributes.iter().cloned()).collect()
    }

    /// Whether a secret would leave this machine in plain text.
    pub(super) fn bares_secrets(&self) -> bool {
        let loopback = match self.endpoint.host() {
            Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
            Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
            Some(url::Host::Domain(name)) => name == "localhost",
            None => false,
        };
        self.endpoint.scheme() == "http" && !loopback && self.secrets().next().is_some()
    }

    /// Where what is secret of it is.
    pub fn secrets(&self) -> impl Iterator<Item = &super::SecretRef> {
        self.headers.iter().filter_map(|(_, text)| match text {
            HeaderText::Plain(_) => None,
            HeaderText::Secret(at) => Some(at),
        })
    }
}

pub(super) fn telemetry(root: &Section<'_>) -> Result<Option<TelemetryConfig>, Noted> {
    optional(root.entry("telemetry"), |entry| {
        let keys = ["endpoint", "headers", "service_name", "attributes", "sample"];
        let named = entry.labelled("[telemetry]".to_owned());
        let section = named.table(&keys, "write [telemetry] on a line of its own and below it endpoint = \"http://127.0.0.1:4318\"")?;
        let endpoint = match section.entry("endpoint") {
            Some(entry) => endpoint(&entry),
            None => {
                section.missing("endpoint", ENDPOINT);
                None
            }
        };
        let own = |name: &str| ["content-type", "content-length", "host", "transfer-encoding", "connection"].contains(&name);
        let headers = optional(section.entry("headers"), |entry| headers(entry, own, HEADERS));
        let service_name = optional(section.entry("service_name"), |entry| entry.text(SERVICE_NAME).map(str::to_owned));
        let attributes = optional(section.entry("attributes"), attributes);
        let sample = optional(section.entry("sample"), share);
        Some(TelemetryConfig {
            endpoint: endpoint?,
            headers: headers.ok()?.unwrap_or_default(),
            service_name: service_name.ok()?.unwrap_or_else(|| env!("CARGO_PKG_NAME").to_owned()),
            attributes: attributes.ok()?.unwrap_or_default(),
            sample: sample.ok()?.unwrap_or(1.0),
        })
    })
}

fn endpoint(entry: &Entry<'_>) -> Option<Url> {
    let mut url = match Url::parse(entry.text(ENDPOINT)?) {
        Ok(url) => url,
        Err(why) => {
            entry.note(format!("is not a URL: {why}"), ENDPOINT);
            return None;
        }
    };
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        entry.note("is not an http:// or https:// URL with a host", ENDPOINT);
        return None;
    }
    if !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
        entry.note("has more than a scheme, a host, a port and a path", "put what lets the host in into `headers`");
        return None;
    }
    let base = url.path().trim_end_matches('/');
    if !base.ends_with(PATH) {
        let path = format!("{base}/{PATH}");
        url.set_path(&path);
    }
    Some(url)
}

fn attributes(entry: &Entry<'_>) -> Option<Vec<(String, String)>> {
    let each = entry.free_table(ATTRIBUTES)?.entries().into_iter().map(|(key, span, entry)| {
        if matches!(key, "service.name" | "service.version") {
            let help = "remove it; the name is `service_name`, the version is that of the program";
            entry.document.note(&span, format!("the attribute `{key}` is set by miro-source itself"), help);
            return None;
        }
        Some((key.to_owned(), entry.text(ATTRIBUTES)?.to_owned()))
    });
    each.collect::<Vec<_>>().into_iter().collect()
}

fn share(entry: &Entry<'_>) -> Option<f64> {
    let share = match entry.value {
        DeValue::Integer(number) => number.as_str().parse().ok(),
        DeValue::Float(number) => number.as_str().parse().ok(),
        _ => None,
    };
    let share = share.filter(|share: &f64| *share > 0.0 && *share <= 1.0);
    if share.is_none() {
        entry.wrong("a number above 0 and up to 1", SAMPLE);
    }
    share
}
