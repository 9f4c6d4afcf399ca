//! What the component exports, as plain functions.

use crate::{
    config::{self, Config},
    detector::{self, Answer, Profile, Sighting, Trail},
    judge, rules,
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

/// Every rule, built in and the operator's own, and what it reads.
pub fn rules(config: &str) -> Result<Vec<detector::Rule>, Failure> {
    Config::parse(config).map(|config| rules::all(&config)).map_err(Failure::Invalid)
}

/// Whose profiles events with these trails will need.
pub fn subjects(config: &str, trails: &[Trail]) -> Result<Vec<String>, Failure> {
    let config = Config::parse(config).map_err(Failure::Invalid)?;
    Ok(judge::subjects(&config, trails))
}

/// What the sightings lead to, or whose profiles it needs first.
pub fn detect(config: &str, sightings: &[Sighting], profiles: Vec<Profile>) -> Result<Answer, Failure> {
    let config = Config::parse(config).map_err(Failure::Invalid)?;
    Ok(judge::judge(&config, sightings, profiles))
}
