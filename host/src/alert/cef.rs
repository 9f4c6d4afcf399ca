//! An alert in ArcSight's Common Event Format, exactly as the SIEM agent of Microsoft Defender for Cloud Apps writes one, so
//! that what reads the agent's lines reads these.
//!
//! <https://learn.microsoft.com/en-us/defender-cloud-apps/siem>

use super::{Alert, Form, Kind, Severity};
use crate::neutral::visible;

/// One line, without the line break.
pub fn cef(alert: &Alert) -> String {
    let who = alert.story.who.shown();
    let mut line = format!(
        "{} CEF:0|MCAS|SIEM_Agent|{}|{}|{}|{}|",
        alert.changed,
        env!("CARGO_PKG_VERSION"),
        signature(alert),
        header(&alert.policy),
        severity(alert.story.severity)
    );
    let (v4, v6): (Vec<&String>, Vec<&String>) = alert.story.addresses.iter().partition(|address| !address.contains(':'));
    let message = match (alert.kind, &alert.form) {
        (Kind::Activity, Form::Single) => format!("Activity policy ''{}'' was triggered by ''{who}''", alert.policy),
        _ => alert.story.title.clone(),
    };
    let pairs = [
        ("externalId", alert.id.to_string()),
        ("start", alert.story.start.0.to_string()),
        ("end", alert.story.end.0.to_string()),
        ("msg", message),
        ("suser", who.to_owned()),
        ("destinationServiceName", alert.source.to_string()),
        ("src", v4.first().map(|address| (*address).clone()).unwrap_or_default()),
        ("cn1Label", "riskScore".to_owned()),
        ("cn1", String::new()),
        ("cs1Label", "portalURL".to_owned()),
        ("cs1", String::new()),
        ("cs2Label", "uniqueServiceAppIds".to_owned()),
        ("cs2", format!("APPID_{}", alert.source.as_str().to_ascii_uppercase())),
        ("cs3Label", "relatedAudits".to_owned()),
        ("cs3", alert.story.events.join(",")),
        ("cs4Label", "policyIDs".to_owned()),
        ("cs4", alert.policy.clone()),
        ("c6a1Label", "\"Device IPv6 Address\"".to_owned()),
        ("c6a1", v6.first().map(|address| (*address).clone()).unwrap_or_default()),
    ];
    let pairs: Vec<String> = pairs.iter().map(|(key, text)| format!("{key}={}", value(text))).collect();
    line.push_str(&pairs.join(" "));
    line
}

/// The agent's own names for what it knows by the same words.
fn signature(alert: &Alert) -> &'static str {
    const KNOWN: [(&str, &str); 6] = [
        ("travel", "MCAS_ALERT_ANUBIS_DETECTION_VELOCITY"),
        ("failed", "MCAS_ALERT_ANUBIS_DETECTION_REPEATED_ACTIVITY_FAILED_LOGIN"),
        ("download", "MCAS_ALERT_ANUBIS_DETECTION_REPEATED_ACTIVITY_DOWNLOAD"),
        ("anonymous", "MCAS_ALERT_ANUBIS_DETECTION_RISKY_IP_ANONYMOUS"),
        ("cloud-region", "MCAS_ALERT_ANUBIS_DETECTION_UNCOMMON_CLOUD_REGION"),
        ("terminated", "ALERT_ZOMBIE_USER"),
    ];
    match alert.kind {
        Kind::Activity => "ALERT_CABINET_EVENT_MATCH_AUDIT",
        Kind::Anomaly => KNOWN.iter().find(|(word, _)| alert.policy.contains(word)).map_or("ALERT_SUSPICIOUS_ACTIVITY", |(_, id)| id),
    }
}

/// CEF's scale: 0 to 3 low, 4 to 6 medium, 7 and 8 high.
fn severity(severity: Severity) -> u8 {
    match severity {
        Severity::Informational => 1,
        Severity::Low => 3,
        Severity::Medium => 5,
        Severity::High => 8,
    }
}

/// A field of the header: no unescaped `|`, no line break.
fn header(text: &str) -> String {
    escaped(&text.replace(['\n', '\r'], " "), '|')
}

/// A value of the extension: no unescaped `=`, no line break.
fn value(text: &str) -> String {
    escaped(text, '=')
}

fn escaped(text: &str, mark: char) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            c if c == '\\' || c == mark => out.extend(['\\', c]),
            c => {
                let mut bytes = [0; 4];
                out.push_str(&visible(c.encode_utf8(&mut bytes)).replace('\\', "\\\\"));
            }
        }
    }
    out
}
