//! `miro-source alerts show`

use serde::Serialize;

use super::list;
use crate::{
    alert::{Alert, AlertId, AlertQuery, Entry, Form, State, Story, Wanted},
    cli::{Context, Ended, Exit, Result},
    neutral::visible,
    pipeline,
    store::{self, Store},
};

/// Show everything about one alert, with its history.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Its number, as `list` prints it
    id: i64,
    /// Print the events it rests on too, as far as they are kept
    #[arg(long)]
    events: bool,
    /// Print one JSON object instead of text
    #[arg(long)]
    json: bool,
}

/// All that is shown of one.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct Shown {
    #[serde(flatten)]
    pub(in crate::cli) alert: Alert,
    pub(in crate::cli) history: Vec<Entry>,
    /// Of an incident: what it holds.
    pub(in crate::cli) held: Vec<Alert>,
    /// The records it rests on, where they were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::cli) records: Option<Vec<serde_json::Value>>,
}

/// Runs the command.
pub(super) fn run(args: &Args, context: &Context) -> Result<Exit> {
    let config = context.load()?;
    let store = pipeline::look(&config)?;
    let id = AlertId(args.id);
    let Some(mut shown) = Shown::find(store.as_ref(), id)? else {
        return Err(Ended::new(Exit::Left, format!("there is no alert {id}; see `miro-source alerts list --state all`")).into());
    };
    shown.records = args.events.then(|| records(store.as_ref(), &shown.alert)).transpose()?;
    match args.json {
        true => say!("{}", crate::neutral::json(&serde_json::to_string(&shown)?)),
        false => say!("{}", shown.text().trim_end()),
    }
    Ok(Exit::Done)
}

fn records(store: &dyn Store, alert: &Alert) -> store::Result<Vec<serde_json::Value>> {
    let kept = store::at(store, &alert.source, &alert.story.evidence)?;
    Ok(kept.into_iter().map(|event| serde_json::from_str(&event.record).unwrap_or(serde_json::Value::String(event.record))).collect())
}

impl Shown {
    /// The alert of that number, with its life.
    pub(in crate::cli) fn find(store: &dyn Store, id: AlertId) -> store::Result<Option<Self>> {
        let Some(alert) = store.alert(id)? else { return Ok(None) };
        let held = match alert.form {
            Form::Incident(_) => store.alerts(&AlertQuery {
                wanted: Wanted::All,
                policy: None,
                user: None,
                since: None,
                address: None,
                incident: Some(id),
                most: 1000,
            })?,
            _ => Vec::new(),
        };
        Ok(Some(Self { history: store.alert_history(id)?, alert, held, records: None }))
    }

    /// As it is read on a terminal.
    pub(in crate::cli) fn text(&self) -> String {
        text(self)
    }
}

fn text(report: &Shown) -> String {
    let alert = &report.alert;
    let mut text = format!("alert {}: {}\n", alert.id, visible(&alert.story.title));
    let mut line = |name: &str, value: &str| text.push_str(&format!("  {name:<11} {value}\n"));
    line("state", &state(&alert.state));
    line("severity", alert.story.severity.as_str());
    line("policy", &format!("{} of detector {}, source {}", visible(&alert.policy), alert.detector, alert.source));
    if let Some(incident) = alert.incident {
        line("incident", &incident.to_string());
    }
    let what = match (&alert.form, alert.count) {
        (Form::Incident(_), 1) => "alert",
        (Form::Incident(_), _) => "alerts",
        (_, 1) => "finding",
        _ => "findings",
    };
    line("raised", &format!("{}, last seen {}, {} {what}", alert.raised, alert.last_seen, alert.count));
    text.push_str(&story(&alert.story));
    text.push_str("  history\n");
    for entry in &report.history {
        let who = entry.who.as_deref().map(|who| format!("{}: ", visible(who))).unwrap_or_default();
        text.push_str(&format!("    {}  {who}{}\n", entry.at, visible(&entry.change.to_string())));
    }
    if !report.held.is_empty() {
        text.push_str("  holds\n");
        text.push_str(&list::lines(&report.held));
    }
    for record in report.records.iter().flatten() {
        text.push_str(&format!("{}\n", visible(&record.to_string())));
    }
    text
}

pub(in crate::cli) fn state(state: &State) -> String {
    match state {
        State::Open => "open".to_owned(),
        State::InProgress { who } => format!("in progress with {}", visible(who)),
        State::Closed(closure) => {
            let reason = closure.reason.map(|reason| format!(" ({})", reason.as_str())).unwrap_or_default();
            format!("closed as {}{reason} by {} on {}", closure.verdict.as_str(), visible(&closure.who), closure.at)
        }
    }
}

/// What is told, a line each.
pub(in crate::cli) fn story(story: &Story) -> String {
    let mut text = String::new();
    let mut lines = |name: &str, values: &mut dyn Iterator<Item = String>| {
        for (index, value) in values.enumerate() {
            text.push_str(&format!("  {:<11} {}\n", if index == 0 { name } else { "" }, visible(&value)));
        }
    };
    let who = &story.who;
    let known = [&who.name, &who.email, &who.id].into_iter().flatten().cloned().collect::<Vec<_>>();
    if !known.is_empty() {
        lines("user", &mut std::iter::once(known.join(", ")));
    }
    if !story.addresses.is_empty() {
        lines("from", &mut story.addresses.chunks(4).map(|some| some.join(", ")));
    }
    lines("happened", &mut std::iter::once(format!("{} to {}", story.start, story.end)));
    lines("why", &mut story.reasons.iter().cloned());
    lines("only since", &mut story.changes.iter().map(|change| format!("a new version of {} was taken up at {}", change.feed, change.at)));
    if let Some(baseline) = story.baseline.as_object() {
        let shown = |value: &serde_json::Value| match value {
            serde_json::Value::String(text) => text.clone(),
            serde_json::Value::Array(all) => {
                all.iter().map(|each| each.as_str().map_or_else(|| each.to_string(), str::to_owned)).collect::<Vec<_>>().join(", ")
            }
            other => other.to_string(),
        };
        lines("compared", &mut baseline.iter().map(|(name, value)| format!("{name}: {}", shown(value))));
    }
    if !story.attacks.is_empty() {
        lines("attacks", &mut std::iter::once(story.attacks.join(", ")));
    }
    if !story.evidence.is_empty() {
        let places: Vec<String> = story.evidence.iter().map(|seq| seq.0.to_string()).collect();
        lines("events", &mut places.chunks(10).map(|some| some.join(", ")));
    }
    if !story.events.is_empty() {
        lines("ids", &mut story.events.iter().cloned());
    }
    text
}
