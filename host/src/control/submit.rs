//! Having something written, whoever owns the store.

use super::{Reply, Request, am_i, ask, carry_out};
use crate::{
    clock::Clock,
    config::Config,
    pipeline,
    store::{StoreError, StoreErrorKind, blocking},
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

fn done(reply: Reply) -> anyhow::Result<Reply> {
    match reply {
        Reply::Failed(why) => Err(anyhow::anyhow!(why)),
        reply => Ok(reply),
    }
}
