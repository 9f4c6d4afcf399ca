//! `certificate` and `private_key`, or `federated_token`: what proves who asks, of a section whose component obtains its own token.

use std::{collections::BTreeMap, ops::Range};

use super::{
    ComponentRef, SecretRef,
    reference::reference,
    section::Section,
    sink::{Noted, optional},
};

/// The keys.
pub(super) const KEYS: [&str; 3] = ["certificate", "private_key", "federated_token"];
const CERTIFICATE: &str = "write certificate = { file = \"entra.pem\" } and private_key = { file = \"entra.key\" }, both";
const AUTHENTICATE: &str = "write certificate = { file = \"entra.pem\" } and private_key = { file = \"entra.key\" }, or \
                            federated_token = { file = \"…\" }, or secrets = { client_secret = { file = \"…\" } }";

/// What proves who asks, besides `secrets`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AssertionConfig {
    /// `certificate` and `private_key`: the host signs, and no component sees the key.
    Certificate {
        /// PEM.
        certificate: SecretRef,
        /// PEM, PKCS#8 or PKCS#1.
        private_key: SecretRef,
    },
    /// `federated_token`: what the platform vouches with, read anew at each use.
    Federated(SecretRef),
}

impl AssertionConfig {
    /// Where what must stay secret of it is.
    pub fn guarded(&self) -> &SecretRef {
        match self {
            Self::Certificate { private_key, .. } => private_key,
            Self::Federated(token) => token,
        }
    }
}

/// What proves who asks: exactly one way, where the component is one that is known to need one.
pub(super) fn assertion(
    section: &Section<'_>,
    component: Option<&ComponentRef>,
    secrets: Option<&BTreeMap<String, (SecretRef, Range<usize>)>>,
) -> Result<Option<AssertionConfig>, Noted> {
    let certificate = optional(section.entry("certificate"), reference);
    let private_key = optional(section.entry("private_key"), reference);
    let token = optional(section.entry("federated_token"), reference);
    let (certificate, private_key, token) = (certificate?, private_key?, token?);
    let built_in = component.and_then(|component| match component {
        ComponentRef::Builtin(name) => Some(name.as_str()),
        ComponentRef::Path(_) => None,
    });
    let first = KEYS.iter().find_map(|key| Some((*key, section.key_span(key)?)));
    if let (Some("miro"), Some((key, span))) = (built_in, &first) {
        let help = "remove it; Miro is asked with tokens: secrets = { access_token = { file = \"…\" }, scim_token = { file = \"…\" } }";
        section.document.note(span, format!("`{key}` in {} signs nothing for Miro", section.title), help);
        return Err(Noted);
    }
    for (there, other) in [("certificate", "private_key"), ("private_key", "certificate")] {
        if let (Some(span), None) = (section.key_span(there), section.entry(other)) {
            section.document.note(&span, format!("`{there}` in {} comes without `{other}`", section.title), CERTIFICATE);
            return Err(Noted);
        }
    }
    let Some(secrets) = secrets else { return Err(Noted) };
    if let Some((_, span)) = secrets.get("assertion") {
        let what = format!("`assertion` in the `secrets` of {} is what the host itself makes", section.title);
        section.document.note(span, what, AUTHENTICATE);
        return Err(Noted);
    }
    let secret = secrets.get("client_secret").map(|(_, span)| ("`client_secret` in `secrets`", span.clone()));
    let certified = section.key_span("certificate").map(|span| ("`certificate`", span));
    let federated = section.key_span("federated_token").map(|span| ("`federated_token`", span));
    let several: Vec<_> = [certified, federated, secret].into_iter().flatten().collect();
    match several.as_slice() {
        [(one, _), (other, span), ..] => {
            let what = format!("{} has more than one way to authenticate: {one} and {other}", section.title);
            section.document.note(span, what, "keep one of them; a certificate or a federated token is better than a client secret");
            return Err(Noted);
        }
        [] if built_in == Some("entra") => {
            let what = format!("{} does not say how it authenticates", section.title);
            section.document.note(&section.span, what, AUTHENTICATE);
            return Err(Noted);
        }
        _ => {}
    }
    Ok(match (certificate, private_key, token) {
        (Some(certificate), Some(private_key), _) => Some(AssertionConfig::Certificate { certificate, private_key }),
        (_, _, Some(token)) => Some(AssertionConfig::Federated(token)),
        _ => None,
    })
}
