//! What is judged by: the configuration, or the configuration with something of it replaced.

use std::{collections::BTreeSet, path::Path};

use crate::{
    cli::{Ended, Exit, Result},
    config::{self, ComponentRef, Config, DetectorConfig, PolicyConfig},
    model::SourceName,
};

/// One way to judge.
#[derive(Debug)]
pub(super) struct Variant {
    /// What people call it.
    pub(super) name: String,
    pub(super) config: Config,
    /// Only the findings of these policies count.
    pub(super) only: Option<BTreeSet<String>>,
}

/// Where the policies of a file stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Alone: nothing else counts.
    Alone,
    /// Beside what is configured; one takes the place of a configured one of its name.
    Beside,
}

impl Variant {
    /// As it is configured.
    pub(super) fn configured(config: Config) -> Self {
        Self { name: "configured".to_owned(), config, only: None }
    }

    /// With the policies of a file.
    pub(super) fn policies(mut config: Config, file: &Path, place: Place) -> Result<Self> {
        let sources: Vec<SourceName> = config.sources.iter().map(|source| source.name.clone()).collect();
        let found = config::policies_about(file, &sources)?;
        if found.is_empty() {
            return Err(Ended::new(Exit::Configuration, format!("there is no [[policy]] in {}", file.display())).into());
        }
        built_in(&mut config, sources);
        let names: BTreeSet<String> = found.iter().map(|each| each.policy.name.clone()).collect();
        let only = match place {
            Place::Alone => {
                config.policies.clear();
                Some(names)
            }
            Place::Beside => {
                config.policies.iter_mut().for_each(|known| yield_to(known, &found));
                config.policies.retain(|known| !known.sources.is_empty());
                None
            }
        };
        config.policies.extend(found);
        Ok(Self { name: file.display().to_string(), config, only })
    }

    /// With a component in the place of those detectors that are such a one: `called` says what a detector calls itself. A source that
    /// has none is judged by it once, with nothing configured.
    pub(super) fn component(mut config: Config, file: &Path, name: &str, called: &[String]) -> Self {
        let component = ComponentRef::Path(file.to_owned());
        let mut same = called.iter().map(|called| called == name);
        config.detectors.retain(|_| same.next().unwrap_or_default());
        config.detectors.iter_mut().for_each(|detector| detector.component = component.clone());
        let judged: BTreeSet<&SourceName> = config.detectors.iter().flat_map(|detector| &detector.sources).collect();
        let all = config.sources.iter().map(|source| source.name.clone());
        let left: Vec<SourceName> = all.filter(|source| !judged.contains(source)).collect();
        if !left.is_empty() {
            config.detectors.extend(DetectorConfig::built_in(left).map(|detector| DetectorConfig { component, ..detector }));
        }
        Self { name: file.display().to_string(), config, only: None }
    }
}

/// Whether a file is a component, by its name's end; else it holds policies.
pub(super) fn is_component(file: &Path) -> bool {
    file.extension().is_some_and(|end| end == "wasm")
}

/// A configured policy leaves the sources in which another has its name.
fn yield_to(known: &mut PolicyConfig, found: &[PolicyConfig]) {
    let taken = |source: &SourceName| found.iter().any(|each| each.policy.name == known.policy.name && each.sources.contains(source));
    let left = known.sources.iter().filter(|source| !taken(source)).cloned().collect();
    known.sources = left;
}

/// Makes sure that each of these sources has the detector that judges policies.
fn built_in(config: &mut Config, mut sources: Vec<SourceName>) {
    let judged: Vec<&SourceName> =
        config.detectors.iter().filter(|each| matches!(each.component, ComponentRef::Builtin(_))).flat_map(|each| &each.sources).collect();
    sources.retain(|source| !judged.contains(&source));
    if !sources.is_empty() {
        config.detectors.extend(DetectorConfig::built_in(sources));
    }
}
