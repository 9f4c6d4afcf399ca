//! A message as Graph wants it: <https://learn.microsoft.com/graph/api/resources/message>.

use serde_json::{Value, json};

use crate::{
    config::Format,
    responder::Message,
    types::Failure,
    words::{self, quoted},
};

/// The longest subject, in characters.
const SUBJECT: usize = 255;
/// The longest text, in bytes: escaped it has six times as many at most, and a request takes four megabytes.
const TEXT: usize = 512 << 10;
/// The most copies; Exchange takes 500 recipients.
const COPIES: usize = 100;

/// Whether it can be written at all.
pub(super) fn check(message: &Message) -> Result<(), String> {
    if message.subject.trim().is_empty() || message.text.trim().is_empty() {
        return Err("the message has no subject or no text".to_owned());
    }
    if message.text.len() > TEXT {
        return Err(format!("the message has {} bytes; it may have {TEXT}", message.text.len()));
    }
    if message.copies.len() > COPIES {
        return Err(format!("the message has {} further recipients; it may have {COPIES}", message.copies.len()));
    }
    Ok(())
}

/// Who gets a copy, each once: the further recipients and the manager, but nobody whom the message is to.
pub(super) fn copies(message: &Message, manager: Option<String>, to: &str) -> Result<Vec<String>, Failure> {
    let mut found: Vec<String> = Vec::new();
    for copy in &message.copies {
        let copy = words::address(copy)
            .ok_or_else(|| Failure::Invalid(format!("cannot notify the owner: the further recipient {} is no address", quoted(copy))))?;
        found.push(copy);
    }
    found.extend(manager);
    let mut each: Vec<String> = Vec::new();
    for copy in found {
        if copy != to && !each.contains(&copy) {
            each.push(copy);
        }
    }
    Ok(each)
}

/// The body of the request.
pub(super) fn body(message: &Message, format: Format, to: &str, cc: &[String]) -> Value {
    let recipient = |address: &str| json!({ "emailAddress": { "address": address } });
    let subject: String = message.subject.chars().map(|c| if c.is_control() { ' ' } else { c }).take(SUBJECT).collect();
    let (kind, content) = match format {
        Format::Html => ("HTML", html(&message.text)),
        Format::Text => ("Text", plain(&message.text).replace('\n', "\r\n")),
    };
    json!({
        "message": {
            "subject": subject.trim(),
            "body": { "contentType": kind, "content": content },
            "toRecipients": [recipient(to)],
            "ccRecipients": cc.iter().map(|address| recipient(address)).collect::<Vec<_>>(),
        },
        "saveToSentItems": false,
    })
}

/// Without control characters but line breaks and tabs.
fn plain(text: &str) -> String {
    text.replace("\r\n", "\n")
        .chars()
        .map(|c| if c == '\r' { '\n' } else { c })
        .filter(|c| !c.is_control() || "\n\t".contains(*c))
        .collect()
}

/// The text as HTML: nothing of it is markup.
fn html(text: &str) -> String {
    let mut html = String::from("<html><body><p>");
    for c in plain(text).chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            '\n' => html.push_str("<br>\n"),
            c => html.push(c),
        }
    }
    html.push_str("</p></body></html>");
    html
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::html;

    proptest! {
        /// Whatever an attacker has put into a name that the message repeats: it stays text.
        #[test]
        fn nothing_of_the_text_is_markup(text in any::<String>()) {
            let html = html(&text);
            let inner = html.strip_prefix("<html><body><p>").unwrap().strip_suffix("</p></body></html>").unwrap().replace("<br>\n", "");
            prop_assert!(!inner.contains(['<', '>', '"', '\'']), "{}", inner);
        }
    }
}
