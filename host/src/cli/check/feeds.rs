//! What is known of addresses: each file, and whether it is kept up to date.

use std::time::Duration;

use super::report::{Level, Report};
use crate::{
    cli::{Exit, feeds::told, status::short},
    config::Config,
    enrich::{self, FeedStatus},
    feeds::{Standing, Upkeep, upkeep},
    model::Instant,
};

/// Addresses move: what is older misleads.
const OLD: Duration = Duration::from_secs(45 * 24 * 3600);

/// Reads every feed, and says what it holds, and of those that the host fetches whether that works.
pub(super) async fn check(config: &Config, now: Instant, report: &mut Report) {
    let owned = config.enrich.clone();
    let examined = match tokio::task::spawn_blocking(move || enrich::examine(&owned, now)).await {
        Ok(examined) => examined,
        Err(gone) => return report.fail(Exit::Left, "feeds", &format!("they could not be read: {gone}"), None),
    };
    let fetched = upkeep(config, now);
    for (name, read) in examined {
        let subject = format!("feed {name}");
        if let Some(kept) = fetched.iter().find(|each| each.feed == name) {
            keeping(kept, now, &subject, report);
            // What is not there yet needs no second line.
            if kept.standing == Standing::Missing {
                continue;
            }
        }
        match read {
            Ok(status) => line(&status, now, &subject, report),
            Err(why) => {
                let advice = "name a file that this user may read: a database in MaxMind's format, or a list of addresses";
                report.fail(Exit::Configuration, &subject, &why.to_string(), Some(advice));
            }
        }
    }
}

fn keeping(kept: &Upkeep, now: Instant, subject: &str, report: &mut Report) {
    let problem = kept.problem.as_ref().map(|problem| format!("; {problem}")).unwrap_or_default();
    let text = format!("{}{problem}", told(kept, now));
    let level = if kept.standing == Standing::Fresh && kept.problem.is_none() { Level::Ok } else { Level::Warn };
    report.line(level, subject, &text, kept.advice());
}

fn line(status: &FeedStatus, now: Instant, subject: &str, report: &mut Report) {
    let age = status.dated.map(|dated| now.since(dated));
    let text = format!("{}: {}", status.path.display(), facts(status, now));
    if let Some(concern) = &status.concern {
        report.line(Level::Warn, subject, &format!("{text}; {concern}"), Some("it serves all the same; look at where the file comes from"));
    } else if age.is_some_and(|age| age > OLD) {
        report.line(Level::Warn, subject, &text, Some("replace it by a newer one: addresses move; a running host reads it by itself"));
    } else {
        report.line(Level::Ok, subject, &text, None);
    }
}

/// What it is, how much of it, and how old.
pub(in crate::cli) fn facts(status: &FeedStatus, now: Instant) -> String {
    let age = status.dated.map_or_else(|| "of unknown age".to_owned(), |dated| format!("{} old", short(now.since(dated))));
    format!("{}, {} entries, {age}", status.what, status.entries)
}
