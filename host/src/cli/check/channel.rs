//! Where people are told of alerts.

use super::report::{Level, Report};
use crate::{
    cli::Exit,
    config::{ChannelConfig, NetworkConfig},
    notify,
};

/// Checks a channel, sending nothing.
pub(super) async fn check(config: &ChannelConfig, network: &NetworkConfig, client: &reqwest::Client, report: &mut Report) {
    let subject = format!("channel {}", config.name);
    match notify::build(config, network, client.clone()).check().await {
        Ok(found) => report.line(Level::Ok, &subject, &found, None),
        Err(why) => {
            let advice =
                format!("alerts wait meanwhile, and are only counted after a week; `miro-source notify test {}` tries it", config.name);
            report.fail(Exit::Configuration, &subject, &why.to_string(), Some(&advice));
        }
    }
}
