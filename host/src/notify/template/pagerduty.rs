//! An event of PagerDuty's Events API v2.
//!
//! <https://developer.pagerduty.com/docs/events-api-v2-overview>. A repeat triggers under the same key, which opens no second
//! incident; taking an alert acknowledges, closing it resolves.

use serde_json::{Map, Value, json};

use crate::{
    alert::{Activity, Severity},
    neutral::brief,
    notify::{Message, Phase, Said},
};

/// Characters of a summary.
const SUMMARY: usize = 1024;

/// The body, which holds the key of the integration.
pub(in crate::notify) fn pagerduty(message: &Message<'_>, routing_key: &str) -> String {
    let action = match message.said {
        Said::Alert { activity: Activity::Close, .. } | Said::Condition { activity: Activity::Close, .. } => "resolve",
        Said::Alert { alert, activity: Activity::Update, told: Some(told) }
            if told.phase == Phase::Open && Phase::from(&alert.state) == Phase::Taken =>
        {
            "acknowledge"
        }
        _ => "trigger",
    };
    let mut event = json!({
        "routing_key": routing_key,
        "event_action": action,
        "dedup_key": message.dedup_key(),
    });
    if let (true, Value::Object(event)) = (action == "trigger", &mut event) {
        event.insert("client".to_owned(), json!("miro-source"));
        event.insert("payload".to_owned(), payload(message));
    }
    event.to_string()
}

fn payload(message: &Message<'_>) -> Value {
    let mut details: Map<String, Value> = message.facts().into_iter().map(|(name, fact)| (name.to_owned(), Value::from(fact))).collect();
    let reasons = message.reasons();
    if !reasons.is_empty() {
        details.insert("Why".to_owned(), Value::from(reasons));
    }
    details.insert("Command".to_owned(), Value::from(message.command()));
    let (source, class) = match message.said {
        Said::Alert { alert, .. } => (alert.source.to_string(), brief(&alert.policy, 200)),
        Said::Condition { known, .. } => (brief(&known.condition.subject, 200), known.condition.kind.to_string()),
        _ => (message.channel.to_string(), message.event().to_owned()),
    };
    json!({
        "summary": brief(&message.title(), SUMMARY - 1),
        "source": source,
        "severity": severity(message.severity()),
        "timestamp": message.at.to_string(),
        "component": "miro-source",
        "class": class,
        "custom_details": details,
    })
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Informational => "info",
        Severity::Low => "warning",
        Severity::Medium => "error",
        Severity::High => "critical",
    }
}
