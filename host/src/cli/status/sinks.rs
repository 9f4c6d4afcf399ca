//! What `status` says of sinks.

use serde::Serialize;

use super::short;
use crate::{
    cli::Result,
    config::SinkConfig,
    model::Instant,
    neutral::visible,
    sink,
    store::{Backlog, Outbox, Store},
};

/// A sink.
#[derive(Serialize)]
pub(super) struct SinkReport {
    name: String,
    /// As the delivery of its events last noted it.
    status: Option<serde_json::Value>,
    backlog: Vec<Backlog>,
    /// As the delivery of lines about alerts and health last noted it, where it gets any.
    alerts: Option<serde_json::Value>,
    /// Those lines.
    lines: Outbox,
}

impl SinkReport {
    /// What the store says of it.
    pub(super) fn find(config: &SinkConfig, store: &dyn Store) -> Result<Self> {
        let name = &config.name;
        let mut backlog = Vec::new();
        for source in &config.sources {
            backlog.extend(store.backlog(name, source)?);
        }
        let noted = |key: String| -> Result<Option<serde_json::Value>> {
            let found = store.notes(&key)?.into_iter().find(|(found, _)| *found == key);
            Ok(found.and_then(|(_, text)| serde_json::from_str(&text).ok()))
        };
        let (alerts, lines) = match sink::takes_alerts(config) {
            true => (noted(sink::Status::alerts_key(name))?, store.outbox_size(name)?),
            false => (None, Outbox::default()),
        };
        Ok(Self { name: name.to_string(), status: noted(sink::Status::note_key(name))?, backlog, alerts, lines })
    }

    /// Whether nothing but a person helps.
    pub(super) fn needs_a_person(&self) -> bool {
        let stuck = |status| matches!(word(status, "state"), Some("paused" | "down"));
        stuck(self.status.as_ref()) || stuck(self.alerts.as_ref()) || self.lines.refused > 0
    }

    /// How many events each filter dropped.
    fn filtered(&self) -> Option<String> {
        let counts = self.status.as_ref()?.get("filtered")?.as_object()?;
        let each: Vec<String> = counts.iter().map(|(filter, count)| format!("{count} by {filter}")).collect();
        (!each.is_empty()).then(|| each.join(", "))
    }

    pub(super) fn print(&self, now: Instant) {
        say!("\nsink {}: {}", self.name, visible(word(self.status.as_ref(), "state").unwrap_or("not started")));
        if let Some(reason) = word(self.status.as_ref(), "reason") {
            say!("  problem    {}", visible(reason));
        }
        if let Some(filtered) = self.filtered() {
            say!("  filtered   {}", visible(&filtered));
        }
        if self.backlog.iter().all(|backlog| backlog.events == 0) {
            say!("  waiting    nothing");
        }
        for backlog in self.backlog.iter().filter(|backlog| backlog.events > 0) {
            let oldest = backlog.oldest.map(|oldest| format!(", oldest stored {} ago", short(now.since(oldest)))).unwrap_or_default();
            say!("  waiting    {} {} {} events{oldest}", backlog.source, backlog.lane, backlog.events);
        }
        if let Some(reason) = word(self.alerts.as_ref(), "reason") {
            let state = word(self.alerts.as_ref(), "state").unwrap_or_default();
            say!("  alerts     {}: {} lines wait: {}", visible(state), self.lines.waiting, visible(reason));
        }
        if self.lines.refused > 0 {
            say!(
                "  refused    {} lines about alerts; `miro-source parked retry --sink {}` sends them again",
                self.lines.refused,
                self.name
            );
        }
    }
}

/// A text of a status.
fn word<'a>(status: Option<&'a serde_json::Value>, key: &str) -> Option<&'a str> {
    status?.get(key)?.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sink_needs_a_person_where_its_events_or_its_alerts_stand_still_or_lines_were_refused() {
        let state = |state: &str| Some(serde_json::json!({ "state": state }));
        let person = |events: &str, alerts: &str, refused| {
            let lines = Outbox { waiting: 1, refused };
            SinkReport { name: "sumo".into(), status: state(events), backlog: Vec::new(), alerts: state(alerts), lines }.needs_a_person()
        };
        assert!(!person("idle", "idle", 0) && !person("retrying", "retrying", 0));
        assert!(person("paused", "idle", 0) && person("idle", "paused", 0) && person("idle", "down", 0) && person("idle", "idle", 1));
    }
}
