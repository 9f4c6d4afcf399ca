//! What belongs to each `type` of a channel.

use std::time::Duration;

use lettre::message::Mailbox;
use toml::de::DeValue;

use super::super::{
    headers::headers,
    reference::reference,
    section::{Entry, Section},
    settings::{choice, duration},
    sink::{Noted, optional},
};
use super::{ChannelKind, CommandConfig, SmtpConfig, SmtpTls, WebhookConfig};
use crate::notify::Template;

macro_rules! keys {
    ($($key:literal),*) => { &["name", "type", "sources", "severity", "policies", "hours", "zone", "always", "limit", "health", $($key),*] };
}
pub(super) const WEBHOOK: &[&str] = keys!("template", "url", "routing_key", "headers", "hmac");
pub(super) const SMTP: &[&str] = keys!("host", "port", "tls", "user", "password", "from", "to");
pub(super) const COMMAND: &[&str] = keys!("command", "timeout");

const URL: &str = "say where the URL is, like url = { file = \"/etc/miro-source/slack_url\" }; the URL is a credential";
const ROUTING_KEY: &str = "say where the integration's key is, like routing_key = { file = \"/etc/miro-source/pagerduty_key\" }";
const HEADERS: &str = "write it like headers = { X-Team = \"soc\", Authorization = { env = \"WEBHOOK_AUTHORIZATION\" } }";
const HOST: &str = "name the mail server, like host = \"smtp.example.com\"";
const PORT: &str = "write a number from 1 to 65535, or leave it out for 587, with tls = \"implicit\" 465";
const TLS: &str = "write tls = \"starttls\" or tls = \"implicit\"; tls = \"none\" only to this machine";
const USER: &str = "write user and password both, like user = \"alerts\" and password = { env = \"SMTP_PASSWORD\" }, or neither";
const FROM: &str = "write it like from = \"miro-source <alerts@example.com>\"";
const TO: &str = "write it like to = [\"soc@example.com\"]";
const COMMAND_HELP: &str = "write the program and its arguments as a list, like command = [\"/usr/local/bin/page\", \"--team\", \"soc\"]";

#[derive(Clone, Copy)]
pub(super) enum Kind {
    Webhook,
    Smtp,
    Command,
}

/// Reads what belongs to the type; what is wrong is noted.
pub(super) fn read(kind: Kind, section: &Section<'_>) -> Option<ChannelKind> {
    match kind {
        Kind::Webhook => webhook(section).map(ChannelKind::Webhook),
        Kind::Smtp => smtp(section).map(ChannelKind::Smtp),
        Kind::Command => command(section).map(ChannelKind::Command),
    }
}

fn required<'a>(section: &Section<'a>, key: &str, help: &str) -> Option<Entry<'a>> {
    let entry = section.entry(key);
    if entry.is_none() {
        section.missing(key, help);
    }
    entry
}

fn webhook(section: &Section<'_>) -> Option<WebhookConfig> {
    let template = optional(section.entry("template"), |entry| {
        let words = [("json", Template::Json), ("slack", Template::Slack), ("teams", Template::Teams), ("pagerduty", Template::PagerDuty)];
        choice(entry.text("write template = \"slack\", \"teams\", \"pagerduty\" or \"json\"")?, entry, &words)
    });
    let pager = matches!(template, Ok(Some(Template::PagerDuty)));
    let url = match section.entry("url") {
        None if pager || template.is_err() => Ok(None),
        None => {
            section.missing("url", URL);
            Err(Noted)
        }
        entry => optional(entry, reference),
    };
    let routing_key = match section.entry("routing_key") {
        None if pager => {
            section.missing("routing_key", ROUTING_KEY);
            Err(Noted)
        }
        Some(entry) if !pager && template.is_ok() => {
            entry.note("belongs to template = \"pagerduty\" only", "remove it, or write template = \"pagerduty\"");
            Err(Noted)
        }
        entry => optional(entry, reference),
    };
    let own = |name: &str| {
        // What the message itself decides.
        ["content-type", "content-length", "host", "transfer-encoding", "connection", "x-delivery-id"].contains(&name)
            || name.starts_with("x-signature-")
    };
    let headers = optional(section.entry("headers"), |entry| headers(entry, own, HEADERS));
    let hmac = optional(section.entry("hmac"), reference);
    Some(WebhookConfig {
        template: template.ok()?.unwrap_or(Template::Json),
        url: url.ok()?,
        routing_key: routing_key.ok()?,
        headers: headers.ok()?.unwrap_or_default(),
        hmac: hmac.ok()?,
    })
}

