//! `miro-source feeds list`

use serde::Serialize;

use super::print;
use crate::{
    cli::{Context, Exit, Result, status::short},
    config::{self, Config},
    feeds::{
        Standing, Upkeep,
        catalogue::{ALL, Publication},
        upkeep,
    },
    model::Instant,
    neutral::{json, visible},
};

/// List what there is, under which terms, and how those in use stand.
#[derive(Debug, clap::Args)]
pub(super) struct Listing {
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
}

/// A line for machines.
#[derive(Serialize)]
struct Line<'a> {
    name: &'a str,
    title: &'a str,
    serves: &'a str,
    licence: &'a str,
    licence_url: &'a str,
    terms: &'a str,
    attribution: Option<&'a str>,
    url: &'a str,
    size: &'a str,
    /// In seconds.
    every: u64,
    /// The files of it that are in use.
    in_use: Vec<&'a Upkeep>,
}

/// Runs the command. Works without a configuration: then nothing is in use.
pub(super) fn run(args: &Listing, context: &Context) -> Result<Exit> {
    let config = match config::locate(context.path()) {
        Ok(_) => Some(context.load()?),
        Err(_) => None,
    };
    let now = context.clock.now();
    let used = config.as_ref().map(|config| upkeep(config, now)).unwrap_or_default();
    if args.json {
        for publication in ALL {
            say!("{}", json(&serde_json::to_string(&line(publication, config.as_ref(), &used))?));
        }
    } else {
        print(&shown(&used, now));
    }
    Ok(Exit::Done)
}

fn line<'a>(publication: &'a Publication, config: Option<&'a Config>, used: &'a [Upkeep]) -> Line<'a> {
    let Publication { name, title, serves, licence, url, every, size, .. } = publication;
    let own = config.and_then(|config| config.fetched.iter().find(|each| each.publication.name == *name));
    Line {
        name,
        title,
        serves,
        licence: licence.name,
        licence_url: licence.url,
        terms: licence.terms,
        attribution: licence.attribution,
        url,
        size,
        every: own.map_or(*every, |own| own.every).as_secs(),
        in_use: used.iter().filter(|each| each.name == *name).collect(),
    }
}

/// A paragraph each.
pub(super) fn shown(used: &[Upkeep], now: Instant) -> Vec<String> {
    let mut lines = Vec::new();
    for publication in ALL {
        let Publication { name, title, serves, licence, every, size, .. } = publication;
        lines.push(format!("{name:<8} {title}"));
        lines.push(format!("         for       {serves}"));
        lines.push(format!("         licence   {} ({}): {}", licence.name, licence.url, licence.terms));
        lines.extend(licence.attribution.map(|text| format!("         to show   {text}")));
        lines.push(format!("         fetched   every {}, {size}", short(*every)));
        let own: Vec<&Upkeep> = used.iter().filter(|each| each.name == *name).collect();
        if own.is_empty() {
            lines.push(format!("         in use    no; `miro-source feeds add {name}`"));
        }
        for each in own {
            lines.push(format!("         in use    {}: {}", each.feed, told(each, now)));
            lines.extend(each.problem.as_ref().map(|problem| format!("         problem   {}", visible(problem))));
        }
    }
    lines
}

/// How it stands, in a line.
pub(in crate::cli) fn told(upkeep: &Upkeep, now: Instant) -> String {
    let ago = |at: Option<Instant>| at.map_or_else(|| "never".to_owned(), |at| format!("{} ago", short(now.since(at))));
    let how = if upkeep.fetched { "" } else { ", brought by hand" };
    let checked = ago(upkeep.checked);
    match upkeep.standing {
        Standing::Missing => format!("not there yet, tried {}{how}", ago(upkeep.tried)),
        Standing::Fresh | Standing::Stale => {
            let word = if upkeep.standing == Standing::Stale { "stale, " } else { "" };
            let entries = upkeep.entries.unwrap_or_default();
            let age =
                upkeep.built.or(upkeep.installed).map_or_else(|| "unknown age".to_owned(), |at| format!("{} old", short(now.since(at))));
            format!("{word}{entries} entries, {age}, known to be the latest {checked}{how}")
        }
    }
}
