//! A message of a Slack incoming webhook.
//!
//! <https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks>, and the limits of
//! <https://docs.slack.dev/reference/block-kit/blocks>. Event text stands in `plain_text` only, which knows no markup, and its
//! three characters of control are escaped all the same, so that no mention and no link comes of it.

use serde_json::{Value, json};

use crate::{neutral::visible, notify::Message};

/// Characters of a header, of a field, and of a section.
const HEADER: usize = 150;
const FIELD: usize = 2000;
const SECTION: usize = 3000;

/// The body.
pub(in crate::notify) fn slack(message: &Message<'_>) -> String {
    let fields: Vec<Value> = message.facts().iter().map(|(name, fact)| plain(&format!("{name}\n{fact}"), FIELD)).collect();
    let mut blocks =
        vec![json!({ "type": "header", "text": plain(&message.heading(), HEADER) }), json!({ "type": "section", "fields": fields })];
    let reasons = message.reasons();
    if !reasons.is_empty() {
        blocks.push(json!({ "type": "section", "text": plain(&reasons.join("\n"), SECTION) }));
    }
    blocks.push(json!({ "type": "context", "elements": [plain(&message.command(), FIELD)] }));
    let text = escaped(&message.heading(), SECTION);
    json!({ "text": text, "unfurl_links": false, "unfurl_media": false, "blocks": blocks }).to_string()
}

fn plain(text: &str, most: usize) -> Value {
    json!({ "type": "plain_text", "emoji": false, "text": escaped(text, most) })
}

/// Escaped, and no longer than that after it: half an entity would be shown. Lines of our own stay lines.
fn escaped(text: &str, most: usize) -> String {
    let mut out = String::new();
    let mut left = most.saturating_sub(1);
    for c in text.chars() {
        let piece = match c {
            '&' => "&amp;".to_owned(),
            '<' => "&lt;".to_owned(),
            '>' => "&gt;".to_owned(),
            '\n' => "\n".to_owned(),
            c => visible(c.encode_utf8(&mut [0; 4])).into_owned(),
        };
        let length = piece.chars().count();
        if length > left {
            out.push('…');
            break;
        }
        left -= length;
        out.push_str(&piece);
    }
    out
}
