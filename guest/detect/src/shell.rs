//! The component's outer skin. Compiled for WebAssembly only.

use crate::{
    bindings, component,
    detector::{Answer, Guest, Profile, Rule, Sighting},
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

    fn detect(config: String, sightings: Vec<Sighting>, profiles: Vec<Profile>) -> Result<Answer, Failure> {
        component::detect(&config, &sightings, profiles)
    }
}

#[expect(unsafe_code, reason = "what wit-bindgen generates for the canonical ABI")]
mod exports {
    use super::{Detect, bindings};

    bindings::export!(Detect with_types_in bindings);
}
