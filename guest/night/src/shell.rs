//! The component's outer skin: exports to plain functions. Compiled for WebAssembly only.

use crate::{
    bindings,
    detector::{Answer, Guest, Profile, Rule, Sighting, Trail},
    night,
    types::{Description, Failure},
};

struct Night;

impl Guest for Night {
    fn describe() -> Description {
        night::describe()
    }

    fn rules(config: String) -> Result<Vec<Rule>, Failure> {
        night::rules(&config)
    }

    fn subjects(_config: String, _trails: Vec<Trail>) -> Result<Vec<String>, Failure> {
        // Who is active says nothing of it, and few events concern it: it asks when it has seen them.
        Ok(Vec::new())
    }

    fn detect(config: String, sightings: Vec<Sighting>, profiles: Vec<Profile>) -> Result<Answer, Failure> {
        night::detect(&config, &sightings, profiles)
    }
}

#[expect(unsafe_code, reason = "what wit-bindgen generates for the canonical ABI")]
mod exports {
    use super::{Night, bindings};

    bindings::export!(Night with_types_in bindings);
}
