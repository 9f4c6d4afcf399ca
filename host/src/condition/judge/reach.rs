//! What holds of sinks and channels: whether what is to be told gets there.

use std::time::Duration;

use super::Judged;
use crate::{
    alert::Severity,
    condition::{ChannelScene, Concerns, Condition, Kind, SinkScene},
    model::{Instant, Lane, SourceName},
    notify, sink,
};

/// So long events may wait for a sink.
const WAITING: Duration = Duration::from_secs(15 * 60);
/// Events that wait are on their way where some were accepted since.
const CATCHING_UP: Duration = Duration::from_secs(5 * 60);
/// So long a channel may fail.
const CHANNEL: Duration = Duration::from_secs(5 * 60);
/// What becomes of what a channel does not tell.
const WAITS: &str = "conditions that wait there are told by other channels, where there are any; alerts wait for this one";

/// How one of those stands that bring something to a sink.
enum Standing<'a> {
    /// Nobody need do anything.
    Well,
    /// Nobody knows yet.
    Unsure,
    /// A person must act.
    Stuck(&'a sink::Trouble),
}

impl<'a> Standing<'a> {
    fn of(status: &'a sink::Status, waits: bool) -> Self {
        match (&status.state, status.attempts) {
            (sink::State::Paused(trouble) | sink::State::Down(trouble), _) => Self::Stuck(trouble),
            // Nothing was tried since the start.
            (sink::State::Idle, 0) if waits => Self::Unsure,
            // It may well pause again.
            (sink::State::Retrying(_), _) => Self::Unsure,
            _ => Self::Well,
        }
    }

    fn trouble(&self) -> Option<&'a sink::Trouble> {
        if let Self::Stuck(trouble) = self { Some(*trouble) } else { None }
    }
}

pub(super) fn sink_state(sink: &SinkScene, judged: &mut Judged) {
    let (name, refused) = (sink.name.as_str(), sink.outbox.refused);
    let waits = sink.backlog.iter().any(|backlog| backlog.events > 0);
    let events = sink.status.as_ref().map_or(Standing::Unsure, |status| Standing::of(status, waits));
    let alerts = sink.alerts.as_ref().map_or(Standing::Well, |status| Standing::of(status, sink.outbox.waiting > 0));
    let stuck = events.trouble().or(alerts.trouble());
    if stuck.is_none() {
        if matches!(events, Standing::Unsure) || matches!(alerts, Standing::Unsure) {
            return judged.unsure(Kind::Sink, name);
        }
        if refused == 0 {
            return;
        }
    }
    let mut reasons: Vec<String> = events.trouble().map(|trouble| trouble.reason.clone()).into_iter().collect();
    reasons.extend(alerts.trouble().map(|trouble| format!("lines about alerts and health wait: {}", trouble.reason)));
    if refused > 0 {
        let lines = if refused == 1 { "line" } else { "lines" };
        reasons.push(format!(
            "it refused {refused} {lines} about alerts and health; `miro-source parked retry --sink {name}` sends them again"
        ));
    }
    judged.holds.push(Condition {
        kind: Kind::Sink,
        subject: name.to_owned(),
        concerns: Concerns::Sources(sink.sources.clone()),
        severity: Severity::High,
        // How many lines it refused makes it no worse: one may tell of this.
        step: u64::from(stuck.is_some()),
        since: [&events, &alerts].iter().filter_map(|each| each.trouble()).map(|trouble| trouble.since).min().unwrap_or(Instant::EPOCH),
        title: format!("sink {name} needs a person"),
        reasons,
        advice: "mend what the lines above say; what waits is in the store meanwhile, and is tried again by itself".to_owned(),
    });
}

pub(super) fn undelivered(sink: &SinkScene, source: &SourceName, now: Instant, judged: &mut Judged) {
    let waiting = sink.backlog.iter().filter(|backlog| backlog.source == *source && backlog.lane != Lane::History);
    let Some(oldest) = waiting.filter_map(|backlog| backlog.oldest).min().filter(|oldest| now.since(*oldest) > WAITING) else { return };
    let (name, why) = (&sink.name, sink.status.as_ref().and_then(|status| status.state.trouble()));
    let subject = format!("{name}/{source}");
    if catches_up(sink, now) {
        return judged.unsure(Kind::Undelivered, &subject);
    }
    let mut reasons = vec![format!("the oldest was stored on {oldest}")];
    reasons.extend(why.map(|trouble| trouble.reason.clone()));
    judged.holds.push(Condition {
        kind: Kind::Undelivered,
        subject,
        concerns: Concerns::Sources(vec![source.clone()]),
        severity: Severity::High,
        step: 0,
        since: oldest,
        title: format!("events of source {source} have been waiting for sink {name} for over 15 minutes"),
        reasons,
        advice: format!(
            "see `miro-source status` and `miro-source check`: nothing is lost while they wait, and sink {name} is tried again for ever"
        ),
    });
}

/// Whether what waits is on its way, as after a while in which this host did not run.
fn catches_up(sink: &SinkScene, now: Instant) -> bool {
    let accepted = sink.status.as_ref().filter(|status| status.state == sink::State::Delivering).and_then(|status| status.last_accepted);
    accepted.is_some_and(|at| now.since(at) < CATCHING_UP)
}

pub(super) fn channel_state(channel: &ChannelScene, now: Instant, judged: &mut Judged) {
    let name = channel.name.as_str();
    let Some(status) = &channel.status else { return judged.unsure(Kind::Channel, name) };
    let Some((since, reason)) = status.trouble() else {
        if channel.waiting > 0 {
            // It is being tried.
            judged.unsure(Kind::Channel, name);
        }
        return;
    };
    let person = matches!(status.state, notify::State::Paused { .. });
    if !person && now.since(since) < CHANNEL {
        return judged.unsure(Kind::Channel, name);
    }
    judged.holds.push(Condition {
        kind: Kind::Channel,
        subject: name.to_owned(),
        concerns: Concerns::Sources(channel.sources.clone()),
        severity: Severity::High,
        step: u64::from(person),
        since,
        title: format!("channel {name} tells nobody"),
        reasons: vec![reason.to_owned(), WAITS.to_owned()],
        advice: format!("mend what the line above says; `miro-source notify test {name}` tries it"),
    });
}
