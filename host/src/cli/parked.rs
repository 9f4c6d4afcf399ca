//! `miro-source parked`

use super::{Context, Ended, Exit, Result};
use crate::{
    control::{Reply, Request, submit},
    model::{Seq, SinkName},
    neutral::visible,
    pipeline,
};

/// List, show or retry events that a sink refused by themselves, and retry the lines about alerts that it refused
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// List what is parked, oldest first
    List,
    /// Print the event at a place in the log
    Show {
        /// Its number, as `list` prints it
        seq: i64,
    },
    /// Send parked events again: one, or all of a sink or of every sink, and the lines about alerts and health that it refused
    Retry {
        /// Only this one
        seq: Option<i64>,
        /// Only those of this sink
        #[arg(long)]
        sink: Option<SinkName>,
    },
}

/// Runs the command.
pub async fn run(args: Args, context: &Context) -> Result<Exit> {
    let config = context.load()?;
    match args.action {
        Action::List => {
            let parked = pipeline::look(&config)?.parked()?;
            if parked.is_empty() {
                say!("nothing is parked");
            }
            for each in parked {
                let again = if each.retry { " (will be tried again)" } else { "" };
                say!("{:>10}  {}  {} → {}: {}{again}", each.seq.0, each.at, each.source, each.sink, visible(&each.reason));
            }
        }
        Action::Show { seq } => match pipeline::look(&config)?.event(Seq(seq))? {
            Some((_, event)) => say!("{}", visible(&event.record)),
            None => return Err(Ended::new(Exit::Left, format!("there is no event {seq} in the log; see `miro-source parked list`")).into()),
        },
        Action::Retry { seq, sink } => {
            let request = Request::RetryParked { sink, seq: seq.map(Seq) };
            if let Reply::Done(count) = submit(&config, request, context.clock.as_ref()).await? {
                match count {
                    0 => say!("nothing is parked that this would try again"),
                    1 => say!("1 event or line about alerts will be tried again"),
                    count => say!("{count} events and lines about alerts will be tried again"),
                }
            }
        }
    }
    Ok(Exit::Done)
}
