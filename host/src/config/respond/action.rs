//! `[[action]]`: what is to be done where which policies find something.

use std::ops::Range;

use super::{ActionConfig, mail, settings};
use crate::{
    alert::Severity,
    config::{
        document::Document,
        section::Entry,
        settings::choice,
        sink::{Noted, optional},
        source::name,
    },
    model::ResponderName,
    respond::{Action, Mail},
};

const KEYS: &[&str] = &["policies", "do", "with", "severity", "subject", "text", "copy", "manager"];
const POLICIES: &str = "name rules of detectors or policies of your own, like policies = [\"impossible-travel\"]";
const DO: &str = "say what is done, like do = \"sign-out\"";
const WITH: &str = "name responders, like with = [\"entra\", \"miro\"]";
const SEVERITY: &str = "write severity = \"medium\", which is about medium and high ones";
/// What is done by itself. What takes something back is for a person.
const WORDS: [Action; 4] = [Action::Notify, Action::SignOut, Action::Suspend, Action::ConfirmCompromised];

/// An action whose responders and policies are still only names.
pub(in crate::config) struct Acting {
    pub(super) config: ActionConfig,
    /// Where each of its `policies` stands.
    pub(super) policies: Vec<Range<usize>>,
    pub(super) action: Range<usize>,
    /// What stands in `with`. None where it was left out.
    pub(super) with: Option<Vec<(ResponderName, Range<usize>)>>,
    pub(super) span: Range<usize>,
}

/// Reads one; what is wrong is noted.
pub(in crate::config) fn action(document: &Document, entry: &Entry<'_>) -> Option<Acting> {
    let section = entry.table(KEYS, "write [[action]] on a line of its own and its keys below")?;
    let required = |key: &str, help: &str| {
        let entry = section.entry(key);
        if entry.is_none() {
            section.missing(key, help);
        }
        entry
    };
    let policies = required("policies", POLICIES).and_then(|entry| {
        let texts = entry.texts(POLICIES)?;
        if texts.is_empty() {
            entry.note("is empty: this action would never happen", POLICIES);
            return None;
        }
        Some(texts.into_iter().map(|(text, entry)| (text.to_owned(), entry.span)).collect::<Vec<_>>())
    });
    let done = required("do", DO).and_then(|entry| Some((what(entry.text(DO)?, &entry)?, entry.span)));
    let with = optional(section.entry("with"), |entry| {
        let texts = entry.texts(WITH)?;
        if texts.is_empty() {
            entry.note("is empty: nobody would do it", WITH);
            return None;
        }
        let each = texts.into_iter().map(|(text, entry)| name::<ResponderName>(text, &entry).map(|name| (name, entry.span)));
        each.collect::<Vec<_>>().into_iter().collect::<Option<Vec<_>>>()
    });
    let severity = optional(section.entry("severity"), |entry| {
        let words = [Severity::Informational, Severity::Low, Severity::Medium, Severity::High].map(|each| (each.as_str(), each));
        choice(entry.text(SEVERITY)?, entry, &words)
    });
    let mail = mail::read(&section);
    let (action, action_span) = done?;
    if action != Action::Notify {
        for key in mail::KEYS {
            if let Some(span) = section.key_span(key) {
                document.note(
                    &span,
                    format!("`{key}` in {} belongs to do = \"notify\" only", section.title),
                    "remove it, or write an [[action]] with do = \"notify\"",
                );
                return None;
            }
        }
    }
    let mail: Result<Option<Mail>, Noted> = mail.map(|mail| (action == Action::Notify).then_some(mail));
    let (policies, places) = policies?.into_iter().unzip();
    let config = ActionConfig {
        policies,
        action,
        with: Vec::new(),
        severity: severity.ok()?.unwrap_or(Severity::High),
        mail: mail.ok()?,
        sources: Vec::new(),
    };
    Some(Acting { config, policies: places, action: action_span, with: with.ok()?, span: section.span })
}

fn what(text: &str, entry: &Entry<'_>) -> Option<Action> {
    if text == Action::Restore.as_str() {
        entry.note("is \"restore\", which takes something back", "that is for a person: `miro-source respond restore USER`");
        return None;
    }
    settings::action(text, entry, &WORDS)
}
