//! What an answer must be, whatever the call: texts short enough to show and keep, JSON that is JSON, an address that a
//! browser may be sent to. A component is not trusted to keep its contract.

use audit_pipeline::{
    source::{Allowance, Identity},
    types::{Credentials, Description, Entity, Failure},
};
use url::Url;

/// The longest text for people.
const TEXT: usize = 2000;
/// The longest name: of a component, a secret, a unit.
const NAME: usize = 64;
/// Secrets that a component may want, and scopes that a token may have.
const LISTED: usize = 256;
/// The longest scope, or name of an organization or user.
const ENTITY: usize = 1 << 10;
/// The longest schema.
const SCHEMA: usize = 1 << 20;
/// The longest origin: a name has at most 253 characters.
const ORIGIN: usize = 300;
/// How many origins a component may declare.
const ORIGINS: usize = 32;
/// The longest address that browsers and the servers behind them take.
const ADDRESS: usize = 8 << 10;
/// The longest token. What is longer fits into no header.
const TOKEN: usize = 32 << 10;
/// How deep JSON may be nested: as deep as `serde_json` reads into values.
const DEPTH: usize = 127;
/// The longest wait, in milliseconds: a day. No vendor's limit lasts longer, and a source that waits for ever is a source
/// that stopped without a word.
const WAIT: u64 = 24 * 3600 * 1000;

/// Checks a description, and shortens what is only for people.
pub(super) fn description(description: &mut Description) -> Result<(), String> {
    name("the name of the component", &description.name)?;
    name("its version", &description.version)?;
    json_object("the schema of `config`", &description.config_schema, SCHEMA)?;
    listed("secrets", description.secrets.len())?;
    description.secrets.iter_mut().try_for_each(|secret| {
        shorten(&mut secret.purpose);
        name("the name of a secret", &secret.name)
    })
}

/// Checks a meter.
pub(super) fn allowance(allowance: &Allowance) -> Result<(), String> {
    if allowance.events == 0 || allowance.cost == 0 || allowance.budget == 0 {
        return Err("a meter on which nothing can be asked: events, cost and budget are at least 1".to_owned());
    }
    name("the unit of the meter", &allowance.unit)
}

/// Checks what a token stands for.
pub(super) fn identity(identity: &Identity) -> Result<(), String> {
    for Entity { kind, id, name } in [&identity.organization, &identity.user].into_iter().flatten() {
        [kind, id, name].into_iter().flatten().try_for_each(|text| at_most("a name in it", text, ENTITY))?;
    }
    for scopes in [&identity.scopes, &identity.missing] {
        listed("scopes", scopes.len())?;
        scopes.iter().try_for_each(|scope| at_most("a scope", scope, ENTITY))?;
    }
    Ok(())
}

/// Checks where a person's browser is to go. What opens it also opens files and programs.
pub(super) fn address(text: &str) -> Result<(), String> {
    at_most("the address", text, ADDRESS)?;
    let url = Url::parse(text).map_err(|why| format!("the address is none: {why}"))?;
    let here = match url.host() {
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    };
    match url.scheme() {
        "https" => Ok(()),
        "http" if here => Ok(()),
        _ => Err("the address is not https".to_owned()),
    }
}

/// Checks how many origins are declared, and how long each is.
pub(super) fn origins(origins: &[String]) -> Result<(), String> {
    if origins.len() > ORIGINS {
        return Err(format!("it declares {} origins, at most {ORIGINS} are allowed", origins.len()));
    }
    origins.iter().try_for_each(|origin| at_most("an origin", origin, ORIGIN))
}

/// Credentials that can be kept. Only what cannot be a token is refused: a pair that is thrown away is gone for good.
pub(super) fn credentials(credentials: &Credentials) -> Result<(), String> {
    let tokens = || [Some(&credentials.access_token), credentials.refresh_token.as_ref()].into_iter().flatten();
    if tokens().any(String::is_empty) {
        return Err("credentials with an empty token".to_owned());
    }
    tokens().try_for_each(|token| at_most("a token", token, TOKEN))
}

/// A failure whose text is short enough to show, and whose wait ends.
pub(super) fn failure(mut failure: Failure) -> Failure {
    match &mut failure {
        Failure::Unavailable(text)
        | Failure::Unauthorized(text)
        | Failure::Forbidden(text)
        | Failure::Invalid(text)
        | Failure::Protocol(text) => shorten(text),
        Failure::Throttled(Some(for_so_long)) => *for_so_long = wait(*for_so_long),
        Failure::Throttled(None) | Failure::Expired => {}
    }
    failure
}

/// A wait, in milliseconds, that ends.
pub(super) fn wait(for_so_long: u64) -> u64 {
    for_so_long.min(WAIT)
}

/// One JSON object. Parsed once, nothing kept.
pub(super) fn json_object(what: &str, text: &str, most: usize) -> Result<(), String> {
    at_most(what, text, most)?;
    if !text.starts_with('{') {
        return Err(format!("{what} is not a JSON object"));
    }
    json(what, text, most)
}

/// One JSON text. What only skips it finds any depth right; whoever reads it later may not.
pub(super) fn json(what: &str, text: &str, most: usize) -> Result<(), String> {
    at_most(what, text, most)?;
    if let Err(why) = serde_json::from_str::<serde::de::IgnoredAny>(text) {
        return Err(format!("{what} is not JSON: {:?} at column {}", why.classify(), why.column()));
    }
    if is_deep(text) { Err(format!("{what} is nested more than {DEPTH} deep")) } else { Ok(()) }
}

/// Whether JSON is nested deeper than readers commonly go.
fn is_deep(json: &str) -> bool {
    let opens = |byte: u8| matches!(byte, b'{' | b'[');
    // The quick answer for nearly every record.
    if json.bytes().filter(|byte| opens(*byte)).count() <= DEPTH {
        return false;
    }
    let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
    for byte in json.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            _ if in_text => {}
            byte if opens(byte) => {
                depth = depth.saturating_add(1);
                if depth > DEPTH {
                    return true;
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

/// Refuses what is longer than that.
pub(super) fn at_most(what: &str, text: &str, most: usize) -> Result<(), String> {
    if text.len() > most { Err(format!("{what} is {} bytes long, at most {most} are allowed", text.len())) } else { Ok(()) }
}

/// Cuts a text for people that is too long.
pub(super) fn shorten(text: &mut String) {
    cut(text, TEXT);
}

/// Cuts a text for people to that many bytes, between characters.
pub(super) fn cut(text: &mut String, most: usize) {
    if text.len() > most {
        let end = (0..=most).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default();
        text.truncate(end);
        text.push('…');
    }
}

/// One word that may stand anywhere: short, visible, no space.
fn name(what: &str, text: &str) -> Result<(), String> {
    at_most(what, text, NAME)?;
    if text.is_empty() || !text.bytes().all(|c| c.is_ascii_graphic()) {
        return Err(format!("{what} is not one word of ASCII"));
    }
    Ok(())
}

fn listed(what: &str, count: usize) -> Result<(), String> {
    if count > LISTED { Err(format!("{count} {what}, at most {LISTED} are allowed")) } else { Ok(()) }
}

#[cfg(test)]
#[path = "answer/tests.rs"]
mod tests;
