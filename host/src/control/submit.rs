//! Having something written, whoever owns the store.

use super::{Reply, Request, am_i, ask, carry_out};
use crate::{
    clock::Clock,
    config::Config,
    model::SourceName,
    pipeline,
    store::{StoreError, StoreErrorKind, blocking, sqlite},
};

/// Does `request` itself where nobody owns the store, otherwise asks the owner.
pub async fn submit(config: &Config, request: Request, clock: &dyn Clock) -> anyhow::Result<Reply> {
    let now = clock.now();
    let held = match pipeline::own(config) {
        Ok(store) => {
            let reply = blocking(&store, move |store| Ok(carry_out(store, &am_i(), &request, now))).await?;
            return done(reply);
        }
        Err(why) => why,
    };
    if !held.chain().any(|cause| cause.downcast_ref::<StoreError>().is_some_and(|cause| cause.kind == StoreErrorKind::Locked)) {
        return Err(held);
    }
    match ask(&config.store.path, &request).await {
        Ok(reply) => done(reply),
        Err(why) => Err(held.context(format!("failed to {request:?}: nobody answers commands ({why})"))),
    }
}

/// Has the governance log remember what a command does by itself, as text, and to which source where it is one's alone.
///
/// A store that is not there yet, or of an older miro-source, is left as it is, and remembers nothing.
pub async fn remember(config: &Config, about: String, source: Option<SourceName>, clock: &dyn Clock) -> anyhow::Result<()> {
    let (path, key) = (config.store.path.clone(), pipeline::store_key(config)?);
    if tokio::task::spawn_blocking(move || sqlite::is_current(&path, &key)).await? {
        submit(config, Request::Remember { about, source }, clock).await?;
    }
    Ok(())
}

fn done(reply: Reply) -> anyhow::Result<Reply> {
    match reply {
        Reply::Failed(why) => Err(anyhow::anyhow!(why)),
        reply => Ok(reply),
    }
}