fn smtp(section: &Section<'_>) -> Option<SmtpConfig> {
    let host = required(section, "host", HOST).and_then(|entry| host(&entry).map(|host| (host, entry)));
    let tls = optional(section.entry("tls"), |entry| {
        let words = [("starttls", SmtpTls::Starttls), ("implicit", SmtpTls::Implicit), ("none", SmtpTls::None)];
        choice(entry.text(TLS)?, entry, &words)
    });
    let port = optional(section.entry("port"), port);
    let user = optional(section.entry("user"), |entry| entry.text(USER).map(str::to_owned));
    let password = optional(section.entry("password"), reference);
    let from = required(section, "from", FROM).and_then(|entry| mailbox(entry.text(FROM)?, &entry, FROM));
    let to = required(section, "to", TO).and_then(|entry| recipients(&entry));
    for (there, other) in [("user", "password"), ("password", "user")] {
        if let (Some(span), None) = (section.key_span(there), section.entry(other)) {
            section.document.note(&span, format!("`{there}` in {} comes without `{other}`", section.title), USER);
            return None;
        }
    }
    let tls = tls.ok()?.unwrap_or(SmtpTls::Starttls);
    let (host, entry) = host?;
    if tls == SmtpTls::None && !matches!(host.as_str(), "127.0.0.1" | "::1" | "localhost") {
        entry.note("is not this machine, and tls = \"none\" would send mail and password in plain text", TLS);
        return None;
    }
    let usual = match tls {
        SmtpTls::Starttls => 587,
        SmtpTls::Implicit => 465,
        SmtpTls::None => 25,
    };
    Some(SmtpConfig { host, port: port.ok()?.unwrap_or(usual), tls, user: user.ok()?, password: password.ok()?, from: from?, to: to? })
}

fn host(entry: &Entry<'_>) -> Option<String> {
    let text = entry.text(HOST)?;
    match url::Host::parse(text) {
        Ok(host) => Some(host.to_string()),
        // An IPv6 address stands in brackets only where a port follows.
        Err(_) if text.parse::<std::net::Ipv6Addr>().is_ok() => Some(text.to_owned()),
        Err(_) => {
            entry.wrong("the name or address of a mail server", HOST);
            None
        }
    }
}

fn port(entry: &Entry<'_>) -> Option<u16> {
    let port = match entry.value {
        DeValue::Integer(number) => number.as_str().parse().ok().filter(|port| *port > 0),
        _ => None,
    };
    if port.is_none() {
        entry.wrong("the number of a port", PORT);
    }
    port
}

fn recipients(entry: &Entry<'_>) -> Option<Vec<Mailbox>> {
    let texts = entry.texts(TO)?;
    if texts.is_empty() {
        entry.note("is empty: this channel would tell nobody", TO);
        return None;
    }
    let each = texts.into_iter().map(|(text, entry)| mailbox(text, &entry, TO));
    each.collect::<Vec<_>>().into_iter().collect()
}

fn mailbox(text: &str, entry: &Entry<'_>, help: &str) -> Option<Mailbox> {
    let mailbox = text.parse().ok();
    if mailbox.is_none() {
        entry.wrong("a mail address", help);
    }
    mailbox
}

fn command(section: &Section<'_>) -> Option<CommandConfig> {
    let command = required(section, "command", COMMAND_HELP).and_then(|entry| {
        let words = entry.texts(COMMAND_HELP)?;
        if words.is_empty() {
            entry.note("is an empty list", COMMAND_HELP);
            return None;
        }
        Some(words.into_iter().map(|(word, _)| word.to_owned()).collect())
    });
    let timeout = optional(section.entry("timeout"), |entry| {
        let within = Duration::from_secs(1)..=Duration::from_secs(600);
        duration(entry, within, "a duration from 1 second to 10 minutes", "write it like timeout = \"30s\"")
    });
    Some(CommandConfig { command: command?, timeout: timeout.ok()?.unwrap_or(crate::notify::PATIENCE) })
}
