//! `[[notify]]`: which people, or programs, are told of alerts, how, when, and of which.

mod carrier;
mod join;

use std::{ops::Range, time::Duration};

use http::HeaderName;
use lettre::message::Mailbox;
use toml::de::DeValue;

use self::carrier::{COMMAND, Kind, SMTP, WEBHOOK};
pub(super) use self::join::{clashes, concerns, found};
use super::{
    SecretRef,
    headers::HeaderText,
    section::{Entry, Section},
    settings::choice,
    sink::{optional, truth, wanted},
    source::name,
};
use crate::{
    alert::Severity,
    model::{ChannelName, SourceName},
    notify::{Hours, Limit, Route, Span, Template},
};

const NAME: &str = "write a name of 1 to 64 letters, digits, '_' or '-', like name = \"soc\"";
const SOURCES: &str = "name the sources whose alerts it is told of, like sources = [\"acme\"]";
const TYPE: &str = "write type = \"webhook\", type = \"smtp\" or type = \"command\"";
const SEVERITY: &str = "write severity = \"medium\", which tells of medium and high ones";
const HOURS: &str = "write it like hours = \"Mon-Fri 08:00-18:00\", or several in a list";
const ZONE: &str = "write a name of the time zone database, like zone = \"Europe/Berlin\"; without it UTC";
const ALWAYS: &str = "write always = \"high\", or always = false to hold back everything";
const HEALTH: &str = "write health = false where it is to be told of alerts only, or leave it out";
const LIMIT: &str = "write it like limit = \"500/d\" or limit = \"20/h\"";

/// `[[notify]]`: a channel.
#[derive(Clone, Debug)]
pub struct ChannelConfig {
    /// `name`
    pub name: ChannelName,
    /// `sources`: whose alerts it is told of. Never empty. May be left out while there is one source, and in an included file
    /// with one source.
    pub sources: Vec<SourceName>,
    /// The further ones that `sources` names, of files that are wrong.
    pub lost: Vec<SourceName>,
    /// `severity` and `policies`. Default: medium and worse, of all policies.
    pub route: Route,
    /// `hours` and `zone`. Default: at any time.
    pub hours: Option<Hours>,
    /// `always`: what is told outside of the hours too. Default: high; `None`: nothing.
    pub always: Option<Severity>,
    /// `limit`. Default: of mails 500 a day, otherwise none.
    pub limit: Option<Limit>,
    /// `health`: whether it is told of how the host is doing. Default: yes, unless it is told of some `policies` only.
    pub health: bool,
    /// `type` and what belongs to it.
    pub kind: ChannelKind,
}

/// `type` of a channel, and what belongs to it.
#[derive(Clone, Debug)]
pub enum ChannelKind {
    /// A POST.
    Webhook(WebhookConfig),
    /// A mail.
    Smtp(SmtpConfig),
    /// A program.
    Command(CommandConfig),
}

/// What belongs to `type = "webhook"`.
#[derive(Clone, Debug)]
pub struct WebhookConfig {
    /// `template`. Default `json`.
    pub template: Template,
    /// `url`: a credential. Only with the template `pagerduty` it may be left out.
    pub url: Option<SecretRef>,
    /// `routing_key`: of the template `pagerduty`, which has one.
    pub routing_key: Option<SecretRef>,
    /// `headers`, in order of appearance.
    pub headers: Vec<(HeaderName, HeaderText)>,
    /// `hmac`: signs what is posted.
    pub hmac: Option<SecretRef>,
}

/// What belongs to `type = "smtp"`.
#[derive(Clone, Debug)]
pub struct SmtpConfig {
    /// `host`
    pub host: String,
    /// `port`. Default: that of `tls`.
    pub port: u16,
    /// `tls`. Default `starttls`.
    pub tls: SmtpTls,
    /// `user`, which comes with a password.
    pub user: Option<String>,
    /// `password`
    pub password: Option<SecretRef>,
    /// `from`
    pub from: Mailbox,
    /// `to`. Never empty.
    pub to: Vec<Mailbox>,
}

/// `tls` of a mail server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmtpTls {
    /// Asked for in plain text, and then nothing without it: port 587.
    Starttls,
    /// From the first byte: port 465.
    Implicit,
    /// None, to this machine only: port 25.
    None,
}

/// What belongs to `type = "command"`.
#[derive(Clone, Debug)]
pub struct CommandConfig {
    /// `command`: the program and its arguments. Never empty.
    pub command: Vec<String>,
    /// `timeout`: how long it may take, 1 second to 10 minutes. Default `30s`.
    pub timeout: Duration,
}

impl WebhookConfig {
    /// Where its secrets are.
    pub fn secrets(&self) -> Vec<&SecretRef> {
        let headers = self.headers.iter().filter_map(|(_, text)| match text {
            HeaderText::Secret(at) => Some(at),
            HeaderText::Plain(_) => None,
        });
        self.url.iter().chain(&self.routing_key).chain(&self.hmac).chain(headers).collect()
    }
}

impl ChannelConfig {
    /// Where its secrets are.
    pub fn secrets(&self) -> Vec<&SecretRef> {
        match &self.kind {
            ChannelKind::Webhook(webhook) => webhook.secrets(),
            ChannelKind::Smtp(smtp) => smtp.password.iter().collect(),
            ChannelKind::Command(_) => Vec::new(),
        }
    }
}

/// A channel whose sources are still only names.
pub(super) struct Channelled {
    config: ChannelConfig,
    name_span: Range<usize>,
    /// Where each of its `policies` stands.
    policies: Vec<Range<usize>>,
    wanted: Option<Vec<(SourceName, Range<usize>)>>,
    span: Range<usize>,
}

