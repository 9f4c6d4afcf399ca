//! The configuration: one TOML file (and its includes) parsed into types that cannot be wrong.
//!
//! Everything after [`load`] may trust these values; every mistake is reported with file, line, what was expected and
//! the nearest valid key, and all mistakes of a file at once.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use crate::model::{SinkName, SourceName};

/// The whole configuration.
#[derive(Clone, Debug)]
pub struct Config {
    /// The file it was read from.
    pub path: PathBuf,
    /// `[store]`
    pub store: StoreConfig,
    /// `[network]`
    pub network: NetworkConfig,
    /// `[[source]]`, in order of appearance, includes after the main file.
    pub sources: Vec<SourceConfig>,
    /// `[[sink]]`, in order of appearance. Never empty: without one, a `file` sink beside the store.
    pub sinks: Vec<SinkConfig>,
    /// Included files that are wrong: their sources do not run, the others do.
    pub broken: Vec<BrokenInclude>,
}

/// An included file that could not be used.
#[derive(Clone, Debug)]
pub struct BrokenInclude {
    /// The file.
    pub path: PathBuf,
    /// Everything wrong with it, for people.
    pub message: String,
}

/// `[store]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreConfig {
    /// The database file.
    pub path: PathBuf,
    /// Where the 32-byte key is.
    pub key: SecretRef,
    /// How long records are kept after delivery.
    pub retention: Duration,
}

/// `[network]`
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetworkConfig {
    /// The proxy for everything that leaves.
    pub proxy: Option<url::Url>,
    /// Hosts, domains and networks reached without the proxy.
    pub no_proxy: Vec<String>,
    /// Additional certificate authorities, PEM.
    pub ca_file: Option<PathBuf>,
}

/// Where a secret is. Never the secret itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretRef {
    /// The content of a file, trailing line break removed.
    File(PathBuf),
    /// An environment variable.
    Env(String),
    /// The standard output of a command, trailing line break removed.
    Command(Vec<String>),
}

/// Which component a source runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ComponentRef {
    /// One that is built in, by name: `builtin:miro`.
    Builtin(String),
    /// A file.
    Path(PathBuf),
}

/// `[[source]]`
#[derive(Clone, Debug)]
pub struct SourceConfig {
    /// `name`
    pub name: SourceName,
    /// `component`
    pub component: ComponentRef,
    /// `interval`
    pub interval: Duration,
    /// `config`: the component's own, as JSON.
    pub config: serde_json::Value,
    /// `secrets`
    pub secrets: BTreeMap<String, SecretRef>,
    /// `allow`: the origins granted.
    pub allow: Vec<crate::egress::Origin>,
    /// The file it came from, for messages.
    pub file: PathBuf,
}

/// `[[sink]]`
#[derive(Clone, Debug)]
pub struct SinkConfig {
    /// `name`
    pub name: SinkName,
    /// `sources`: whose events it gets. Never empty.
    pub sources: Vec<SourceName>,
    /// `format`
    pub format: Format,
    /// `type` and what belongs to it.
    pub kind: SinkKind,
}

/// `format`: what a sink writes for an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// The vendor's own object.
    Record,
    /// OCSF 1.8.0.
    Ocsf,
}

/// `type` of a sink, and what belongs to it.
#[derive(Clone, Debug)]
pub enum SinkKind {
    /// A Sumo Logic HTTP Logs and Metrics Source.
    Sumo(SumoConfig),
    /// A file of NDJSON.
    File {
        /// `path`
        path: PathBuf,
    },
    /// Standard output, NDJSON.
    Stdout,
}

/// What belongs to `type = "sumo"`.
#[derive(Clone, Debug)]
pub struct SumoConfig {
    /// `url`: the whole URL is the credential.
    pub url: SecretRef,
    /// `token`: for the variant with an `x-sumo-token` header.
    pub token: Option<SecretRef>,
    /// `source_name` → X-Sumo-Name
    pub source_name: Option<String>,
    /// `category` → X-Sumo-Category
    pub category: Option<String>,
    /// `host` → X-Sumo-Host
    pub host: Option<String>,
    /// `fields` → X-Sumo-Fields
    pub fields: BTreeMap<String, String>,
    /// `batch_bytes`: at most 1,000,000 uncompressed.
    pub batch_bytes: usize,
}
