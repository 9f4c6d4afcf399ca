//! `miro-source notify`

use super::{Context, Ended, Exit, Result};
use crate::{
    config::{ChannelConfig, Config},
    egress::{self, Purpose},
    model::ChannelName,
    neutral::visible,
    notify::{self, Answer, Message, Said},
};

/// Try the channels by which people are told of alerts.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Send a message that says it is a test, and print what the far side answered
    ///
    /// It goes at once: hours, limit and severity of the channel do not matter. May run beside a host.
    Test {
        /// Which channel; may be left out while there is one
        channel: Option<ChannelName>,
    },
}

/// Runs the command.
pub async fn run(args: Args, context: &Context) -> Result<Exit> {
    let Action::Test { channel } = args.action;
    let config = context.load()?;
    let channel = choose(&config, channel.as_ref())?;
    let client = egress::client::build(&config.network, Purpose::Sink)?;
    let mut carrier = notify::build(channel, &config.network, client);
    let message = Message { channel: &channel.name, at: context.clock.now(), said: Said::Test };
    match carrier.carry(&message).await {
        Answer::Accepted { said } => say!("channel {} took the test: {}", channel.name, visible(&said)),
        Answer::Retry { reason, .. } | Answer::Paused { reason } | Answer::Refused { reason } => {
            return Err(Ended::new(Exit::Left, format!("failed to tell channel {}: {}", channel.name, visible(&reason))).into());
        }
    }
    Ok(Exit::Done)
}

/// The channel of that name; without a name, the only one.
fn choose<'a>(config: &'a Config, name: Option<&ChannelName>) -> Result<&'a ChannelConfig> {
    let wrong = |message: String| Ended::new(Exit::Configuration, message).into();
    let names = || config.channels.iter().map(|each| each.name.as_str()).collect::<Vec<_>>().join(", ");
    match (name, config.channels.as_slice()) {
        (_, []) => Err(wrong("the configuration has no channel: write a [[notify]]".into())),
        (None, [only]) => Ok(only),
        (None, _) => Err(wrong(format!("there are several channels: name one of {}", names()))),
        (Some(name), channels) => channels
            .iter()
            .find(|each| each.name == *name)
            .ok_or_else(|| wrong(format!("there is no channel `{name}`: name one of {}", names()))),
    }
}
