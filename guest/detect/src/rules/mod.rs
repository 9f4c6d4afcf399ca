//! The built-in rules: what each calls unusual, and why.
//!
//! A rule looks at one sighting and at what is remembered of its user, address and organization *before* it: a [`Scene`]. The
//! scene is taught what happened afterwards. Each rule's requirements are quoted at its tests.
//!
//! | module | rules |
//! |---|---|
//! | [`network`] | anonymous and suspicious addresses |
//! | [`country`] | infrequent country |
//! | [`travel`] | impossible travel |
//! | [`standing`] | terminated and disabled users, inactive accounts |
//! | [`failures`] | failed sign-ins |
//! | [`amount`] | impersonation, downloads, shares, deletions: how many; and administration |
//! | [`administration`] | administration: which |
//!
//! What each must be told to find anything stands in [`reads`].

mod administration;
mod amount;
mod country;
mod failures;
mod name;
mod network;
mod reads;
mod scene;
mod standing;
mod travel;

pub use name::Rule;
pub use reads::all;
pub use scene::{Because, Scene};

use crate::detector::Finding;

/// Everything the built-in rules find in a scene; then the scene is taught.
pub fn judge(scene: &mut Scene<'_>, found: &mut Vec<Finding>) {
    found.extend(standing::departed(scene));
    found.extend(standing::inactive(scene));
    if scene.is_located() {
        found.extend(network::listed(scene));
        let strange = country::infrequent(scene);
        let travelled = travel::impossible(scene);
        if strange.is_some() || travelled.is_some() {
            scene.alerted();
        }
        found.extend(strange);
        found.extend(travelled);
    }
    found.extend(failures::failed(scene));
    found.extend(amount::all(scene));
    scene.teach();
}
