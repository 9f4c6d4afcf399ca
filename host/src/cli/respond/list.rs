//! `miro-source respond list`

use super::text;
use crate::{
    alert::AlertId,
    cli::{Context, Ended, Exit, Result},
    config::units,
    pipeline,
    respond::{ResponseQuery, State, Stopped},
};

/// List responses, the last changed first.
#[derive(Debug, clap::Args)]
pub(super) struct Listing {
    /// Only in this state; may be given several times
    #[arg(long, value_name = "STATE", value_parser = clap::builder::PossibleValuesParser::new(State::WORDS))]
    state: Vec<String>,
    /// Only about users with this in their identifier, e-mail address or name
    #[arg(long, value_name = "TEXT")]
    user: Option<String>,
    /// Only about this alert
    #[arg(long, value_name = "ALERT")]
    alert: Option<i64>,
    /// Only those changed since then: `2026-03-01`, `2026-03-01T08:00:00Z`, or how long ago, like `3d`
    #[arg(long, value_name = "WHEN")]
    since: Option<String>,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 100)]
    limit: usize,
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub(super) fn run(args: Listing, context: &Context) -> Result<Exit> {
    let config = context.load()?;
    let since = args.since.as_deref().map(|text| units::instant(text, context.clock.now())).transpose();
    let since = since.map_err(|why| Ended::new(Exit::Left, format!("`--since` is not {why}")))?;
    let query = ResponseQuery {
        states: args.state,
        alert: args.alert.map(AlertId),
        user: args.user.map(|user| user.to_lowercase()),
        responder: None,
        since,
        limit: args.limit.saturating_add(1),
    };
    let store = pipeline::look(&config)?;
    let mut found = store.responses(&query)?;
    let more = found.len() > args.limit;
    found.truncate(args.limit);
    if args.json {
        for response in &found {
            say!("{}", crate::neutral::json(&serde_json::to_string(response)?));
        }
        return Ok(Exit::Done);
    }
    if let Some(stopped) = Stopped::find(store.as_ref())? {
        say!("{}", super::stop::thrown(&stopped));
    }
    match found.is_empty() {
        true => say!("no responses"),
        false => say!("{}", text::lines(&found).trim_end()),
    }
    if more {
        say!("there are more: `--limit` shows them");
    }
    Ok(Exit::Done)
}
