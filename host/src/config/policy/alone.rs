//! A file of policies by itself, before any configuration reads it.

use std::path::Path;

use activity_policy::Policy;

use crate::config::{ConfigErrors, document::Document, load};

/// Reads a file that holds [[policy]] and nothing else. Whether its `sources` are there is for the configuration to say.
///
/// # Errors
/// Everything that is wrong with it.
pub fn check_policies(path: &Path) -> Result<Vec<Policy>, ConfigErrors> {
    let file = load::policies(Document::open(path));
    for (number, later) in file.policies.iter().enumerate() {
        let both = |earlier: &&super::Ruled| earlier.policy.name == later.policy.name && earlier.shares_a_source(later);
        if let Some(earlier) = file.policies.iter().take(number).find(both) {
            let what =
                format!("two policies are called \"{}\"; the other stands at {}", later.policy.name, file.place(earlier.name_span.start));
            file.document.note(&later.name_span, what, "give each policy of a source a name of its own");
        }
    }
    if file.document.is_wrong() {
        return Err(ConfigErrors(file.document.problems()));
    }
    Ok(file.policies.into_iter().map(|ruled| ruled.policy).collect())
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
