//! The source that a command is about: which one, its component, its token as it stands, and what a failed call means.
//!
//! What always holds: nothing here refreshes, stores or sends a token anywhere but to the component of its own source.

use std::sync::Arc;

use super::{Ended, Exit, Result};
use crate::{
    authenticate::{Authority, NoToken},
    config::{Config, SourceConfig},
    egress::HttpTransport,
    model::SourceName,
    pipeline::{self, Components},
    runtime::Source,
    trust::Trust,
};

mod access;
mod failure;
mod identity;
#[cfg(test)]
mod tests;
mod token;

pub(super) use access::{Access, Held, Trouble};
pub(super) use failure::{exit, failed, text};
pub(super) use identity::identity;
pub(super) use token::{Due, token};

/// The source of that name; without a name, the only one.
pub(super) fn choose<'a>(config: &'a Config, name: Option<&SourceName>) -> Result<&'a SourceConfig> {
    let names = || config.sources.iter().map(|each| each.name.as_str()).collect::<Vec<_>>().join(", ");
    let wrong = |message: String| Ended::new(Exit::Configuration, message).into();
    match (name, config.sources.as_slice()) {
        (None, []) => Err(wrong("the configuration has no source: `miro-source init` writes one".into())),
        (Some(name), []) => Err(wrong(format!("there is no source `{name}`: the configuration has none; `miro-source init` writes one"))),
        (None, [only]) => Ok(only),
        (None, _) => Err(wrong(format!("there are several sources: name one of {}", names()))),
        (Some(name), sources) => sources
            .iter()
            .find(|each| each.name == *name)
            .ok_or_else(|| wrong(format!("there is no source `{name}`: name one of {}", names()))),
    }
}

/// The same, of which a person looks after the tokens.
pub(super) fn authorized<'a>(config: &'a Config, name: Option<&SourceName>) -> Result<&'a SourceConfig> {
    let source = choose(config, name)?;
    if source.authenticates() {
        let message = format!(
            "source `{}` obtains its own tokens, as its application: there is nobody who authorizes it, and no token is stored; \
             `miro-source check` shows whether it gets one",
            source.name
        );
        return Err(Ended::new(Exit::Configuration, message).into());
    }
    Ok(source)
}

/// The source's side of its component, reaching out by this machine's network.
pub(super) async fn load(config: &Config, source: &SourceConfig) -> Result<Source> {
    components(config)?.source(source).await
}

/// What obtains its token, where its component does.
pub(super) async fn authority(config: &Config, source: &SourceConfig) -> Result<Option<Authority>> {
    components(config)?.authority(source).await
}

fn components(config: &Config) -> Result<Components> {
    let runtime = pipeline::runtime(config, Arc::new(HttpTransport::new(&config.network)?))?;
    Ok(Components::new(runtime, Trust::new(&config.components)))
}

/// What it means that there is no token.
pub(super) fn tokenless(why: &NoToken) -> Ended {
    match why {
        NoToken::Unreadable(why) => Ended::new(Exit::Configuration, why.clone()),
        NoToken::Refused(why) => failed("obtain a token", why),
    }
}
