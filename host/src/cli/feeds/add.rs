//! `miro-source feeds add`

use std::{io::IsTerminal as _, path::Path};

use super::{edit, print, published};
use crate::{
    cli::{
        Context, Ended, Exit, Result,
        init::{Terminal, ask::Prompt},
    },
    config,
    feeds::catalogue::Publication,
};

/// Add feeds to the configuration.
///
/// Each becomes a [[feed]] at the end of the file; nothing else in it changes. Where the licence asks for attribution it is shown, and
/// must be agreed to.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Which, as `feeds list` shows them: geo, tor, vpn, abuse
    #[arg(required = true, value_name = "NAME")]
    names: Vec<String>,
    /// Agree to the licences that ask for attribution
    #[arg(long)]
    accept_licence: bool,
    /// Where a mirror has it; {part} and {month} are filled in
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// Never fetch it: it is brought by `feeds import`
    #[arg(long)]
    offline: bool,
}

/// Runs the command.
pub(super) fn run(args: &Args, context: &Context) -> Result<Exit> {
    let path = config::locate(context.path())?;
    let interactive = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    let mut terminal = Terminal;
    let prompt: Option<&mut dyn Prompt> = if interactive { Some(&mut terminal) } else { None };
    print(&add(args, &path, prompt)?);
    Ok(Exit::Done)
}

/// Adds them. Returns what to tell.
pub(super) fn add(args: &Args, path: &Path, mut prompt: Option<&mut dyn Prompt>) -> Result<Vec<String>> {
    let mut wanted: Vec<&Publication> = Vec::new();
    for name in &args.names {
        let publication = published(name)?;
        if !wanted.iter().any(|other| other.name == publication.name) {
            wanted.push(publication);
        }
    }
    if args.url.is_some() && wanted.len() > 1 {
        return Err(Ended::new(Exit::Left, "`--url` is of one feed: add them one by one").into());
    }
    let config = config::load(path)?;
    if let Some(there) = wanted.iter().find(|each| config.fetched.iter().any(|other| other.publication.name == each.name)) {
        let what = format!("{} asks for \"{}\" already; nothing was written", path.display(), there.name);
        return Err(Ended::new(Exit::Left, what).into());
    }
    for publication in &wanted {
        agree(publication, args.accept_licence, &mut prompt)?;
    }
    let blocks: String = wanted.iter().map(|each| block(each, args)).collect();
    edit::append(path, &blocks)?;
    let mut told = Vec::new();
    for publication in &wanted {
        let licence = &publication.licence;
        told.push(format!("added [[feed]] \"{}\" to {}: {}", publication.name, path.display(), publication.title));
        told.push(format!("    {} ({}): {}", licence.name, licence.url, licence.terms));
        told.extend(licence.attribution.map(|text| format!("    say wherever its data is shown: {text}")));
    }
    told.push("a running host takes it when it starts again, and fetches it then".to_owned());
    told.push(if args.offline {
        "`miro-source feeds import FILE` brings it".to_owned()
    } else {
        "`miro-source feeds update` fetches it now".to_owned()
    });
    Ok(told)
}

/// Has the terms agreed to, where something must be said for that.
fn agree(publication: &Publication, accepted: bool, prompt: &mut Option<&mut dyn Prompt>) -> Result<()> {
    let licence = &publication.licence;
    let Some(attribution) = licence.attribution.filter(|_| !accepted) else { return Ok(()) };
    let refused = |why: &str| Ended::new(Exit::Left, format!("{why}; nothing was written"));
    let terms = format!("\"{}\" is published under {} ({}): {}", publication.name, licence.name, licence.url, licence.terms);
    let Some(prompt) = prompt else {
        let why = format!("{terms}; it asks that \"{attribution}\" is shown with its data. Agree with `--accept-licence`");
        return Err(refused(&why).into());
    };
    prompt.say(&terms)?;
    prompt.say(&format!("Wherever its data is shown, this must be too: {attribution}"))?;
    match prompt.text("Do you agree? yes or no", Some("no"))?.to_ascii_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => Err(refused(&format!("the licence of \"{}\" was not agreed to", publication.name)).into()),
    }
}

/// As it stands in the file.
fn block(publication: &Publication, args: &Args) -> String {
    let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
    let licence = &publication.licence;
    let mut text = format!("\n{}\n[[feed]]\nname = {}\n", edit::heading(publication), quoted(publication.name));
    if licence.attribution.is_some() {
        text += &format!("licence = {}\n", quoted(licence.name));
    }
    if let Some(url) = &args.url {
        text += &format!("url = {}\n", quoted(url));
    }
    if args.offline {
        text += "fetch = false\n";
    }
    text
}

#[cfg(test)]
impl Args {
    /// As typed without options.
    pub(super) fn of(names: &[&str]) -> Self {
        Self { names: names.iter().map(|name| (*name).to_owned()).collect(), accept_licence: false, url: None, offline: false }
    }

    /// With the licences agreed to.
    pub(super) fn accepted(self) -> Self {
        Self { accept_licence: true, ..self }
    }

    /// From a mirror.
    pub(super) fn from(self, url: &str) -> Self {
        Self { url: Some(url.to_owned()), ..self }
    }
}
