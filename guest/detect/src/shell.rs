//! The component's outer skin. Compiled for WebAssembly only.

use std::mem::ManuallyDrop;

use crate::{
    bindings, component,
    detector::{Answer, Guest, Profile, Rule, Sighting, Trail},
    types::{Description, Failure},
};

struct Detect;

impl Guest for Detect {
    fn describe() -> Description {
        component::describe()
    }

    fn rules(config: String) -> Result<Vec<Rule>, Failure> {
        component::rules(&config)
    }

    fn subjects(config: String, trails: Vec<Trail>) -> Result<Vec<String>, Failure> {
        component::subjects(&config, &ManuallyDrop::new(trails))
    }

    fn detect(config: String, sightings: Vec<Sighting>, profiles: Vec<Profile>) -> Result<Answer, Failure> {
        // The instance ends with the call: the sightings need not be taken apart piece by piece.
        component::detect(&config, &ManuallyDrop::new(sightings), profiles)
    }
}

#[expect(unsafe_code, reason = "what wit-bindgen generates for the canonical ABI")]
mod exports {
    use super::{Detect, bindings};

    bindings::export!(Detect with_types_in bindings);
}
