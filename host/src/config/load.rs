//! From files to a [`Config`]: reads the main file, its includes and its files of policies, then checks what only shows between them.

use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

use crate::alert::AlertFormat;

use super::{
    BrokenInclude, ComponentRef, ComponentsConfig, Config, ConfigErrors, DetectorConfig, EnrichConfig, FeedConfig, Format, HealthConfig,
    LogConfig, NetworkConfig, SecretRef, SieveConfig, SinkConfig, SinkKind, StoreConfig, TelemetryConfig, WebConfig, components,
    detector::{Detecting, detector},
    document::Document,
    feeds, fetched,
    include::included,
    join,
    notify::{Channelled, channel},
    policy::{Ruled, policy},
    range::{Ranged, range},
    respond::{self, Acting, RespondConfig, Responding, action, responder},
    secret,
    section::{Section, TOP},
    settings,
    sink::{Sunk, sink},
    source::{Sourced, source},
    standing::{Departed, Grouped, departures, group},
    telemetry,
};

/// The components that are built in.
pub const BUILTINS: &[&str] = &["miro", "entra"];
/// The detectors that are built in.
pub const DETECTORS: &[&str] = &["detect"];
/// The responders that are built in.
pub const RESPONDERS: &[&str] = &["entra", "miro"];

const MAIN: &[&str] = &[
    "include",
    "policies",
    "detect",
    "store",
    "network",
    "log",
    "web",
    "telemetry",
    "health",
    "components",
    "enrich",
    "threat-list",
    "feed",
    "source",
    "sink",
    "detector",
    "policy",
    "range",
    "group",
    "departures",
    "notify",
    "respond",
    "responder",
    "action",
];
const INCLUDED: &[&str] = &["source", "sink", "detector", "policy", "range", "group", "departures", "notify", "responder", "action"];
const POLICIES: &[&str] = &["policy"];

/// One file, read.
pub(super) struct File {
    pub(super) document: Document,
    pub(super) role: Role,
    pub(super) sources: Vec<Sourced>,
    pub(super) sinks: Vec<Sunk>,
    pub(super) ranges: Vec<Ranged>,
    pub(super) groups: Vec<Grouped>,
    pub(super) departures: Vec<Departed>,
    pub(super) detectors: Vec<Detecting>,
    pub(super) policies: Vec<Ruled>,
    pub(super) channels: Vec<Channelled>,
    pub(super) responders: Vec<Responding>,
    pub(super) actions: Vec<Acting>,
    /// What holds for all of them. Where it is not the main file, or it is wrong there, the default.
    pub(super) respond: RespondConfig,
    /// The names of its sources, of those that are wrong too. None where not even they can be read.
    pub(super) names: Option<Vec<String>>,
    include: Vec<PathBuf>,
    /// Files of policies.
    further: Vec<PathBuf>,
    settings: Option<Settings>,
}

impl File {
    /// File and line, as people write it.
    pub(super) fn place(&self, offset: usize) -> String {
        format!("{}:{}", self.document.file.display(), self.document.line(offset))
    }
}

/// What holds for the whole host.
#[derive(Clone)]
struct Settings {
    store: StoreConfig,
    network: NetworkConfig,
    log: LogConfig,
    web: WebConfig,
    telemetry: Option<TelemetryConfig>,
    health: HealthConfig,
    components: ComponentsConfig,
    /// Without what stands in included files too.
    feeds: EnrichConfig,
    fetched: Vec<FeedConfig>,
    detect: bool,
}

/// What a file may hold.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Everything.
    Main,
    /// Sources, and what belongs to them.
    Included,
    /// Policies alone.
    Policies,
}

/// Reads the configuration and everything it includes.
///
/// Mistakes of the main file are errors, all at once. An included file that is wrong is in [`Config::broken`], unless
/// nothing is left to run without it.
pub fn load(path: &Path) -> Result<Config, ConfigErrors> {
    load_with(path, BUILTINS)
}

