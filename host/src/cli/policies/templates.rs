//! `miro-source policies templates`

use activity_policy::{TEMPLATES, Template};

use super::print;
use crate::cli::{Ended, Exit, Result};

/// List the templates and what each is for, or print one.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Print this one, as `policies add` writes it
    name: Option<String>,
}

/// Runs the command.
pub(super) fn run(args: &Args) -> Result<Exit> {
    match &args.name {
        Some(name) => say!("{}", of(name)?.toml.trim_end()),
        None => print(&all()),
    }
    Ok(Exit::Done)
}

/// Two lines each.
pub(super) fn all() -> Vec<String> {
    TEMPLATES.iter().map(|template| format!("{}\n    {} From: {}.", template.name, template.definition, template.page)).collect()
}

/// The template of that name.
pub(super) fn of(name: &str) -> Result<&'static Template> {
    let unknown = || {
        let near = TEMPLATES.iter().map(|template| (strsim::jaro_winkler(name, template.name), template.name));
        let near = near.max_by(|a, b| a.0.total_cmp(&b.0)).filter(|(likeness, _)| *likeness > 0.84);
        let help = match near {
            Some((_, near)) => format!("did you mean `{near}`?"),
            None => "`miro-source policies templates` lists them".to_owned(),
        };
        Ended::new(Exit::Left, format!("there is no template {}; {help}", crate::neutral::brief(name, 60)))
    };
    Ok(Template::of(name).ok_or_else(unknown)?)
}
