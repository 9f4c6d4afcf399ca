//! What a browser brings back from the vendor's consent page, judged without touching anything.
//!
//! Whoever can open a page in the person's browser can call the redirect address. Only what carries the `state` of this
//! flow counts; everything else is [`Stray`] and changes nothing
//! (<https://www.rfc-editor.org/rfc/rfc6749#section-10.12>).

use std::borrow::Cow;

use secrecy::SecretString;
use sha2::{Digest as _, Sha256};

/// Longer than any redirect of a vendor.
const LONGEST: usize = 6 * 1024;

/// What this flow waits for.
#[derive(Clone, Debug)]
pub(super) struct Expected {
    /// The path of the redirect address.
    pub(super) path: String,
    /// What was sent along.
    pub(super) state: String,
}

/// The end of the flow.
#[derive(Debug)]
pub(super) enum Callback {
    /// Authorized: this code becomes tokens, once.
    Code(SecretString),
    /// The person, or the vendor, said no: its word for it.
    Refused(String),
}

/// A request that is not the answer to this flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Stray {
    /// Another address.
    #[error("there is nothing at this address")]
    Path,
    /// Too long to be a redirect.
    #[error("the request is too long")]
    Long,
    /// The same parameter twice: no telling which one is meant.
    #[error("a parameter comes twice")]
    Repeated,
    /// Another flow's, an old one's, or forged.
    #[error("this answer does not belong to the authorization that is waiting: its `state` is missing or another")]
    State,
    /// Ours, but useless.
    #[error("the answer carries no code that could be one")]
    Code,
}

/// Judges the target of a request: path and query as they stand in the request line.
pub(super) fn judge(target: &str, expected: &Expected) -> Result<Callback, Stray> {
    if target.len() > LONGEST {
        return Err(Stray::Long);
    }
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    if path != expected.path {
        return Err(Stray::Path);
    }
    let (mut code, mut state, mut error) = (None, None, None);
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        let slot = match name.as_ref() {
            "code" => &mut code,
            "state" => &mut state,
            "error" => &mut error,
            _ => continue,
        };
        if slot.replace(value).is_some() {
            return Err(Stray::Repeated);
        }
    }
    if !state.is_some_and(|state: Cow<'_, str>| same(&state, &expected.state)) {
        return Err(Stray::State);
    }
    match (code, error) {
        (Some(code), None) => self::code(&code).map(Callback::Code),
        (None, Some(error)) => Ok(Callback::Refused(error.chars().take(100).collect())),
        _ => Err(Stray::Code),
    }
}

/// Judges what a person pasted: the address from the browser's bar, or the code alone, which carries no `state` to
/// compare: the person is the one who says where it came from.
pub(super) fn pasted(text: &str, expected: &Expected) -> Result<Callback, Stray> {
    let text = text.trim();
    if text.len() > LONGEST {
        return Err(Stray::Long);
    }
    if let Some((_, rest)) = text.split_once("://") {
        let target = rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/");
        let target = target.split_once('#').map_or(target, |(before, _)| before);
        return judge(target, expected);
    }
    if text.contains('=') && (text.contains("code") || text.contains("error")) {
        return judge(&format!("{}?{}", expected.path, text.trim_start_matches('?')), expected);
    }
    code(text).map(Callback::Code)
}

fn code(text: &str) -> Result<SecretString, Stray> {
    let fits = (1..=2048).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    if fits { Ok(SecretString::from(text)) } else { Err(Stray::Code) }
}

/// Equal, in a time that says nothing about where they differ: digests of fixed length are compared in full.
fn same(left: &str, right: &str) -> bool {
    let (left, right) = (Sha256::digest(left), Sha256::digest(right));
    left.iter().zip(right.iter()).fold(0, |differ, (left, right)| differ | (left ^ right)) == 0
}
