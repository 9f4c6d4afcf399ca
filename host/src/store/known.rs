//! What was known when an event was stored, and is stored with it: later knowledge never changes it.

use std::sync::Arc;

use audit_pipeline::detector::{Departure, Network, Standing};

/// Groups that are kept with an event.
const GROUPS: usize = 256;
/// The longest name of a group that is kept, in bytes.
const NAME: usize = 256;

/// What was known of an event when it was stored.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Known {
    /// Of its address. None where it has none, nothing was known of it, or it was stored before this was kept. Events of a page
    /// that came from one address share it.
    pub network: Option<Arc<Network>>,
    /// Of who did it. None where nothing was known of them, or it was stored before this was kept. Events of a page by one user
    /// share it.
    pub standing: Option<Arc<Standing>>,
}

impl Known {
    /// Whether it is nothing at all.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// What somebody says of a user, in bounds, whoever says it: at most 256 groups, none with a name over 256 bytes. None where that is
/// nothing.
pub fn standing(groups: impl IntoIterator<Item = String>, departed: Option<Departure>) -> Option<Standing> {
    let groups: Vec<String> = groups.into_iter().filter(|name| name.len() <= NAME).take(GROUPS).collect();
    (!groups.is_empty() || departed.is_some()).then_some(Standing { groups, departed })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_of_a_thousand_groups_is_kept_in_bounds() {
        let long = "x".repeat(NAME + 1);
        let groups = std::iter::once(long).chain((0..1000).map(|number| number.to_string()));
        let kept = standing(groups, None).unwrap().groups;
        assert_eq!((kept.len(), kept.first().map(String::as_str)), (GROUPS, Some("0")));
        assert_eq!(standing(Vec::new(), None), None);
    }
}
