//! `miro-source policies add`

use std::{
    fs::{self, OpenOptions},
    io::Write as _,
    path::{Path, PathBuf},
};

use activity_policy::{Template, meaning};
use anyhow::Context as _;

use super::{print, templates};
use crate::{
    cli::{Context, Ended, Exit, Result},
    config::{self, Config},
    model::SourceName,
};

/// The folder of policies, beside the configuration.
const FOLDER: &str = "policies";

/// Write a template into a file of its own, beside the configuration.
///
/// It becomes policies/TEMPLATE.toml. A file that is there is never overwritten. What is yours to say, such as groups, countries
/// and numbers, stands in it as an example: look at it before it is in force.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Which template, as `policies templates` lists it
    template: String,
    /// Whose events it is about; may be repeated, and left out while there is one source
    #[arg(long, value_name = "NAME")]
    source: Vec<SourceName>,
}

/// Runs the command.
pub(super) fn run(args: &Args, context: &Context) -> Result<Exit> {
    let template = templates::of(&args.template)?;
    let path = config::locate(context.path())?;
    print(&add(template, &args.source, &path)?);
    Ok(Exit::Done)
}

/// Writes it. Returns what to tell.
pub(super) fn add(template: &Template, sources: &[SourceName], path: &Path) -> Result<Vec<String>> {
    let folder = path.parent().unwrap_or(Path::new("")).join(FOLDER);
    // First, so that a configuration that reads it already is right.
    fs::create_dir_all(&folder).with_context(|| format!("failed to create the folder {}", folder.display()))?;
    let config = config::load(path)?;
    let sources = chosen(sources, &config)?;
    let name = template.name;
    let taken = |source: &&SourceName| config.policies.iter().any(|each| each.policy.name == name && each.sources.contains(source));
    if let Some(source) = sources.iter().find(taken) {
        return Err(Ended::new(Exit::Left, format!("source \"{source}\" has a policy \"{name}\" already; nothing was written")).into());
    }
    let file = folder.join(format!("{name}.toml"));
    write(&file, &text(template, &sources))?;
    let mut told = vec![format!("wrote {}", file.display())];
    let policies = config::check_policies(&file)?;
    told.extend(policies.iter().map(|policy| format!("    {}", meaning(policy))));
    told.push(
        "change in it what is yours to say, then `miro-source policies check`; a running host takes it when it starts again".to_owned(),
    );
    if !is_read(path, &file, name, &sources)? {
        let path = path.display();
        told.push(format!("{path} does not read it yet: write this above its first section, or add the pattern to the list that is there"));
        told.push(format!("    policies = [\"{FOLDER}/*.toml\"]"));
    }
    Ok(told)
}

/// The sources that are asked for, or the only one.
fn chosen(asked: &[SourceName], config: &Config) -> Result<Vec<SourceName>> {
    let names: Vec<&str> = config.sources.iter().map(|source| source.name.as_str()).collect();
    if let Some(unknown) = asked.iter().find(|asked| !names.contains(&asked.as_str())) {
        return Err(Ended::new(Exit::Left, format!("there is no source \"{unknown}\"; there is {}", names.join(", "))).into());
    }
    match config.sources.as_slice() {
        _ if !asked.is_empty() => Ok(asked.to_vec()),
        [one] => Ok(vec![one.name.clone()]),
        several => {
            let what =
                format!("there are {} sources ({}): say whose events it is about with --source NAME", several.len(), names.join(", "));
            Err(Ended::new(Exit::Left, what).into())
        }
    }
}

/// The template, with `sources` below the name.
fn text(template: &Template, sources: &[SourceName]) -> String {
    let quoted: Vec<String> = sources.iter().map(|source| format!("\"{source}\"")).collect();
    let line = format!("sources = [{}]\n", quoted.join(", "));
    let mut text = String::new();
    for each in template.toml.split_inclusive('\n') {
        text.push_str(each);
        if each.starts_with("name = ") {
            text.push_str(&line);
        }
    }
    text
}

fn write(file: &Path, text: &str) -> Result<()> {
    let mut open = match OpenOptions::new().write(true).create_new(true).open(file) {
        Err(why) if why.kind() == std::io::ErrorKind::AlreadyExists => {
            return Err(Ended::new(Exit::Left, format!("{} is there already; nothing was written", file.display())).into());
        }
        opened => opened.with_context(|| format!("failed to create {}", file.display()))?,
    };
    open.write_all(text.as_bytes()).and_then(|()| open.sync_all()).with_context(|| format!("failed to write {}", file.display()))
}

/// Whether the configuration reads the file.
fn is_read(path: &Path, file: &Path, name: &str, sources: &[SourceName]) -> Result<bool> {
    let config = config::load(path)?;
    let same = |other: &PathBuf| other.canonicalize().ok() == file.canonicalize().ok();
    let has = |source: &SourceName| config.policies.iter().any(|each| each.policy.name == name && each.sources.contains(source));
    Ok(config.broken.iter().any(|broken| same(&broken.path)) || sources.iter().all(has))
}
