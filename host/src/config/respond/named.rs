//! What a name in `policies` is the name of: `rule`, or `detector/rule`.
//!
//! A rule belongs to a detector: one of somebody else's that is called like one that is built in is another rule. A name alone
//! is that of the detector that is built in where it has a rule or a policy of that name, else that of another one.

use crate::{
    config::{ComponentRef, DetectorConfig, PolicyConfig, policy::BUILT_IN},
    model::SourceName,
};

/// Among what names are looked for.
#[derive(Clone, Copy)]
pub(super) struct Names<'a> {
    pub(super) detectors: &'a [DetectorConfig],
    pub(super) policies: &'a [PolicyConfig],
}

/// What a name comes down to, about one source.
pub(super) struct Named<'a> {
    /// Without its detector.
    pub(super) rule: &'a str,
    /// Who may find something of that name. Where there are several, nobody knows which is meant.
    pub(super) detectors: Vec<&'a DetectorConfig>,
    /// The operator's own policy of that name.
    pub(super) own: Option<&'a PolicyConfig>,
}

impl<'a> Names<'a> {
    /// A name about a source.
    pub(super) fn find(self, source: &SourceName, name: &'a str) -> Named<'a> {
        let (wanted, rule) = match self.split(name) {
            Some((detector, rule)) => (Some(detector), rule),
            None => (None, name),
        };
        let own = self.policies.iter().find(|each| each.policy.name == rule && each.sources.contains(source));
        let is_known = own.is_some() || BUILT_IN.contains(&rule);
        let judging = self.detectors.iter().filter(|each| each.sources.contains(source));
        let mut detectors: Vec<&DetectorConfig> =
            judging.filter(|each| wanted.is_none_or(|wanted| each.name == wanted.name) && (is_known || !is_built_in(each))).collect();
        if is_known && detectors.iter().any(|each| is_built_in(each)) {
            detectors.retain(|each| is_built_in(each));
        }
        let is_own = detectors.iter().all(|each| is_built_in(each)) && (wanted.is_none() || !detectors.is_empty());
        Named { rule, own: own.filter(|_| is_own), detectors }
    }

    /// The detector that a name begins with, and the rest of it.
    pub(super) fn split(self, name: &'a str) -> Option<(&'a DetectorConfig, &'a str)> {
        let (detector, rule) = name.split_once('/')?;
        Some((self.detectors.iter().find(|each| each.name.as_str() == detector)?, rule))
    }
}

/// Whether it is the detector that is built in, which judges the operator's policies too.
pub(super) fn is_built_in(detector: &DetectorConfig) -> bool {
    matches!(detector.component, ComponentRef::Builtin(_))
}
