//! A token to read with, by whoever holds the store.
//!
//! What always holds (I4): only the owner of the store refreshes, as the host does; beside a running host the stored token is read, and
//! where a refresh is due the host is left to do it.

use secrecy::SecretString;

use super::{Access, Held, Trouble, failed, tokenless};
use crate::{
    cli::{Ended, Exit, Result, hold::Hold},
    clock::Clock,
    config::{Config, SourceConfig},
    runtime::Source,
    schedule::{self, Custody},
    store::blocking,
};

/// The stored token is due for a refresh.
#[derive(Debug, thiserror::Error)]
#[error("the stored token is due for a refresh, which the running host does")]
pub(in crate::cli) struct Due;

/// The token for reading beside what the host reads. Where this process owns the store it is the host, and may refresh as the host does.
pub(in crate::cli) async fn token(
    config: &Config,
    configured: &SourceConfig,
    hold: &Hold,
    source: &Source,
    clock: &dyn Clock,
) -> Result<SecretString> {
    let now = clock.now();
    if let Some(mut authority) = super::authority(config, configured).await? {
        return authority.token(now).await.map_err(|why| tokenless(&why).into());
    }
    let store = hold.store();
    if let Hold::Owner(..) = hold {
        let name = configured.name.clone();
        blocking(store, move |store| store.register(&name)).await?;
        let mut custody = Custody::new(configured.name.clone(), configured.secrets.clone(), store.clone(), source.clone());
        return match custody.obtain(clock).await? {
            schedule::Access::Token(token) => Ok(token),
            schedule::Access::Due => Err(anyhow::anyhow!("the token is due for a refresh, and that did not work now")),
            schedule::Access::Dead(why) => Err(Ended::new(Exit::Authorize, why).into()),
            schedule::Access::Refused(why) => Err(failed("obtain a token", &why).into()),
            schedule::Access::Unreadable(why) => Err(Ended::new(Exit::Configuration, why).into()),
        };
    }
    let (configured, reader) = (configured.clone(), store.clone());
    let found = tokio::task::spawn_blocking(move || Access::find(&configured, Some(reader.as_ref()), now)).await?;
    match found {
        Ok(Access { held: Held::Stored { due: true, .. }, .. }) => Err(Due.into()),
        Ok(access) => Ok(access.token),
        Err(Trouble::Secret(why)) => Err(Ended::new(Exit::Configuration, why).into()),
        Err(Trouble::Authorize(why)) => Err(Ended::new(Exit::Authorize, why).into()),
        Err(Trouble::Store(why)) => Err(why.into()),
    }
}