/// [`load`], where other components are built in.
pub fn load_with(path: &Path, builtins: &[&str]) -> Result<Config, ConfigErrors> {
    let main = read(Document::open(path), Role::Main, builtins);
    let mut files = vec![main];
    for include in files.first().map(|main| main.include.clone()).unwrap_or_default() {
        files.push(read(Document::open(&include), Role::Included, builtins));
    }
    for further in files.first().map(|main| main.further.clone()).unwrap_or_default() {
        files.push(policies(Document::open(&further)));
    }
    let joined = join::join(&mut files);
    let Some((main, includes)) = files.split_first() else { return Err(ConfigErrors(Vec::new())) };
    let broken: Vec<&File> = includes.iter().filter(|file| file.document.is_wrong()).collect();
    if !main.document.is_wrong() && joined.sources.is_empty() {
        main.document.note_file(
            if broken.iter().all(|file| file.role == Role::Policies) { "there is no [[source]]: nothing would be collected" } else { "no included file is right: nothing would be collected" },
            "write [[source]] on a line of its own, and below it name, secrets and allow; `miro-source init` writes a whole file to start from",
        );
    }
    let problems = || files.iter().flat_map(|file| file.document.problems()).collect();
    let Some(Settings { store, network, log, web, telemetry, health, components, feeds, fetched, detect }) = main.settings.clone() else {
        return Err(ConfigErrors(problems()));
    };
    if main.document.is_wrong() {
        return Err(ConfigErrors(problems()));
    }
    let mut config = Config {
        path: path.to_owned(),
        store,
        network,
        log,
        web,
        telemetry,
        health,
        components,
        enrich: EnrichConfig { ranges: joined.ranges, standing: joined.standing, ..feeds },
        fetched,
        sources: joined.sources,
        sinks: joined.sinks,
        detectors: joined.detectors,
        policies: joined.policies,
        channels: joined.channels,
        respond: main.respond.clone(),
        responders: joined.responders,
        actions: joined.actions,
        broken: broken
            .iter()
            .map(|file| BrokenInclude {
                path: file.document.file.clone(),
                message: ConfigErrors(file.document.problems()).to_string(),
                hides_sources: file.role != Role::Policies,
                sources: file.hidden(),
            })
            .collect(),
        warnings: joined.warnings,
    };
    if files.iter().all(|file| file.role == Role::Policies || file.sinks.is_empty() && !file.document.is_wrong()) {
        config.sinks.extend(default_sink(&config));
    }
    if files.iter().all(|file| file.document.is_wrong() || file.detectors.is_empty()) {
        let sources = config.sources.iter().map(|source| source.name.clone()).collect();
        config.detectors.extend(DetectorConfig::built_in(sources));
    }
    if !detect {
        config.detectors.clear();
    }
    warn(&mut config);
    Ok(config)
}

/// Reads a file of policies.
pub(super) fn policies(document: Document) -> File {
    let file = read(document, Role::Policies, &[]);
    // There is no source in it that anything could name.
    File { names: Some(Vec::new()), ..file }
}

