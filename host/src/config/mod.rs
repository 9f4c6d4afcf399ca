//! The configuration: one TOML file (and its includes) parsed into types that cannot be wrong.
//!
//! Everything after [`load`] may trust these values; every mistake is reported with file, line, what was expected and
//! the nearest valid key, and all mistakes of a file at once.
//!
//! One file's way: `document` parses the TOML and keeps where every value stands → `section` reads keys and notes what
//! is wrong → `settings`, `components`, `feeds`, `fetched`, `source`, `sink`, `detector`, `policy`, `range`, `standing`, `notify` and `respond` give the types below → [`load`] joins
//! the files and checks what only shows between them. A secret is never part of it, only where it is ([`SecretRef`]); [`secret`] fetches it when needed.

mod app;
mod assertion;
mod components;
mod detector;
mod document;
mod excerpt;
mod feeds;
mod fetched;
mod headers;
mod include;
mod join;
mod json;
mod keeping;
mod known;
mod load;
mod locate;
mod mask;
mod notify;
mod parts;
mod policy;
mod problem;
mod range;
mod reference;
mod respond;
mod revisit;
mod section;
mod settings;
mod sieve;
mod sink;
mod source;
mod standing;
mod telemetry;
mod whose;

pub mod secret;
pub mod units;

#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf, time::Duration};

pub use self::{
    assertion::AssertionConfig,
    fetched::FeedConfig,
    headers::HeaderText,
    include::BrokenInclude,
    keeping::KeepingConfig,
    known::{Category, EnrichConfig, ListConfig, Place, RangeConfig},
    load::{BUILTINS, DETECTORS, RESPONDERS, load, load_with},
    locate::{FILE_NAME, NotFound, directory, key_path, locate},
    mask::Masked,
    notify::{ChannelConfig, ChannelKind, CommandConfig, SmtpConfig, SmtpTls, WebhookConfig},
    parts::{difference, digest, parts},
    policy::{BUILT_IN, check_policies, policies_about},
    problem::{ConfigErrors, Problem},
    respond::{ActionConfig, DirectoryConfig, RespondConfig, ResponderConfig, mail, reactions},
    settings::{LogConfig, LogFormat},
    sieve::SieveConfig,
    standing::{DeparturesConfig, GroupConfig, MembersConfig, StandingConfig},
    telemetry::TelemetryConfig,
};
use crate::{
    alert::AlertFormat,
    egress::nat64::Nat64,
    model::{DetectorName, SinkName, SourceName},
    store::room::Limits,
    trust::{Digest, PublicKey},
};

/// The whole configuration.
#[derive(Clone, Debug)]
pub struct Config {
    /// The file it was read from.
    pub path: PathBuf,
    /// `[store]`
    pub store: StoreConfig,
    /// `[network]`
    pub network: NetworkConfig,
    /// `[log]`
    pub log: LogConfig,
    /// `[web]`
    pub web: WebConfig,
    /// `[telemetry]`. None by default: nothing is traced.
    pub telemetry: Option<TelemetryConfig>,
    /// `[health]`
    pub health: HealthConfig,
    /// `[components]`
    pub components: ComponentsConfig,
    /// `[enrich]`, `[[threat-list]]`, `[[range]]`, `[[group]]` and `[[departures]]`
    pub enrich: EnrichConfig,
    /// `[[feed]]`, in order of appearance: what the host fetches by itself. Its files are in `enrich` too.
    pub fetched: Vec<FeedConfig>,
    /// `[[source]]`, in order of appearance, includes after the main file.
    pub sources: Vec<SourceConfig>,
    /// `[[sink]]`, in order of appearance. Where none is configured, a `file` sink beside the store; empty only when
    /// every sink feeds from a broken include.
    pub sinks: Vec<SinkConfig>,
    /// `[[detector]]`, in order of appearance. Where none is configured, the one that is built in, for every source.
    pub detectors: Vec<DetectorConfig>,
    /// `[[policy]]`, in order of appearance, includes and then files of policies after the main file.
    pub policies: Vec<PolicyConfig>,
    /// `[[notify]]`, in order of appearance. None by default.
    pub channels: Vec<ChannelConfig>,
    /// `[respond]`. By default nothing acts.
    pub respond: RespondConfig,
    /// `[[responder]]`, in order of appearance, includes after the main file. None by default.
    pub responders: Vec<ResponderConfig>,
    /// `[[action]]`, in order of appearance, includes after the main file. None by default.
    pub actions: Vec<ActionConfig>,
    /// Included files and files of policies that are wrong: what stands in them does not run, the others do.
    pub broken: Vec<BrokenInclude>,
    /// What works but should not stay as it is, one line each, for people.
    pub warnings: Vec<String>,
}

