//! `miro-source init`: a commented configuration, the store's key, and the secrets in files of their own.
//!
//! What goes in: what a person answers ([`ask`]), or a Sumo Logic source to take over ([`import`]). What comes out: a
//! file that [`crate::config::load`] reads unchanged ([`template`]), and secrets that only their owner may read
//! ([`write`](mod@write)), never in the configuration. Nothing that is there already is overwritten unless told so, the key and the
//! secrets never.

pub mod ask;
pub mod import;
pub mod template;
mod terminal;
pub mod write;

#[cfg(test)]
mod tests;

use std::{
    io::IsTerminal,
    path::{Path, PathBuf},
};

use anyhow::Context as _;

pub use self::terminal::Terminal;
use crate::config;

/// What stands on the command line.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Args {
    /// Where to write it; without it the one of `--config`, then `./miro-source.toml`
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Take name, category and fields (never tokens) from the JSON of a Sumo Logic Cloud-to-Cloud source
    #[arg(long, value_name = "FILE.json")]
    pub from_sumo_source: Option<PathBuf>,
    /// Ask nothing: secrets are then read from environment variables named in the file
    #[arg(long)]
    pub non_interactive: bool,
    /// Overwrite a configuration that is there. The key and the secrets are kept all the same
    #[arg(long)]
    pub force: bool,
}

/// Runs the command; `config` is what `--config` says.
pub fn run(args: &Args, config: Option<&Path>) -> anyhow::Result<()> {
    let home = config::directory().context("neither XDG_CONFIG_HOME nor HOME says where the key belongs; set one of them")?;
    let interactive = !args.non_interactive && std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    let mut terminal = Terminal;
    let prompt: Option<&mut dyn ask::Prompt> = if interactive { Some(&mut terminal) } else { None };
    for line in init(args, config, &home, prompt)? {
        say!("{line}");
    }
    Ok(())
}

/// The whole command, with its surroundings as arguments: `home` is where the key and the secrets go, `prompt` whom to
/// ask. Returns what to tell.
pub fn init(args: &Args, config: Option<&Path>, home: &Path, prompt: Option<&mut dyn ask::Prompt>) -> anyhow::Result<Vec<String>> {
    let output = args.output.as_deref().or(config).unwrap_or(Path::new(config::FILE_NAME));
    // Before anybody types eight answers for nothing.
    anyhow::ensure!(
        args.force || !output.exists(),
        "{} is there already; `--output FILE` writes another, `--force` overwrites it",
        output.display()
    );
    let mut told = Vec::new();
    let mut setup = ask::Setup::new("miro".parse()?);
    if let Some(file) = &args.from_sumo_source {
        let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        let imported = import::import(&text).map_err(|why| anyhow::anyhow!("{}: {why}", file.display()))?;
        told.extend(imported.account(file));
        setup.take(&imported);
    }
    if let Some(prompt) = prompt {
        ask::ask(prompt, &mut setup).context("the questions broke off; nothing was written")?;
    }
    let places = write::Places::new(output, home, setup.name.as_str());
    told.extend(write::write(&setup, &places)?);
    Ok(told)
}
