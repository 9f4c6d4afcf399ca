//! Who is told of what.

use std::collections::BTreeSet;

use super::{Concerns, Condition, Kind};
use crate::{
    alert::Severity,
    config::Config,
    model::{ChannelName, SinkName, SourceName},
};

/// Who hears of some sources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ear<N> {
    /// The name.
    pub name: N,
    /// Of which.
    pub sources: Vec<SourceName>,
    /// At least so bad.
    pub severity: Severity,
}

/// All who are told of conditions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listeners {
    /// Channels.
    pub channels: Vec<Ear<ChannelName>>,
    /// Sinks, which hear of everything.
    pub sinks: Vec<Ear<SinkName>>,
    /// Whoever hears of all these hears of the host. None: nobody is known to, and nobody does.
    pub everyone: Option<BTreeSet<SourceName>>,
}

impl Listeners {
    /// As the configuration wants it.
    pub fn new(config: &Config) -> Self {
        let channel = |each: &crate::config::ChannelConfig| Ear {
            name: each.name.clone(),
            sources: [each.sources.as_slice(), &each.lost].concat(),
            severity: each.route.severity,
        };
        let sink = |each: &crate::config::SinkConfig| Ear {
            name: each.name.clone(),
            sources: [each.sources.as_slice(), &each.lost].concat(),
            severity: Severity::Informational,
        };
        Self {
            channels: config.channels.iter().filter(|each| each.health).map(channel).collect(),
            sinks: config.sinks.iter().filter(|each| each.health).map(sink).collect(),
            everyone: config.everyone(),
        }
    }

    /// Whether anybody hears of the host.
    pub fn hear_host(&self) -> bool {
        let mut of = self.channels.iter().map(|ear| &ear.sources).chain(self.sinks.iter().map(|ear| &ear.sources));
        of.any(|sources| self.are_all(sources))
    }

    /// The channels that are told of it.
    pub fn channels(&self, condition: &Condition) -> Vec<ChannelName> {
        let told = self.able(condition).filter(|ear| condition.severity >= ear.severity);
        told.map(|ear| ear.name.clone()).collect()
    }

    /// The channels that are told of it where one that would be fails: whatever the severity that they usually hear of.
    pub fn instead_of(&self, failing: &ChannelName, condition: &Condition) -> Vec<ChannelName> {
        self.able(condition).filter(|ear| ear.name != *failing).map(|ear| ear.name.clone()).collect()
    }

    /// The sinks that are told of it, each with the source that it is filed under there.
    pub fn sinks(&self, condition: &Condition) -> Vec<(SinkName, SourceName)> {
        let filed = self.sinks.iter().filter_map(|ear| Some((ear.name.clone(), self.heard(&ear.sources, condition)?.clone())));
        filed.collect()
    }

    /// Channels whose business it is, and that it is not about.
    fn able<'a>(&'a self, condition: &'a Condition) -> impl Iterator<Item = &'a Ear<ChannelName>> {
        let itself = |ear: &Ear<ChannelName>| condition.kind == Kind::Channel && condition.subject == ear.name.as_str();
        self.channels.iter().filter(move |ear| !itself(ear) && self.heard(&ear.sources, condition).is_some())
    }

    /// Of the sources that somebody hears of, one by which a condition is their business.
    fn heard<'a>(&self, sources: &'a [SourceName], condition: &Condition) -> Option<&'a SourceName> {
        match &condition.concerns {
            Concerns::Sources(of) => sources.iter().find(|source| of.contains(source)),
            Concerns::Host if self.are_all(sources) => sources.first(),
            Concerns::Host => None,
        }
    }

    fn are_all(&self, sources: &[SourceName]) -> bool {
        self.everyone.as_ref().is_some_and(|all| all.iter().all(|source| sources.contains(source)))
    }
}
