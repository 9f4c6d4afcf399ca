//! A mail: plain text, no HTML. Its headers are written by `lettre`, which encodes what is beyond ASCII as RFC 2047 says; line
//! breaks were made visible before, so that there is none to forge a header with.

use std::time::{Duration, UNIX_EPOCH};

use lettre::{
    Message as Mail,
    message::{
        Mailbox, SinglePart,
        header::{HeaderName, HeaderValue},
    },
};

use crate::{neutral::visible, notify::Message};

/// Who writes to whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::notify) struct Parties {
    /// `from`
    pub(in crate::notify) from: Mailbox,
    /// `to`
    pub(in crate::notify) to: Vec<Mailbox>,
}

/// A mail that cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("failed to write a mail: {0}")]
pub(in crate::notify) struct MailError(#[from] lettre::error::Error);

/// The mail. A later one about the same alert answers the first, so that they are shown together.
pub(in crate::notify) fn mail(message: &Message<'_>, parties: &Parties) -> Result<Mail, MailError> {
    let id = |name: String| format!("<{name}@{}>", parties.from.email.domain());
    let mut builder = Mail::builder()
        .from(parties.from.clone())
        .date(UNIX_EPOCH + Duration::from_millis(message.at.0))
        .subject(visible(&message.heading()).into_owned())
        .message_id(Some(id(message.delivery())))
        // Nobody's absence is to be answered with.
        .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned()));
    for to in &parties.to {
        builder = builder.to(to.clone());
    }
    if let Some(first) = message.first().map(id) {
        builder = builder.in_reply_to(first.clone()).references(first);
    }
    Ok(builder.singlepart(SinglePart::plain(text(message)))?)
}

fn text(message: &Message<'_>) -> String {
    let mut lines = vec![message.heading(), String::new()];
    lines.extend(message.facts().iter().map(|(name, fact)| format!("{:<8}{fact}", format!("{name}:"))));
    let reasons = message.reasons();
    if !reasons.is_empty() {
        lines.push(String::new());
        lines.extend(reasons.iter().map(|reason| format!("- {reason}")));
    }
    lines.extend([String::new(), message.command()]);
    let lines: Vec<_> = lines.iter().map(|line| visible(line)).collect();
    lines.join("\r\n")
}
