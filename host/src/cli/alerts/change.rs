//! `miro-source alerts take`, `close` and `reopen`

use super::{am_i, suppressions};
use crate::{
    alert::{Alert, AlertId, Closing, Form, Reason, State, Step, Suppress, Verdict},
    cli::{Context, Ended, Exit, Result},
    config::{Config, units},
    control::{Reply, Request, submit},
    neutral::{json, visible},
    pipeline,
};

/// Which alert.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Its number, as `list` prints it
    id: i64,
    /// Print the alert as one JSON object
    #[arg(long)]
    json: bool,
}

/// Close an alert, and say what it was.
///
/// Closing an incident closes the alerts that it holds. Reasons of a benign alert: severity-lower (2), other (4),
/// confirmed-with-user (5), test (6); of a false positive: not-of-interest (0), too-many-similar (1), not-accurate (3),
/// other (4). The numbers are those of Microsoft Defender for Cloud Apps.
#[derive(Debug, clap::Args)]
pub(super) struct CloseArgs {
    #[command(flatten)]
    which: Args,
    /// What it was
    #[arg(long = "as", value_enum)]
    verdict: VerdictArg,
    /// More exactly: a word or a number of the list above
    #[arg(long)]
    reason: Option<String>,
    /// In your own words
    #[arg(long, value_name = "TEXT")]
    comment: Option<String>,
    /// How long the policy is quiet about this user: `12h`, `30d`, or `none`. Left out: 30 days for one benign or false
    /// positive alert, not at all for an incident
    #[arg(long, value_name = "DURATION")]
    suppress: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum VerdictArg {
    /// Malicious
    TruePositive,
    /// As described, and allowed
    Benign,
    /// Not as described
    FalsePositive,
}

impl CloseArgs {
    pub(super) fn closing(&self) -> Result<Closing> {
        let wrong = |why: String| Ended::new(Exit::Left, format!("failed to close alert {}: {why}", self.which.id));
        let verdict = match self.verdict {
            VerdictArg::TruePositive => Verdict::TruePositive,
            VerdictArg::Benign => Verdict::Benign,
            VerdictArg::FalsePositive => Verdict::FalsePositive,
        };
        let reason: Option<Reason> = self.reason.as_deref().map(str::parse).transpose().map_err(|why| wrong(format!("{why}")))?;
        let suppress = match self.suppress.as_deref() {
            None => Suppress::Usual,
            Some("none" | "0") => Suppress::Never,
            Some(text) => {
                let long = units::duration(text)
                    .map_err(|_| wrong(format!("`--suppress {text}`: write `none`, or a duration like 12h or 30d")))?;
                Suppress::For(u64::try_from(long.as_millis()).unwrap_or(u64::MAX))
            }
        };
        Ok(Closing::new(verdict, reason, self.comment.clone(), suppress).map_err(|why| wrong(why.to_string()))?)
    }
}

/// Runs `take`.
pub(super) async fn take(args: &Args, context: &Context) -> Result<Exit> {
    let (_, alert) = step(args.id, Step::Take, context).await?;
    tell(args, &alert, &format!("alert {} is in progress, with {}", alert.id, visible(&am_i())))
}

/// Runs `reopen`.
pub(super) async fn reopen(args: &Args, context: &Context) -> Result<Exit> {
    let (_, alert) = step(args.id, Step::Reopen, context).await?;
    tell(args, &alert, &format!("alert {} is open again, and what closing it suppressed is not suppressed any more", alert.id))
}

/// Runs `close`.
pub(super) async fn close(args: CloseArgs, context: &Context) -> Result<Exit> {
    let closing = args.closing()?;
    let (config, alert) = step(args.which.id, Step::Close(closing), context).await?;
    let State::Closed(closure) = &alert.state else { return tell(&args.which, &alert, "") };
    let mut text = format!("alert {} is closed as {}", alert.id, closure.verdict.as_str());
    if let Form::Incident(_) = alert.form {
        text.push_str(", and with it what it holds");
    }
    if let Some(begun) = pipeline::look(&config)?.suppressions()?.iter().find(|each| each.alert == alert.id && each.since == closure.at) {
        text.push_str(&format!(
            "; policy {} is quiet about {} until {} (suppression {})",
            visible(&begun.policy),
            suppressions::about(begun),
            begun.until,
            begun.id
        ));
    }
    tell(&args.which, &alert, &text)
}

async fn step(id: i64, step: Step, context: &Context) -> Result<(Config, Alert)> {
    let config = context.load()?;
    let request = Request::ChangeAlert { id: AlertId(id), step, who: am_i() };
    match submit(&config, request, context.clock.as_ref()).await? {
        Reply::Alert(alert) => Ok((config, *alert)),
        _ => Err(Ended::new(Exit::Left, "the running host gave an answer that does not fit: it is of another version").into()),
    }
}

fn tell(args: &Args, alert: &Alert, text: &str) -> Result<Exit> {
    match args.json {
        true => say!("{}", json(&serde_json::to_string(alert)?)),
        false => say!("{text}"),
    }
    Ok(Exit::Done)
}
