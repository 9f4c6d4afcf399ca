//! `miro-source investigate`

use std::{sync::Arc, time::Duration};

use serde::Serialize;

use super::{Context, Ended, Exit, Result, alerts, progress::Progress};
use crate::{
    alert::{Alert, Behaviour},
    config::{Config, SourceConfig, units},
    detect::{self, Reel},
    egress::HttpTransport,
    investigate::{Focus, Found, Inquiry, Keep, Subject},
    model::{Instant, SourceName},
    neutral::{brief, json},
    pipeline::{self, Components},
    respond::Response,
    runtime::Source,
    store::{Store, blocking},
    trust::Trust,
};

mod related;
#[cfg(test)]
mod tests;
mod text;

/// Days that are looked back to where there is no alert.
const BACK: Duration = Duration::from_secs(30 * 86_400);

/// Show what is known about an alert, a user or an address.
///
/// Of an alert: its story and its life, what happened around it (same user, type, address, country), what of it is new for its user, what is
/// usual for them, who else came from the address, other alerts, and what was done. The log is read once, beside a running host; nothing is changed.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The number of an alert; an address; or the identifier, e-mail address or name of a user
    #[arg(value_name = "ALERT|USER|IP")]
    subject: String,
    /// Take a number for the identifier of a user, although there is an alert of that number
    #[arg(long)]
    user: bool,
    /// Only in the log of this source
    #[arg(long, value_name = "NAME")]
    source: Option<SourceName>,
    /// How far to look around an alert, on both sides
    #[arg(long, value_name = "DURATION", default_value = "24h")]
    window: String,
    /// Show so many events of each kind
    #[arg(long, value_name = "N", default_value_t = 5)]
    most: usize,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// All that is told.
#[derive(Debug, Serialize)]
struct Report {
    /// As it was typed.
    subject: String,
    /// The alert, where one is asked about.
    alert: Option<alerts::Shown>,
    /// Events that the alert rests on and that are not kept any more.
    forgotten: usize,
    /// How many days records are kept after delivery.
    retention_days: u64,
    /// From when on days are looked back to.
    since: Instant,
    /// How much time around an alert is looked at, in milliseconds.
    window: u64,
    #[serde(flatten)]
    found: Found,
    /// Other alerts of the user and the addresses.
    alerts: Vec<Alert>,
    /// What else was found of them.
    behaviours: Vec<Behaviour>,
    /// What was done to the user, and about the alert.
    responses: Vec<Response>,
}

/// Runs the command.
pub async fn run(args: Args, context: &Context) -> Result<Exit> {
    let config = context.load()?;
    let now = context.clock.now();
    let window =
        units::duration(&args.window).map_err(|why| Ended::new(Exit::Left, format!("failed to investigate: `--window` is not {why}")))?;
    let store = pipeline::look(&config)?;
    let subject = Subject::recognize(&args.subject).ok_or_else(|| Ended::new(Exit::Left, "name an alert, a user or an address"))?;
    let alert = match &subject {
        Subject::Number(id, _) if !args.user => alerts::Shown::find(store.as_ref(), *id)?,
        _ => None,
    };
    let sources = sources(&config, args.source.as_ref(), alert.as_ref().map(|shown| &shown.alert))?;
    let runtime = pipeline::runtime(&config, Arc::new(HttpTransport::new(&config.network)?))?;
    let mut components = Components::new(runtime, Trust::new(&config.components));
    let mut makers = Vec::new();
    for source in sources {
        makers.push((source.name.clone(), components.source(source).await?));
    }
    let (focus, around, forgotten) = match (&subject, &alert) {
        (_, Some(shown)) => {
            let story = &shown.alert.story;
            let stored = related::evidence(&store, &shown.alert).await?;
            let forgotten = story.evidence.len().saturating_sub(stored.len());
            let mut sightings = Vec::new();
            for (source, maker) in &makers {
                sightings.extend(detect::sightings(maker, source, &stored).await?);
            }
            (Focus::alert(&shown.alert, &sightings), (story.start.minus(window), story.end.plus(window)), forgotten)
        }
        (Subject::Address(address), None) => (Focus::address(*address, now), (now.minus(BACK), now), 0),
        (Subject::Number(_, text) | Subject::User(text), None) => (Focus::user(text, now), (now.minus(BACK), now), 0),
    };
    let keep = if alert.is_some() { Keep::First(args.most) } else { Keep::Last(args.most) };
    let related = related::Related::of(&focus, alert.as_ref().map(|shown| shown.alert.id));
    let since = focus.until.minus(BACK);
    let mut inquiry = Inquiry::new(focus, around, keep);
    let progress = Progress::to(blocking(&store, |store| store.head()).await?, args.json);
    for (source, maker) in &makers {
        read(&store, source, maker, &mut inquiry, &progress).await?;
    }
    progress.done();
    let ((alerts, behaviours), responses) = blocking(&store, move |store| Ok((related.find(store)?, related.done(store)?))).await?;
    let report = Report {
        subject: args.subject,
        forgotten,
        retention_days: config.store.retention.as_secs() / 86_400,
        since,
        window: u64::try_from(window.as_millis()).unwrap_or(u64::MAX),
        found: inquiry.found(),
        alert,
        alerts,
        behaviours,
        responses,
    };
    if args.json {
        say!("{}", json(&serde_json::to_string(&report)?));
    } else {
        say!("{}", text::report(&report).trim_end());
    }
    Ok(Exit::Done)
}

/// Reads the log of a source once.
async fn read(store: &Arc<dyn Store>, source: &SourceName, maker: &Source, inquiry: &mut Inquiry, progress: &Progress) -> Result<()> {
    let mut reel = Reel::new(store, source.clone());
    loop {
        let events = reel.next().await?;
        let Some(last) = events.last() else { return Ok(()) };
        let read = detect::sightings(maker, source, &events).await;
        let read = read.map_err(|why| anyhow::anyhow!("failed to read the events of {source} up to {}: {why}", last.seq.0))?;
        read.iter().for_each(|sighting| inquiry.add(sighting));
        progress.at(last.seq);
    }
}

/// Whose logs are read.
fn sources<'a>(config: &'a Config, only: Option<&SourceName>, alert: Option<&Alert>) -> Result<Vec<&'a SourceConfig>> {
    let wanted = alert.map(|alert| &alert.source).or(only);
    let found: Vec<_> = config.sources.iter().filter(|source| wanted.is_none_or(|name| *name == source.name)).collect();
    match wanted.filter(|_| found.is_empty()) {
        Some(name) => {
            let why = format!(
                "failed to investigate: source `{}` is not configured, and only its component can read its events",
                brief(name.as_str(), 64)
            );
            Err(Ended::new(Exit::Left, why).into())
        }
        None => Ok(found),
    }
}
