//! What two ways to judge have in common, and what only one of them raises.

use serde::Serialize;

use crate::detect::Raised;

/// Alerts about one behaviour are no farther apart.
const APART: u64 = 24 * 3_600_000;

/// The alerts of two.
#[derive(Debug, Serialize)]
pub(super) struct Difference {
    /// What the first is called.
    pub(super) a: String,
    /// And the second.
    pub(super) b: String,
    /// What both raise: as the first does, then as the second does.
    pub(super) both: Vec<(Raised, Raised)>,
    /// What only the first raises.
    pub(super) only_a: Vec<Raised>,
    /// What only the second raises.
    pub(super) only_b: Vec<Raised>,
}

impl Difference {
    /// An alert of one is that of the other where source, policy and user are the same and no more than a day lies between them. Each is
    /// matched once, with the nearest that is left.
    pub(super) fn between((a, ours): (String, Vec<Raised>), (b, mut theirs): (String, Vec<Raised>)) -> Self {
        let (mut both, mut only_a) = (Vec::new(), Vec::new());
        for our in ours {
            let near = theirs.iter().enumerate().filter_map(|(place, their)| apart(&our, their).map(|apart| (apart, place))).min();
            match near {
                Some((_, place)) => both.push((our, theirs.remove(place))),
                None => only_a.push(our),
            }
        }
        Self { a, b, both, only_a, only_b: theirs }
    }
}

/// How far apart two alerts about the same are. None where they are not.
fn apart(our: &Raised, their: &Raised) -> Option<u64> {
    let same = (&our.source, &our.policy, &our.user) == (&their.source, &their.policy, &their.user);
    let between = our.start.0.saturating_sub(their.end.0).max(their.start.0.saturating_sub(our.end.0));
    (same && between <= APART).then_some(between)
}
