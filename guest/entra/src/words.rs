//! Foreign words made fit to keep and to print: addresses, names, codes, instants.

use sha2::{Digest as _, Sha256};

/// The longest address (RFC 5321 §4.5.3.1: 64, an `@` and 255).
const ADDRESS: usize = 320;
/// The longest name that is kept, in characters.
const NAME: usize = 256;
/// The longest code or identifier of a request.
const CODE: usize = 80;

/// An e-mail address in lower case; `None` for what is none.
pub fn address(text: &str) -> Option<String> {
    let text = text.trim();
    let odd = |c: char| c.is_whitespace() || c.is_control() || "<>,;\"\\".contains(c);
    let (name, host) = text.rsplit_once('@')?;
    (text.len() <= ADDRESS && !name.is_empty() && !host.is_empty() && !text.contains(odd)).then(|| text.to_lowercase())
}

/// A display name on one line; `None` where nothing is left of it.
pub fn name(text: &str) -> Option<String> {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(NAME).collect();
    let line = line.trim();
    (!line.is_empty()).then(|| line.to_owned())
}

/// A machine's word, such as an error code or the identifier of a request. What could be a secret sent back is none.
pub fn code(text: &str, secrets: &[&str]) -> Option<String> {
    let plain = (1..=CODE).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    let secret = |secret: &&str| !secret.is_empty() && (text.contains(*secret) || (text.len() >= 8 && secret.contains(text)));
    (plain && !secrets.iter().any(secret)).then(|| text.to_owned())
}

/// What a transport says, on one line and short, without secrets.
pub fn cause(text: &str, secrets: &[&str]) -> String {
    let mut text = text.to_owned();
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        text = text.replace(secret, "…");
    }
    text.chars().take(200).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// A text as it was written, cut where it is long.
pub fn quoted(text: &str) -> String {
    match text.char_indices().nth(80) {
        Some((cut, _)) => format!("{:?}…", text.get(..cut).unwrap_or_default()),
        None => format!("{text:?}"),
    }
}

/// Whether it has the form of an object's identifier, `6e7b768e-07e2-4810-8459-485f84f8f204`.
pub fn is_guid(text: &str) -> bool {
    let bytes = text.as_bytes();
    let dash = |at: usize| matches!(at, 8 | 13 | 18 | 23);
    bytes.len() == 36 && bytes.iter().enumerate().all(|(at, byte)| if dash(at) { *byte == b'-' } else { byte.is_ascii_hexdigit() })
}

/// An identifier of a request with the form of a UUID (RFC 9562 §5.8), made of what the request is about: there is no
/// randomness here, and the same request at the same instant is the same request.
pub fn request_id(about: &[&str], now: u64) -> String {
    let mut hash = Sha256::new();
    for part in about {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let mut digits: Vec<char> = format!("{:x}", hash.chain_update(now.to_be_bytes()).finalize()).chars().take(32).collect();
    for (at, digit) in [(12, '8'), (16, '8')] {
        if let Some(place) = digits.get_mut(at) {
            *place = digit;
        }
    }
    for at in [20, 16, 12, 8] {
        digits.insert(at, '-');
    }
    digits.into_iter().collect()
}

/// An instant as Graph writes it, `2024-06-01T00:00:00Z`.
pub fn instant(text: &str) -> Option<u64> {
    u64::try_from(text.trim().parse::<jiff::Timestamp>().ok()?.as_millisecond()).ok()
}

/// How long to wait, in milliseconds: `Retry-After` as seconds or as a date (RFC 9110 §10.2.3).
pub fn retry_after(text: &str, now: u64) -> Option<u64> {
    if let Ok(seconds) = text.trim().parse::<u64>() {
        return Some(seconds.saturating_mul(1000));
    }
    let at = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text.trim()).ok()?;
    Some(u64::try_from(at.as_millisecond()).ok()?.saturating_sub(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_lower_case_and_nothing_else_is_one() {
        assert_eq!(address(" Ann@Example.com ").as_deref(), Some("ann@example.com"));
        for text in ["", "ann", "@example.com", "ann@", "ann @example.com", "ann@example.com,bob@example.com", "<ann@example.com>", "a\n@b"]
        {
            assert_eq!(address(text), None, "{text:?}");
        }
        assert_eq!(address(&format!("{}@b", "a".repeat(400))), None);
    }

    #[test]
    fn a_code_that_is_a_secret_sent_back_is_none() {
        assert_eq!(code("Request_ResourceNotFound", &["sesame"]).as_deref(), Some("Request_ResourceNotFound"));
        assert_eq!(code("sesame", &["sesame"]), None);
        assert_eq!(code("eyJhbGciOi", &["eyJhbGciOiJQUzI1NiJ9"]), None, "a part of it");
        assert_eq!(code("two words", &[]), None);
        assert_eq!(code(&"x".repeat(81), &[]), None);
    }

    #[test]
    fn a_request_id_has_the_form_of_a_uuid_and_is_the_same_for_the_same_request() {
        let id = request_id(&["a", "b"], 1);
        assert!(is_guid(&id), "{id}");
        assert_eq!((id.get(14..15), id.get(19..20)), (Some("8"), Some("8")));
        assert_eq!(id, request_id(&["a", "b"], 1));
        assert_ne!(id, request_id(&["a", "b"], 2));
        assert_ne!(id, request_id(&["ab", ""], 1));
    }

    #[test]
    fn waiting_is_said_in_seconds_or_as_a_date() {
        let now = 784_111_717_000;
        assert_eq!(retry_after("7", now), Some(7_000));
        assert_eq!(retry_after("Sun, 06 Nov 1994 08:49:37 GMT", now), Some(60_000));
        assert_eq!(retry_after("Sun, 06 Nov 1994 08:49:37 GMT", u64::MAX), Some(0));
        assert_eq!((retry_after("soon", now), retry_after("-1", now)), (None, None));
        assert_eq!(instant("1994-11-06T08:49:37Z"), Some(784_111_777_000));
        assert_eq!((instant("1901-01-01T00:00:00Z"), instant("yesterday")), (None, None));
    }
}
