//! A file of policies by itself, before any configuration reads it.

use std::path::Path;

use activity_policy::Policy;

use crate::{
    config::{
        ConfigErrors, PolicyConfig,
        document::Document,
        load::{self, File},
    },
    model::SourceName,
};

/// Reads a file that holds [[policy]] and nothing else. Whether its `sources` are there is for the configuration to say.
///
/// # Errors
/// Everything that is wrong with it.
pub fn check_policies(path: &Path) -> Result<Vec<Policy>, ConfigErrors> {
    Ok(alone(path)?.policies.into_iter().map(|ruled| ruled.policy).collect())
}

/// The same for these sources: a policy that names none is about all of them, one that names others only is an error.
///
/// # Errors
/// Everything that is wrong with it.
pub fn policies_about(path: &Path, sources: &[SourceName]) -> Result<Vec<PolicyConfig>, ConfigErrors> {
    let file = alone(path)?;
    let about = |ruled: &super::Ruled| match &ruled.wanted {
        None => sources.to_vec(),
        Some(wanted) => sources.iter().filter(|source| wanted.iter().any(|(name, _)| name == *source)).cloned().collect(),
    };
    let found: Vec<_> = file.policies.iter().map(|ruled| PolicyConfig { sources: about(ruled), policy: ruled.policy.clone() }).collect();
    for (ruled, _) in file.policies.iter().zip(&found).filter(|(_, found)| found.sources.is_empty()) {
        let what = format!("policy \"{}\" is about no source of this configuration", ruled.policy.name);
        let names: Vec<&str> = sources.iter().map(SourceName::as_str).collect();
        file.document.note(&ruled.name_span, what, format!("leave `sources` out, or name one of {}", names.join(", ")));
    }
    if file.document.is_wrong() { Err(ConfigErrors(file.document.problems())) } else { Ok(found) }
}

fn alone(path: &Path) -> Result<File, ConfigErrors> {
    let file = load::policies(Document::open(path));
    for (number, later) in file.policies.iter().enumerate() {
        let both = |earlier: &&super::Ruled| earlier.policy.name == later.policy.name && earlier.shares_a_source(later);
        if let Some(earlier) = file.policies.iter().take(number).find(both) {
            let what =
                format!("two policies are called \"{}\"; the other stands at {}", later.policy.name, file.place(earlier.name_span.start));
            file.document.note(&later.name_span, what, "give each policy of a source a name of its own");
        }
    }
    if file.document.is_wrong() { Err(ConfigErrors(file.document.problems())) } else { Ok(file) }
}

impl super::Ruled {
    /// Whether two are about the same events, as far as they say.
    fn shares_a_source(&self, other: &Self) -> bool {
        match (&self.wanted, &other.wanted) {
            (Some(ours), Some(theirs)) => ours.iter().any(|(name, _)| theirs.iter().any(|(other, _)| name == other)),
            _ => true,
        }
    }
}