fn read(document: Document, role: Role, builtins: &[&str]) -> File {
    let (mut sources, mut sinks, mut ranges) = (Vec::new(), Vec::new(), Vec::new());
    let (mut groups, mut departed) = (Vec::new(), Vec::new());
    let (mut detectors, mut policies, mut channels) = (Vec::new(), Vec::new(), Vec::new());
    let (mut responders, mut actions, mut answer) = (Vec::new(), Vec::new(), RespondConfig::default());
    let (mut names, mut include, mut further, mut settings) = (None, Vec::new(), Vec::new(), None);
    if let Some(table) = document.table() {
        let root = root(&document, table.get_ref(), role);
        names = Some(names_in(table.get_ref()));
        if role == Role::Main {
            include = root.entry("include").map(|entry| included(&entry, "include = [\"customers/*.toml\"]")).unwrap_or_default();
            further = root.entry("policies").map(|entry| included(&entry, "policies = [\"policies/*.toml\"]")).unwrap_or_default();
            let (store, network, log) = (settings::store(&document, &root), settings::network(&document, &root), settings::log(&root));
            let (web, health, detect) = (settings::web(&root), settings::health(&root), settings::detect(&root));
            let telemetry = telemetry::telemetry(&root);
            answer = respond::respond(&root).unwrap_or_default();
            let components = components::components(&root);
            let feeds = feeds::feeds(&document, &root, &each(&root, "threat-list"));
            let fetched = fetched::fetched(&document, &each(&root, "feed"), feeds.as_ref());
            settings = store.and_then(|store| {
                let (feeds, fetched) = (feeds?, fetched?);
                let feeds = fetched::join(feeds, &fetched, &store.path);
                let (network, log, web, health) = (network?, log?, web?, health?);
                let telemetry = telemetry.ok()?;
                Some(Settings { store, network, log, web, telemetry, health, components: components?, feeds, fetched, detect: detect? })
            });
        }
        if role != Role::Policies {
            sources = each(&root, "source").iter().filter_map(|entry| source(&document, entry, builtins)).collect();
            sinks = each(&root, "sink").iter().filter_map(|entry| sink(&document, entry)).collect();
            ranges = each(&root, "range").iter().filter_map(range).collect();
            groups = each(&root, "group").iter().filter_map(|entry| group(&document, entry)).collect();
            departed = each(&root, "departures").iter().filter_map(|entry| departures(&document, entry)).collect();
            detectors = each(&root, "detector").iter().filter_map(|entry| detector(&document, entry)).collect();
            channels = each(&root, "notify").iter().filter_map(channel).collect();
            responders = each(&root, "responder").iter().filter_map(|entry| responder(&document, entry)).collect();
            actions = each(&root, "action").iter().filter_map(|entry| action(&document, entry)).collect();
        }
        policies = each(&root, "policy").iter().filter_map(|entry| policy(&document, entry)).collect();
    }
    File {
        document,
        role,
        sources,
        sinks,
        ranges,
        groups,
        departures: departed,
        detectors,
        policies,
        channels,
        responders,
        actions,
        respond: answer,
        names,
        include,
        further,
        settings,
    }
}

fn root<'a>(document: &'a Document, table: &'a DeTable<'a>, role: Role) -> Section<'a> {
    let (allowed, place, holds) = match role {
        Role::Main => (MAIN, "the main file", "everything"),
        Role::Included => (
            INCLUDED,
            "an included file",
            "[[source]], [[sink]], [[detector]], [[policy]], [[range]], [[group]], [[departures]], [[notify]], [[responder]] and [[action]]",
        ),
        Role::Policies => (POLICIES, "a file of policies", "[[policy]]"),
    };
    for (key, _) in table {
        let name = key.get_ref().as_ref();
        if MAIN.contains(&name) && !allowed.contains(&name) {
            let what = format!("`{name}` does not belong in {place}");
            document.note(&key.span(), what, format!("{place} holds {holds} only; write this in the main file"));
        }
    }
    Section::new(document, TOP, 0..0, table, MAIN)
}

/// The tables of `[[source]]`, `[[sink]]` and the like.
fn each<'a>(root: &Section<'a>, key: &str) -> Vec<super::section::Entry<'a>> {
    let Some(entry) = root.entry(key) else { return Vec::new() };
    let DeValue::Array(_) = entry.value else {
        let span = root.key_span(key).unwrap_or(entry.span);
        root.document.note(
            &span,
            format!("`{key}` is written as a single section"),
            format!("write [[{key}]] with two brackets: there may be several"),
        );
        return Vec::new();
    };
    entry.items(&format!("[[{key}]]"))
}