impl Config {
    /// Whether there may be more sources than these: a file that may hold some cannot be used.
    pub fn is_partial(&self) -> bool {
        self.broken.iter().any(|broken| broken.hides_sources)
    }
}

/// `[store]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreConfig {
    /// `path`: the database file. Default `miro-source.db`, beside the configuration.
    pub path: PathBuf,
    /// `key`: where the 32-byte key is. Default `$XDG_CONFIG_HOME/miro-source/key`, else `~/.config/miro-source/key`.
    pub key: SecretRef,
    /// `retention`: how long records are kept after delivery, at least a day. Default `30d`.
    pub retention: Duration,
    /// `alerts_retention`: how long closed alerts and ended suppressions stay, at least a day. Default `400d`, or a longer `retention`.
    pub alerts_retention: Duration,
    /// `behaviours_retention`: how long what detectors found stays, at least a day. Default `90d`, or a longer `retention`.
    pub behaviours_retention: Duration,
    /// `max_size` and `min_free`: at the one, or below the other, nothing is collected. Default: no `max_size`, 256 MB of `min_free`.
    pub limits: Limits,
}

/// `[network]`
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetworkConfig {
    /// `proxy`: for everything that leaves, `http://` or `https://`. May name a user, never a password.
    pub proxy: Option<url::Url>,
    /// `proxy_password`: belongs to the user in `proxy`.
    pub proxy_password: Option<SecretRef>,
    /// `no_proxy`: hosts, domains and networks reached without the proxy.
    pub no_proxy: Vec<String>,
    /// `ca_file`: additional certificate authorities, PEM.
    pub ca_file: Option<PathBuf>,
    /// `bind`: the address of this machine that connections leave from. Default: the system's choice.
    pub bind: Option<std::net::IpAddr>,
    /// `nat64`: the network's own prefix, by which IPv4 is reached from hosts without it. The well-known one needs no word.
    pub nat64: Option<Nat64>,
}

/// `[web]`: metrics and health, for whoever scrapes. By default nothing listens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WebConfig {
    /// `listen`: an address of this machine and a port. Default: none.
    pub listen: Option<SocketAddr>,
}

/// `[health]`: how it is told how the host is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HealthConfig {
    /// `heartbeat`: how often sinks hear that a source is there, a minute to a day, or never. Default `1h`.
    pub heartbeat: Option<Duration>,
    /// `check`: whether everything is checked once a day, as `miro-source check` does. Default `true`.
    pub check: bool,
}

impl Default for HealthConfig {
    fn default() -> Self {
        Self { heartbeat: Some(Duration::from_secs(3600)), check: true }
    }
}

/// `[components]`: what may run besides what is built in. By default nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComponentsConfig {
    /// `trusted_keys`: whose signatures count. No two are the same key, or have the same id. Default none.
    pub trusted_keys: Vec<PublicKey>,
    /// `signatures`: how many of them must have signed a component, 1 to as many as there are. Default 1.
    pub signatures: usize,
    /// `digests`: components that need no signature. Default none.
    pub digests: Vec<Digest>,
}

impl Default for ComponentsConfig {
    fn default() -> Self {
        Self { trusted_keys: Vec::new(), signatures: 1, digests: Vec::new() }
    }
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
    /// The content of a credential that systemd hands to the service, trailing line break removed.
    Credential(String),
}

/// Which component a source runs.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum ComponentRef {
    /// One that is built in, by name: `builtin:miro`.
    Builtin(String),
    /// A file.
    Path(PathBuf),
}

impl std::fmt::Display for ComponentRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Builtin(name) => write!(f, "builtin:{name}"),
            Self::Path(path) => path.display().fmt(f),
        }
    }
}

