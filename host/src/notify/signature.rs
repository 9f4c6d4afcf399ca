//! How a receiver of a webhook knows that a message is ours and new: the signature of its time and body.

use hmac::{Hmac, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::Sha256;

/// The value of `X-Signature-256`: `sha256=` and the HMAC-SHA256 of the time, a full stop, and the body, in hex.
pub(super) fn signature(secret: &SecretString, timestamp: &str, body: &[u8]) -> Option<String> {
    // HMAC takes a key of any length.
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes()).ok()?;
    for part in [timestamp.as_bytes(), b".", body] {
        mac.update(part);
    }
    Some(format!("sha256={}", hex::encode(mac.finalize().into_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `printf '1772366400.{"a":1}' | openssl dgst -sha256 -hmac 'It is a secret'`
    #[test]
    fn a_signature_is_what_openssl_makes_of_time_and_body() {
        let signed = signature(&"It is a secret".into(), "1772366400", br#"{"a":1}"#).unwrap();
        assert_eq!(signed, "sha256=3f3ee947dbfdf43fe276e5255bc73e7f99e266983948efa06bd3b89711899433");
    }
}
