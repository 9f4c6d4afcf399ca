//! `miro-source completions` and `miro-source manual`: what a shell and `man` know of the commands.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::CommandFactory as _;
use clap_complete::Shell;

use super::{Cli, Exit, Result};

/// What a program is called where it is installed.
const NAME: &str = "miro-source";

/// Write what completes the commands in a shell to standard output.
///
/// Put it where the shell looks: `miro-source completions bash > /etc/bash_completion.d/miro-source`, for zsh a file `_miro-source` in a
/// folder of `$fpath`, for fish `~/.config/fish/completions/miro-source.fish`.
#[derive(Debug, clap::Args)]
pub struct Completions {
    /// The shell
    shell: Shell,
}

/// Write the man pages: one for the program and one for each command.
///
/// Put them into a folder of `manpath`, as `miro-source manual --output /usr/local/share/man/man1`.
#[derive(Debug, clap::Args)]
pub struct Manual {
    /// The folder, which is made where there is none
    #[arg(long, short, value_name = "FOLDER")]
    output: PathBuf,
}

/// Runs `completions`.
pub fn completions(args: &Completions) -> Result<Exit> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), NAME, &mut text);
    say!("{}", String::from_utf8_lossy(&text).trim_end());
    Ok(Exit::Done)
}

/// Runs `manual`.
pub fn manual(args: &Manual) -> Result<Exit> {
    let folder = &args.output;
    std::fs::create_dir_all(folder).with_context(|| format!("failed to make the folder {}", folder.display()))?;
    clap_mangen::generate_to(Cli::command(), folder).with_context(|| format!("failed to write into {}", folder.display()))?;
    say!("wrote the man pages into {}: `man {}`", folder.display(), folder.join("miro-source.1").display());
    Ok(Exit::Done)
}
