//! What only shows between sources, sinks and files: names that clash, grants that are shared, sinks that feed from
//! nowhere, ranges that overlap (`range`), groups (`standing`) and policies (`policy`) of one name. A mistake in an included file takes that file out; what pointed into it becomes a warning.

use std::collections::BTreeMap;

use super::{
    ActionConfig, ChannelConfig, DetectorConfig, PolicyConfig, RangeConfig, ResponderConfig, SecretRef, SinkConfig, SourceConfig,
    StandingConfig, detector,
    load::{File, Role},
    notify, policy, range, respond,
    section::nearest,
    standing,
    whose::Whose,
};
use crate::model::SourceName;

/// What is left to run.
#[derive(Default)]
pub(super) struct Joined {
    pub(super) sources: Vec<SourceConfig>,
    pub(super) sinks: Vec<SinkConfig>,
    pub(super) ranges: Vec<RangeConfig>,
    pub(super) standing: StandingConfig,
    pub(super) detectors: Vec<DetectorConfig>,
    pub(super) policies: Vec<PolicyConfig>,
    pub(super) channels: Vec<ChannelConfig>,
    pub(super) responders: Vec<ResponderConfig>,
    pub(super) actions: Vec<ActionConfig>,
    pub(super) warnings: Vec<String>,
}

/// Checks all files, the main one first, and joins those that are right.
pub(super) fn join(files: &mut [File]) -> Joined {
    clashes(files);
    // A file that falls out may take the sources of another file's sink with it, hence again until nothing changes.
    loop {
        let before = wrong(files);
        resolve(files, &mut Joined::default());
        if wrong(files) == before {
            break;
        }
    }
    let mut joined = Joined::default();
    for (index, file) in files.iter().enumerate() {
        if index == 0 || !file.document.is_wrong() {
            joined.sources.extend(file.sources.iter().map(|source| source.config.clone()));
        }
    }
    resolve(files, &mut joined);
    joined
}

fn wrong(files: &[File]) -> usize {
    files.iter().map(|file| file.document.problems().len()).sum()
}

/// Notes names that stand twice and grants that two sources share.
fn clashes(files: &[File]) {
    let mut sources: BTreeMap<String, String> = BTreeMap::new();
    let mut sinks: BTreeMap<String, String> = BTreeMap::new();
    let mut grants: Vec<(SecretRef, String)> = Vec::new();
    let mut detectors: BTreeMap<String, String> = BTreeMap::new();
    let mut channels: BTreeMap<String, String> = BTreeMap::new();
    let mut responders: BTreeMap<String, String> = BTreeMap::new();
    for file in files {
        // A file that is wrong takes no name away from others.
        let (mut own_sources, mut own_sinks, mut own_grants) = (sources.clone(), sinks.clone(), grants.clone());
        let (mut own_detectors, mut own_channels, mut own_responders) = (detectors.clone(), channels.clone(), responders.clone());
        let document = &file.document;
        let place = |offset: usize| file.place(offset);
        for source in &file.sources {
            let name = source.config.name.as_str();
            let here = place(source.name_span.start);
            if let Some(there) = own_sources.insert(name.to_owned(), here) {
                let what = format!("two sources are called \"{name}\"; the other stands at {there}");
                document.note(&source.name_span, what, "give each source a name of its own: it stands beside every event");
                own_sources.insert(name.to_owned(), there);
            }
            for (key, reference, span) in &source.grants {
                if let Some((_, other)) = own_grants.iter().find(|(known, other)| known == reference && other != name) {
                    let what = format!("`{key}` of source \"{name}\" is also that of source \"{other}\": two sources with one grant");
                    let help = "refreshing one would kill the other's tokens: authorize each source by itself, or keep one of the two";
                    document.note(span, what, help);
                }
                own_grants.push((reference.clone(), name.to_owned()));
            }
        }
        for sink in &file.sinks {
            let name = sink.config.name.as_str();
            if let Some(there) = own_sinks.insert(name.to_owned(), place(sink.name_span.start)) {
                let what = format!("two sinks are called \"{name}\"; the other stands at {there}");
                document.note(&sink.name_span, what, "give each sink a name of its own: its place in the log is kept under it");
                own_sinks.insert(name.to_owned(), there);
            }
        }
        detector::clashes(file, &mut own_detectors);
        notify::clashes(file, &mut own_channels);
        respond::clashes(file, &mut own_responders);
        if !document.is_wrong() {
            (sources, sinks, grants) = (own_sources, own_sinks, own_grants);
            (detectors, channels, responders) = (own_detectors, own_channels, own_responders);
        }
    }
}

