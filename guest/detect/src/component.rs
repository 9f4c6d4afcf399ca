//! What the component exports, as plain functions.

use crate::{
    config::{self, Config},
    detector::{Answer, Profile, Sighting},
    judge,
    types::{Description, Failure},
};

/// About this component.
pub fn describe() -> Description {
    Description {
        name: "detect".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        config_schema: config::schema(),
        secrets: Vec::new(),
    }
}

/// What the sightings lead to, or whose profiles it needs first.
pub fn detect(config: &str, sightings: &[Sighting], profiles: Vec<Profile>) -> Result<Answer, Failure> {
    let config = Config::parse(config).map_err(Failure::Invalid)?;
    Ok(judge::judge(&config, sightings, profiles))
}
