//! `miro-source privacy`: what is kept of a person, handed out or erased.

use std::{collections::BTreeSet, path::PathBuf, sync::Arc};

use super::{Context, Ended, Exit, Result, hold::Hold};
use crate::{
    clock::Clock,
    config::Config,
    control::{self, Reply, Request},
    model::SourceName,
    neutral::brief,
    privacy::Identity,
    store::{Store, blocking},
};

mod erase;
mod export;
mod held;
mod log;
#[cfg(test)]
mod tests;
mod whom;

/// Hand out or erase what is kept of a person.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Write all that is kept of a person, one JSON object a line
    ///
    /// Beside a running host. All identities of the person are looked for: from an identifier or an e-mail address follow the others, as
    /// events, alerts and directories know them. The first line says who was looked for, the last one that it is complete.
    Export(Export),
    /// Take a person out of the store, and keep out what happened until then
    ///
    /// Events that they did go; what else names them has [erased] in the place of it. Shows first what that would be, and asks. What they do
    /// from then on is collected as anybody's. Beside a running host in small steps; whatever is cut short is ended by running it again.
    Erase(Erase),
}

/// Whom, and where.
#[derive(Debug, clap::Args)]
struct Export {
    /// Their identifier or e-mail address
    #[arg(long, value_name = "WHO")]
    user: String,
    /// Only of this source
    #[arg(long, value_name = "NAME")]
    source: Option<SourceName>,
    /// Into this file, which must not be there yet, and which only this user may read; otherwise to standard output
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Whom, and whether.
#[derive(Debug, clap::Args)]
struct Erase {
    /// Their identifier or e-mail address
    #[arg(long, value_name = "WHO", required_unless_present = "again", conflicts_with = "again")]
    user: Option<String>,
    /// Everybody who was erased before: after a restore, or where an erasure was cut short
    #[arg(long)]
    again: bool,
    /// Only of this source; of what belongs to no source, such as directories, nothing
    #[arg(long, value_name = "NAME")]
    source: Option<SourceName>,
    /// Show what would go, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

/// Runs the command.
pub async fn run(args: Args, context: &Context) -> Result<Exit> {
    let config = context.load()?;
    match args.action {
        Action::Export(args) => export::run(args, &config, context).await,
        Action::Erase(args) => erase::run(args, &config, context).await,
    }
}

/// The store, and how something is asked of whoever owns it.
struct Hand<'a> {
    config: &'a Config,
    clock: &'a dyn Clock,
    hold: Hold,
}

impl<'a> Hand<'a> {
    fn take(config: &'a Config, context: &'a Context) -> Result<Self> {
        Ok(Self { config, clock: context.clock.as_ref(), hold: Hold::take(config)? })
    }

    fn store(&self) -> &Arc<dyn Store> {
        self.hold.store()
    }

    async fn ask(&self, asked: control::Privacy) -> Result<Reply> {
        let request = Request::Privacy(Box::new(asked));
        match &self.hold {
            Hold::Reader(_) => control::submit(self.config, request, self.clock).await,
            Hold::Owner(store) => {
                let now = self.clock.now();
                match blocking(store, move |store| Ok(control::carry_out(store, &control::am_i(), &request, now))).await? {
                    Reply::Failed(why) => Err(anyhow::anyhow!(why)),
                    reply => Ok(reply),
                }
            }
        }
    }

    /// What a person is called where nobody is to be named.
    fn mark(&self, text: &str) -> String {
        let normal = Identity::account(text).normal();
        let hash = self.store().fingerprint(&["miro-source person v1", &normal]);
        hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }

    /// The sources that are meant.
    fn sources(&self, only: Option<&SourceName>) -> Result<Vec<SourceName>> {
        let configured = self.config.sources.iter().map(|source| source.name.clone());
        let read = self.store().readers()?.into_iter().map(|reader| reader.source);
        let all: BTreeSet<SourceName> = configured.chain(read).filter(|name| only.is_none_or(|only| only == name)).collect();
        match only.filter(|_| all.is_empty()) {
            Some(name) => {
                let text = format!("there is no source `{}`: see `miro-source status`", brief(name.as_str(), 64));
                Err(Ended::new(Exit::Left, text).into())
            }
            None => Ok(all.into_iter().collect()),
        }
    }
}
