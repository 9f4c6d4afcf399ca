//! `miro-source behaviours`

use super::{
    Context, Ended, Exit, Result,
    alerts::{severity, story},
};
use crate::{
    alert::{AlertId, Behaviour, BehaviourQuery},
    config::units,
    neutral::{brief, json, visible},
    pipeline,
};

/// How much of a title a line holds.
const TITLE: usize = 100;

/// List everything that was found, alerts or not, the latest first.
///
/// Findings of a backfill, of a detector's first run over the log, or of events more than a day old raise no alert; nor does
/// what is suppressed, or what a policy's daily limit withheld. All of it is here, for 90 days unless `[store] behaviours_retention` says otherwise.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only about users with this in their identifier, e-mail address or name
    #[arg(long, value_name = "TEXT")]
    user: Option<String>,
    /// Only of this policy
    #[arg(long)]
    policy: Option<String>,
    /// Only what happened since then: `2026-03-01`, `2026-03-01T08:00:00Z`, or how long ago, like `3d`
    #[arg(long, value_name = "WHEN")]
    since: Option<String>,
    /// Only what counts on this alert
    #[arg(long, value_name = "ID")]
    alert: Option<i64>,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 100)]
    limit: u64,
    /// Say why, of each
    #[arg(long)]
    details: bool,
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub async fn run(args: Args, context: &Context) -> Result<Exit> {
    let config = context.load()?;
    let since = args.since.as_deref().map(|text| units::instant(text, context.clock.now())).transpose();
    let since = since.map_err(|why| Ended::new(Exit::Left, format!("`--since` is not {why}")))?;
    let alert = args.alert.map(AlertId);
    let query = BehaviourQuery { policy: args.policy, user: args.user, since, address: None, alert, most: args.limit.saturating_add(1) };
    let mut found = pipeline::look(&config)?.behaviours(&query)?;
    let more = u64::try_from(found.len()).is_ok_and(|count| count > args.limit);
    found.truncate(usize::try_from(args.limit).unwrap_or(usize::MAX));
    if args.json {
        for each in &found {
            say!("{}", json(&serde_json::to_string(each)?));
        }
        return Ok(Exit::Done);
    }
    if found.is_empty() {
        say!("no behaviour fits: no detector found one, or it is past `[store] behaviours_retention`");
    }
    for each in &found {
        say!("{}", lines(each));
        if args.details {
            say!("{}", story(&each.story).trim_end());
        }
    }
    if more {
        say!("… and more; `--limit N` shows them");
    }
    Ok(Exit::Done)
}

/// Two lines.
pub(super) fn lines(each: &Behaviour) -> String {
    let who = match each.story.who.shown() {
        "" => "nobody known".to_owned(),
        who => brief(who, 60),
    };
    format!(
        "{:<24}  {:<6}  {:<7}  {}, {who}: {}\n{:>24}  {}",
        each.story.end.to_string(),
        severity(each.story.severity),
        each.lane,
        visible(&each.policy),
        each.fate.shown(),
        "",
        brief(&each.story.title, TITLE)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::tests::behaviour;

    #[test]
    fn what_an_attacker_wrote_is_harmless_on_the_terminal() {
        let mut each = behaviour();
        each.story.title = "Eve\u{1b}[2J\nroot".to_owned();
        let text = lines(&each);
        assert!(text.contains("Eve\\u{1b}[2J\\nroot"), "{text}");
        assert_eq!(text.lines().count(), 2);
    }
}
