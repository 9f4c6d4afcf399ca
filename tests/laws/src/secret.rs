//! That a text for people holds no secret, nor a piece of one that was cut off.

use guest_miro::types::Failure;

/// So much of a secret is a secret.
const PIECE: usize = 20;

/// No piece of a secret stands in the failure's text, unless the far side itself sent only the piece.
pub(crate) fn keeps_secrets(failure: &Failure, secrets: &[&str], sent: &[u8]) {
    let Some(text) = text(failure) else { return };
    for secret in secrets {
        assert!(!text.contains(secret), "a secret in a text for people: {text}");
        let sent = String::from_utf8_lossy(sent).replace(secret, "");
        for start in 0..=secret.len().saturating_sub(PIECE) {
            let Some(piece) = secret.get(start..start + PIECE) else { continue };
            assert!(!text.contains(piece) || sent.contains(piece), "a piece of a secret in a text for people: {text}");
        }
    }
}

/// What a failure tells a person.
pub(crate) fn text(failure: &Failure) -> Option<&str> {
    match failure {
        Failure::Unavailable(text)
        | Failure::Unauthorized(text)
        | Failure::Forbidden(text)
        | Failure::Invalid(text)
        | Failure::Protocol(text) => Some(text),
        Failure::Throttled(_) | Failure::Expired => None,
    }
}