/// Reads one; what is wrong is noted.
pub(super) fn channel(entry: &Entry<'_>) -> Option<Channelled> {
    const SECTION: &str = "write [[notify]] on a line of its own and its keys below";
    let kind = match entry.free_table(SECTION)?.text("type", TYPE) {
        Some((text, entry)) => choice(text, &entry, &[("webhook", Kind::Webhook), ("smtp", Kind::Smtp), ("command", Kind::Command)]),
        None => {
            let section = entry.free_table(SECTION)?;
            if section.entry("type").is_none() {
                section.missing("type", TYPE);
            }
            None
        }
    };
    let of = |word: &str, keys| entry.labelled(format!("[[notify]] of type \"{word}\"")).table(keys, SECTION);
    let section = match kind {
        Some(Kind::Webhook) => of("webhook", WEBHOOK)?,
        Some(Kind::Smtp) => of("smtp", SMTP)?,
        Some(Kind::Command) => of("command", COMMAND)?,
        // Without a type, which keys are right is anybody's guess.
        None => entry.free_table(SECTION)?,
    };
    let name = match section.text("name", NAME) {
        Some((text, entry)) => name::<ChannelName>(text, &entry).map(|name| (name, entry.span)),
        None => {
            if section.entry("name").is_none() {
                section.missing("name", NAME);
            }
            None
        }
    };
    let wanted = optional(section.entry("sources"), |entry| wanted(entry, SOURCES, "this channel would be told nothing"));
    let severity = optional(section.entry("severity"), |entry| severity(entry, SEVERITY));
    let policies = optional(section.entry("policies"), policies);
    let hours = hours(&section);
    let always = optional(section.entry("always"), always);
    let limit = optional(section.entry("limit"), limit);
    let health = optional(section.entry("health"), |entry| truth(entry, HEALTH));
    let kind = kind?;
    let usual = matches!(kind, Kind::Smtp).then_some(Limit::MAIL);
    let kind = carrier::read(kind, &section);
    let (name, name_span) = name?;
    let (policies, places): (Vec<String>, _) = policies.ok()?.unwrap_or_default().into_iter().unzip();
    let config = ChannelConfig {
        name,
        sources: Vec::new(),
        lost: Vec::new(),
        health: health.ok()?.unwrap_or(policies.is_empty()),
        route: Route { severity: severity.ok()?.unwrap_or(Severity::Medium), policies },
        hours: hours.ok()?,
        always: always.ok()?.map_or(Some(Severity::High), |Always(always)| always),
        limit: limit.ok()?.or(usual),
        kind: kind?,
    };
    Some(Channelled { config, name_span, policies: places, wanted: wanted.ok()?, span: section.span })
}

fn severity(entry: &Entry<'_>, help: &str) -> Option<Severity> {
    let words = [Severity::Informational, Severity::Low, Severity::Medium, Severity::High].map(|each| (each.as_str(), each));
    choice(entry.text(help)?, entry, &words)
}

fn policies(entry: &Entry<'_>) -> Option<Vec<(String, Range<usize>)>> {
    const HELP: &str = "name rules or policies, like policies = [\"impossible-travel\"], or leave it out for all";
    let texts = entry.texts(HELP)?;
    if texts.is_empty() {
        entry.note("is empty: this channel would be told nothing", HELP);
        return None;
    }
    Some(texts.into_iter().map(|(text, entry)| (text.to_owned(), entry.span)).collect())
}

/// What `always` says: from which severity on, if at all.
struct Always(Option<Severity>);

fn always(entry: &Entry<'_>) -> Option<Always> {
    match entry.value {
        DeValue::Boolean(false) => Some(Always(None)),
        _ => severity(entry, ALWAYS).map(|severity| Always(Some(severity))),
    }
}

fn hours(section: &Section<'_>) -> Result<Option<Hours>, super::sink::Noted> {
    let spans = optional(section.entry("hours"), |entry| {
        let texts = match entry.value {
            DeValue::Array(_) => entry.texts(HOURS)?,
            _ => vec![(entry.text(HOURS)?, entry.clone())],
        };
        if texts.is_empty() {
            entry.note("is empty: this channel would never be told anything", HOURS);
            return None;
        }
        let each = texts.into_iter().map(|(text, entry)| {
            let span = text.parse::<Span>();
            if span.is_err() {
                entry.wrong("days and times", HOURS);
            }
            span.ok()
        });
        each.collect::<Vec<_>>().into_iter().collect::<Option<Vec<_>>>()
    });
    let zone = optional(section.entry("zone"), |entry| {
        let text = entry.text(ZONE)?;
        let zone = jiff::tz::TimeZone::get(text).ok();
        if zone.is_none() {
            entry.wrong("a time zone that this machine knows", ZONE);
        }
        zone
    });
    if let (Some(span), None) = (section.key_span("zone"), section.entry("hours")) {
        section.document.note(&span, format!("`zone` in {} has no hours to belong to", section.title), HOURS);
        return Err(super::sink::Noted);
    }
    let zone = zone?.unwrap_or(jiff::tz::TimeZone::UTC);
    Ok(spans?.map(|spans| Hours::new(spans, zone)))
}

fn limit(entry: &Entry<'_>) -> Option<Limit> {
    let limit = entry.text(LIMIT)?.parse().ok();
    if limit.is_none() {
        entry.wrong("messages an hour or a day", LIMIT);
    }
    limit
}