fn names_in(table: &DeTable<'_>) -> Vec<String> {
    let sources = table.iter().find(|(key, _)| key.get_ref() == "source").map(|(_, value)| value.get_ref());
    let Some(DeValue::Array(sources)) = sources else { return Vec::new() };
    let name = |source: &DeValue<'_>| {
        let DeValue::Table(table) = source else { return None };
        let (_, name) = table.iter().find(|(key, _)| key.get_ref() == "name")?;
        name.get_ref().as_str().map(str::to_owned)
    };
    sources.iter().map(|source| name(source.get_ref()).unwrap_or_default()).collect()
}

/// The embedded default: everything into a file beside the store.
fn default_sink(config: &Config) -> Option<SinkConfig> {
    Some(SinkConfig {
        name: "file".parse().ok()?,
        sources: config.sources.iter().map(|source| source.name.clone()).collect(),
        lost: Vec::new(),
        format: Format::Record,
        alerts: Some(AlertFormat::Ocsf),
        max_rate: None,
        sieve: SieveConfig::default(),
        mask: Vec::new(),
        health: true,
        kind: SinkKind::File { path: config.store.path.with_file_name("events.ndjson") },
    })
}

fn warn(config: &mut Config) {
    let mut warnings = respond::warnings(config);
    let judges =
        |detector: &DetectorConfig, source| matches!(detector.component, ComponentRef::Builtin(_)) && detector.sources.contains(source);
    for each in config.policies.iter().filter(|each| each.policy.enabled) {
        for source in each.sources.iter().filter(|source| !config.detectors.iter().any(|detector| judges(detector, source))) {
            warnings.push(format!(
                "policy \"{}\" is about source \"{source}\", which the built-in detector does not judge: nothing is found; name the source in the `sources` of a [[detector]]",
                each.policy.name
            ));
        }
    }
    for source in &config.sources {
        let both: Vec<String> = config
            .detectors
            .iter()
            .filter(|detector| judges(detector, &source.name))
            .map(|detector| format!("\"{}\"", detector.name))
            .collect();
        let policies = config.policies.iter().any(|each| each.policy.enabled && each.sources.contains(&source.name));
        if both.len() > 1 && policies {
            warnings.push(format!(
                "detectors {} are both built in and judge source \"{}\": each judges its policies, and finds everything once more; leave the source to one of them",
                both.join(" and "), source.name
            ));
        }
        if !config.sinks.iter().any(|sink| sink.sources.contains(&source.name)) {
            let place = format!("{}:{}", source.file.display(), source.line);
            warnings.push(format!(
                "{place}: source \"{}\" feeds no sink: its events are stored and never delivered; add it to the `sources` of a [[sink]]",
                source.name
            ));
        }
    }
    if let Some(address) = config.web.listen.filter(|address| !address.ip().is_loopback()) {
        warnings.push(format!(
            "`listen` in [web] is {address}, which others may reach: it is plain HTTP without authentication, and tells whoever asks the names of sources and sinks and how they are doing; listen at 127.0.0.1, or let a firewall decide who reaches it"
        ));
    }
    if config.telemetry.as_ref().is_some_and(TelemetryConfig::bares_secrets) {
        let what = "`headers` of [telemetry] hold a secret, and `endpoint` is plain HTTP to another machine";
        warnings.push(format!("{what}: whoever is on the way can read it; write https, or run a collector on this machine"));
    }
    if let SecretRef::File(key) = &config.store.key
        && folder(key) == folder(&config.store.path)
    {
        warnings.push(format!(
            "the key {} stands beside the database: whoever copies the folder has both; move the key and name it in [store] key",
            key.display()
        ));
    }
    for reference in secret::places(config) {
        if let Some(warning) = secret::concern(reference)
            && !warnings.contains(&warning)
        {
            warnings.push(warning);
        }
    }
    config.warnings.extend(warnings);
}

fn folder(path: &Path) -> Option<PathBuf> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::path::absolute(parent.canonicalize().unwrap_or_else(|_| parent.to_owned())).ok()
}
