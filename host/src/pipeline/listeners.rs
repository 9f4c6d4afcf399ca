//! Who hears of alerts, as the store is to know it.

use std::sync::Arc;

use crate::{
    alert::Outlet,
    config::{ChannelConfig, Config, SinkConfig},
    model::SourceName,
    notify::Audience,
    store::{Result, Store, blocking},
};

/// Notes them in the store: it writes down what they are to hear with the change itself.
pub(super) async fn note(config: &Config, store: &Arc<dyn Store>) -> Result<()> {
    let (outlets, audiences) = (outlets(&config.sinks), audiences(&config.channels));
    let sources = config.sources.len().to_string();
    blocking(store, move |store| {
        store.note(Outlet::SOURCES, &sources)?;
        store.set_outlets(&outlets)?;
        store.set_audiences(&audiences)
    })
    .await
}

/// Which sinks get the alerts of which sources.
fn outlets(sinks: &[SinkConfig]) -> Vec<Outlet> {
    let of = |sink: &SinkConfig| {
        let format = sink.alerts?;
        let each = |source: &SourceName| Outlet { sink: sink.name.clone(), source: source.clone(), format };
        Some(sink.sources.iter().map(each).collect::<Vec<_>>())
    };
    sinks.iter().filter_map(of).flatten().collect()
}

/// Which channels are told of the alerts of which sources.
fn audiences(channels: &[ChannelConfig]) -> Vec<Audience> {
    let of = |channel: &ChannelConfig| {
        let (channel, route, sources) = (channel.name.clone(), channel.route.clone(), channel.sources.clone());
        sources.into_iter().map(move |source| Audience { channel: channel.clone(), source, route: route.clone() })
    };
    channels.iter().flat_map(of).collect()
}
