//! `miro-source alerts suppressions`

use super::am_i;
use crate::{
    alert::{Suppression, SuppressionId},
    cli::{Context, Ended, Exit, Result},
    control::{Reply, Request, submit},
    model::Instant,
    neutral::{brief, json, visible},
    pipeline,
};

/// List what is kept quiet and until when, or lift a suppression.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// List them, latest first
    List {
        /// Those that are over too
        #[arg(long)]
        all: bool,
        /// Print one JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// End one before its time: its policy raises alerts about its user again
    Lift {
        /// Its number, as `list` prints it
        number: i64,
        /// Print it as one JSON object
        #[arg(long)]
        json: bool,
    },
}

/// Runs the command.
pub(super) async fn run(args: Args, context: &Context) -> Result<Exit> {
    let config = context.load()?;
    let now = context.clock.now();
    match args.action {
        Action::List { all, json: as_json } => {
            let mut found = pipeline::look(&config)?.suppressions()?;
            found.retain(|each| all || each.holds(now));
            if as_json {
                for each in &found {
                    say!("{}", json(&serde_json::to_string(each)?));
                }
            } else if found.is_empty() {
                say!("nothing is suppressed: every policy may raise alerts about everybody");
            }
            if !as_json {
                found.iter().for_each(|each| say!("{}", line(each, now)));
            }
        }
        Action::Lift { number, json: as_json } => {
            let request = Request::LiftSuppression { id: SuppressionId(number), who: am_i() };
            match submit(&config, request, context.clock.as_ref()).await? {
                Reply::Suppression(lifted) if as_json => say!("{}", json(&serde_json::to_string(&lifted)?)),
                Reply::Suppression(lifted) => {
                    say!(
                        "suppression {} is lifted: policy {} raises alerts about {} again",
                        lifted.id,
                        visible(&lifted.policy),
                        about(&lifted)
                    );
                }
                _ => {
                    return Err(
                        Ended::new(Exit::Left, "the running host gave an answer that does not fit: it is of another version").into()
                    );
                }
            }
        }
    }
    Ok(Exit::Done)
}

/// Whom it is about.
pub(super) fn about(each: &Suppression) -> String {
    match each.user.as_str() {
        "" => brief(&each.mark, 60),
        user => brief(user, 60),
    }
}

/// Two lines.
pub(super) fn line(each: &Suppression, now: Instant) -> String {
    let end = match each.lifted {
        Some(lifted) => format!("lifted {lifted}"),
        None if each.holds(now) => format!("until {}", each.until),
        None => format!("over since {}", each.until),
    };
    let latest = each.latest.map(|latest| format!(", the latest {latest}")).unwrap_or_default();
    format!(
        "{:>6}  {end}  {}, {}, {}\n{:>6}  since {} by {} with alert {}; kept {} findings quiet{latest}",
        each.id.0,
        each.source,
        visible(&each.policy),
        about(each),
        "",
        each.since,
        visible(&each.who),
        each.alert,
        each.count
    )
}
