//! `miro-source components list`

use std::sync::Arc;

use crate::{
    cli::{Context, Exit, Result},
    egress::HttpTransport,
    neutral::visible,
    pipeline::{self, Components},
    trust::Trust,
};

/// Runs the command.
pub(super) async fn run(context: &Context) -> Result<Exit> {
    let config = context.load()?;
    let runtime = pipeline::runtime(&config, Arc::new(HttpTransport::new(&config.network)?))?;
    let mut components = Components::new(runtime, Trust::new(&config.components));
    for each in &config.sources {
        let component = components.get(&each.component).await?;
        let description = components.source(each).await?.describe().await?;
        let generation = component.current();
        say!("source {}: {} {}", each.name, visible(&description.name), visible(&description.version));
        say!("  digest   sha256:{}", generation.digest());
        say!("  imports  {}", generation.imports().join("\n           "));
        let grant: Vec<_> = each.allow.iter().map(|origin| origin.as_str()).collect();
        say!("  grant    {}", if grant.is_empty() { "nothing".into() } else { grant.join("\n           ") });
    }
    Ok(Exit::Done)
}
