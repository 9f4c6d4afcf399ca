//! `miro-source reload`

use super::{Context, Exit, Result};
use crate::{
    control::{Reply, Request, ask},
    neutral::visible,
};

/// Have the running host read its configuration again.
///
/// Sources, sinks, grants, detectors, policies, channels and actions come, go and change; each goes on where the store says. Secrets and
/// certificates are read again too. A configuration that is wrong changes nothing, and this command ends with 2 and says why. `path` and
/// `key` of `[store]` and `[log]` change with a restart only.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Runs the command.
pub async fn run(_: Args, context: &Context) -> Result<Exit> {
    let config = context.load()?;
    let path = &config.store.path;
    let reply = ask(path, &Request::Reload).await.map_err(|why| {
        anyhow::anyhow!(
            "no host runs on {} ({why}): `miro-source run` starts one, which reads the configuration by itself. Where a host runs and `path` \
             of [store] was changed, put it back, or stop that host and start it again: two hosts would deliver everything twice",
            path.display()
        )
    })?;
    match reply {
        Reply::Reloaded(said) => {
            say!("read again: {}", visible(&said));
            Ok(Exit::Done)
        }
        Reply::Failed(why) => Err(super::Ended::new(Exit::Configuration, format!("the host goes on as it was: {why}")).into()),
        other => anyhow::bail!("the host answered with something else: {other:?}"),
    }
}