/// `[[source]]`
#[derive(Clone, Debug)]
pub struct SourceConfig {
    /// `name`
    pub name: SourceName,
    /// `component`. Default `builtin:miro`.
    pub component: ComponentRef,
    /// `interval`: how often the vendor is asked, 1 second to 24 hours. Default `5m`.
    pub interval: Duration,
    /// `learn`: how much of the past is read on the first start, 1 hour to 366 days, so that detectors know what is usual. No sink
    /// gets it. Default: none.
    pub learn: Option<Duration>,
    /// `keeps`: how long the vendor keeps its log, a day to ten years. Default: 90 days of `builtin:miro`, 30 of `builtin:entra`, otherwise not known.
    pub keeps: Option<Duration>,
    /// `retention`, `alerts_retention`, `behaviours_retention` and `legal_hold`. Default: as `[store]` says, and no hold.
    pub keeping: KeepingConfig,
    /// `config`: the component's own, as JSON; times of TOML are texts in it. Default `{}`.
    pub config: serde_json::Value,
    /// `secrets`: by the name the component asks for.
    pub secrets: BTreeMap<String, SecretRef>,
    /// `certificate` and `private_key`, or `federated_token`: what the secret `assertion` is made of, where its component obtains its
    /// own token with one.
    pub assertion: Option<AssertionConfig>,
    /// `allow`: the origins granted. Never empty.
    pub allow: Vec<crate::egress::Origin>,
    /// The file it came from, for messages.
    pub file: PathBuf,
    /// The line of that file on which its `[[source]]` stands, for messages.
    pub line: usize,
}

impl SourceConfig {
    /// Where all that must stay secret is.
    pub fn guarded(&self) -> impl Iterator<Item = &SecretRef> {
        self.secrets.values().chain(self.assertion.as_ref().map(AssertionConfig::guarded))
    }

    /// Whether its component obtains its own token, rather than that a person authorizes it or configures one.
    pub fn authenticates(&self) -> bool {
        self.assertion.is_some() || matches!(&self.component, ComponentRef::Builtin(name) if name == "entra")
    }
}

/// `[[detector]]`
#[derive(Clone, Debug, PartialEq)]
pub struct DetectorConfig {
    /// `name`
    pub name: DetectorName,
    /// `component`. Default `builtin:detect`.
    pub component: ComponentRef,
    /// `sources`: whose events it judges. Never empty. May be left out while there is one source, and in an included file
    /// with one source.
    pub sources: Vec<SourceName>,
    /// `config`: the component's own, as JSON. Default `{}`.
    pub config: serde_json::Value,
    /// `behaviours`: rules whose findings are recorded and raise no alert.
    pub behaviours: Vec<String>,
}

/// `[[policy]]`: a rule of the operator's own, which the built-in detector judges.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyConfig {
    /// `sources`: whose events it is about. Never empty. May be left out while there is one source, and in an included file
    /// with one source. No two policies of one source have the same name, and none has that of a rule that is built in.
    pub sources: Vec<SourceName>,
    /// The rest.
    pub policy: activity_policy::Policy,
}

/// `[[sink]]`
#[derive(Clone, Debug)]
pub struct SinkConfig {
    /// `name`
    pub name: SinkName,
    /// `sources`: whose events it gets. Never empty. May be left out while there is one source, and in an included file
    /// with one source.
    pub sources: Vec<SourceName>,
    /// The further ones that `sources` names, of files that are wrong.
    pub lost: Vec<SourceName>,
    /// `format`. Default `record`.
    pub format: Format,
    /// `alerts`: as what it gets the alerts of its sources, `None` where it gets none. Default `ocsf`; of standard output none.
    pub alerts: Option<AlertFormat>,
    /// `max_rate`: the uncompressed bytes that it is sent in a minute, at least 10 kB. Default: as many as there are.
    pub max_rate: Option<u64>,
    /// `keep` and `drop`: what it does not get. Default: it gets everything.
    pub sieve: SieveConfig,
    /// `mask`: what it gets as pseudonyms. Default: nothing.
    pub mask: Vec<Masked>,
    /// `health`: whether it gets health events of its sources. Default: yes; standard output no.
    pub health: bool,
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
    /// `alert_category` → X-Sumo-Category of alerts. Default: `category` and `/alerts`.
    pub alert_category: Option<String>,
    /// `host` → X-Sumo-Host
    pub host: Option<String>,
    /// `fields` → X-Sumo-Fields
    pub fields: BTreeMap<String, String>,
    /// `batch_bytes`: the most that one request carries, uncompressed. At most, and by default, 1,000,000.
    pub batch_bytes: usize,
    /// `access_id`, `access_key`, `api_url`: how to look at what arrived.
    pub search: Option<Box<SearchConfig>>,
}

/// How `verify` looks at what arrived at Sumo Logic.
#[derive(Clone, Debug)]
pub struct SearchConfig {
    /// `access_id`
    pub access_id: SecretRef,
    /// `access_key`
    pub access_key: SecretRef,
    /// `api_url`; without it, that of the deployment of `url`
    pub api_url: Option<url::Url>,
}
