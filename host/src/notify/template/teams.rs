//! An Adaptive Card, as a workflow of Microsoft Teams that was made from "Post to a channel when a webhook request is received"
//! takes it.
//!
//! <https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using>. All text stands in
//! `TextRun`, which knows no Markdown (<https://adaptivecards.io/explorer/TextRun.html>): in a `TextBlock` a name could be a link.

use serde_json::{Value, json};

use crate::notify::Message;

/// The body.
pub(in crate::notify) fn teams(message: &Message<'_>) -> String {
    let mut body = vec![json!({
        "type": "RichTextBlock",
        "inlines": [{ "type": "TextRun", "text": message.heading(), "weight": "bolder", "size": "medium" }],
    })];
    for (name, fact) in message.facts() {
        body.push(line(&[run(&format!("{name}: "), true), run(&fact, false)]));
    }
    for reason in message.reasons() {
        body.push(line(&[run(&format!("– {reason}"), false)]));
    }
    body.push(line(&[json!({ "type": "TextRun", "text": message.command(), "fontType": "monospace" })]));
    let card = json!({
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body,
    });
    let attachment = json!({ "contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": null, "content": card });
    json!({ "type": "message", "attachments": [attachment] }).to_string()
}

fn line(inlines: &[Value]) -> Value {
    json!({ "type": "RichTextBlock", "spacing": "small", "inlines": inlines })
}

fn run(text: &str, bold: bool) -> Value {
    json!({ "type": "TextRun", "text": text, "weight": if bold { "bolder" } else { "default" } })
}
