//! `miro-source alerts list`

use crate::{
    alert::{Alert, AlertQuery, Form, Severity, Wanted},
    cli::{Context, Ended, Exit, Result},
    config::units,
    neutral::{brief, visible},
    pipeline,
};

/// How much of a title a line holds.
const TITLE: usize = 100;

/// List alerts, the last seen first. Those that an incident holds are shown with it, or with `--state all`.
#[derive(Debug, clap::Args)]
pub(super) struct Listing {
    /// In which state
    #[arg(long, value_enum, default_value_t = StateArg::Unresolved)]
    state: StateArg,
    /// Only of this policy
    #[arg(long)]
    policy: Option<String>,
    /// Only about users with this in their identifier, e-mail address or name
    #[arg(long, value_name = "TEXT")]
    user: Option<String>,
    /// Only those seen since then: `2026-03-01`, `2026-03-01T08:00:00Z`, or how long ago, like `3d`
    #[arg(long, value_name = "WHEN")]
    since: Option<String>,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 100)]
    limit: u64,
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum StateArg {
    /// Open or in progress
    Unresolved,
    /// Open
    Open,
    /// In progress
    InProgress,
    /// Closed
    Closed,
    /// All, those within incidents included
    All,
}

impl From<StateArg> for Wanted {
    fn from(state: StateArg) -> Self {
        match state {
            StateArg::Unresolved => Self::Unresolved,
            StateArg::Open => Self::Open,
            StateArg::InProgress => Self::InProgress,
            StateArg::Closed => Self::Closed,
            StateArg::All => Self::All,
        }
    }
}

/// Runs the command.
pub(super) fn run(args: Listing, context: &Context) -> Result<Exit> {
    let config = context.load()?;
    let since = args.since.as_deref().map(|text| units::instant(text, context.clock.now())).transpose();
    let since = since.map_err(|why| Ended::new(Exit::Left, format!("`--since` is not {why}")))?;
    let query = AlertQuery {
        wanted: args.state.into(),
        policy: args.policy,
        user: args.user,
        since,
        address: None,
        incident: None,
        most: args.limit.saturating_add(1),
    };
    let mut found = pipeline::look(&config)?.alerts(&query)?;
    let more = u64::try_from(found.len()).is_ok_and(|count| count > args.limit);
    found.truncate(usize::try_from(args.limit).unwrap_or(usize::MAX));
    if args.json {
        for alert in &found {
            say!("{}", crate::neutral::json(&serde_json::to_string(alert)?));
        }
        return Ok(Exit::Done);
    }
    match (found.is_empty(), args.state) {
        (false, _) => say!("{}", lines(&found).trim_end()),
        (true, StateArg::All | StateArg::Closed) => say!("no alert fits"),
        (true, _) => {
            say!("no alert that fits waits for anybody; `--state all` shows closed ones too, `miro-source behaviours` all that was found")
        }
    }
    if more {
        say!("… and more; `--limit N` shows them");
    }
    Ok(Exit::Done)
}

/// Two lines an alert.
pub(in crate::cli) fn lines(alerts: &[Alert]) -> String {
    let mut text = format!("{:>6}  {:<6}  {:<11}  {:<24}  {:>5}  policy, user\n", "id", "", "state", "last seen", "count");
    for alert in alerts {
        text.push_str(&format!(
            "{:>6}  {:<6}  {:<11}  {:<24}  {:>5}  {}",
            alert.id.0,
            severity(alert.story.severity),
            alert.state.as_str(),
            alert.last_seen.to_string(),
            alert.count,
            visible(&alert.policy)
        ));
        if alert.form == Form::Single {
            text.push_str(&format!(", {}", user(alert)));
        }
        text.push_str(&format!("\n{:>6}  {}\n", "", brief(&alert.story.title, TITLE)));
    }
    text
}

fn user(alert: &Alert) -> String {
    match alert.story.who.shown() {
        "" => "nobody known".to_owned(),
        who => brief(who, 60),
    }
}

/// In a word that fits a column.
pub(in crate::cli) fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Informational => "info",
        other => other.as_str(),
    }
}