/// The sources that may be named.
pub(super) struct Known {
    /// Those that run.
    pub(super) names: Vec<SourceName>,
    /// Those of files that are wrong.
    lost: Vec<String>,
    /// There is a file in which not even the names can be read.
    unreadable: bool,
}

/// What a name stands for.
pub(super) enum Named {
    /// A source that runs.
    Known,
    /// One that is, or may be, in a file that is wrong.
    Lost,
    /// None.
    Unknown,
}

/// Whether what stands in a file counts. That of the main one does as long as anything is said of it.
pub(super) fn right(index: usize, file: &File) -> bool {
    index == 0 || !file.document.is_wrong()
}

impl Known {
    fn of(files: &[File]) -> Self {
        let running = files.iter().enumerate().filter(|(index, file)| right(*index, file)).flat_map(|(_, file)| &file.sources);
        let wrong = files.iter().filter(|file| file.document.is_wrong());
        Self {
            names: running.map(|source| source.config.name.clone()).collect(),
            lost: wrong.flat_map(|file| file.names.clone().unwrap_or_default()).collect(),
            unreadable: files.iter().skip(1).any(|file| file.document.is_wrong() && file.names.is_none()),
        }
    }

    pub(super) fn look_up(&self, name: &SourceName) -> Named {
        if self.names.contains(name) {
            Named::Known
        } else if self.unreadable || self.lost.iter().any(|lost| lost == name.as_str()) {
            Named::Lost
        } else {
            Named::Unknown
        }
    }

    /// Some of them, as they are written in a list.
    pub(super) fn quoted(&self) -> String {
        let names: Vec<String> = self.names.iter().take(5).map(|name| format!("\"{name}\"")).collect();
        names.join(", ")
    }

    /// What to write instead of a name that is unknown.
    pub(super) fn help(&self, name: &SourceName) -> String {
        let names: Vec<&str> = self.names.iter().map(SourceName::as_str).collect();
        match nearest(name.as_str(), &names) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None if names.is_empty() => "there is no source yet: write a [[source]]".to_owned(),
            None => format!("the sources are {}", names.join(", ")),
        }
    }
}

/// Finds the sources of everything that is about some. What is found goes into `joined`, what is wrong is noted once.
fn resolve(files: &[File], joined: &mut Joined) {
    let known = Known::of(files);
    let mut met = policy::Met::new();
    for (index, file) in files.iter().enumerate() {
        if !right(index, file) {
            continue;
        }
        // What the main file holds is about all files' sources, so none of them is its own.
        let own = match file.role {
            Role::Main | Role::Policies => Vec::new(),
            Role::Included => file.sources.iter().map(|source| source.config.name.clone()).collect(),
        };
        for sink in &file.sinks {
            let whose = Whose {
                section: "sink",
                name: sink.config.name.as_str(),
                verb: "feeds from",
                takes: "gets",
                wanted: sink.wanted.as_deref(),
                span: &sink.span,
            };
            let sources = whose.find(file, &own, &known, &mut joined.warnings);
            if !sources.is_empty() {
                joined.sinks.push(SinkConfig { sources, lost: whose.lost(&known), ..sink.config.clone() });
            }
        }
        joined.detectors.extend(detector::found(file, &own, &known, &mut joined.warnings));
        joined.channels.extend(notify::found(file, &own, &known, &mut joined.warnings));
        joined.policies.extend(policy::join(file, &own, &known, &mut met, &mut joined.warnings));
        joined.responders.extend(respond::found(file, &known, &mut joined.warnings));
    }
    let running = || files.iter().enumerate().filter(|(index, file)| right(*index, file)).map(|(_, file)| file);
    detector::concerns(running(), &joined.policies, &mut joined.warnings);
    notify::concerns(running(), joined);
    respond::aim(files, &known, joined);
    joined.ranges = range::join(files, &known, &mut joined.warnings);
    joined.standing = standing::join(files, &known, &mut joined.warnings);
}

/// Notes what has not been noted yet.
pub(super) fn note_once(file: &File, span: &std::ops::Range<usize>, what: String, help: String) {
    if !file.document.problems().iter().any(|problem| problem.what == what) {
        file.document.note(span, what, help);
    }
}
