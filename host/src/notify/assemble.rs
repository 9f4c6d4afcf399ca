//! A channel as the configuration wants it.

use std::sync::Arc;

use super::{Carrier, Parts, Teller, command::Command, smtp::Smtp, webhook::Webhook};
use crate::{
    clock::Clock,
    config::{ChannelConfig, ChannelKind, NetworkConfig},
    store::Store,
};

/// Builds what carries the messages of a channel.
pub fn build(config: &ChannelConfig, network: &NetworkConfig, client: reqwest::Client) -> Box<dyn Carrier> {
    match &config.kind {
        ChannelKind::Webhook(webhook) => Box::new(Webhook::new(client, webhook.clone())),
        ChannelKind::Smtp(smtp) => Box::new(Smtp::new(smtp.clone(), network.clone())),
        ChannelKind::Command(command) => Box::new(Command::new(command.clone())),
    }
}

/// Builds the worker of a channel.
pub fn assemble(
    config: &ChannelConfig,
    network: &NetworkConfig,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    client: reqwest::Client,
) -> Teller {
    let carrier = build(config, network, client);
    Teller::new(Parts {
        name: config.name.clone(),
        route: config.route.clone(),
        hours: config.hours.clone(),
        always: config.always,
        limit: config.limit,
        store,
        clock,
        carrier,
    })
}
