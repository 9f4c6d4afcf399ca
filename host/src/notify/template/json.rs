//! An object of our own, for programs: the body of a webhook, or what a command reads.

use serde_json::{Map, Value, json};

use crate::{
    neutral,
    notify::{Message, Phase, Said},
};

/// One line. Texts are whole, and as the detector wrote them; nothing in them moves a terminal.
pub(in crate::notify) fn json(message: &Message<'_>) -> String {
    let mut object = json!({
        "version": 1,
        "event": message.event(),
        "delivery": message.delivery(),
        "dedup_key": message.dedup_key(),
        "channel": message.channel,
        "at": message.at.to_string(),
        "severity": message.severity().as_str(),
        "title": message.title(),
        "command": message.command(),
    });
    if let (Said::Alert { alert, .. }, Value::Object(object)) = (message.said, &mut object) {
        let story = &alert.story;
        let more = json!({
            "alert": alert.id,
            "source": alert.source,
            "policy": alert.policy,
            "state": Phase::from(&alert.state),
            "count": alert.count,
            "who": known(&[("id", &story.who.id), ("email", &story.who.email), ("name", &story.who.name)]),
            "addresses": story.addresses,
            "reasons": story.reasons,
            "attacks": story.attacks,
            "start": story.start.to_string(),
            "end": story.end.to_string(),
            "raised": alert.raised.to_string(),
        });
        if let Value::Object(more) = more {
            object.extend(more);
        }
    }
    if let (Said::Condition { known, .. }, Value::Object(object)) = (message.said, &mut object) {
        let condition = &known.condition;
        let more = json!({
            "condition": condition.kind,
            "subject": condition.subject,
            "state": if known.is_open() { "open" } else { "over" },
            "reasons": condition.reasons,
            "advice": condition.advice,
            "begun": known.begun.to_string(),
            "ended": known.ended.map(|ended| ended.to_string()),
        });
        if let Value::Object(more) = more {
            object.extend(more);
        }
    }
    neutral::json(&object.to_string()).into_owned()
}

fn known(texts: &[(&str, &Option<String>)]) -> Map<String, Value> {
    texts.iter().filter_map(|(name, text)| Some(((*name).to_owned(), Value::from(text.as_deref()?)))).collect()
}
