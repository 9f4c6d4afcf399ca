//! `POST /users/{sender}/sendMail`, <https://learn.microsoft.com/en-us/graph/api/user-sendmail>: taken is not delivered, and
//! what is taken twice goes out twice.

use serde::Deserialize;

use super::{Asker, Outcome, act::object, refusal::Refusal};
use crate::{
    answer::Answer,
    effect::{Done, Effect},
    world::State,
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Sending {
    message: Message,
    #[serde(default, rename = "saveToSentItems")]
    _save_to_sent_items: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Message {
    subject: String,
    body: Text,
    to_recipients: Vec<Recipient>,
    #[serde(default)]
    cc_recipients: Vec<Recipient>,
    #[serde(default)]
    bcc_recipients: Vec<Recipient>,
    #[serde(default)]
    importance: Option<Importance>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Importance {
    Low,
    Normal,
    High,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Text {
    content_type: ContentType,
    content: String,
}

#[derive(Deserialize)]
enum ContentType {
    #[serde(alias = "text")]
    Text,
    #[serde(rename = "HTML", alias = "html")]
    Html,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Recipient {
    email_address: Address,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Address {
    address: String,
    #[serde(default, rename = "name")]
    _name: Option<String>,
}

impl State {
    pub(super) fn send_mail(&mut self, asker: &Asker<'_>, key: &str) -> Outcome {
        asker.may(&["Mail.Send"]).map_err(|_| Refusal::MAIL_DENIED)?;
        let sender = self.directory.find(key).ok_or(Refusal::NO_SENDER)?;
        if !sender.mailbox {
            return Err(Refusal::NO_MAILBOX);
        }
        let body = serde_json::Value::Object(object(asker)?);
        let sending: Sending = serde_json::from_value(body).map_err(|wrong| Refusal::bad("RequestBodyRead", wrong.to_string()))?;
        let Message { subject, body, to_recipients, cc_recipients, bcc_recipients, importance } = sending.message;
        let (Text { content, content_type: ContentType::Text | ContentType::Html }, _) = (body, importance);
        if to_recipients.is_empty() {
            return Err(Refusal::bad("ErrorInvalidRecipients", "At least one recipient isn't valid."));
        }
        let all = to_recipients.into_iter().chain(cc_recipients).chain(bcc_recipients);
        let all: Vec<String> = all.map(|recipient| recipient.email_address.address).collect();
        if !all.iter().all(|address| is_address(address)) {
            return Err(Refusal::bad("ErrorInvalidRecipients", "At least one recipient isn't valid."));
        }
        if subject.chars().any(|c| c == '\r' || c == '\n') || subject.chars().count() > 255 {
            return Err(Refusal::bad("ErrorInvalidPropertySet", "The subject has a line break or over 255 characters."));
        }
        let first = all.first().cloned().unwrap_or_default();
        let effect = self.done(asker, Done::Mailed, &first, &all.join(","), true);
        self.ledger.effect(Effect { subject: Some(subject), text: Some(content), ..effect });
        Ok(Answer::empty(202))
    }
}

fn is_address(text: &str) -> bool {
    let halves = text.split_once('@').filter(|(local, domain)| !local.is_empty() && domain.contains('.') && !domain.contains('@'));
    halves.is_some() && !text.chars().any(|c| c.is_whitespace() || c.is_control() || ",;<>".contains(c))
}
