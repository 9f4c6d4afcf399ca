//! `miro-source policies list`

use activity_policy::Policy;

use super::print;
use crate::{
    cli::{Context, Exit, Result},
    config::PolicyConfig,
    model::SourceName,
    neutral::json,
};

/// List the policies of the configuration, in order of appearance.
#[derive(Debug, clap::Args)]
pub(super) struct Listing {
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
}

/// A line for machines: the policy as it is written, and whose events it is about.
#[derive(serde::Serialize)]
struct Line<'a> {
    #[serde(flatten)]
    policy: &'a Policy,
    sources: &'a [SourceName],
}

/// Runs the command.
pub(super) fn run(listing: &Listing, context: &Context) -> Result<Exit> {
    let config = context.load()?;
    if listing.json {
        for each in &config.policies {
            let line = Line { policy: &each.policy, sources: &each.sources };
            say!("{}", json(&serde_json::to_string(&line)?));
        }
    } else if config.policies.is_empty() {
        say!("there is no policy; `miro-source policies templates` shows some to begin with");
    } else {
        print(&table(&config.policies));
    }
    Ok(if config.broken.is_empty() { Exit::Done } else { Exit::Configuration })
}

/// One line each, in columns.
pub(super) fn table(policies: &[PolicyConfig]) -> Vec<String> {
    let rows: Vec<[String; 6]> = policies.iter().map(|each| row(&each.policy, &each.sources)).collect();
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(String::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..6).map(width).collect();
    let line = |row: &[String; 6]| {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        cells.join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

fn row(policy: &Policy, sources: &[SourceName]) -> [String; 6] {
    let often = match policy.repeated {
        None => "single".to_owned(),
        Some(it) => format!("repeated: {} in {} min", it.count, it.minutes),
    };
    let sources: Vec<&str> = sources.iter().map(SourceName::as_str).collect();
    let sources = format!("{}{}", sources.join(", "), if policy.enabled { "" } else { " (disabled)" });
    [policy.name.clone(), policy.severity.to_string(), policy.category.to_string(), policy.raise.to_string(), often, sources]
}
